"""The annual plan: the list of years, one plan by sections with what comes next, its versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.directory import name_in
from services.portal.export import ROWS_MAX, Column, Table, xlsx
from services.portal.pages.exports import file_of
from services.portal.pages.routes import page
from services.portal.periods import period_words
from services.portal.plan_statuses import FIELDS, ITEM, OUTCOMES, SECTIONS, SOURCES
from services.portal.refusals import words_of
from services.portal.rendering import go, portal_of, show, visitor_of, words_for
from services.portal.words import N_, Words, as_local

LIMIT = 200
OFFICE = ("council_secretary", "council_head", "administrator")
UNCHANGED_ANSWERS = (401, 403, 404)

CHOSEN = {"section": SECTIONS, "source": SOURCES}
STATES = {name: look.words for name, look in ITEM.items()}

STEPS = {
    "collect": ("until_on",),
    "agree": ("sha256",),
    "amend": ("reason",),
    "drop-amendment": (),
    "close": (),
    "archive": (),
}
"""The steps of a plan, and what each is asked with."""

PLAN = (
    Column(N_("Number")),
    Column(N_("Section")),
    Column(N_("What is done")),
    Column(N_("Form")),
    Column(N_("When")),
    Column(N_("Who answers")),
    Column(N_("Who helps")),
    Column(N_("Meant for")),
    Column(N_("People planned"), "number"),
    Column(N_("Where")),
    Column(N_("Expected result")),
    Column(N_("Indicator")),
    Column(N_("Unit")),
    Column(N_("Planned value"), "number"),
    Column(N_("Source of money")),
    Column(N_("Sum"), "money"),
    Column(N_("Whose money")),
    Column(N_("Basis")),
)
REPORT = (
    Column(N_("Number")),
    Column(N_("Section")),
    Column(N_("What is done")),
    Column(N_("When")),
    Column(N_("Who answers")),
    Column(N_("State")),
    Column(N_("Indicator")),
    Column(N_("Unit")),
    Column(N_("Planned value"), "number"),
    Column(N_("Fact"), "number"),
    Column(N_("People planned"), "number"),
    Column(N_("People who came"), "number"),
    Column(N_("Sum"), "money"),
    Column(N_("Spent"), "money"),
    Column(N_("Outcome")),
    Column(N_("What was done")),
    Column(N_("Reason for that")),
    Column(N_("Moved to")),
)


@dataclass(frozen=True)
class Filters:
    """What of a plan is wanted; what is not understood is left out."""

    section: str = ""
    member: str = ""
    source: str = ""
    status: str = ""
    waits: str = ""
    refused: str = ""
    number: str = ""

    def asked(self, member_id: str | None) -> dict[str, Any]:
        """The query of the API."""
        return {
            "section": self.section or None,
            "member_id": self.member or None,
            "source": self.source or None,
            "status": self.status or None,
            "waits_for": member_id if self.waits else None,
            "is_refused": "true" if self.refused else None,
            "number": self.number or None,
        }

    def query(self) -> dict[str, str]:
        """The query of the page, without what is empty."""
        said = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: text for name, text in said.items() if text}

    def is_narrow(self) -> bool:
        """Whether something is left out."""
        return bool(set(self.query()) - {"number"})


def filters_of(query: QueryParams, members: Mapping[str, Any]) -> Filters:
    """The filters of the address."""

    def one_of(name: str, known: Mapping[str, Any]) -> str:
        text = query.get(name, "")
        return text if text in known else ""

    number = query.get("number", "")
    return Filters(
        section=one_of("section", SECTIONS),
        member=one_of("member", members),
        source=one_of("source", SOURCES),
        status=one_of("status", ITEM),
        waits="1" if query.get("waits") else "",
        refused="1" if query.get("refused") else "",
        number=number if number.isascii() and number.isdigit() and len(number) < 5 else "",
    )


# --- the list of years -------------------------------------------------------------------------


async def plans(request: Request) -> Response:
    """The plans of all years."""
    return await _list(request)


async def _list(
    request: Request, status: int = 200, *, sentence: str = "", typed: str = ""
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    cursor = request.query_params.get("cursor")
    found = await part(portal.api.get("/council/plans", visitor.token, cursor=cursor, limit=50))
    return show(
        request,
        "plans/list.html",
        status,
        found=found,
        may_open=visitor.may(*OFFICE),
        sentence=sentence,
        typed=typed or str(as_local(portal.clock()).year + 1),
    )


async def open_plan(request: Request) -> Response:
    """The secretary opens the plan of a year."""
    form = await request.form()
    words = words_for(request)
    typed = str(form.get("year", "")).strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) == 4):
        return await _list(
            request, 422, sentence=words.text("Write the year, such as 2027."), typed=typed
        )
    try:
        made = await portal_of(request).api.post(
            "/council/plans", visitor_of(request).token, {"year": int(typed)}
        )
    except Problem as problem:
        if problem.status == 401:
            raise
        code = str(problem.errors[0].get("code", "")) if problem.errors else problem.code
        sentence = words_of(words, code, problem.facts)
        return await _list(request, problem.status, sentence=sentence, typed=typed)
    except Asleep:
        return await _list(request, 503, sentence=words_of(words, "unavailable"), typed=typed)
    return go(request, f"/council/plans/{made['id']}")


# --- one plan ----------------------------------------------------------------------------------


async def plan(request: Request) -> Response:
    """One plan by sections: what comes next and who must act, its items, totals and versions."""
    return await _show(request)


async def _show(
    request: Request,
    status: int = 200,
    *,
    sentence: str = "",
    step: str = "",
    typed: str = "",
) -> Response:
    portal, visitor = portal_of(request), visitor_of(request)
    plan_id = request.path_params["plan_id"]
    reply, members = await together(
        portal.api.send("GET", f"/council/plans/{plan_id}", visitor.token),
        portal.directory.members(),
    )
    found = reply.body
    filters = filters_of(request.query_params, members)
    number = {"number": filters.number or None}
    items, totals = await together(
        part(
            portal.api.every(
                f"/council/plans/{plan_id}/items",
                visitor.token,
                **filters.asked(visitor.member_id),
            )
        ),
        part(portal.api.get(f"/council/plans/{plan_id}/totals", visitor.token, **number)),
    )
    shown = int(filters.number or found["shown_number"])
    version = next((each for each in found["versions"] if each["number"] == shown), None)
    if version is None:
        raise Problem(404, "not-found", "")
    return show(
        request,
        "plans/one.html",
        status,
        plan=found,
        version=version,
        etag=reply.headers.get("etag", ""),
        items=items,
        by_section=_by_section(items),
        totals=totals,
        filters=filters,
        export_query=urlencode(filters.query()),
        members=members,
        sections=SECTIONS,
        sources=SOURCES,
        states=ITEM,
        is_waiting=version["number"] == found["waiting_number"],
        may_keep=visitor.may(*OFFICE),
        may_agree=visitor.may("council_head"),
        may_propose=visitor.may("coordinator", *OFFICE),
        today=as_local(portal.clock()).date(),
        period=lambda text: period_words(words_for(request), text),
        sentence=sentence,
        step=step,
        typed=typed,
    )


def _by_section(items: list[Any] | Asleep) -> dict[str, list[Any]]:
    if isinstance(items, Asleep):
        return {}
    found: dict[str, list[Any]] = {}
    for item in sorted(items, key=lambda each: list(SECTIONS).index(each["section"])):
        found.setdefault(item["section"], []).append(item)
    return found


async def take_step(request: Request) -> Response:
    """A step of the plan by whoever may take it; a no is said where it was asked for."""
    step = str(request.path_params["step"])
    if step not in STEPS:
        raise Problem(404, "not-found", "")
    form = await request.form()
    words = words_for(request)
    said = {name: str(form.get(name, "")).strip() for name in STEPS[step]}
    if step == "amend" and not said["reason"]:
        text = words.text("Say why the plan is amended.")
        return await _show(request, 422, sentence=text, step=step)
    plan_id = request.path_params["plan_id"]
    typed = next(iter(said.values()), "")
    try:
        await portal_of(request).api.send(
            "POST",
            f"/council/plans/{plan_id}/{step}",
            visitor_of(request).token,
            body={name: text or None for name, text in said.items()},
            if_match=str(form.get("etag", "")) or None,
        )
    except Problem as problem:
        if problem.status in UNCHANGED_ANSWERS:
            raise
        code = str(problem.errors[0].get("code", "")) if problem.errors else problem.code
        sentence = words_of(words, code, problem.facts)
        return await _show(request, problem.status, sentence=sentence, step=step, typed=typed)
    except Asleep:
        sentence = words_of(words, "unavailable")
        return await _show(request, 503, sentence=sentence, step=step, typed=typed)
    return go(request, f"/council/plans/{plan_id}")


async def changes(request: Request) -> Response:
    """What a version changed of the one before it."""
    portal, visitor = portal_of(request), visitor_of(request)
    plan_id, number = request.path_params["plan_id"], request.path_params["number"]
    found, listed, members = await together(
        portal.api.get(f"/council/plans/{plan_id}", visitor.token),
        portal.api.get(f"/council/plans/{plan_id}/changes", visitor.token, number=number),
        portal.directory.members(),
    )
    words = words_for(request)
    version = next(each for each in found["versions"] if each["number"] == number)

    def said(name: str, value: Any) -> str:
        """A field of an item in words."""
        if value is None or value == []:
            return "—"
        told = _told(name, value, members)
        if name == "responsible_person_id":
            told = words.text("is named")
        elif name == "period":
            told = period_words(words, value)
        elif name == "amount_kopecks":
            told = words.money(value)
        elif name in CHOSEN:
            told = _word(words, CHOSEN[name], value) or "—"
        return told

    return show(
        request,
        "plans/changes.html",
        plan=found,
        version=version,
        changes=listed["items"],
        fields=FIELDS,
        said=said,
    )


def _told(name: str, value: Any, members: Mapping[str, Any]) -> str:
    if name.endswith("member_id"):
        return name_in(dict(members), value)
    if name == "co_executor_ids":
        return ", ".join(name_in(dict(members), each) for each in value)
    return str(value)


# --- files -------------------------------------------------------------------------------------


async def export_plan(request: Request) -> Response:
    """What is shown of a plan, as XLSX."""
    items, members = await _items(request)
    words = words_for(request)

    def cells(item: Any) -> tuple[Any, ...]:
        helpers = ", ".join(name_in(members, each) for each in item["co_executor_ids"])
        payer = item["payer_member_id"] or item["responsible_member_id"]
        return (
            item["label"],
            _word(words, SECTIONS, item["section"]),
            item["title"],
            item["form"],
            period_words(words, item["period"]),
            name_in(members, item["responsible_member_id"]),
            helpers or None,
            item["audience"],
            item["planned_count"],
            item["place"],
            item["result"],
            item["indicator"],
            item["unit"],
            item["planned_value"],
            _word(words, SOURCES, item["source"]),
            item["amount_kopecks"],
            name_in(members, payer) if item["source"] else None,
            item["basis"],
        )

    return await _file(request, N_("Annual plan"), PLAN, [cells(item) for item in items])


async def export_report(request: Request) -> Response:
    """Plan and fact of what is shown of a plan, as XLSX."""
    items, members = await _items(request)
    words = words_for(request)

    def cells(item: Any) -> tuple[Any, ...]:
        report = item["report"] or {}
        outcome, moved = report.get("outcome"), report.get("moved_to")
        return (
            item["label"],
            _word(words, SECTIONS, item["section"]),
            item["title"],
            period_words(words, item["period"]),
            name_in(members, item["responsible_member_id"]),
            _word(words, STATES, item["status"]),
            item["indicator"],
            item["unit"],
            item["planned_value"],
            report.get("fact_value"),
            item["planned_count"],
            report.get("fact_count"),
            item["amount_kopecks"],
            report.get("spent_kopecks"),
            _word(words, OUTCOMES, outcome),
            report.get("words"),
            report.get("reason"),
            period_words(words, moved) if moved else None,
        )

    return await _file(request, N_("Report on the plan"), REPORT, [cells(item) for item in items])


def _word(words: Words, table: Mapping[str, str], name: str | None) -> str | None:
    """The word for a choice; None for none."""
    if name is None:
        return None
    text = table[name]
    return words.text(text)


async def _items(request: Request) -> tuple[list[Any], dict[str, dict[str, Any]]]:
    portal, visitor = portal_of(request), visitor_of(request)
    members = await portal.directory.members()
    filters = filters_of(request.query_params, members)
    items, _ = await portal.api.first(
        f"/council/plans/{request.path_params['plan_id']}/items",
        visitor.token,
        ROWS_MAX,
        **filters.asked(visitor.member_id),
    )
    return items, members


async def _file(
    request: Request, title: str, columns: tuple[Column, ...], rows: list[tuple[Any, ...]]
) -> Response:
    words = words_for(request)
    heads = [Column(words.text(column.title), column.kind) for column in columns]
    table = Table(words.text(title), heads, rows)
    return file_of(request, table.title, await xlsx(table))


ROUTES = [
    page("/council/plans", plans),
    page("/council/plans", open_plan, ["POST"]),
    page("/council/plans/{plan_id:uuid}", plan),
    page("/council/plans/{plan_id:uuid}/plan.xlsx", export_plan),
    page("/council/plans/{plan_id:uuid}/report.xlsx", export_report),
    page("/council/plans/{plan_id:uuid}/versions/{number:int}", changes),
    page("/council/plans/{plan_id:uuid}/{step}", take_step, ["POST"]),
]
