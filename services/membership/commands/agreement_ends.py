"""How agreements go on and end: prolonged, declined, ended by notice or by their term; reminders."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.membership import (
    AgreementEnded,
    AgreementEndingSoon,
    AgreementNoticeGiven,
    AgreementProlongationDeclined,
    AgreementProlonged,
)
from services.membership.commands.agreements import locked, own_side
from services.membership.commands.members import members_by_id
from services.membership.commands.powers import require_may_sign
from services.membership.domain.agreement_ends import (
    AgreementIsNotActive,
    Course,
    decline,
    ended_by_notice,
    prolonged_to,
    reminder_due,
    say_no_until,
)
from services.membership.domain.agreements import (
    AgreementStatus,
    day_after,
    status_of_agreement,
)
from services.membership.records import course_of
from shared.database import Transaction
from shared.etag import expect
from shared.identity import Actor
from shared.russia.calendar import moscow_date

AT_ONCE = 50

_RUNNING = "activated_at IS NOT NULL AND ended_at IS NULL"
_PARTIES = (
    "(SELECT array_agg(member_id ORDER BY place) FROM agreement_parties p"
    " WHERE p.agreement_id = a.id) AS party_ids"
)


async def say_no(tx: Transaction, agreement_id: UUID, if_match: str | None = None) -> None:
    """A party says that the agreement does not go on by itself: it ends with its term."""
    row, course, actor = await _asked(tx, agreement_id, if_match)
    decline(course, moscow_date(tx.now))
    await tx.execute(
        "UPDATE agreements SET declined_at = $2, declined_by = $3, version = version + 1"
        " WHERE id = $1",
        agreement_id,
        tx.now,
        actor.member,
    )
    tx.record(
        AgreementProlongationDeclined(
            agreement_id=agreement_id,
            party_ids=tuple(row["party_ids"]),
            by_id=actor.member,
            valid_to=course.last_on,
        ),
        before={"goes_on": True},
        after={"goes_on": False},
    )


async def give_notice(
    tx: Transaction,
    agreement_id: UUID,
    *,
    ends_on: date | None,
    reason: str,
    if_match: str | None = None,
) -> None:
    """A party ends the agreement, so many days ahead as was agreed; nobody's consent is asked."""
    row, course, actor = await _asked(tx, agreement_id, if_match)
    day = ended_by_notice(course, ends_on, moscow_date(tx.now))
    await tx.execute(
        "UPDATE agreements SET last_on = $2, noticed_at = $3, noticed_by = $4,"
        " version = version + 1 WHERE id = $1",
        agreement_id,
        day - timedelta(days=1),
        tx.now,
        actor.member,
    )
    tx.record(
        AgreementNoticeGiven(
            agreement_id=agreement_id,
            party_ids=tuple(row["party_ids"]),
            by_id=actor.member,
            ends_on=day,
        ),
        before={"last_on": course.last_on},
        after={"last_on": day - timedelta(days=1)},
        reason=reason,
    )


async def _asked(
    tx: Transaction, agreement_id: UUID, if_match: str | None
) -> tuple[Any, Course, Actor]:
    agreement = await locked(tx, agreement_id)
    own_side(tx, agreement)
    actor = tx.authorise()
    await require_may_sign(tx, actor)
    expect(if_match, agreement.version)
    row = await tx.row(f"SELECT a.*, {_PARTIES} FROM agreements a WHERE id = $1", agreement_id)  # noqa: S608
    today = moscow_date(tx.now)
    status = status_of_agreement(row["activated_at"], row["last_on"], today)
    if status is not AgreementStatus.ACTIVE:
        raise AgreementIsNotActive(agreement_status=status)
    return row, course_of(row), actor


# --- what falls due ------------------------------------------------------------------------------


async def prolong(tx: Transaction) -> int:
    """Nobody said no in time: the term goes on. Told once for each term."""
    today = moscow_date(tx.now)
    rows = await tx.fetch(
        f"SELECT a.*, {_PARTIES} FROM agreements a WHERE {_RUNNING}"  # noqa: S608
        " AND prolongs_months IS NOT NULL AND declined_at IS NULL AND noticed_at IS NULL"
        " AND last_on >= $1 AND last_on - refusal_days < $1"
        " ORDER BY last_on, id LIMIT $2 FOR UPDATE SKIP LOCKED",
        today,
        AT_ONCE,
    )
    taken = 0
    for row in rows:
        parties = await members_by_id(tx, row["party_ids"])
        last_on = prolonged_to(course_of(row), parties.values(), today)
        if last_on is None:
            continue
        taken += 1
        await tx.execute(
            "UPDATE agreements SET last_on = $2, version = version + 1 WHERE id = $1",
            row["id"],
            last_on,
        )
        tx.record(
            AgreementProlonged(
                agreement_id=row["id"], party_ids=tuple(row["party_ids"]), valid_to=last_on
            ),
            before={"last_on": row["last_on"]},
            after={"last_on": last_on},
        )
    return taken


async def remind(tx: Transaction) -> int:
    """The end comes near: told once for each day that was agreed, the nearest where several came."""
    today = moscow_date(tx.now)
    rows = await tx.fetch(
        f"SELECT a.*, {_PARTIES} FROM agreements a CROSS JOIN LATERAL (SELECT last_on"  # noqa: S608
        "     - CASE WHEN declined_at IS NULL AND noticed_at IS NULL"
        "         THEN coalesce(refusal_days, 0) ELSE 0 END AS until) AS said"
        f" WHERE {_RUNNING} AND until >= $1"
        " AND EXISTS (SELECT FROM unnest(reminder_days) AS days WHERE until - days <= $1"
        "     AND until - days > (activated_at AT TIME ZONE 'Europe/Moscow')::date"
        "     AND (reminded_to IS DISTINCT FROM last_on OR days < reminded_days))"
        " ORDER BY last_on, id LIMIT $2 FOR UPDATE OF a SKIP LOCKED",
        today,
        AT_ONCE,
    )
    for row in rows:
        course = course_of(row)
        days = reminder_due(course, row["reminder_days"], today)
        await tx.execute(
            "UPDATE agreements SET reminded_to = last_on, reminded_days = $2 WHERE id = $1",
            row["id"],
            days,
        )
        until = say_no_until(course)
        tx.record(
            AgreementEndingSoon(
                agreement_id=row["id"],
                party_ids=tuple(row["party_ids"]),
                valid_to=course.last_on,
                days_left=(course.last_on - today).days,
                say_no_until_on=until if until is not None and today <= until else None,
            )
        )
    return len(rows)


async def end(tx: Transaction) -> int:
    """The last day of agreements that bound their parties has passed. Told once for each."""
    rows = await tx.fetch(
        f"UPDATE agreements SET ended_at = $2, version = version + 1 WHERE id IN ("  # noqa: S608
        f"SELECT id FROM agreements WHERE last_on < $1 AND {_RUNNING}"
        " ORDER BY last_on, id LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING id, last_on",
        moscow_date(tx.now),
        tx.now,
        AT_ONCE,
    )
    for row in rows:
        tx.record(
            AgreementEnded(agreement_id=row["id"], ended_on=day_after(row["last_on"])),
            before={"status": AgreementStatus.ACTIVE},
            after={"status": AgreementStatus.ENDED},
        )
    return len(rows)
