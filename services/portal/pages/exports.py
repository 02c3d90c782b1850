"""Files of tables: what a list shows, with the same filters, as XLSX."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Problem, together
from services.portal.directory import name_in
from services.portal.export import MEDIA_TYPE, ROWS_MAX, Column, Table, xlsx
from services.portal.pages import members as member_pages
from services.portal.pages import obligations as obligation_pages
from services.portal.pages.people import own_people
from services.portal.pages.routes import page
from services.portal.rendering import portal_of, visitor_of, words_for
from services.portal.statuses import (
    AFFILIATION,
    AFFILIATION_KINDS,
    AGREEMENT,
    AGREEMENT_KINDS,
    AGREEMENT_STATES,
    BOOKING,
    BOOKING_GROUPS,
    MEMBER,
    MEMBER_KINDS,
    OBLIGATION,
    ROLES,
    Look,
)
from services.portal.words import N_, Words, as_local

Cells = Callable[[Any], Sequence[Any]]

WORKSHOPS = (
    Column(N_("Workshop")),
    Column(N_("Owner")),
    Column(N_("Town")),
    Column(N_("Site")),
    Column(N_("Places"), "number"),
    Column(N_("For what")),
    Column(N_("Answer")),
)
BOOKINGS = (
    Column(N_("Begins"), "moment"),
    Column(N_("Ends"), "moment"),
    Column(N_("Workshop")),
    Column(N_("Owner")),
    Column(N_("Who uses it")),
    Column(N_("Places"), "number"),
    Column(N_("People in the group"), "number"),
    Column(N_("What for")),
    Column(N_("State")),
    Column(N_("Price"), "money"),
    Column(N_("Minutes really used"), "number"),
    Column(N_("Charged"), "money"),
)
AGREEMENTS = (
    Column(N_("With whom")),
    Column(N_("Kind")),
    Column(N_("About what")),
    Column(N_("First day"), "day"),
    Column(N_("Last day"), "day"),
    Column(N_("State")),
    Column(N_("We signed"), "moment"),
    Column(N_("They signed"), "moment"),
)
OBLIGATIONS = (
    Column(N_("Day"), "day"),
    Column(N_("Who owes")),
    Column(N_("To whom")),
    Column(N_("Without VAT"), "money"),
    Column(N_("VAT rate, per cent"), "number"),
    Column(N_("VAT"), "money"),
    Column(N_("Sum"), "money"),
    Column(N_("State")),
    Column(N_("Reason")),
    Column(N_("Taken back"), "moment"),
    Column(N_("Why it was taken back")),
)
BALANCES = (
    Column(N_("Organisation")),
    Column(N_("We are owed"), "money"),
    Column(N_("We owe"), "money"),
)
MEMBERS = (
    Column(N_("Organisation")),
    Column(N_("Kind")),
    Column(N_("Town")),
    Column(N_("State")),
)
PERSONS = (
    Column(N_("Family name")),
    Column(N_("First name")),
    Column(N_("Patronymic")),
    Column(N_("E-mail")),
    Column(N_("As what")),
    Column(N_("Group, department or post")),
    Column(N_("First day"), "day"),
    Column(N_("Last day"), "day"),
    Column(N_("State")),
)
PEOPLE = (
    Column(N_("Family name")),
    Column(N_("First name")),
    Column(N_("Patronymic")),
    Column(N_("E-mail")),
    Column(N_("Roles")),
)


async def workshops(request: Request) -> Response:
    """The workshops that fit, by name."""
    portal, words = portal_of(request), words_for(request)
    typed = {
        name: request.query_params.get(name, "").strip() for name in ("q", "competence", "town")
    }
    filters = {name: text for name, text in typed.items() if text}
    (found, is_cut), members, competences = await together(
        portal.api.first("/workshops/workshops", None, ROWS_MAX, **filters),
        portal.directory.members(),
        portal.directory.competences(),
    )

    def cells(item: Any) -> Sequence[Any]:
        is_instant = item["approval"] == "instant"
        return (
            item["name"],
            name_in(members, item["owner_id"]),
            item["site"]["town"],
            item["site"]["name"],
            item["workplaces"],
            ", ".join(name_in(competences, each) for each in item["competences"]),
            words.text("confirmed at once") if is_instant else words.text("the owner answers"),
        )

    return await table_file(request, N_("Workshops"), WORKSHOPS, found, cells, is_cut=is_cut)


async def bookings(request: Request) -> Response:
    """The member's bookings on one side, by what is to be done with them."""
    query = request.query_params
    side = "owner" if query.get("side") == "owner" else "booker"
    group = query.get("group", "") if query.get("group") in BOOKING_GROUPS else "open"
    portal, words = portal_of(request), words_for(request)
    (found, is_cut), shops, members = await together(
        portal.api.first(
            "/workshops/bookings",
            visitor_of(request).token,
            ROWS_MAX,
            side=side,
            status=list(BOOKING_GROUPS[group].statuses),
        ),
        portal.directory.workshops(),
        portal.directory.members(),
    )

    def cells(item: Any) -> Sequence[Any]:
        return (
            item["starts_at"],
            item["ends_at"],
            name_in(shops, item["workshop_id"]),
            name_in(members, item["owner_id"]),
            name_in(members, item["booker_id"]),
            item["workplaces"],
            item["group_size"],
            item["purpose"],
            state_of(words, BOOKING, item["status"]),
            item["price_kopecks"],
            item["actual_minutes"],
            item["charged_kopecks"],
        )

    return await table_file(request, N_("Bookings"), BOOKINGS, found, cells, is_cut=is_cut)


async def agreements(request: Request) -> Response:
    """The member's agreements, all or in one state."""
    portal, visitor, words = portal_of(request), visitor_of(request), words_for(request)
    state = request.query_params.get("state")
    (found, is_cut), members = await together(
        portal.api.first(
            "/membership/agreements",
            visitor.token,
            ROWS_MAX,
            status=state if state in AGREEMENT_STATES else None,
        ),
        portal.directory.members(),
    )

    def cells(item: Any) -> Sequence[Any]:
        ours, theirs = sorted(
            item["parties"], key=lambda party: bool(party["member_id"] != visitor.member_id)
        )
        return (
            name_in(members, theirs["member_id"]),
            word_of(words, AGREEMENT_KINDS, item["kind"]),
            item["subject"],
            item["valid_from"],
            item["valid_to"],
            state_of(words, AGREEMENT, item["status"]),
            ours["signed_at"],
            theirs["signed_at"],
        )

    return await table_file(request, N_("Agreements"), AGREEMENTS, found, cells, is_cut=is_cut)


async def obligations(request: Request) -> Response:
    """The member's obligations that fit, newest first."""
    portal, visitor, words = portal_of(request), visitor_of(request), words_for(request)
    filters = obligation_pages.filters_of(request.query_params, words)
    if filters.errors:
        raise Problem(422, "invalid", "")
    (found, is_cut), members = await together(
        portal.api.first(
            "/finance/obligations", visitor.token, ROWS_MAX, **filters.asked(visitor.member_id)
        ),
        portal.directory.members(),
    )

    def cells(item: Any) -> Sequence[Any]:
        return (
            item["incurred_on"],
            name_in(members, item["debtor_id"]),
            name_in(members, item["creditor_id"]),
            item["net_kopecks"],
            item["vat_rate"],
            item["vat_kopecks"],
            item["amount_kopecks"],
            state_of(words, OBLIGATION, item["status"]),
            item["vat_reason"],
            item["reversed_at"],
            item["reversal_reason"],
        )

    return await table_file(request, N_("Settlements"), OBLIGATIONS, found, cells, is_cut=is_cut)


async def balances(request: Request) -> Response:
    """How the member stands with each member that it has dealt with."""
    portal = portal_of(request)
    found, members = await together(
        portal.api.every("/finance/balances", visitor_of(request).token),
        portal.directory.members(),
    )

    def cells(item: Any) -> Sequence[Any]:
        return (
            name_in(members, item["counterparty_id"]),
            item["is_owed_kopecks"],
            item["owes_kopecks"],
        )

    rows = obligation_pages.by_name(found, members)
    return await table_file(request, N_("Settlements by organisation"), BALANCES, rows, cells)


async def members(request: Request) -> Response:
    """The members that fit, by name."""
    portal, words = portal_of(request), words_for(request)
    filters = member_pages.filters_of(request.query_params)
    found, is_cut = await portal.api.first("/membership/members", None, ROWS_MAX, **filters.asked())

    def cells(item: Any) -> Sequence[Any]:
        return (
            item["name"],
            word_of(words, MEMBER_KINDS, item["kind"]),
            item["town"],
            state_of(words, MEMBER, item["status"]),
        )

    return await table_file(request, N_("Members"), MEMBERS, found, cells, is_cut=is_cut)


async def persons(request: Request) -> Response:
    """The persons of the own member by name, one row for each affiliation."""
    words = words_for(request)
    found, is_cut = await portal_of(request).api.first(
        "/membership/persons", visitor_of(request).token, ROWS_MAX
    )
    rows = [
        (person, affiliation)
        for person in found
        for affiliation in person["affiliations"] or (None,)
    ]

    def cells(row: Any) -> Sequence[Any]:
        item, affiliation = row
        names = [item[name] for name in ("family_name", "given_name", "patronymic", "email")]
        if affiliation is None:
            return (*names, None, None, None, None, None)
        return (
            *names,
            word_of(words, AFFILIATION_KINDS, affiliation["kind"]),
            affiliation["unit"],
            affiliation["from_on"],
            affiliation["to_on"],
            state_of(words, AFFILIATION, affiliation["status"]),
        )

    return await table_file(request, N_("People"), PERSONS, rows, cells, is_cut=is_cut)


async def people(request: Request) -> Response:
    """The people of the own member, for its coordinator."""
    words = words_for(request)

    def cells(item: Any) -> Sequence[Any]:
        return (
            item["family_name"],
            item["given_name"],
            item["patronymic"],
            item["email"],
            ", ".join(words.text(name) for role, name in ROLES.items() if role in item["roles"]),
        )

    return await table_file(request, N_("Our people"), PEOPLE, await own_people(request), cells)


def word_of(words: Words, table: dict[str, str], name: str) -> str:
    """What a name of the API is called on the page."""
    text = table[name]
    return words.text(text)


def state_of(words: Words, looks: dict[str, Look], state: str) -> str:
    """What a state is called on the page."""
    return words.text(looks[state].words)


async def table_file(
    request: Request,
    title: str,
    columns: Sequence[Column],
    items: Sequence[Any],
    cells: Cells,
    *,
    is_cut: bool = False,
) -> Response:
    """The items as a file, with headers in the language of the page."""
    words = words_for(request)
    note = words.text(
        "Only the first %(count)s rows are here. Narrow the filter to get the others.",
        count=ROWS_MAX,
    )
    table = Table(
        words.text(title),
        [Column(words.text(column.title), column.kind) for column in columns],
        [cells(item) for item in items],
        note if is_cut else None,
    )
    return file_of(request, table.title, await xlsx(table))


def file_of(request: Request, title: str, content: bytes) -> Response:
    """A file to be kept, called by its title and today's date."""
    today = as_local(portal_of(request).clock()).date()
    name = quote(f"{title} {today:%Y-%m-%d}.xlsx")
    headers = {
        "Content-Disposition": f"attachment; filename=\"artel.xlsx\"; filename*=UTF-8''{name}"
    }
    return Response(content, headers=headers, media_type=MEDIA_TYPE)


ROUTES = [
    page("/workshops.xlsx", workshops),
    page("/bookings.xlsx", bookings),
    page("/agreements.xlsx", agreements),
    page("/obligations.xlsx", obligations),
    page("/balances.xlsx", balances),
    page("/members.xlsx", members),
    page("/people.xlsx", people),
    page("/persons.xlsx", persons),
]
