"""What was carried becomes a decision: numbered, told, carried out or assigned, and answered."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from contracts.council import DecisionAdopted, DecisionExecuted, DecisionFailed
from services.council.commands.duties import share_duties
from services.council.commands.parameters import set_parameter
from services.council.commands.plans import carry_out_approval
from services.council.commands.seating import require_office
from services.council.domain import decisions as rules
from services.council.domain.decisions import (
    AnotherIsResponsible,
    CancelledByItself,
    Decision,
    DecisionStatus,
)
from services.council.domain.kinds import DecisionKind, Force
from services.council.records.ballots import decision_of
from shared.database import Transaction
from shared.etag import expect
from shared.refusal import NotFound, Refusal
from shared.russia.calendar import moscow_date

# --- adopted -------------------------------------------------------------------------------------


async def adopt(tx: Transaction, ballot: Any) -> UUID:
    """Makes a decision of a ballot that was carried: exactly what was voted on, and nothing else.

    What is the council's own is carried out at once, in the same transaction.
    """
    kind = DecisionKind(ballot["decision_kind"])
    force, clause = rules.force_of(kind, Force(ballot["force"]))
    today = moscow_date(tx.now)
    decision = Decision(
        id=tx.new_id("decision"),
        kind=kind,
        force=force,
        parameter=ballot["parameter"],
        responsible_member_id=ballot["responsible_member_id"],
        due_on=ballot["due_on"],
        status=DecisionStatus.ADOPTED,
        version=1,
    )
    await tx.execute(
        "INSERT INTO decisions (id, year, number, meeting_id, item_id, ballot_id, text, kind,"
        " force, competence_clause, subject_id, ground, parameter, value, addressee_ids,"
        " responsible_member_id, due_on, adopted_on, adopted_at, status, version)"
        " SELECT $2, $3, $4, meeting_id, item_id, id, question, $5, $6, $7, subject_id, ground,"
        " parameter, value, addressee_ids, responsible_member_id, due_on, $8, $9, $10, 1"
        " FROM ballots WHERE id = $1",
        ballot["id"],
        decision.id,
        today.year,
        await next_number(tx, "decision", today.year),
        kind,
        force,
        clause,
        today,
        tx.now,
        rules.first_status(decision),
    )
    tx.record(
        DecisionAdopted(
            decision_id=decision.id,
            meeting_id=ballot["meeting_id"],
            item_id=ballot["item_id"],
            kind=kind.value,
            force=force.value,
            subject_id=ballot["subject_id"],
            addressee_ids=tuple(ballot["addressee_ids"]),
            due_on=ballot["due_on"],
            ground=ballot["ground"],
            parameter=ballot["parameter"],
            value=ballot["value"],
            adopted_on=today,
        ),
        after={"kind": kind, "force": force, "item_id": ballot["item_id"]},
    )
    if rules.is_ours(decision):
        await _carry_out(tx, decision.id)
    return decision.id


async def next_number(tx: Transaction, kind: str, year: int) -> int:
    """The next number of the year: its row is held until the commit, so no number is left out."""
    number: int = await tx.value(
        "INSERT INTO numbers (kind, year, last) VALUES ($1, $2, 1)"
        " ON CONFLICT (kind, year) DO UPDATE SET last = numbers.last + 1 RETURNING last",
        kind,
        year,
    )
    return number


async def _carry_out(tx: Transaction, decision_id: UUID) -> None:
    """Carries out what is the council's own whole, or changes nothing and says why it cannot be."""
    row = await _locked(tx, decision_id)
    failure = None
    try:
        async with tx.attempt():
            await _EXECUTES[row["kind"]](tx, row)
    except Refusal as refusal:
        failure = refusal.code
    await _answer(tx, row, failure)
    if failure is not None:
        tx.record(
            DecisionFailed(decision_id=decision_id, reason_code=failure),
            after={"kind": row["kind"], "why": failure},
        )
        return
    tx.record(DecisionExecuted(decision_id=decision_id), after={"kind": row["kind"]})


async def _set_parameter(tx: Transaction, row: Any) -> None:
    await set_parameter(
        tx,
        decision_id=row["id"],
        parameter=row["parameter"],
        value=row["value"],
        adopted_on=row["adopted_on"],
    )


async def _share_duties(tx: Transaction, row: Any) -> None:
    await share_duties(
        tx,
        decision_id=row["id"],
        addressee_ids=row["addressee_ids"],
        words=row["text"],
        adopted_on=row["adopted_on"],
        due_on=row["due_on"],
    )


async def _approve_plan(tx: Transaction, row: Any) -> None:
    await carry_out_approval(
        tx, plan_id=row["subject_id"], decision_id=row["id"], sha256=row["value"]
    )


_EXECUTES: dict[str, Callable[[Transaction, Any], Awaitable[None]]] = {
    DecisionKind.SET_PARAMETER: _set_parameter,
    DecisionKind.SHARE_DUTIES: _share_duties,
    DecisionKind.APPROVE_PLAN: _approve_plan,
}


async def hear_answer(tx: Transaction, decision_id: UUID, reason_code: str | None) -> None:
    """The owning service has carried the decision out, or says why it could not."""
    row = await tx.row("SELECT * FROM decisions WHERE id = $1 FOR UPDATE", decision_id)
    if row is None:
        return  # a decision that was never this council's, as in a test of the other service
    if await _answer(tx, row, reason_code):
        tx.note(
            "decision.answered",
            decision_id,
            before={"status": row["status"]},
            after={"reason_code": reason_code},
        )


async def _answer(tx: Transaction, row: Any, reason_code: str | None) -> bool:
    answered = rules.answer(decision_of(row), has_failed=reason_code is not None)
    if answered is None:
        return False
    await tx.execute(
        "UPDATE decisions SET status = $2, answered_at = $3, reason_code = $4, version = $5"
        " WHERE id = $1",
        row["id"],
        answered.status,
        tx.now,
        reason_code,
        answered.version,
    )
    return True


# --- assigned ------------------------------------------------------------------------------------


async def start(tx: Transaction, decision_id: UUID, if_match: str | None = None) -> None:
    """The responsible member begins to carry it out."""
    row = await _of_own_member(tx, decision_id, if_match)
    await _move(tx, row, rules.start(decision_of(row)))


async def report(
    tx: Transaction, decision_id: UUID, words: str, if_match: str | None = None
) -> None:
    """The responsible member says what was done."""
    row = await _of_own_member(tx, decision_id, if_match)
    actor = tx.authorise()
    await _move(tx, row, rules.report(decision_of(row)))
    await tx.execute(
        "INSERT INTO reports (id, decision_id, member_id, person_id, words, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        tx.new_id("report"),
        decision_id,
        actor.member,
        actor.person_id,
        words,
        tx.now,
    )


async def accept(tx: Transaction, decision_id: UUID, if_match: str | None = None) -> None:
    """The report is accepted: the decision is done with."""
    row = await _of_office(tx, decision_id, if_match)
    await _move(tx, row, rules.accept(decision_of(row)))
    await _judge(tx, decision_id, "accepted", None)


async def send_back(
    tx: Transaction, decision_id: UUID, reason: str, if_match: str | None = None
) -> None:
    """The report is not enough, and says why; the member goes on."""
    row = await _of_office(tx, decision_id, if_match)
    await _move(tx, row, rules.send_back(decision_of(row)))
    await _judge(tx, decision_id, "returned", reason)


async def cancel(
    tx: Transaction, decision_id: UUID, by_decision_id: UUID, if_match: str | None = None
) -> None:
    """The secretary notes that a later decision of the council has taken this one back."""
    row = await _of_office(tx, decision_id, if_match)
    by = await tx.row("SELECT * FROM decisions WHERE id = $1", by_decision_id)
    if by is None:
        raise CancelledByItself
    decision = decision_of(row)
    is_later = (by["year"], by["number"]) > (row["year"], row["number"])
    cancelled = rules.cancel(decision, decision_of(by), is_later=is_later)
    await _move(tx, row, cancelled, cancelled_by_id=by_decision_id)


async def _of_own_member(tx: Transaction, decision_id: UUID, if_match: str | None) -> Any:
    row = await _locked(tx, decision_id)
    actor = tx.authorise()
    if actor.member != row["responsible_member_id"]:
        raise AnotherIsResponsible
    expect(if_match, row["version"])
    return row


async def _of_office(tx: Transaction, decision_id: UUID, if_match: str | None) -> Any:
    row = await _locked(tx, decision_id)
    await require_office(tx)
    expect(if_match, row["version"])
    return row


async def _move(
    tx: Transaction, row: Any, moved: Decision, *, cancelled_by_id: UUID | None = None
) -> None:
    await tx.execute(
        "UPDATE decisions SET status = $2, version = $3, cancelled_by_id = $4 WHERE id = $1",
        moved.id,
        moved.status,
        moved.version,
        cancelled_by_id,
    )
    tx.note(
        f"decision.{moved.status}",
        moved.id,
        before={"status": row["status"]},
        after={"status": moved.status, "cancelled_by_id": cancelled_by_id},
    )


async def _judge(tx: Transaction, decision_id: UUID, verdict: str, words: str | None) -> None:
    await tx.execute(
        "UPDATE reports SET verdict = $2, verdict_words = $3, verdict_at = $4"
        " WHERE decision_id = $1 AND verdict IS NULL",
        decision_id,
        verdict,
        words,
        tx.now,
    )


async def _locked(tx: Transaction, decision_id: UUID) -> Any:
    row = await tx.row("SELECT * FROM decisions WHERE id = $1 FOR UPDATE", decision_id)
    if row is None:
        raise NotFound
    return row
