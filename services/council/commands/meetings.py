"""Meetings: planned, announced, opened with a quorum, closed; moved and cancelled."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.council import (
    MeetingAnnounced,
    MeetingCancelled,
    MeetingClosed,
    MeetingMoved,
    MeetingOpened,
)
from services.council.commands import agenda, ballots
from services.council.commands.agenda import locked_meeting
from services.council.commands.calls import answer_call
from services.council.commands.seating import is_head, require_founded, require_office
from services.council.domain import meetings as domain
from services.council.domain.composition import Duty, Seat
from services.council.domain.meetings import (
    Call,
    ChairIsWrong,
    Meeting,
    MeetingForm,
    MeetingKind,
    MeetingStatus,
    require_call,
)
from services.council.queries.composition import seats_on
from services.council.queries.parameters import rules_on
from services.council.queries.presence import present_seats
from services.council.records.meetings import meeting_of
from shared.database import Transaction
from shared.etag import expect
from shared.russia.calendar import MOSCOW, moscow_date

NUMBER_LOCK = 40_020
"""Held while a meeting takes its number of the year, so that none is left out or given twice."""

_TAKEN_AT_ONCE = 20


# --- before --------------------------------------------------------------------------------------


async def plan(tx: Transaction, kind: MeetingKind, call: Call, call_id: UUID | None = None) -> UUID:
    """A meeting is planned; out of turn by the head, or on a call of enough members (domain 1.4).

    Returns its id. Raises MeetingTimeIsWrong, CallIsIncomplete, AbsenteeTermIsTooShort,
    ExtraordinaryNeedsCall, CallIsAnswered.
    """
    await require_office(tx)
    await require_founded(tx)
    rules = await rules_on(tx, moscow_date(tx.now))
    domain.check_call(call, rules, tx.now)
    meeting_id = tx.new_id("meeting")
    await _insert(tx, meeting_id, kind, call, MeetingStatus.PLANNED)
    supporters = total = None
    if call_id is not None:
        supporters, total = await answer_call(tx, call_id, meeting_id)
    require_call(
        kind, is_head=await is_head(tx), supporters=supporters, total=total or 0, rules=rules
    )
    tx.note("meeting.planned", meeting_id, after=_said(kind, call))
    return meeting_id


async def change(
    tx: Transaction, meeting_id: UUID, call: Call, if_match: str | None = None
) -> None:
    """Another time, place or form, as long as nobody was called."""
    before = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    expect(if_match, before.version)
    after = domain.change(before, call)
    domain.check_call(call, await rules_on(tx, moscow_date(tx.now)), tx.now)
    await tx.execute(
        "UPDATE meetings SET form = $2, starts_at = $3, absentee_until = $4, place = $5,"
        " link = $6, version = $7 WHERE id = $1",
        meeting_id,
        call.form,
        call.starts_at,
        call.absentee_until,
        call.place,
        call.link,
        after.version,
    )
    tx.note(
        "meeting.changed",
        meeting_id,
        before=_said(before.kind, before.call),
        after=_said(after.kind, call),
    )


async def announce(tx: Transaction, meeting_id: UUID, if_match: str | None = None) -> None:
    """The council is called in time, with the agenda, which is fixed from now on.

    Raises AgendaIsEmpty, NoticeOfMeetingIsTooShort.
    """
    before = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    expect(if_match, before.version)
    items = await tx.value("SELECT count(*) FROM items WHERE meeting_id = $1", meeting_id)
    rules = await rules_on(tx, moscow_date(tx.now))
    after = domain.announce(before, items, rules, tx.now)
    await _write(tx, after)
    tx.record(
        MeetingAnnounced(
            meeting_id=meeting_id,
            kind=after.kind.value,
            form=after.call.form.value,
            starts_at=after.call.starts_at,
            absentee_until=after.call.absentee_until,
            person_ids=await _called(tx, meeting_id, after.call),
        ),
        before={"status": before.status},
        after={"status": after.status, "items": items},
    )


async def move(
    tx: Transaction, meeting_id: UUID, to: Call, reason: str | None, if_match: str | None = None
) -> UUID:
    """It takes place as another one with the same agenda, to which the council is called by this.

    Returns the other's id. Raises NoticeOfMeetingIsTooShort and what `plan` raises of the call.
    """
    before = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    expect(if_match, before.version)
    after = domain.move(before, await rules_on(tx, moscow_date(tx.now)), to, tx.now)
    successor_id = tx.new_id("meeting")
    await _insert(tx, successor_id, before.kind, to, MeetingStatus.ANNOUNCED)
    await agenda.carry_items(tx, meeting_id, successor_id)
    await tx.execute(
        "INSERT INTO invitations (id, meeting_id, person_id, words, item_id, invited_at)"
        " SELECT n.id, $2, o.person_id, o.words, i.id, $3"
        " FROM invitations o JOIN unnest($4::uuid[], $5::uuid[]) AS n (id, old) ON n.old = o.id"
        " LEFT JOIN items i ON i.meeting_id = $2 AND i.carried_from_id = o.item_id"
        " WHERE o.meeting_id = $1",
        meeting_id,
        successor_id,
        tx.now,
        *await _copies(tx, meeting_id),
    )
    await tx.execute(
        "UPDATE meetings SET status = $2, successor_id = $3, reason = $4, version = $5"
        " WHERE id = $1",
        meeting_id,
        after.status,
        successor_id,
        reason,
        after.version,
    )
    tx.record(
        MeetingMoved(
            meeting_id=meeting_id,
            successor_id=successor_id,
            starts_at=to.starts_at,
            person_ids=await _called(tx, successor_id, to),
        ),
        before={"status": before.status},
        after={"status": after.status, "successor_id": successor_id},
    )
    return successor_id


async def cancel(
    tx: Transaction, meeting_id: UUID, reason: str, if_match: str | None = None
) -> None:
    """It does not take place; its proposals wait for another agenda."""
    before = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    expect(if_match, before.version)
    after = domain.cancel(before)
    await tx.execute("UPDATE meetings SET reason = $2 WHERE id = $1", meeting_id, reason)
    await _write(tx, after)
    await agenda.release_items(tx, meeting_id)
    changed: dict[str, Any] = {
        "before": {"status": before.status},
        "after": {"status": after.status},
    }
    if before.status is MeetingStatus.PLANNED:
        tx.note("meeting.cancelled", meeting_id, **changed)
        return
    person_ids = await _called(tx, meeting_id, after.call)
    tx.record(MeetingCancelled(meeting_id=meeting_id, person_ids=person_ids), **changed)


# --- at its time ---------------------------------------------------------------------------------


async def open_meeting(
    tx: Transaction,
    meeting_id: UUID,
    *,
    chair_seat_id: UUID | None = None,
    if_match: str | None = None,
) -> None:
    """The meeting is opened when more than half are there, and else does not take place (I5).

    Who is represented by one who is there, by a written power, is counted as there.
    The head chairs, else the first deputy who is there, else whom those present have chosen.
    Raises MeetingHasNotBegun, AbsenteeHasNoRoom, ChairIsWrong.
    """
    before = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    expect(if_match, before.version)
    today = moscow_date(tx.now)
    roll = await ballots.roll_now(tx, meeting_id)
    total, present = roll.listed, roll.present
    after = domain.open_meeting(before, present, total, await rules_on(tx, today), tx.now)
    if after.status is MeetingStatus.NO_QUORUM:
        await tx.execute(
            "UPDATE meetings SET status = $2, seats_total = $3, seats_present = $4, version = $5"
            " WHERE id = $1",
            meeting_id,
            after.status,
            total,
            present,
            after.version,
        )
        tx.note(
            "meeting.without_quorum",
            meeting_id,
            before={"status": before.status},
            after={"status": after.status, "seats_total": total, "seats_present": present},
        )
        return
    chair = _chair(await present_seats(tx, meeting_id, today), chair_seat_id)
    await _open(tx, before, after, total=total, present=present, chair_seat_id=chair.id)


async def close(tx: Transaction, meeting_id: UUID, if_match: str | None = None) -> None:
    """The meeting is over; what it left undecided waits for another one."""
    before = await locked_meeting(tx, meeting_id)
    await require_office(tx)
    domain.require_room(before)
    expect(if_match, before.version)
    await ballots.require_no_open_ballot(tx, meeting_id)
    await _close(tx, before)


async def begin_absentee(tx: Transaction) -> int:
    """The first moment of a meeting in writing has come. Each is taken once."""
    rows = await _due(tx, "status = 'announced' AND starts_at <= $1")
    for before in map(meeting_of, rows):
        seats = await seats_on(tx, moscow_date(before.call.starts_at))
        total = (await ballots.roll_now(tx, before.id)).listed
        head = next((seat.id for seat in seats if seat.duty is Duty.HEAD), None)
        after = domain.begin_absentee(before)
        await _open(tx, before, after, total=total, present=None, chair_seat_id=head)
    return len(rows)


async def end_absentee(tx: Transaction) -> int:
    """The last moment of a meeting in writing has passed. Each is taken once."""
    rows = await _due(tx, "status = 'open' AND absentee_until <= $1")
    for meeting in map(meeting_of, rows):
        await ballots.close_ballots_of(tx, meeting.id)
        await _close(tx, meeting)
    return len(rows)


async def _due(tx: Transaction, what: str) -> list[Any]:
    return await tx.fetch(
        f"SELECT * FROM meetings WHERE form = 'absentee' AND {what}"  # noqa: S608 - constants
        " ORDER BY absentee_until, id LIMIT $2 FOR UPDATE SKIP LOCKED",
        tx.now,
        _TAKEN_AT_ONCE,
    )


def _chair(present: list[Seat], wished: UUID | None) -> Seat:
    """Whoever was chosen, else the head, else the first deputy: seats come in this order."""
    led = [seat for seat in present if seat.duty in {Duty.HEAD, Duty.DEPUTY}]
    found = [seat for seat in present if seat.id == wished] if wished else led
    if not found:
        raise ChairIsWrong(ChairIsWrong.title(), at="body.chair_seat_id")
    return found[0]


async def _open(
    tx: Transaction,
    before: Meeting,
    after: Meeting,
    *,
    total: int,
    present: int | None,
    chair_seat_id: UUID | None,
) -> None:
    year = after.call.starts_at.astimezone(MOSCOW).year
    await tx.execute("SELECT pg_advisory_xact_lock($1)", NUMBER_LOCK)
    number: int = await tx.value(
        "SELECT coalesce(max(number), 0) + 1 FROM meetings WHERE year = $1", year
    )
    secretary = next((seat.id for seat in await _seats_of(tx) if seat.duty is Duty.SECRETARY), None)
    await tx.execute(
        "UPDATE meetings SET status = $2, version = $3, year = $4, number = $5, opened_at = $6,"
        " seats_total = $7, seats_present = $8, chair_seat_id = $9, secretary_seat_id = $10"
        " WHERE id = $1",
        after.id,
        after.status,
        after.version,
        year,
        number,
        tx.now,
        total,
        present,
        chair_seat_id,
        secretary,
    )
    tx.record(
        MeetingOpened(
            meeting_id=after.id,
            year=year,
            number=number,
            opened_at=tx.now,
            seats_total=total,
            seats_present=present,
        ),
        before={"status": before.status},
        after={"status": after.status, "seats_total": total, "seats_present": present},
    )


async def _close(tx: Transaction, before: Meeting) -> None:
    after = domain.close(before)
    await tx.execute(
        "UPDATE meetings SET status = $2, closed_at = $3, version = $4 WHERE id = $1",
        after.id,
        after.status,
        tx.now,
        after.version,
    )
    await agenda.settle_items(tx, after.id)
    tx.record(
        MeetingClosed(meeting_id=after.id, closed_at=tx.now),
        before={"status": before.status},
        after={"status": after.status},
    )


# --- rows ----------------------------------------------------------------------------------------


async def _insert(
    tx: Transaction, meeting_id: UUID, kind: MeetingKind, call: Call, status: MeetingStatus
) -> None:
    await tx.execute(
        "INSERT INTO meetings (id, kind, form, starts_at, absentee_until, place, link, status,"
        " planned_at, announced_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
        meeting_id,
        kind,
        call.form,
        call.starts_at,
        call.absentee_until,
        call.place,
        call.link,
        status,
        tx.now,
        tx.now if status is MeetingStatus.ANNOUNCED else None,
    )


async def _write(tx: Transaction, meeting: Meeting) -> None:
    await tx.execute(
        "UPDATE meetings SET status = $2, announced_at = $3, version = $4 WHERE id = $1",
        meeting.id,
        meeting.status,
        meeting.announced_at,
        meeting.version,
    )


async def _called(tx: Transaction, meeting_id: UUID, call: Call) -> tuple[UUID, ...]:
    """Who sits on that day, and who is invited, as far as they are known by an id."""
    seated = [seat.person_id for seat in await _seats_of(tx, moscow_date(call.starts_at))]
    rows = await tx.fetch(
        "SELECT person_id FROM invitations WHERE meeting_id = $1 AND person_id IS NOT NULL"
        " ORDER BY id",
        meeting_id,
    )
    return tuple(dict.fromkeys([*seated, *(row["person_id"] for row in rows)]))


async def _seats_of(tx: Transaction, day: date | None = None) -> list[Seat]:
    return await seats_on(tx, day or moscow_date(tx.now))


async def _copies(tx: Transaction, meeting_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """New ids for the invitations of a meeting, beside the old ones."""
    rows = await tx.fetch("SELECT id FROM invitations WHERE meeting_id = $1", meeting_id)
    return [tx.new_id("invitation") for _ in rows], [row["id"] for row in rows]


def _said(kind: MeetingKind, call: Call) -> dict[str, Any]:
    """What an audit row says of it: a link lets people in, so it stands in no audit row."""
    is_absentee = call.form is MeetingForm.ABSENTEE
    return {
        "kind": kind,
        "form": call.form,
        "starts_at": call.starts_at,
        **({"absentee_until": call.absentee_until} if is_absentee else {}),
    }
