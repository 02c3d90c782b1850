"""Merging two records of one person, by one act of the member that keeps them."""

from uuid import UUID

import asyncpg

from contracts.membership import PersonsMerged
from services.membership.commands.persons import count_elsewhere, tell_begun
from services.membership.domain.merging import Joined, join, require_may_merge
from services.membership.domain.persons import AffiliationOverlaps, require_known_here_alone
from services.membership.queries.persons import require_known
from services.membership.records import affiliation_of
from shared.database import Transaction
from shared.russia.calendar import moscow_date


async def merge(tx: Transaction, kept_id: UUID, merged_id: UUID) -> UUID:
    """The second is the first: returns the id that is kept, for which the other answers too.

    Raises NotFound, SamePerson, BothSignIn, WhoSignsInIsKept, PersonIsKnownElsewhere where another
    member keeps the second, and AffiliationOverlaps where three affiliations would become one.
    """
    kept_id = await require_known(tx, kept_id)
    merged_id = await require_known(tx, merged_id)
    member_id = tx.authorise().member
    rows = await tx.fetch(
        "SELECT p.id, a.person_id IS NOT NULL AS has_account FROM persons p"
        " LEFT JOIN accounts a ON a.person_id = p.id WHERE p.id = ANY ($1)"
        " ORDER BY p.id FOR UPDATE OF p",
        [kept_id, merged_id],
    )
    require_may_merge(kept_id, merged_id, [row["id"] for row in rows if row["has_account"]])
    require_known_here_alone(await count_elsewhere(tx, merged_id, member_id))
    joined = await _join(tx, kept_id, merged_id)
    await tx.execute(
        "UPDATE persons SET email = coalesce(email, (SELECT email FROM persons WHERE id = $2)),"
        " version = version + 1 WHERE id = $1",
        kept_id,
        merged_id,
    )
    await tx.execute(
        "UPDATE persons SET merged_into = $1 WHERE id = $2 OR merged_into = $2",
        kept_id,
        merged_id,
    )
    await _pass_consents(tx, kept_id, merged_id)
    tx.record(
        PersonsMerged(kept_id=kept_id, merged_id=merged_id),
        after={
            "member_id": member_id,
            "merged_id": merged_id,
            "moved": [each.id for each in joined.moved],
            "widened": [each.id for each in joined.widened],
        },
    )
    return kept_id


async def _join(tx: Transaction, kept_id: UUID, merged_id: UUID) -> Joined:
    rows = await tx.fetch(
        "SELECT * FROM affiliations WHERE person_id = ANY ($1) ORDER BY from_on, id FOR UPDATE",
        [kept_id, merged_id],
    )
    found = {each.id: each for each in map(affiliation_of, rows)}
    joined = join(
        [each for each in found.values() if each.person_id == kept_id],
        [each for each in found.values() if each.person_id == merged_id],
    )
    try:
        async with tx.attempt():
            await tx.execute(
                "UPDATE affiliations SET person_id = $1, version = version + 1 WHERE id = ANY ($2)",
                kept_id,
                [each.id for each in joined.moved],
            )
            for each in joined.widened:
                await tx.execute(
                    "UPDATE affiliations SET unit = $2, from_on = $3, to_on = $4::date, version = $5,"
                    " ended_at = CASE WHEN $4::date < $6 THEN ended_at END WHERE id = $1",
                    each.id,
                    each.unit,
                    each.from_on,
                    each.to_on,
                    each.version,
                    moscow_date(tx.now),
                )
    except asyncpg.ExclusionViolationError:
        raise AffiliationOverlaps from None
    for each in joined.widened:
        tell_begun(tx, found[each.id], each)
    return joined


async def _pass_consents(tx: Transaction, kept_id: UUID, merged_id: UUID) -> None:
    """What the other has consented to, the kept one has, unless they said so themselves."""
    await tx.execute(
        "UPDATE consents c SET person_id = $1 WHERE person_id = $2 AND (revoked_at IS NOT NULL"
        " OR NOT EXISTS (SELECT FROM consents k WHERE k.person_id = $1 AND k.revoked_at IS NULL"
        "  AND k.member_id = c.member_id AND k.purpose = c.purpose))",
        kept_id,
        merged_id,
    )


async def note_different(tx: Transaction, first_id: UUID, second_id: UUID) -> None:
    """Two who are alike are two people, and are not proposed any more. Raises NotFound."""
    ids = sorted([await require_known(tx, first_id), await require_known(tx, second_id)])
    member_id = tx.authorise().member
    if ids[0] == ids[1]:
        return
    noted = await tx.execute(
        "INSERT INTO not_doubles (member_id, first_id, second_id, noted_at)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        member_id,
        *ids,
        tx.now,
    )
    if noted:
        tx.note("persons.told_apart", ids[0], after={"member_id": member_id, "other_id": ids[1]})
