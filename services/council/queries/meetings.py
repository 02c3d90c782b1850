"""Meetings with their agendas and invitations, and calls for meetings out of turn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from services.council.domain.agenda import Item, ItemOutcome
from services.council.domain.composition import Duty
from services.council.domain.meetings import (
    MeetingForm,
    MeetingKind,
    MeetingStatus,
    is_supported,
)
from services.council.queries.composition import own_seat, seats_on
from services.council.queries.materials import MaterialView, materials_of
from services.council.queries.parameters import rules_on
from services.council.records.meetings import item_of
from shared.database import Transaction
from shared.identity import Role
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingItem:
    """A meeting in a list; it has its number of the year once it was opened."""

    id: UUID
    year: int | None
    number: int | None
    kind: MeetingKind
    form: MeetingForm
    status: MeetingStatus
    starts_at: datetime
    absentee_until: datetime | None
    place: str | None
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView(Item):
    """An item of an agenda."""

    id: UUID
    meeting_id: UUID
    position: int
    proposal_id: UUID | None
    matter_id: UUID | None
    carried_from_id: UUID | None
    outcome: ItemOutcome | None
    materials: list[MaterialView]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView:
    """Somebody who does not sit and is invited, by id or in words; to one item or to all."""

    id: UUID
    person_id: UUID | None
    words: str | None
    item_id: UUID | None
    invited_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingView:
    """A meeting with its agenda.

    `link` is shown to those who sit, who are invited, and who do the office work. `seats_total`
    and `seats_present` are those with a vote (or the members that sit, where these vote), as they
    were counted when it was to be opened; who was represented is counted as there.
    """

    id: UUID
    year: int | None
    number: int | None
    kind: MeetingKind
    form: MeetingForm
    status: MeetingStatus
    starts_at: datetime
    absentee_until: datetime | None
    place: str | None
    link: str | None
    reason: str | None
    announced_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    successor_id: UUID | None
    predecessor_id: UUID | None
    chair_seat_id: UUID | None
    secretary_seat_id: UUID | None
    seats_total: int | None
    seats_present: int | None
    items: list[ItemView]
    invitations: list[InvitationView]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call for a meeting out of turn, and who supports it."""

    id: UUID
    reason: str
    made_at: datetime
    seat_ids: list[UUID]
    votes: int
    is_supported: bool
    meeting_id: UUID | None


async def meetings(
    tx: Transaction,
    *,
    status: MeetingStatus | None,
    order: Literal["newest", "next"],
    cursor: str | None,
    limit: int,
) -> tuple[list[MeetingItem], str | None]:
    """Meetings, the newest first; or those to come, the next one first."""
    tx.authorise()
    place = place_of(cursor, (datetime.fromisoformat, UUID)) or [None, None]
    is_ahead = order == "next"
    way, sign = ("", ">") if is_ahead else ("DESC", "<")
    rows = await tx.fetch(
        "SELECT m.*, (SELECT count(*) FROM items i WHERE i.meeting_id = m.id) AS items"  # noqa: S608 - constants
        " FROM meetings m WHERE ($1::text IS NULL OR status = $1)"
        " AND ($2::timestamptz IS NULL OR starts_at >= $2 OR status = 'open')"
        f" AND ($3::timestamptz IS NULL OR (starts_at, id) {sign} ($3, $4::uuid))"
        f" ORDER BY starts_at {way}, id {way} LIMIT $5",
        status,
        tx.now if is_ahead else None,
        *place,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["starts_at"], row["id"]])
    return [
        MeetingItem(
            **{
                name: row[name]
                for name in (
                    "id",
                    "year",
                    "number",
                    "starts_at",
                    "absentee_until",
                    "place",
                    "items",
                )
            },
            kind=MeetingKind(row["kind"]),
            form=MeetingForm(row["form"]),
            status=MeetingStatus(row["status"]),
        )
        for row in page
    ], next_cursor


async def meeting(tx: Transaction, meeting_id: UUID) -> MeetingView:
    """A meeting; raises NotFound."""
    row = await tx.row(
        "SELECT m.*, p.id AS predecessor_id FROM meetings m"
        " LEFT JOIN meetings p ON p.successor_id = m.id WHERE m.id = $1",
        meeting_id,
    )
    if row is None:
        raise NotFound
    tx.authorise()
    items = await tx.fetch(
        "SELECT * FROM items WHERE meeting_id = $1 ORDER BY position", meeting_id
    )
    invited = await tx.fetch(
        "SELECT id, person_id, words, item_id, invited_at FROM invitations WHERE meeting_id = $1"
        " ORDER BY id",
        meeting_id,
    )
    lying = await materials_of(tx, [item["id"] for item in items])
    is_near = await _is_near(tx, [each["person_id"] for each in invited])
    return MeetingView(
        **{
            name: row[name]
            for name in MeetingView.__dataclass_fields__
            if name not in {"kind", "form", "status", "link", "items", "invitations"}
        },
        kind=MeetingKind(row["kind"]),
        form=MeetingForm(row["form"]),
        status=MeetingStatus(row["status"]),
        link=row["link"] if is_near else None,
        items=[_item(item, lying[item["id"]]) for item in items],
        invitations=[InvitationView(**each) for each in invited] if is_near else [],
    )


async def item(tx: Transaction, item_id: UUID) -> ItemView:
    """An item of an agenda; raises NotFound."""
    row = await tx.row("SELECT * FROM items WHERE id = $1", item_id)
    if row is None:
        raise NotFound
    tx.authorise()
    return _item(row, (await materials_of(tx, [item_id]))[item_id])


async def calls(
    tx: Transaction, *, cursor: str | None, limit: int
) -> tuple[list[CallView], str | None]:
    """Calls for a meeting out of turn, the newest first."""
    tx.authorise()
    [before] = place_of(cursor, (UUID,)) or [None]
    rows = await tx.fetch(
        "SELECT * FROM calls WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2",
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return [await _call(tx, row) for row in page], next_cursor


async def call(tx: Transaction, call_id: UUID) -> CallView:
    """A call for a meeting out of turn; raises NotFound."""
    row = await tx.row("SELECT * FROM calls WHERE id = $1", call_id)
    if row is None:
        raise NotFound
    tx.authorise()
    return await _call(tx, row)


async def _call(tx: Transaction, row: Any) -> CallView:
    today = moscow_date(tx.now)
    voting = {seat.id for seat in await seats_on(tx, today) if seat.has_vote}
    rows = await tx.fetch(
        "SELECT seat_id FROM call_supporters WHERE call_id = $1 ORDER BY supported_at, seat_id",
        row["id"],
    )
    seat_ids = [each["seat_id"] for each in rows if each["seat_id"] in voting]
    return CallView(
        **row,
        seat_ids=seat_ids,
        votes=len(voting),
        is_supported=is_supported(len(seat_ids), len(voting), await rules_on(tx, today)),
    )


async def _is_near(tx: Transaction, invited: list[UUID | None]) -> bool:
    """Whether the person who asks may connect to the meeting, or keeps it."""
    actor = tx.actor
    if actor is None:
        return False
    if actor.person_id in invited or await own_seat(tx) is not None:
        return True
    seats = await seats_on(tx, moscow_date(tx.now))
    has_secretary = any(seat.duty is Duty.SECRETARY for seat in seats)
    return Role.ADMINISTRATOR in actor.roles and not has_secretary


def _item(row: Any, lying: list[MaterialView]) -> ItemView:
    item = item_of(row)
    return ItemView(
        **{name: getattr(item, name) for name in Item.__dataclass_fields__},
        id=row["id"],
        meeting_id=row["meeting_id"],
        position=row["position"],
        proposal_id=row["proposal_id"],
        matter_id=row["matter_id"],
        carried_from_id=row["carried_from_id"],
        outcome=None if row["outcome"] is None else ItemOutcome(row["outcome"]),
        materials=lying,
    )
