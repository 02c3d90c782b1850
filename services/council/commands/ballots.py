"""Ballots: opened with those entitled fixed, voted in, counted at the close (R4, I5)."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from contracts.council import BallotClosed, BallotOpened
from services.council.commands.decisions import adopt
from services.council.commands.seating import require_office
from services.council.domain import voting
from services.council.domain.decisions import DecisionStatus as Status
from services.council.domain.decisions import (
    ItemIsDecided,
    ItemTakesNoVote,
    conflicted_member,
    force_of,
    majority_parameter,
    quorum_parameter,
    stands,
)
from services.council.domain.kinds import DecisionKind, Force
from services.council.domain.voting import (
    BallotIsOpen,
    Choice,
    MeetingIsNotOpen,
    Outcome,
    Power,
    Roll,
    Sitter,
)
from services.council.queries.composition import seats_on
from services.council.queries.parameters import rules_on
from services.council.records.ballots import ballot_of, rules_in_force, rules_of, voter_of
from shared.database import Transaction
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

_CLOSED_AT_ONCE = 20
_OPEN = "SELECT id FROM ballots WHERE closed_at IS NULL"
_LOCK = "hashtextextended($1, 40040)"

# --- opening -------------------------------------------------------------------------------------


async def open_ballot(
    tx: Transaction,
    item_id: UUID,
    *,
    question: str | None = None,
    is_secret: bool = False,
    closes_at: datetime | None = None,
) -> UUID:
    """Opens a ballot on an item of an open meeting, with those entitled at this moment."""
    item = await _item(tx, item_id)
    await require_floor(tx, item["chair_seat_id"])
    if item["status"] != "open":
        raise MeetingIsNotOpen
    await _require_undecided(tx, item)
    today = moscow_date(tx.now)
    kind = DecisionKind(item["decision_kind"])
    force, _ = force_of(kind, Force(item["force"]))
    values = (await rules_on(tx, today)).values
    majority, quorum = majority_parameter(kind, force), quorum_parameter(kind, force)
    rules = rules_in_force(values, quorum, majority)
    is_absentee = item["form"] == "absentee"
    closing = voting.closing_time(closes_at, item["absentee_until"], tx.now)
    roll = voting.call_roll(
        await _sitters(tx, item["meeting_id"]),
        await _powers(tx),
        rules,
        recused=await _recused(tx, item_id),
        conflicted_member_id=conflicted_member(kind, item["subject_id"]),
        is_absentee=is_absentee,
    )
    voting.require_may_open(roll, rules, is_secret=is_secret, is_absentee=is_absentee)
    ballot_id = tx.new_id("ballot")
    try:
        await tx.execute(
            "INSERT INTO ballots (id, meeting_id, item_id, question, is_secret, is_absentee,"
            " decision_kind, force, subject_id, ground, parameter, value, addressee_ids,"
            " responsible_member_id, due_on, vote_unit, quorum_percent, majority, tie,"
            " chair_seat_id, listed, opened_at, closes_at)"
            " SELECT $2, meeting_id, id, $3, $4, $5, decision_kind, $6, subject_id, ground,"
            " parameter, value, addressee_ids, responsible_member_id, due_on, $7, $8, $9, $10,"
            " $11, $12, $13, $14 FROM items WHERE id = $1",
            item_id,
            ballot_id,
            question or item["draft_text"] or item["title"],
            is_secret,
            is_absentee,
            force,
            rules.vote_unit,
            rules.quorum_percent,
            values[majority],
            rules.tie,
            item["chair_seat_id"],
            roll.listed,
            tx.now,
            closing,
        )
    except asyncpg.UniqueViolationError:
        raise BallotIsOpen from None
    await _write_roll(tx, ballot_id, roll)
    tx.record(
        BallotOpened(
            ballot_id=ballot_id,
            meeting_id=item["meeting_id"],
            item_id=item_id,
            is_secret=is_secret,
            opened_at=tx.now,
            closes_at=closing,
            voter_ids=tuple(
                sorted({voter.person_id for voter in roll.voters if not voter.is_recused})
            ),
        ),
        after={
            "item_id": item_id,
            "is_secret": is_secret,
            "listed": roll.listed,
            "seats": [voter.seat_id for voter in roll.voters],
        },
    )
    return ballot_id


async def roll_now(tx: Transaction, meeting_id: UUID) -> Roll:
    """Who is counted at the meeting at this moment: by the unit of votes, the represented too."""
    values = (await rules_on(tx, moscow_date(tx.now))).values
    rules = rules_in_force(values, "council.quorum_percent", "council.majority_percent")
    return voting.call_roll(await _sitters(tx, meeting_id), await _powers(tx), rules)


async def require_floor(tx: Transaction, chair_seat_id: UUID | None) -> None:
    """Who leads: whoever chairs that meeting, or does the council's office work.

    Raises NoSeat, SecretaryIsSeated.
    """
    actor = tx.authorise()
    for seat in await seats_on(tx, moscow_date(tx.now)):
        is_own = (seat.person_id, seat.member_id) == (actor.person_id, actor.member_id)
        if is_own and seat.id == chair_seat_id:
            return
    await require_office(tx)


async def _item(tx: Transaction, item_id: UUID) -> Any:
    """The item with its meeting, neither of which may change meanwhile."""
    row = await tx.row(
        "SELECT i.*, m.status, m.form, m.absentee_until, m.chair_seat_id"
        " FROM items i JOIN meetings m ON m.id = i.meeting_id WHERE i.id = $1"
        " FOR NO KEY UPDATE OF i FOR SHARE OF m",
        item_id,
    )
    if row is None:
        raise NotFound
    return row


async def _require_undecided(tx: Transaction, item: Any) -> None:
    if item["kind"] == "info":
        raise ItemTakesNoVote
    rows = await tx.fetch("SELECT status FROM decisions WHERE item_id = $1", item["id"])
    if any(stands(Status(row["status"])) for row in rows):
        raise ItemIsDecided


async def _sitters(tx: Transaction, meeting_id: UUID) -> list[Sitter]:
    rows = await tx.fetch(
        "SELECT seat_id FROM attendances WHERE meeting_id = $1 AND left_at IS NULL", meeting_id
    )
    present = {row["seat_id"] for row in rows}
    return [
        Sitter(
            seat_id=seat.id,
            person_id=seat.person_id,
            member_id=seat.member_id,
            duty=seat.duty,
            quota=seat.quota,
            has_vote=seat.has_vote,
            is_present=seat.id in present,
        )
        for seat in await seats_on(tx, moscow_date(tx.now))
    ]


async def _powers(tx: Transaction) -> list[Power]:
    rows = await tx.fetch(
        "SELECT id, from_seat_id, to_seat_id FROM powers"
        " WHERE valid_from <= $1 AND valid_until >= $1",
        moscow_date(tx.now),
    )
    return [Power(row["id"], row["from_seat_id"], row["to_seat_id"]) for row in rows]


async def _recused(tx: Transaction, item_id: UUID) -> frozenset[UUID]:
    rows = await tx.fetch("SELECT seat_id FROM recusals WHERE item_id = $1", item_id)
    return frozenset(row["seat_id"] for row in rows)


async def _write_roll(tx: Transaction, ballot_id: UUID, roll: Roll) -> None:
    voters = roll.voters
    await tx.execute(
        "INSERT INTO ballot_voters (ballot_id, seat_id, member_id, person_id, weight, power_id,"
        " is_recused) SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[],"
        " $6::uuid[], $7::boolean[])",
        ballot_id,
        [voter.seat_id for voter in voters],
        [voter.member_id for voter in voters],
        [voter.person_id for voter in voters],
        [voter.weight for voter in voters],
        [voter.power_id for voter in voters],
        [voter.is_recused for voter in voters],
    )


# --- closing -------------------------------------------------------------------------------------


async def close_ballot(tx: Transaction, ballot_id: UUID) -> None:
    """Who leads closes the ballot; an absentee one runs to its end unless everybody has voted."""
    await _await_votes(tx, ballot_id)
    row = await tx.row("SELECT * FROM ballots WHERE id = $1 FOR UPDATE", ballot_id)
    if row is None:
        raise NotFound
    await require_floor(tx, row["chair_seat_id"])
    ballot = ballot_of(row)
    missing = await tx.value(
        "SELECT count(*) FROM ballot_voters v WHERE ballot_id = $1 AND NOT is_recused"
        " AND NOT EXISTS (SELECT 1 FROM votes WHERE (ballot_id, seat_id) = (v.ballot_id, v.seat_id))"
        " AND NOT EXISTS (SELECT 1 FROM secret_casts"
        "  WHERE (ballot_id, seat_id) = (v.ballot_id, v.seat_id))",
        ballot_id,
    )
    voting.require_may_close(ballot, tx.now, missing=missing)
    await _count_and_close(tx, row)


async def close_due_ballots(tx: Transaction) -> int:
    """Closes ballots whose last moment has passed."""
    return await _close_all(
        tx, await tx.fetch(f"{_OPEN} AND closes_at <= $1 LIMIT $2", tx.now, _CLOSED_AT_ONCE)
    )


async def close_ballots_of(tx: Transaction, meeting_id: UUID) -> None:
    """Counts what is still open when a meeting in writing ends."""
    await _close_all(tx, await tx.fetch(f"{_OPEN} AND meeting_id = $1", meeting_id))


async def _close_all(tx: Transaction, rows: list[Any]) -> int:
    for ballot_id in sorted(row["id"] for row in rows):
        await _await_votes(tx, ballot_id)
        row = await tx.row("SELECT * FROM ballots WHERE id = $1 FOR UPDATE", ballot_id)
        if row["closed_at"] is None:  # nobody else was quicker
            await _count_and_close(tx, row)
    return len(rows)


async def keep_open(tx: Transaction, ballot_id: UUID) -> None:
    """Holds the ballot against the close until the end of the transaction, beside other voters.

    These locks are had in the order in which they were asked for. Locks of the row are not: while
    many vote, who closes would wait until nobody does.
    """
    await tx.execute(f"SELECT pg_advisory_xact_lock_shared({_LOCK})", str(ballot_id))


async def _await_votes(tx: Transaction, ballot_id: UUID) -> None:
    await tx.execute(f"SELECT pg_advisory_xact_lock({_LOCK})", str(ballot_id))


async def require_no_open_ballot(tx: Transaction, meeting_id: UUID) -> None:
    """A meeting does not end in the middle of a vote; raises BallotIsOpen."""
    if await tx.value(
        "SELECT true FROM ballots WHERE meeting_id = $1 AND closed_at IS NULL", meeting_id
    ):
        raise BallotIsOpen


async def _count_and_close(tx: Transaction, row: Any) -> None:
    ballot, rules = ballot_of(row), rules_of(row)
    voters = [
        voter_of(each)
        for each in await tx.fetch("SELECT * FROM ballot_voters WHERE ballot_id = $1", ballot.id)
    ]
    roll = Roll(row["listed"], tuple(voters))
    if ballot.is_secret:
        papers, cast = await _shuffle(tx, ballot.id, voters)
        choices = {}
    else:
        choices = await _open_choices(tx, ballot.id)
        cast = set(choices)
        papers = [(choices[v.seat_id], v.weight) for v in voters if v.seat_id in choices]
    tally = voting.count(papers, roll.weight, is_absentee=ballot.is_absentee)
    present = len(cast) if ballot.is_absentee else roll.present
    outcome = voting.outcome_of(
        tally,
        rules,
        present=present,
        listed=roll.listed,
        chair_choice=choices.get(row["chair_seat_id"]),
    )
    await tx.execute(
        "UPDATE ballots SET closed_at = $2, present = $3, recused = $4, counted = $5,"
        " votes_for = $6, against = $7, abstained = $8, outcome = $9 WHERE id = $1",
        ballot.id,
        tx.now,
        present,
        0 if ballot.is_absentee else roll.recused,
        tally.counted,
        tally.votes_for,
        tally.against,
        tally.abstained,
        outcome,
    )
    tx.record(
        BallotClosed(
            ballot_id=ballot.id,
            meeting_id=row["meeting_id"],
            item_id=row["item_id"],
            outcome=outcome.value,
            votes_for=tally.votes_for,
            against=tally.against,
            abstained=tally.abstained,
            closed_at=tx.now,
        ),
        after={"outcome": outcome, "present": present, "cast": sorted(cast)},
    )
    if outcome is Outcome.CARRIED:
        await adopt(tx, row)
    if outcome is not Outcome.NO_QUORUM:
        await tx.execute(
            "UPDATE items SET outcome = $2 WHERE id = $1",
            row["item_id"],
            "decided" if outcome is Outcome.CARRIED else "rejected",
        )


async def _open_choices(tx: Transaction, ballot_id: UUID) -> dict[UUID, Choice]:
    rows = await tx.fetch("SELECT seat_id, choice FROM votes WHERE ballot_id = $1", ballot_id)
    return {row["seat_id"]: Choice(row["choice"]) for row in rows}


async def _shuffle(
    tx: Transaction, ballot_id: UUID, voters: list[voting.Voter]
) -> tuple[list[tuple[Choice, int]], set[UUID]]:
    """Takes the papers out of the box and puts them back in the order of their random receipts.

    As they were put in, rows lay in the order of voting, each beside the transaction that also
    noted who votes. Written anew, all of them are of this one transaction.
    """
    papers = await tx.fetch(
        "DELETE FROM secret_papers WHERE ballot_id = $1 RETURNING receipt, choice", ballot_id
    )
    casts = await tx.fetch(
        "DELETE FROM secret_casts WHERE ballot_id = $1 RETURNING seat_id", ballot_id
    )
    cast = {row["seat_id"] for row in casts}
    if len(papers) != sum(voter.weight for voter in voters if voter.seat_id in cast):
        raise RuntimeError(f"the box of ballot {ballot_id} does not hold what was cast")
    papers = sorted(papers, key=lambda paper: paper["receipt"])
    await tx.execute(
        "INSERT INTO secret_papers (ballot_id, receipt, choice)"
        " SELECT $1, * FROM unnest($2::text[], $3::text[])",
        ballot_id,
        [paper["receipt"] for paper in papers],
        [paper["choice"] for paper in papers],
    )
    await tx.execute(
        "INSERT INTO secret_casts (ballot_id, seat_id) SELECT $1, * FROM unnest($2::uuid[])",
        ballot_id,
        sorted(cast),
    )
    return [(Choice(paper["choice"]), 1) for paper in papers], cast
