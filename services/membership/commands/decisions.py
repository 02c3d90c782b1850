"""The council decides, membership carries out: every decision is answered, once."""

from collections.abc import Awaitable, Callable
from datetime import date

from contracts.membership import (
    ClusterEnded,
    DecisionExecuted,
    DecisionFailed,
    ParameterSet,
    WithdrawalAnnounced,
)
from services.membership.commands.exclusion import exclude_member, suspend_member
from services.membership.commands.joining import admit, reject_open
from services.membership.commands.members import CLUSTER_LOCK, complete_withdrawals
from services.membership.domain.decisions import (
    Decision,
    DecisionIsExecuted,
    TermIsOver,
    is_ours,
    require_binding,
    value_of,
)
from services.membership.domain.joining import ClusterIsOver
from shared.database import Transaction
from shared.refusal import Refusal
from shared.russia.calendar import moscow_date

_END_REASON = "Деятельность кластера прекращается решением Координационного совета."


async def carry_out(tx: Transaction, decision: Decision) -> None:
    """Carries a decision out whole, or changes nothing and says why it cannot be."""
    if not is_ours(decision):
        return
    is_known = await tx.value("SELECT true FROM decisions WHERE decision_id = $1", decision.id)
    if is_known:
        _tell_failed(tx, decision, DecisionIsExecuted.code)
        return
    failure = None
    try:
        async with tx.attempt():
            require_binding(decision)
            await _EXECUTES[decision.kind](tx, decision)
    except Refusal as refusal:
        failure = refusal.code
    await tx.execute(
        "INSERT INTO decisions (decision_id, kind, subject_id, heard_at, reason_code)"
        " VALUES ($1, $2, $3, $4, $5)",
        decision.id,
        decision.kind,
        decision.subject_id,
        tx.now,
        failure,
    )
    if failure is not None:
        _tell_failed(tx, decision, failure)
        return
    tx.record(
        DecisionExecuted(decision_id=decision.id),
        after={"kind": decision.kind, "subject_id": decision.subject_id},
    )


def _tell_failed(tx: Transaction, decision: Decision, reason_code: str) -> None:
    tx.record(
        DecisionFailed(decision_id=decision.id, reason_code=reason_code),
        after={"kind": decision.kind, "subject_id": decision.subject_id, "why": reason_code},
    )


async def set_parameter(tx: Transaction, decision: Decision) -> None:
    """What the regulation leaves open is so from the day of the decision on."""
    value = value_of(decision)
    assert decision.parameter is not None  # value_of has asked
    await tx.execute(
        "INSERT INTO parameters (name, decision_id, value, valid_from) VALUES ($1, $2, $3, $4)",
        decision.parameter,
        decision.id,
        value,
        decision.adopted_on,
    )
    tx.record(
        ParameterSet(
            decision_id=decision.id,
            parameter=decision.parameter,
            value=str(value),
            valid_from=decision.adopted_on,
        ),
        after={"parameter": decision.parameter, "value": value},
    )


async def end_cluster(tx: Transaction, decision: Decision) -> None:
    """The cluster ends (R8.1), today or on the day that the decision names.

    Nobody joins any more, applications come to nothing, and every member takes part up to the eve
    of that day: as with a withdrawal, what was confirmed lives on.
    """
    today = moscow_date(tx.now)
    await tx.execute("SELECT pg_advisory_xact_lock($1)", CLUSTER_LOCK)
    if await tx.value("SELECT true FROM cluster_end"):
        raise ClusterIsOver
    ends_on = decision.due_on or today
    if ends_on < today:
        raise TermIsOver
    await tx.execute(
        "INSERT INTO cluster_end (decision_id, is_only, ends_on) VALUES ($1, true, $2)",
        decision.id,
        ends_on,
    )
    tx.record(ClusterEnded(decision_id=decision.id, ends_on=ends_on), after={"ends_on": ends_on})
    await reject_open(tx, _END_REASON)
    await _announce_to_all(tx, decision, ends_on)
    while ends_on <= today and await complete_withdrawals(tx):
        pass


async def _announce_to_all(tx: Transaction, decision: Decision, ends_on: date) -> None:
    rows = await tx.fetch(
        "WITH whose AS (SELECT id, leaving_on FROM members"
        "     WHERE withdrawn_at IS NULL AND (leaving_on IS NULL OR leaving_on > $1)"
        "     ORDER BY id FOR UPDATE)"
        " UPDATE members m SET leaving_on = $1, end_kind = 'cluster_ended', end_decision_id = $2,"
        " version = version + 1 FROM whose WHERE m.id = whose.id"
        " RETURNING m.id, whose.leaving_on AS before",
        ends_on,
        decision.id,
    )
    for row in sorted(rows, key=lambda row: row["id"]):
        tx.record(
            WithdrawalAnnounced(member_id=row["id"], effective_on=ends_on, announced_at=tx.now),
            before={"leaving_on": row["before"]},
            after={"leaving_on": ends_on, "end_kind": "cluster_ended"},
        )


_EXECUTES: dict[str, Callable[[Transaction, Decision], Awaitable[None]]] = {
    "admit": admit,
    "exclude": exclude_member,
    "suspend": suspend_member,
    "set_parameter": set_parameter,
    "end_cluster": end_cluster,
}
