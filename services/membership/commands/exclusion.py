"""Exclusion with due process (R5.3), suspension in between, and the other ends of a member."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from contracts.membership import (
    CaseAnswered,
    CaseClosed,
    CaseOpened,
    MemberExcluded,
    MemberLiquidated,
    MemberReorganised,
    MemberRestored,
    MemberSuspended,
    MemberWithdrawn,
)
from services.membership.commands.links import write_letter
from services.membership.commands.members import locked, members_by_id
from services.membership.domain.api_keys import require_person
from services.membership.domain.decisions import (
    ANSWER_WORKING_DAYS,
    PARAMETERS,
    Decision,
    TermIsOver,
    UnknownMember,
)
from services.membership.domain.exclusion import (
    Case,
    CaseIsOpen,
    EndKind,
    Ground,
    Initiative,
    InitiatorIsWrong,
    SuccessorIsWrong,
    answer,
    answer_until,
    check_end,
    check_initiator,
    close,
    exclude,
    require_may_suspend,
    require_takes_part,
)
from services.membership.domain.members import Member, MemberStatus, is_suspended, status_of
from services.membership.records import case_of
from shared.database import Transaction
from shared.etag import expect
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

# --- the case ------------------------------------------------------------------------------------


async def open_case(
    tx: Transaction,
    member_id: UUID,
    *,
    ground: Ground,
    initiative: Initiative,
    initiator_id: UUID | None,
    evidence: str,
    answer_until_on: date | None,
) -> UUID:
    """The secretary opens a case, and the member is given notice with the evidence."""
    today = moscow_date(tx.now)
    check_initiator(initiative, initiator_id, member_id)
    member = await locked(tx, member_id)
    if member is None:
        raise NotFound
    actor = tx.authorise()
    require_takes_part(member, today)
    if initiator_id is not None:
        await _require_initiator(tx, initiator_id, today)
    until = answer_until(today, await parameter(tx, ANSWER_WORKING_DAYS, today), answer_until_on)
    case_id = tx.new_id("case")
    try:
        await tx.execute(
            "INSERT INTO cases (id, member_id, ground, initiative, initiator_id, evidence,"
            " opened_at, opened_by, answer_until_on, version)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)",
            case_id,
            member_id,
            ground,
            initiative,
            initiator_id,
            evidence,
            tx.now,
            actor.person_id,
            until,
        )
    except asyncpg.UniqueViolationError:
        raise CaseIsOpen from None
    tx.record(
        CaseOpened(
            case_id=case_id, member_id=member_id, ground=ground.value, answer_until_on=until
        ),
        after={"member_id": member_id, "ground": ground, "answer_until_on": until},
    )
    await _write_to(tx, "case_opened", member_id, case_id, evidence)
    return case_id


async def _require_initiator(tx: Transaction, initiator_id: UUID, today: date) -> None:
    initiator = (await members_by_id(tx, [initiator_id])).get(initiator_id)
    if initiator is None:
        raise InitiatorIsWrong(InitiatorIsWrong.title(), at="body.initiator_id")
    require_takes_part(initiator, today)


async def answer_case(
    tx: Transaction, case_id: UUID, words: str, if_match: str | None = None
) -> None:
    """The member's answer goes on the file; the case is ready for an agenda."""
    row = await _case_row(tx, case_id)
    if tx.actor is None or tx.actor.member_id != row["member_id"]:
        raise NotFound
    actor = require_person(tx.authorise())
    case = case_of(row)
    expect(if_match, case.version)
    answered = answer(case, tx.now)
    await tx.execute(
        "UPDATE cases SET answer = $2, answered_at = $3, answered_by = $4, version = $5"
        " WHERE id = $1",
        case_id,
        words,
        tx.now,
        actor.person_id,
        answered.version,
    )
    tx.record(CaseAnswered(case_id=case_id, member_id=case.member_id), after={"answered": True})


async def close_case(
    tx: Transaction, case_id: UUID, reason: str, if_match: str | None = None
) -> None:
    """The secretary drops the case; a suspension that stood on it is over."""
    member_id = await tx.value("SELECT member_id FROM cases WHERE id = $1", case_id)
    if member_id is None:
        raise NotFound
    member = await locked(tx, member_id)  # before the case, as the council's decisions do
    case = case_of(await _case_row(tx, case_id))
    tx.authorise()
    expect(if_match, case.version)
    closed = close(case, tx.now)
    await _write_closed(tx, closed)
    tx.record(
        CaseClosed(case_id=case_id, member_id=case.member_id),
        before={"is_open": True},
        after={"is_open": False},
        reason=reason,
    )
    today = moscow_date(tx.now)
    if member is not None and is_suspended(member, today):
        await tx.execute(
            "UPDATE members SET suspended_on = NULL, suspended_until = NULL, version = version + 1"
            " WHERE id = $1",
            member.id,
        )
        tx.record(
            MemberRestored(member_id=member.id, restored_on=today),
            before={"suspended_on": member.suspended_on},
            after={"suspended_on": None},
            reason=reason,
        )


async def _case_row(tx: Transaction, case_id: UUID) -> Any:
    row = await tx.row("SELECT * FROM cases WHERE id = $1 FOR UPDATE", case_id)
    if row is None:
        raise NotFound
    return row


async def _open_case_of(tx: Transaction, member_id: UUID) -> Case | None:
    row = await tx.row(
        "SELECT * FROM cases WHERE member_id = $1 AND closed_at IS NULL FOR UPDATE", member_id
    )
    return None if row is None else case_of(row)


async def _write_closed(tx: Transaction, case: Case) -> None:
    await tx.execute(
        "UPDATE cases SET closed_at = $2, decision_id = $3, version = $4 WHERE id = $1",
        case.id,
        case.closed_at,
        case.decision_id,
        case.version,
    )


async def _write_to(
    tx: Transaction, kind: str, member_id: UUID, about_id: UUID, words: str | None
) -> None:
    """A letter to each coordinator of the member."""
    rows = await tx.fetch(
        "SELECT a.email FROM roles r JOIN accounts a USING (person_id)"
        " WHERE r.member_id = $1 AND r.role = 'coordinator' AND r.ended_at IS NULL"
        " ORDER BY a.email",
        member_id,
    )
    for row in rows:
        await write_letter(tx, kind, about_id, row["email"], words=words)


async def parameter(tx: Transaction, name: str, on: date) -> int:
    """What the council has set for that day, else the conventional default."""
    value: int | None = await tx.value(
        "SELECT value FROM parameters WHERE name = $1 AND valid_from <= $2"
        " ORDER BY valid_from DESC, decision_id DESC LIMIT 1",
        name,
        on,
    )
    return PARAMETERS[name][0] if value is None else value


# --- what the council decides --------------------------------------------------------------------


async def exclude_member(tx: Transaction, decision: Decision) -> None:
    """Executes an exclusion: only on the ground of the case, and after its notice (R5.3, I3).

    The excluded one is from today on what one who withdrew is: what was confirmed lives on.
    """
    member = await _decided(tx, decision)
    case = exclude(await _open_case_of(tx, member.id), decision.ground, decision.id, tx.now)
    await _write_closed(tx, case)
    today = moscow_date(tx.now)
    await tx.execute(
        "UPDATE members SET exclusion_ground = $2, end_decision_id = $3, end_kind = 'excluded',"
        " leaving_on = $4 WHERE id = $1",
        member.id,
        case.ground,
        decision.id,
        today,
    )
    tx.record(
        MemberExcluded(
            member_id=member.id,
            decision_id=decision.id,
            ground=case.ground.value,
            excluded_on=today,
        ),
        before={"leaving_on": member.leaving_on},
        after={"leaving_on": today, "end_kind": EndKind.EXCLUDED, "ground": case.ground},
    )
    await _leave(tx, member, today)
    await _write_to(tx, "excluded", member.id, case.id, None)


async def suspend_member(tx: Transaction, decision: Decision) -> None:
    """While its case is open the member takes on nothing new, up to the day that is named."""
    member = await _decided(tx, decision)
    require_may_suspend(await _open_case_of(tx, member.id), decision.ground)
    today = moscow_date(tx.now)
    if decision.due_on is not None and decision.due_on < today:
        raise TermIsOver
    await tx.execute(
        "UPDATE members SET suspended_on = $2, suspended_until = $3, version = version + 1"
        " WHERE id = $1",
        member.id,
        today,
        decision.due_on,
    )
    tx.record(
        MemberSuspended(
            member_id=member.id,
            decision_id=decision.id,
            suspended_on=today,
            suspended_until=decision.due_on,
        ),
        before={"suspended_on": member.suspended_on, "suspended_until": member.suspended_until},
        after={"suspended_on": today, "suspended_until": decision.due_on},
    )


async def _decided(tx: Transaction, decision: Decision) -> Member:
    member = None if decision.subject_id is None else await locked(tx, decision.subject_id)
    if member is None:
        raise UnknownMember
    require_takes_part(member, moscow_date(tx.now))
    return member


# --- reorganised, liquidated ---------------------------------------------------------------------


async def end_member(
    tx: Transaction,
    member_id: UUID,
    kind: EndKind,
    *,
    successor_id: UUID | None,
    reason: str,
    if_match: str | None = None,
) -> None:
    """A member is gone, as the register says: it went up in another, or is no more.

    Raises MemberHasLeft, and SuccessorIsWrong beside the successor.
    """
    today = moscow_date(tx.now)
    ids = {member_id} | ({successor_id} if successor_id else set())
    rows = await tx.fetch("SELECT id FROM members WHERE id = ANY ($1) ORDER BY id FOR UPDATE", ids)
    if member_id not in {row["id"] for row in rows}:
        raise NotFound
    tx.authorise()
    found = await members_by_id(tx, ids)
    member = found[member_id]
    expect(if_match, member.version)
    require_takes_part(member, today)
    successor = found.get(successor_id) if successor_id else None
    if successor_id is not None and successor is None:
        raise SuccessorIsWrong(SuccessorIsWrong.title(), at="body.successor_id")
    check_end(kind, member, successor, today)
    await tx.execute(
        "UPDATE members SET end_kind = $2, successor_id = $3, leaving_on = $4 WHERE id = $1",
        member_id,
        kind,
        successor_id,
        today,
    )
    event = (
        MemberLiquidated(member_id=member_id, ended_on=today)
        if successor_id is None
        else MemberReorganised(member_id=member_id, successor_id=successor_id, ended_on=today)
    )
    tx.record(
        event,
        before={"leaving_on": member.leaving_on},
        after={"leaving_on": today, "end_kind": kind, "successor_id": successor_id},
        reason=reason,
    )
    await _leave(tx, member, today)


async def _leave(tx: Transaction, member: Member, today: date) -> None:
    """From today on the member takes no part: told as the end of every membership is."""
    await tx.execute(
        "UPDATE members SET withdrawn_at = $2, version = version + 1 WHERE id = $1",
        member.id,
        tx.now,
    )
    tx.record(
        MemberWithdrawn(member_id=member.id, withdrawn_on=today),
        before={"status": status_of(member.leaving_on, today)},
        after={"status": MemberStatus.WITHDRAWN},
    )
