"""Ballots as the council sees them: who may vote, what waits, and after the close what came of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.council.domain.kinds import DecisionKind, Force
from services.council.domain.voting import (
    BallotIsOpen,
    Choice,
    Outcome,
    Tie,
    VoteUnit,
    dissent_until,
)
from services.council.queries.parameters import rules_on
from services.council.queries.sitting import require_insider
from shared.database import Transaction
from shared.paging import cut, place_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnVote:
    """A vote that is the asker's to cast: for the own seat, or for one whose power one has."""

    seat_id: UUID
    weight: int
    power_id: UUID | None
    is_recused: bool
    has_voted: bool
    choice: Choice | None
    """What was said in an open ballot; of a secret one nobody knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was counted at the close: for + against + abstained = counted = present - recused."""

    outcome: Outcome
    present: int
    recused: int
    counted: int
    votes_for: int
    against: int
    abstained: int
    decision_id: UUID | None
    dissent_until_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotView:
    """A ballot with the rules it was opened by; its result is there after the close, not before."""

    id: UUID
    meeting_id: UUID
    item_id: UUID
    question: str
    is_secret: bool
    is_absentee: bool
    status: Literal["open", "closed"]
    decision_kind: DecisionKind
    force: Force
    subject_id: UUID | None
    vote_unit: VoteUnit
    quorum_percent: int
    majority: str
    tie: Tie
    listed: int
    entitled: int
    """How many votes may be cast, whatever they weigh."""
    cast: int
    """How many have been."""
    opened_at: datetime
    closes_at: datetime | None
    closed_at: datetime | None
    own: list[OwnVote]
    result: Result | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollLine:
    """How one who was entitled took part; in an open ballot also how they voted."""

    seat_id: UUID
    member_id: UUID
    weight: int
    is_by_power: bool
    is_recused: bool
    has_voted: bool
    choice: Choice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper of the box: whose it is, its receipt's holder alone knows."""

    receipt: str
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class DissentView:
    """A dissenting opinion."""

    id: UUID
    ballot_id: UUID
    seat_id: UUID
    words: str
    filed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecusalView:
    """A seat that stands aside on an item, and why."""

    seat_id: UUID
    reason: str
    recorded_at: datetime


_SELECT = (
    "SELECT b.*, (SELECT count(*) FROM ballot_voters v WHERE v.ballot_id = b.id"
    " AND NOT v.is_recused) AS entitled,"
    " (SELECT count(*) FROM votes v WHERE v.ballot_id = b.id)"
    " + (SELECT count(*) FROM secret_casts c WHERE c.ballot_id = b.id) AS cast_total,"
    " (SELECT d.id FROM decisions d WHERE d.ballot_id = b.id) AS decision_id FROM ballots b"
)


async def ballot(tx: Transaction, ballot_id: UUID) -> BallotView:
    """A ballot, for those who sit in the council."""
    row = await tx.row(f"{_SELECT} WHERE b.id = $1", ballot_id)
    if row is None:
        raise NotFound
    await require_insider(tx)
    [view] = await _views(tx, [row])
    return view


async def ballots(
    tx: Transaction,
    *,
    meeting_id: UUID | None,
    item_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[BallotView], str | None]:
    """Ballots of a meeting or an item, the newest first."""
    [before] = place_of(cursor, (UUID,)) or [None]
    await require_insider(tx)
    rows = await tx.fetch(
        f"{_SELECT} WHERE ($1::uuid IS NULL OR b.meeting_id = $1)"
        " AND ($2::uuid IS NULL OR b.item_id = $2) AND ($3::uuid IS NULL OR b.id < $3)"
        " ORDER BY b.id DESC LIMIT $4",
        meeting_id,
        item_id,
        before,
        limit + 1,
    )
    page, next_cursor = cut(rows, limit, lambda row: [row["id"]])
    return await _views(tx, page), next_cursor


async def waiting(tx: Transaction, *, limit: int) -> list[BallotView]:
    """Open ballots in which a vote of the person who asks has not been cast, soonest end first."""
    seat = await require_insider(tx)
    if seat is None:
        return []
    rows = await tx.fetch(
        f"{_SELECT} WHERE b.closed_at IS NULL AND (b.closes_at IS NULL OR b.closes_at > $2)"  # noqa: S608 - constants
        " AND EXISTS (SELECT 1 FROM ballot_voters v WHERE v.ballot_id = b.id"
        "  AND v.person_id = $1 AND NOT v.is_recused"
        "  AND NOT EXISTS (SELECT 1 FROM votes"
        "   WHERE (ballot_id, seat_id) = (v.ballot_id, v.seat_id))"
        "  AND NOT EXISTS (SELECT 1 FROM secret_casts"
        "   WHERE (ballot_id, seat_id) = (v.ballot_id, v.seat_id)))"
        " ORDER BY b.closes_at NULLS LAST, b.id LIMIT $3",
        seat.person_id,
        tx.now,
        limit,
    )
    return await _views(tx, rows)


async def roll(tx: Transaction, ballot_id: UUID) -> list[RollLine]:
    """After the close: who took part, and in an open ballot how they voted; by seat."""
    is_secret = (await _closed(tx, ballot_id))["is_secret"]
    rows = await tx.fetch(
        "SELECT v.*, x.choice, c.seat_id IS NOT NULL AS has_cast FROM ballot_voters v"
        " LEFT JOIN votes x ON (x.ballot_id, x.seat_id) = (v.ballot_id, v.seat_id)"
        " LEFT JOIN secret_casts c ON (c.ballot_id, c.seat_id) = (v.ballot_id, v.seat_id)"
        " WHERE v.ballot_id = $1 ORDER BY v.seat_id",
        ballot_id,
    )
    return [
        RollLine(
            seat_id=row["seat_id"],
            member_id=row["member_id"],
            weight=row["weight"],
            is_by_power=row["power_id"] is not None,
            is_recused=row["is_recused"],
            has_voted=row["has_cast"] if is_secret else row["choice"] is not None,
            choice=None if row["choice"] is None else Choice(row["choice"]),
        )
        for row in rows
    ]


async def papers(tx: Transaction, ballot_id: UUID) -> list[Paper]:
    """After the close of a secret ballot: every paper, in the order of the receipts."""
    await _closed(tx, ballot_id)
    rows = await tx.fetch(
        "SELECT receipt, choice FROM secret_papers WHERE ballot_id = $1 ORDER BY receipt",
        ballot_id,
    )
    return [Paper(receipt=row["receipt"], choice=Choice(row["choice"])) for row in rows]


async def dissents(tx: Transaction, ballot_id: UUID) -> list[DissentView]:
    """The dissenting opinions on a ballot, in the order in which they came."""
    if await tx.row("SELECT 1 FROM ballots WHERE id = $1", ballot_id) is None:
        raise NotFound
    await require_insider(tx)
    rows = await tx.fetch("SELECT * FROM dissents WHERE ballot_id = $1 ORDER BY id", ballot_id)
    return [DissentView(**row) for row in rows]


async def recusals(tx: Transaction, item_id: UUID) -> list[RecusalView]:
    """The register of those who stand aside on an item."""
    if await tx.row("SELECT 1 FROM items WHERE id = $1", item_id) is None:
        raise NotFound
    await require_insider(tx)
    rows = await tx.fetch(
        "SELECT seat_id, reason, recorded_at FROM recusals WHERE item_id = $1"
        " ORDER BY recorded_at, seat_id",
        item_id,
    )
    return [RecusalView(**row) for row in rows]


async def _closed(tx: Transaction, ballot_id: UUID) -> Any:
    row = await tx.row("SELECT is_secret, closed_at FROM ballots WHERE id = $1", ballot_id)
    if row is None:
        raise NotFound
    await require_insider(tx)
    if row["closed_at"] is None:
        raise BallotIsOpen
    return row


async def _views(tx: Transaction, rows: list[Any]) -> list[BallotView]:
    own = await _own_votes(tx, [row["id"] for row in rows])
    return [await _view(tx, row, own.get(row["id"], [])) for row in rows]


async def _own_votes(tx: Transaction, ids: list[UUID]) -> dict[UUID, list[OwnVote]]:
    rows = await tx.fetch(
        "SELECT v.*, x.choice, x.choice IS NOT NULL OR c.seat_id IS NOT NULL AS has_voted"
        " FROM ballot_voters v"
        " LEFT JOIN votes x ON (x.ballot_id, x.seat_id) = (v.ballot_id, v.seat_id)"
        " LEFT JOIN secret_casts c ON (c.ballot_id, c.seat_id) = (v.ballot_id, v.seat_id)"
        " WHERE v.ballot_id = ANY ($1) AND v.person_id = $2"
        " ORDER BY v.ballot_id, v.power_id NULLS FIRST",
        ids,
        tx.actor.person_id if tx.actor else None,
    )
    found: dict[UUID, list[OwnVote]] = {}
    for row in rows:
        vote = OwnVote(
            seat_id=row["seat_id"],
            weight=row["weight"],
            power_id=row["power_id"],
            is_recused=row["is_recused"],
            has_voted=row["has_voted"],
            choice=None if row["choice"] is None else Choice(row["choice"]),
        )
        found.setdefault(row["ballot_id"], []).append(vote)
    return found


async def _view(tx: Transaction, row: Any, own: list[OwnVote]) -> BallotView:
    return BallotView(
        id=row["id"],
        meeting_id=row["meeting_id"],
        item_id=row["item_id"],
        question=row["question"],
        is_secret=row["is_secret"],
        is_absentee=row["is_absentee"],
        status="open" if row["closed_at"] is None else "closed",
        decision_kind=DecisionKind(row["decision_kind"]),
        force=Force(row["force"]),
        subject_id=row["subject_id"],
        vote_unit=VoteUnit(row["vote_unit"]),
        quorum_percent=row["quorum_percent"],
        majority=row["majority"],
        tie=Tie(row["tie"]),
        listed=row["listed"],
        entitled=row["entitled"],
        cast=row["cast_total"],
        opened_at=row["opened_at"],
        closes_at=row["closes_at"],
        closed_at=row["closed_at"],
        own=own,
        result=await _result(tx, row),
    )


async def _result(tx: Transaction, row: Any) -> Result | None:
    if row["closed_at"] is None:
        return None
    rules = await rules_on(tx, moscow_date(row["opened_at"]))
    return Result(
        outcome=Outcome(row["outcome"]),
        present=row["present"],
        recused=row["recused"],
        counted=row["counted"],
        votes_for=row["votes_for"],
        against=row["against"],
        abstained=row["abstained"],
        decision_id=row["decision_id"],
        dissent_until_on=dissent_until(row["closed_at"], rules.whole("dissent_working_days")),
    )
