"""From a fact to the people whom it concerns: notices, what waits, and what is to be mailed when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.notices import InboxChanged
from services.notices.domain.kinds import FOR_PROGRAMS, NOBODY, RULES, Kind, concerns
from services.notices.domain.ways import (
    Preferences,
    Way,
    is_news,
    next_digest_at,
    reminders_at,
    way_of,
)
from services.notices.queries.preferences import preferences_of
from shared.database import Transaction

Facts = Mapping[str, Any]

ROLES_LOCK = 4_710_071
"""Facts of two streams are heard at once: who takes a role over waits for what is being told."""

THE_COUNCIL: tuple[None] = (None,)
"""In place of members: whoever holds the role, for whichever member."""


async def tell(
    tx: Transaction,
    kind: Kind,
    about_id: UUID,
    members: Iterable[UUID | None],
    facts: Facts,
    due_at: datetime | None = None,
) -> None:
    """Tells those whom the fact concerns at these members; what waits is kept for who comes later."""
    rule = RULES[kind]
    told_at = _told_at(tx)
    if not rule.is_to_do and not is_news(told_at, tx.now):
        return
    await tx.execute("SELECT pg_advisory_xact_lock_shared($1)", ROLES_LOCK)
    told: set[UUID] = set()
    for member_id in dict.fromkeys(members):
        if rule.is_to_do:
            await tx.execute(
                "INSERT INTO matters (kind, about_id, member_id, facts, told_at, due_at)"
                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                kind,
                about_id,
                member_id,
                dict(facts),
                told_at,
                due_at,
            )
        if member_id is not None and kind in FOR_PROGRAMS and is_news(told_at, tx.now):
            await _tell_programs(tx, kind, about_id, member_id, facts, told_at)
        for person_id in await _people(tx, kind, member_id):
            if person_id not in told:
                told.add(person_id)
                await _give(tx, kind, person_id, member_id, about_id, facts, told_at, due_at)


async def tell_people(
    tx: Transaction,
    kind: Kind,
    about_id: UUID,
    person_ids: Iterable[UUID],
    facts: Facts,
    *,
    member_id: UUID | None = None,
    due_at: datetime | None = None,
) -> None:
    """Tells those whom a fact concerns by themselves, not for the roles they hold."""
    told_at = _told_at(tx)
    if is_news(told_at, tx.now):
        for person_id in dict.fromkeys(person_ids):
            await _give(tx, kind, person_id, member_id, about_id, facts, told_at, due_at)


async def settle(tx: Transaction, about_id: UUID, *kinds: Kind) -> bool:
    """What waited about the thing waits no more, whoever did it; returns whether anything did."""
    await tx.execute("SELECT pg_advisory_xact_lock_shared($1)", ROLES_LOCK)
    touched = await tx.execute(
        "DELETE FROM matters WHERE about_id = $1 AND kind = ANY ($2)", about_id, list(kinds)
    )
    rows = await tx.fetch(
        "UPDATE notices SET settled_at = $3, is_for_digest = false"
        " WHERE about_id = $1 AND kind = ANY ($2) AND settled_at IS NULL RETURNING person_id",
        about_id,
        list(kinds),
        tx.now,
    )
    tell_changes(tx, (row["person_id"] for row in rows))
    return touched > 0


async def settle_for(
    tx: Transaction, person_id: UUID, member_id: UUID | None, roles: frozenset[str]
) -> None:
    """A person who gave up a role is asked for nothing that needs it."""
    held = await tx.fetch("SELECT role FROM roles WHERE person_id = $1", person_id)
    anywhere = frozenset(row["role"] for row in held)
    rows = await tx.fetch(
        "SELECT id, kind, member_id FROM notices WHERE person_id = $1"
        " AND (member_id = $2 OR member_id IS NULL) AND is_to_do AND settled_at IS NULL",
        person_id,
        member_id,
    )
    over = [
        row["id"]
        for row in rows
        if not _may_be_asked(Kind(row["kind"]), anywhere if row["member_id"] is None else roles)
    ]
    if over:
        await tx.execute(
            "UPDATE notices SET settled_at = $2, is_for_digest = false WHERE id = ANY ($1)",
            over,
            tx.now,
        )
        tell_changes(tx, [person_id])


async def give_what_waits(
    tx: Transaction,
    person_id: UUID,
    member_id: UUID | None,
    roles: frozenset[str],
    *,
    gained: frozenset[str],
) -> None:
    """A person who took a role over is told what waits for it."""
    rows = await tx.fetch(
        "SELECT m.* FROM matters m WHERE (m.member_id = $2 OR m.member_id IS NULL)"
        " AND NOT EXISTS (SELECT FROM notices n WHERE n.person_id = $1 AND n.kind = m.kind"
        " AND n.about_id = m.about_id AND n.settled_at IS NULL) ORDER BY m.told_at, m.about_id",
        person_id,
        member_id,
    )
    for row in rows:
        kind = Kind(row["kind"])
        is_theirs = concerns(kind, gained) and not concerns(kind, roles - gained)
        if is_theirs or (
            RULES[kind].stand_ins & gained
            and person_id in await _people(tx, kind, row["member_id"])
        ):
            await _give(
                tx,
                kind,
                person_id,
                member_id,
                row["about_id"],
                row["facts"],
                row["told_at"],
                row["due_at"],
            )


def tell_changes(tx: Transaction, person_ids: Iterable[UUID]) -> None:
    """Tells once for each person that something in the inbox is another now."""
    for person_id in dict.fromkeys(person_ids):
        tx.record(InboxChanged(person_id=person_id))


def _may_be_asked(kind: Kind, roles: frozenset[str]) -> bool:
    rule = RULES[kind]
    return bool((rule.roles | rule.stand_ins) & roles)


def _told_at(tx: Transaction) -> datetime:
    return (tx.cause and tx.cause.told_at) or tx.now


async def _people(tx: Transaction, kind: Kind, member_id: UUID | None) -> Sequence[UUID]:
    """Those whom the kind concerns at the member; where there is nobody, those who stand in."""
    rule = RULES[kind]
    for roles in (rule.roles, rule.stand_ins):
        if roles == NOBODY:
            continue
        rows = await tx.fetch(
            "SELECT DISTINCT person_id FROM roles WHERE role = ANY ($1)"
            " AND ($2::uuid IS NULL OR member_id = $2) ORDER BY person_id",
            sorted(roles),
            member_id,
        )
        if rows:
            return [row["person_id"] for row in rows]
    return []


async def _give(
    tx: Transaction,
    kind: Kind,
    person_id: UUID,
    member_id: UUID | None,
    about_id: UUID,
    facts: Facts,
    told_at: datetime,
    due_at: datetime | None,
) -> None:
    """Puts the notice into the person's inbox, and plans what is mailed of it."""
    preferences = await preferences_of(tx, person_id)
    way = way_of(kind, preferences) if is_news(told_at, tx.now) else Way.INBOX
    notice_id = tx.new_id("notice", str(person_id))
    await tx.execute(
        "INSERT INTO notices (id, person_id, member_id, kind, about_id, facts, is_to_do,"
        " is_for_digest, told_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        notice_id,
        person_id,
        member_id,
        kind,
        about_id,
        dict(facts),
        RULES[kind].is_to_do,
        way is Way.DIGEST,
        told_at,
        due_at,
    )
    if way is Way.AT_ONCE:
        await plan(tx, "notice", tx.now, person_id=person_id, notice_id=notice_id)
    elif way is Way.DIGEST:
        await plan_digest(tx, person_id, preferences)
    if RULES[kind].is_to_do:
        for moment in reminders_at(tx.now, due_at):
            await plan(tx, "reminder", moment, person_id=person_id, notice_id=notice_id)
    tell_changes(tx, [person_id])


async def _tell_programs(
    tx: Transaction,
    kind: Kind,
    about_id: UUID,
    member_id: UUID,
    facts: Facts,
    told_at: datetime,
) -> None:
    """Plans a delivery to each program of the member that wants to be told of this kind."""
    rows = await tx.fetch(
        "SELECT id FROM webhooks WHERE member_id = $1 AND $2 = ANY (kinds)"
        " AND disabled_at IS NULL AND removed_at IS NULL ORDER BY id",
        member_id,
        kind,
    )
    for row in rows:
        delivery_id = tx.new_id("delivery", str(row["id"]))
        body = {
            "id": delivery_id,
            "type": kind,
            "member_id": member_id,
            "place": RULES[kind].place,
            "about_id": about_id,
            "facts": dict(facts),
            "told_at": told_at,
        }
        await tx.execute(
            "INSERT INTO deliveries (id, webhook_id, kind, body, made_at, due_at, tries)"
            " VALUES ($1, $2, $3, $4, $5, $5, 0)",
            delivery_id,
            row["id"],
            kind,
            orjson.dumps(body).decode(),
            tx.now,
        )


async def plan(
    tx: Transaction,
    purpose: str,
    due_at: datetime,
    *,
    person_id: UUID | None = None,
    notice_id: UUID | None = None,
    letter_id: UUID | None = None,
) -> None:
    """Plans a mail; it goes out when its time has come, if there is still reason to."""
    await tx.execute(
        "INSERT INTO mailings (id, purpose, person_id, notice_id, letter_id, made_at, due_at, tries)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
        tx.new_id("mailing"),
        purpose,
        person_id,
        notice_id,
        letter_id,
        tx.now,
        due_at,
    )


async def plan_letter(tx: Transaction, letter_id: UUID) -> None:
    """Plans a letter that membership wrote, unless it is told again long after."""
    if is_news(_told_at(tx), tx.now):
        await plan(tx, "letter", tx.now, letter_id=letter_id)


async def plan_digest(tx: Transaction, person_id: UUID, preferences: Preferences) -> None:
    """Plans the person's next digest, unless it is planned."""
    await tx.execute(
        "INSERT INTO mailings (id, purpose, person_id, made_at, due_at, tries)"
        " VALUES ($1, 'digest', $2, $3, $4, 0)"
        " ON CONFLICT (person_id) WHERE purpose = 'digest' AND ended_at IS NULL DO NOTHING",
        tx.new_id("digest", str(person_id)),
        person_id,
        tx.now,
        next_digest_at(tx.now, preferences.digest_hour),
    )
