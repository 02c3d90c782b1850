"""Files of the tables that the council and its secretariat work with."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import together
from services.portal.council import (
    DECISION,
    DECISION_KINDS,
    DUTIES,
    FORCES,
    MEETING,
    MEETING_FORMS,
    PROPOSAL,
    QUOTAS,
)
from services.portal.export import ROWS_MAX, Column
from services.portal.pages.council.decisions import filters_of
from services.portal.pages.council.names import names_for
from services.portal.pages.exports import state_of, table_file, word_of
from services.portal.pages.routes import page
from services.portal.rendering import portal_of, visitor_of, words_for
from services.portal.statuses import APPLICATION, CASE, GROUNDS, MEMBER_KINDS
from services.portal.words import N_

DECISIONS = (
    Column(N_("Number"), "number"),
    Column(N_("Adopted"), "day"),
    Column(N_("Decision")),
    Column(N_("Kind")),
    Column(N_("Force")),
    Column(N_("Responsible")),
    Column(N_("Due"), "day"),
    Column(N_("State")),
    Column(N_("For"), "number"),
    Column(N_("Against"), "number"),
    Column(N_("Abstained"), "number"),
)
PROPOSALS = (
    Column(N_("About what")),
    Column(N_("Of whom")),
    Column(N_("Sent"), "moment"),
    Column(N_("Remarks"), "number"),
    Column(N_("State")),
)
MEETINGS = (
    Column(N_("Begins"), "moment"),
    Column(N_("Number"), "number"),
    Column(N_("How")),
    Column(N_("Place")),
    Column(N_("Items"), "number"),
    Column(N_("State")),
)
SEATS = (
    Column(N_("Who")),
    Column(N_("For whom")),
    Column(N_("Duty")),
    Column(N_("Group")),
    Column(N_("First day"), "day"),
    Column(N_("Last day"), "day"),
    Column(N_("Basis")),
)
APPLICATIONS = (
    Column(N_("Organisation")),
    Column(N_("Kind")),
    Column(N_("INN")),
    Column(N_("KPP")),
    Column(N_("Sent"), "moment"),
    Column(N_("State")),
)
CASES = (
    Column(N_("Organisation")),
    Column(N_("Ground")),
    Column(N_("Opened"), "moment"),
    Column(N_("Last day to answer"), "day"),
    Column(N_("State")),
)


async def decisions(request: Request) -> Response:
    """The decisions that fit, the newest first."""
    words = words_for(request)
    filters = filters_of(request.query_params)
    (found, is_cut), names = await together(
        _first(request, "/council/decisions", **filters), names_for(request)
    )

    def cells(item: Any) -> Sequence[Any]:
        responsible = item["responsible_member_id"]
        return (
            item["number"],
            item["adopted_on"],
            item["text"],
            word_of(words, DECISION_KINDS, item["kind"]),
            word_of(words, FORCES, item["force"]),
            names.member(responsible) if responsible else None,
            item["due_on"],
            state_of(words, DECISION, item["status"]),
            item["votes_for"],
            item["against"],
            item["abstained"],
        )

    return await table_file(request, N_("Decisions"), DECISIONS, found, cells, is_cut=is_cut)


async def proposals(request: Request) -> Response:
    """All proposals, the newest first."""
    words = words_for(request)
    (found, is_cut), names = await together(
        _first(request, "/council/proposals"), names_for(request)
    )

    def cells(item: Any) -> Sequence[Any]:
        return (
            item["title"],
            names.member(item["member_id"]),
            item["submitted_at"],
            item["remarks"],
            state_of(words, PROPOSAL, item["status"]),
        )

    return await table_file(request, N_("Proposals"), PROPOSALS, found, cells, is_cut=is_cut)


async def meetings(request: Request) -> Response:
    """All meetings, the newest first."""
    words = words_for(request)
    found, is_cut = await _first(request, "/council/meetings")

    def cells(item: Any) -> Sequence[Any]:
        return (
            item["starts_at"],
            item["number"],
            word_of(words, MEETING_FORMS, item["form"]),
            item["place"],
            item["items"],
            state_of(words, MEETING, item["status"]),
        )

    return await table_file(request, N_("Meetings"), MEETINGS, found, cells, is_cut=is_cut)


async def composition(request: Request) -> Response:
    """Who sits in the council today."""
    words = words_for(request)
    found, names = await together(
        portal_of(request).api.get("/council/composition", visitor_of(request).token),
        names_for(request),
    )

    def cells(item: Any) -> Sequence[Any]:
        return (
            names.person(item["person_id"]),
            names.member(item["member_id"]),
            word_of(words, DUTIES, item["duty"]),
            word_of(words, QUOTAS, item["quota"]) if item["quota"] else None,
            item["from_on"],
            item["until_on"],
            item["basis"],
        )

    return await table_file(request, N_("Composition"), SEATS, found["seats"], cells)


async def applications(request: Request) -> Response:
    """The applications that fit, for the secretariat."""
    words = words_for(request)
    query = request.query_params
    found, is_cut = await _first(
        request,
        "/membership/applications",
        status=query.get("state") if query.get("state") in APPLICATION else None,
        q=query.get("q", "").strip()[:200] or None,
    )

    def cells(item: Any) -> Sequence[Any]:
        return (
            item["name"],
            word_of(words, MEMBER_KINDS, item["kind"]),
            item["inn"],
            item["kpp"],
            item["submitted_at"],
            state_of(words, APPLICATION, item["status"]),
        )

    return await table_file(request, N_("Applications"), APPLICATIONS, found, cells, is_cut=is_cut)


async def cases(request: Request) -> Response:
    """The cases of exclusion that the visitor may see."""
    words = words_for(request)
    (found, is_cut), names = await together(
        _first(request, "/membership/cases"), names_for(request)
    )

    def cells(item: Any) -> Sequence[Any]:
        return (
            names.member(item["member_id"]),
            word_of(words, GROUNDS, item["ground"]),
            item["opened_at"],
            item["answer_until_on"],
            state_of(words, CASE, item["status"]),
        )

    return await table_file(request, N_("Exclusion"), CASES, found, cells, is_cut=is_cut)


async def _first(request: Request, path: str, **query: Any) -> tuple[list[Any], bool]:
    return await portal_of(request).api.first(path, visitor_of(request).token, ROWS_MAX, **query)


ROUTES = [
    page("/council/decisions.xlsx", decisions),
    page("/council/proposals.xlsx", proposals),
    page("/council/meetings.xlsx", meetings),
    page("/council/composition.xlsx", composition),
    page("/members/applications.xlsx", applications),
    page("/members/cases.xlsx", cases),
]
