"""Consents: their texts, who gave them and how, and taking them back."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain import consents as rules
from services.membership.domain.consents import Manner, Purpose, Signatory, Text
from services.membership.queries.persons import require_known
from shared.database import Transaction
from shared.identity import Role
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


@dataclass(frozen=True, slots=True)
class Paper:
    """A consent that was signed on paper, and where the paper lies."""

    given_on: date
    signatory: Signatory
    reference: str | None


async def publish_text(tx: Transaction, purpose: Purpose, words: str) -> UUID:
    """The actor's member asks for consent in these words from now on; the same words stay.

    The member is the operator that the consent names: the cluster never is (I1).
    """
    member_id = tx.authorise().member
    await tx.fetch("SELECT FROM members WHERE id = $1 FOR UPDATE", member_id)
    newest = await tx.row(
        "SELECT id, version, sha256 FROM consent_texts WHERE member_id = $1 AND purpose = $2"
        " ORDER BY version DESC LIMIT 1",
        member_id,
        purpose,
    )
    sha256 = rules.digest(words)
    if newest is not None and newest["sha256"] == sha256:
        found: UUID = newest["id"]
        return found
    text_id = tx.new_id("text")
    await tx.execute(
        "INSERT INTO consent_texts (id, member_id, purpose, version, words, sha256, published_at,"
        " published_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        text_id,
        member_id,
        purpose,
        1 if newest is None else newest["version"] + 1,
        words,
        sha256,
        tx.now,
        tx.authorise().person_id,
    )
    facts = {"member_id": member_id, "purpose": purpose, "sha256": sha256}
    tx.note("consent_text.published", text_id, after=facts)
    return text_id


async def give(tx: Transaction, text_id: UUID, sha256: str) -> UUID:
    """The actor consents to the text of a member that they belong to or act for.

    Raises NotFound, ConsentTextDiffers, ConsentTextIsOutdated.
    """
    if tx.actor is None:
        raise NotFound
    text = await _text(tx, text_id)
    person_id = tx.actor.person_id
    if not await tx.value(
        "SELECT EXISTS (SELECT FROM affiliations WHERE person_id = $1 AND member_id = $2)"
        " OR EXISTS (SELECT FROM roles WHERE person_id = $1 AND member_id = $2)",
        person_id,
        text.member_id,
    ):
        raise NotFound
    tx.authorise()
    rules.require_readable(text, sha256, on_paper=False)
    paper = Paper(moscow_date(tx.now), Signatory.PERSON, None)
    return await _record(tx, person_id, text, Manner.SIGNED_IN, paper)


async def record_paper(
    tx: Transaction, person_id: UUID, text_id: UUID, sha256: str, paper: Paper
) -> UUID:
    """A person of the actor's member consented on paper, which the member keeps.

    Raises NotFound, ConsentTextDiffers, PaperIsWrong.
    """
    rules.check_paper(paper.given_on, moscow_date(tx.now))
    person_id = await require_known(tx, person_id)
    text = await _text(tx, text_id)
    if text.member_id != tx.authorise().member:
        raise NotFound
    rules.require_readable(text, sha256, on_paper=True)
    return await _record(tx, person_id, text, Manner.PAPER, paper)


async def _text(tx: Transaction, text_id: UUID) -> Text:
    row = await tx.row(
        "SELECT t.*, NOT EXISTS (SELECT FROM consent_texts n WHERE n.member_id = t.member_id"
        "  AND n.purpose = t.purpose AND n.version > t.version) AS is_newest"
        " FROM consent_texts t WHERE t.id = $1",
        text_id,
    )
    if row is None:
        raise NotFound
    return Text(
        row["id"], row["member_id"], Purpose(row["purpose"]), row["sha256"], row["is_newest"]
    )


async def _record(
    tx: Transaction, person_id: UUID, text: Text, manner: Manner, paper: Paper
) -> UUID:
    """Writes the consent; one under another text gives way, the same one stays."""
    await tx.fetch("SELECT FROM persons WHERE id = $1 FOR UPDATE", person_id)
    actor = tx.authorise()
    before = await tx.row(
        "SELECT id, text_id FROM consents WHERE person_id = $1 AND member_id = $2"
        " AND purpose = $3 AND revoked_at IS NULL FOR UPDATE",
        person_id,
        text.member_id,
        text.purpose,
    )
    if before is not None and before["text_id"] == text.id:
        found: UUID = before["id"]
        return found
    if before is not None:
        await _revoke(tx, before["id"], {"replaced_by_text_id": text.id})
    consent_id = tx.new_id("consent")
    await tx.execute(
        "INSERT INTO consents (id, person_id, member_id, purpose, text_id, manner, signatory,"
        " given_on, reference, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        consent_id,
        person_id,
        text.member_id,
        text.purpose,
        text.id,
        manner,
        paper.signatory,
        paper.given_on,
        paper.reference,
        tx.now,
        actor.person_id,
    )
    tx.note(
        "consent.given",
        consent_id,
        after={
            "person_id": person_id,
            "member_id": text.member_id,
            "purpose": text.purpose,
            "sha256": text.sha256,
            "manner": manner,
        },
    )
    return consent_id


async def revoke(tx: Transaction, consent_id: UUID) -> None:
    """The consent holds no more, from this moment on (I25); once more is nothing.

    By the person, or by the member's coordinator for one who says so on paper. Raises NotFound.
    """
    row = await tx.row(
        "SELECT person_id, member_id, revoked_at FROM consents WHERE id = $1 FOR UPDATE", consent_id
    )
    if row is None or tx.actor is None:
        raise NotFound
    is_own = row["person_id"] == tx.actor.person_id
    if not is_own and not _keeps(tx, row["member_id"]):
        raise NotFound
    tx.authorise()
    if row["revoked_at"] is None:
        await _revoke(tx, consent_id, {"by": "person" if is_own else "member"})


def _keeps(tx: Transaction, member_id: UUID) -> bool:
    """Whether the actor is a coordinator of the member."""
    actor = tx.actor
    return actor is not None and actor.member_id == member_id and Role.COORDINATOR in actor.roles


async def _revoke(tx: Transaction, consent_id: UUID, after: dict[str, Any]) -> None:
    await tx.execute(
        "UPDATE consents SET revoked_at = $2, revoked_by = $3 WHERE id = $1",
        consent_id,
        tx.now,
        tx.authorise().person_id,
    )
    tx.note("consent.revoked", consent_id, after=after)
