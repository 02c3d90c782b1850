"""Agreements: those of the member, one of them with its signatures, and making another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.directory import Items
from services.portal.pages.agreement_terms import Terms, read_terms
from services.portal.pages.routes import booking_form_of, page
from services.portal.refusals import words_of
from services.portal.rendering import (
    field_errors,
    go,
    is_htmx,
    portal_of,
    show,
    visitor_of,
    words_for,
)
from services.portal.statuses import AGREEMENT_KINDS, AGREEMENT_STATES, WITH_PLACES
from services.portal.words import N_, Words, as_local
from shared.ids import new_id

LIMIT = 50
SUBJECT_LENGTH_MAX = 2000
SUBJECT = N_("Use of workshops and equipment for practical training")
SHORT_TERM = timedelta(days=90)
"""Less than so much of a school year is not worth an agreement: the next year's end is offered."""

FIELDS = {
    "party_ids": "with",
    "signed_on": "paper_on",
    "scan_id": "scan",
    "document_id": "document",
}
"""What the form calls a field of the API."""


async def agreements(request: Request) -> Response:
    """The member's agreements by state, and above them those that wait for its signature."""
    query = request.query_params
    state = query.get("state") if query.get("state") in AGREEMENT_STATES else None
    portal, visitor = portal_of(request), visitor_of(request)
    more = is_htmx(request) and query.get("cursor")
    found, unsigned, members = await together(
        part(
            portal.api.get(
                "/membership/agreements",
                visitor.token,
                status=state,
                cursor=query.get("cursor"),
                limit=LIMIT,
            )
        ),
        _nothing() if more else part(_unsigned(request)),
        portal.directory.members(),
    )
    return show(
        request,
        "agreements/rows.html" if more else "agreements/list.html",
        state=state,
        states=AGREEMENT_STATES,
        found=found,
        unsigned=unsigned,
        members=members,
        may_make=visitor.may("coordinator"),
    )


async def _unsigned(request: Request) -> list[Any]:
    """The agreements that the member has still to sign."""
    visitor = visitor_of(request)
    found = await portal_of(request).api.every(
        "/membership/agreements", visitor.token, status="signing"
    )
    return [each for each in found if own_signature_is_missing(each, visitor.member_id)]


async def _nothing() -> list[Any]:
    return []


def own_signature_is_missing(agreement: Mapping[str, Any], member_id: str | None) -> bool:
    """Whether the agreement can still be signed, and it is this member's turn to do it."""
    if "waits_for" in agreement and member_id not in agreement["waits_for"]:
        return False
    return agreement["status"] == "signing" and any(
        party["member_id"] == member_id and party["signed_at"] is None
        for party in agreement["parties"]
    )


async def agreement(request: Request) -> Response:
    """One agreement: what it is, what happens next and who must act, and who has signed."""
    return await show_one(request)


async def show_one(
    request: Request,
    status: int = 200,
    sentence: str | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The agreement, with what was refused on top, or beside the field where it was typed."""
    portal, visitor = portal_of(request), visitor_of(request)
    agreement_id = request.path_params["agreement_id"]
    reply, members = await together(
        portal.api.send("GET", f"/membership/agreements/{agreement_id}", visitor.token),
        portal.directory.members(),
    )
    found = reply.body
    others = [party for party in found["parties"] if party["member_id"] != visitor.member_id]
    return show(
        request,
        "agreements/facts.html" if is_htmx(request) else "agreements/one.html",
        status,
        agreement=found,
        etag=reply.headers.get("etag", ""),
        other_ids=[party["member_id"] for party in others],
        other_id=others[0]["member_id"],
        is_ours_missing=own_signature_is_missing(found, visitor.member_id),
        may_sign=visitor.may("coordinator"),
        is_new="is_new" in request.query_params,
        today=as_local(portal.clock()).date(),
        next_page=booking_form_of(request.query_params),
        members=members,
        sentence=sentence,
        errors=errors or {},
        typed=typed or {},
        scans=[each for each in found["signatures"] if each["method"] == "paper"],
        is_for_workshops=found["kind"] in WITH_PLACES,
    )


async def sign(request: Request) -> Response:
    """Signs for the member, what was read and nothing else."""
    form = await request.form()
    agreement_id = request.path_params["agreement_id"]
    words = words_for(request)
    try:
        await portal_of(request).api.send(
            "POST",
            f"/membership/agreements/{agreement_id}/sign",
            visitor_of(request).token,
            query={"sha256": str(form.get("sha256", "")) or None},
            if_match=str(form.get("etag", "")) or None,
        )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        return await show_one(request, problem.status, words_of(words, problem.code, problem.facts))
    except Asleep:
        return await show_one(request, 503, words_of(words, "unavailable"))
    if is_htmx(request):
        return await show_one(request)
    return go(request, f"/agreements/{agreement_id}", **_back(request.query_params))


@dataclass
class Form:
    """An agreement as it was typed, and what of it is not understood."""

    with_name: str
    kind: str
    valid_from: str
    valid_to: str
    subject: str
    key: str
    next_page: str | None
    more: Terms
    with_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    def body(self, member_id: str | None) -> dict[str, Any]:
        """What the API is asked; only for a form that is understood."""
        return {
            "kind": self.kind,
            "party_ids": [member_id, self.with_id, *self.more.party_ids],
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "subject": self.subject,
            **self.more.body(),
        }


async def new_agreement(request: Request) -> Response:
    """The form, with what is mostly wanted filled in."""
    return _form(request, await _partners(request), await _read(request, request.query_params))


async def make(request: Request) -> Response:
    """Makes the agreement, which signs it for the own member; a no is said beside what was typed."""
    said = await request.form()
    words = words_for(request)
    partners = await _partners(request)
    form = await _read(request, said)
    _understand(form, partners, words, as_local(portal_of(request).clock()).date())
    form.errors |= form.more.understand(partners, words)
    if form.errors:
        return _form(request, partners, form, 422)
    visitor = visitor_of(request)
    try:
        await form.more.bring_in(request, said)
        made = await portal_of(request).api.post(
            "/membership/agreements", visitor.token, form.body(visitor.member_id), key=form.key
        )
    except Problem as problem:
        if problem.status == 401:
            raise
        found = field_errors(problem, words)
        form.errors = {FIELDS.get(name, name): text for name, text in found.items()}
        place = form.more.place_of(problem)
        if place is not None:
            form.errors = {place: words_of(words, problem.code, problem.facts)}
        if problem.code == "idempotency-key-reused":
            form.key = str(new_id())
        sentence = None if form.errors else words_of(words, problem.code, problem.facts)
        return _form(request, partners, form, problem.status, sentence)
    except Asleep:
        return _form(request, partners, form, 503, words_of(words, "unavailable"))
    return go(request, f"/agreements/{made['id']}", is_new=1, **_back(said))


def _back(said: FormData | QueryParams) -> dict[str, str]:
    wanted = booking_form_of(said)
    return {"next": wanted} if wanted else {}


async def _partners(request: Request) -> dict[str, dict[str, Any]]:
    """With whom an agreement can be made, by the words that are chosen."""
    members = await portal_of(request).directory.members()
    return partners_of(members, visitor_of(request).member_id)


def partners_of(members: Items, member_id: str | None) -> dict[str, dict[str, Any]]:
    """The other members that take part, by name; where two have one name, with the town."""
    found: dict[str, dict[str, Any]] = {}
    for member in members.values():
        if member["id"] != member_id and member["status"] != "withdrawn":
            name = member["name"]
            found[f"{name}, {member['town']}" if name in found else name] = member
    return found


async def _read(request: Request, said: FormData | QueryParams) -> Form:
    """The form as it was filled in; what is left out is as one would mostly want it."""
    portal = portal_of(request)
    words = words_for(request)
    members = await portal.directory.members()
    today = as_local(portal.clock()).date()

    def word(name: str, default: str = "") -> str:
        return str(said.get(name, default)).strip()

    wanted = word("with")
    partner = members.get(wanted)
    if partner is not None:
        wanted = partner["name"]
    elif said is request.query_params:
        wanted = ""
    form = Form(
        with_name=wanted,
        kind=word("kind", kind_between(members.get(visitor_of(request).member_id or ""), partner)),
        valid_from=word("valid_from", today.isoformat()),
        valid_to=word("valid_to", end_of_school_year(today).isoformat()),
        subject=word("subject", words.text(SUBJECT)),
        key=word("key") or str(new_id()),
        next_page=booking_form_of(said),
        more=read_terms(said),
    )
    if form.kind not in AGREEMENT_KINDS:
        form.kind = "network_form"
    return form


def kind_between(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> str:
    """What two members mostly agree on: schools teach together, anybody else is served."""
    schools = ("college", "university")
    are_schools = all(each is None or each["kind"] in schools for each in (one, other))
    return "network_form" if are_schools else "services"


def end_of_school_year(today: date) -> date:
    """The 31st of August that is at least some months away."""
    end = date(today.year, 8, 31)
    return end if end - today >= SHORT_TERM else date(today.year + 1, 8, 31)


def _understand(
    form: Form, partners: Mapping[str, Mapping[str, Any]], words: Words, today: date
) -> None:
    partner = partners.get(form.with_name)
    if partner is None:
        form.errors["with"] = words.text("Choose an organisation from the list.")
    else:
        form.with_id = partner["id"]
    first, last = _date(form.valid_from), _date(form.valid_to)
    if first is None:
        form.errors["valid_from"] = words.text("Choose a date.")
    if last is None:
        form.errors["valid_to"] = words.text("Choose a date.")
    elif first is not None and last < first:
        form.errors["valid_to"] = words.text("The last day is before the first.")
    elif last < today:
        form.errors["valid_to"] = words.text("This day has passed already.")
    elif first is not None and last.year - first.year > 30:
        form.errors["valid_to"] = words.text("An agreement is made for 30 years at most.")
    if not form.subject:
        form.errors["subject"] = words.text("Say in one sentence what is agreed.")
    elif len(form.subject) > SUBJECT_LENGTH_MAX:
        form.errors["subject"] = words.text("This is too long.")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _form(
    request: Request,
    partners: Mapping[str, Mapping[str, Any]],
    form: Form,
    status: int = 200,
    sentence: str | None = None,
) -> Response:
    return show(
        request,
        "agreements/new.html",
        status,
        form=form,
        partners=partners,
        kinds=AGREEMENT_KINDS,
        may_make=visitor_of(request).may("coordinator"),
        sentence=sentence,
    )


ROUTES = [
    page("/agreements", agreements),
    page("/agreements", make, ["POST"]),
    page("/agreements/new", new_agreement),
    page("/agreements/{agreement_id:uuid}", agreement),
    page("/agreements/{agreement_id:uuid}/sign", sign, ["POST"]),
]
