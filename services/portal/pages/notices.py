"""What I am told: the inbox, how I want to be told, and the mail of the demo."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.directory import Items
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import go, portal_of, show, visitor_of, words_for
from services.portal.words import N_, Words

LIMIT = 50
GROUPS = {
    "bookings": N_("Bookings"),
    "agreements": N_("Agreements"),
    "money": N_("Settlements"),
    "membership": N_("Joining and leaving"),
    "council": N_("The council"),
    "account": N_("My account"),
}
WAYS = {
    "at_once": N_("A letter at once"),
    "digest": N_("Once a day"),
    "inbox": N_("Only here"),
}
PLACES = {
    "booking": "/bookings/{id}",
    "agreement": "/agreements/{id}",
    "obligation": "/obligations/{id}",
    "member": "/members/{id}",
    "application": "/members/applications/{id}",
    "case": "/members/cases/{id}",
    "council": "/council",
    "meeting": "/council/meetings/{id}",
    "proposal": "/council/proposals/{id}",
    "ballot": "/council/ballots/{id}",
    "webhooks": "/programs",
    "account": "/account",
}
"""Where a notice leads, by what it is about."""

ICONS = {
    "bookings": "calendar-event",
    "agreements": "writing-sign",
    "money": "report-money",
    "membership": "users-group",
    "council": "gavel",
    "account": "user",
}
_FACT = re.compile(r"\{([a-z_]+)\}")


async def inbox(request: Request) -> Response:
    """What waits for me, and below it what happened."""
    portal, visitor = portal_of(request), visitor_of(request)
    cursor = request.query_params.get("cursor")
    language = words_for(request).language
    asked = portal.api.get(
        "/notices/notices",
        visitor.token,
        language=language,
        waiting=False,
        cursor=cursor,
        limit=LIMIT,
    )
    waits = portal.api.get(
        "/notices/notices", visitor.token, language=language, waiting=True, limit=200
    )
    found, waiting, members, workshops = await together(
        part(asked), part(waits), portal.directory.members(), portal.directory.workshops()
    )
    return show(
        request,
        "notices/list.html",
        found=found,
        waiting=waiting,
        sentence_of=_sentences(words_for(request), members),
        icons=ICONS,
        workshops=workshops,
        members=members,
    )


async def bell(request: Request) -> Response:
    """The bell of the header with the number of what was not read."""
    portal, visitor = portal_of(request), visitor_of(request)
    counts = await part(portal.api.get("/notices/notices/counts", visitor.token))
    unread = 0 if isinstance(counts, Asleep) else counts["unread"]
    return show(request, "notices/bell.html", unread=unread)


async def notice(request: Request) -> Response:
    """Where a letter's link leads: to the thing itself, or to the question for whom one acts."""
    portal, visitor = portal_of(request), visitor_of(request)
    try:
        found = await _one(request)
    except Problem as problem:
        if problem.status != 404:
            raise
        return go(request, "/notices")
    if found["member_id"] in (None, visitor.member_id):
        return go(request, _place(found))
    members = await portal.directory.members()
    return show(
        request,
        "notices/one.html",
        item=found,
        sentence_of=_sentences(words_for(request), members),
        members=members,
    )


async def open_notice(request: Request) -> Response:
    """Marks the notice as read and goes to what it is about, acting for whom it concerns."""
    portal, visitor = portal_of(request), visitor_of(request)
    found = await _one(request)
    await portal.api.post(f"/notices/notices/{found['id']}/read", visitor.token)
    if found["member_id"] not in (None, visitor.member_id):
        try:
            await portal.visitors.act_for(request, found["member_id"])
        except Problem:
            return go(request, "/notices")
    return go(request, _place(found))


async def read_all(request: Request) -> Response:
    """Everything is read; what waits goes on waiting."""
    await portal_of(request).api.post("/notices/notices/read-all", visitor_of(request).token)
    return go(request, "/notices")


async def preferences(request: Request) -> Response:
    """How I want to be told."""
    asked = portal_of(request).api.get("/notices/preferences", visitor_of(request).token)
    return _preferences(request, await part(asked))


async def prefer(request: Request) -> Response:
    """Chooses how I am told; a no is said beside what was chosen."""
    form = await request.form()
    words = words_for(request)
    hour = str(form.get("digest_hour", ""))
    chosen = {
        "language": str(form.get("language", "ru")),
        "digest_hour": int(hour) if hour.isdigit() and len(hour) < 3 else 8,
        "groups": [{"group": group, "way": str(form.get(group, "digest"))} for group in GROUPS],
    }
    try:
        await portal_of(request).api.send(
            "PUT", "/notices/preferences", visitor_of(request).token, body=chosen
        )
    except Problem as problem:
        sentence = words_of(words, problem.code, problem.facts)
        return _preferences(request, chosen, problem.status, sentence)
    except Asleep:
        return _preferences(request, chosen, 503, words_of(words, "unavailable"))
    return go(request, "/notices/preferences", saved="1")


def _preferences(
    request: Request, chosen: Any, status: int = 200, sentence: str | None = None
) -> Response:
    is_known = isinstance(chosen, Mapping)
    return show(
        request,
        "notices/preferences.html",
        status,
        chosen=chosen,
        ways={each["group"]: each["way"] for each in chosen["groups"]} if is_known else {},
        group_words=GROUPS,
        way_words=WAYS,
        sentence=sentence,
        is_saved="saved" in request.query_params,
    )


async def mailbox(request: Request) -> Response:
    """The letters of the demo, which go nowhere else."""
    found = await part(
        portal_of(request).api.get(
            "/notices/mailbox",
            visitor_of(request).token,
            cursor=request.query_params.get("cursor"),
            limit=LIMIT,
        )
    )
    return show(request, "notices/mailbox.html", found=found)


async def _one(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = await portal_of(request).api.get(
        f"/notices/notices/{request.path_params['notice_id']}",
        visitor_of(request).token,
        language=words_for(request).language,
    )
    return found


def _place(found: Mapping[str, Any]) -> str:
    return PLACES.get(found["place"], "/notices").format(id=found["about_id"])


def _sentences(words: Words, members: Items) -> Any:
    """What writes a notice's facts out in its sentence."""

    def written(name: str, value: Any) -> str:
        if value is None:
            return "—"
        if name.endswith("_id"):
            known = members.get(str(value))
            return str(known["name"]) if known else words.text("an organisation")
        if name.endswith("_at"):
            return words.moment(value)
        if name.endswith("_on"):
            return words.day(value)
        if name.endswith("_kopecks"):
            return words.money(value)
        return str(value)

    def sentence_of(item: Mapping[str, Any]) -> str:
        facts = item["facts"]
        return _FACT.sub(lambda fact: written(fact[1], facts.get(fact[1])), item["sentence"])

    return sentence_of


ROUTES = [
    page("/notices", inbox),
    page("/notices/bell", bell),
    page("/notices/read-all", read_all, ["POST"]),
    page("/notices/preferences", preferences),
    page("/notices/preferences", prefer, ["POST"]),
    page("/notices/mailbox", mailbox),
    page("/notices/{notice_id:uuid}", notice),
    page("/notices/{notice_id:uuid}/open", open_notice, ["POST"]),
]
