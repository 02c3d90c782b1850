"""Making, signing and ending agreements between members (R1.2)."""

from uuid import UUID

from contracts.membership import AgreementActivated, AgreementEnded, AgreementMade
from services.membership.commands.members import members_by_id
from services.membership.commands.powers import require_may_sign
from services.membership.domain.agreements import (
    Agreement,
    AgreementKind,
    AgreementStatus,
    Signature,
    Terms,
    check_known,
    check_terms,
    day_after,
    make_agreement,
    sign,
)
from shared.database import Transaction
from shared.etag import expect
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

ENDED_AT_ONCE = 50


async def make(tx: Transaction, terms: Terms) -> UUID:
    """A member makes an agreement with another, and has thereby signed it."""
    check_terms(terms)
    parties = await members_by_id(tx, terms.party_ids)
    check_known(terms, parties)
    actor = tx.authorise()
    await require_may_sign(tx, actor)
    agreement = make_agreement(
        tx.new_id("agreement"),
        terms,
        parties,
        maker_id=actor.member,
        by=actor.person_id,
        now=tx.now,
        today=moscow_date(tx.now),
    )
    await _write(tx, agreement)
    tx.record(
        AgreementMade(
            agreement_id=agreement.id,
            kind=terms.kind.value,
            party_ids=terms.party_ids,
            valid_from=terms.valid_from,
            valid_to=terms.valid_to,
            maker_id=actor.member,
        ),
        after={
            "status": AgreementStatus.SIGNING,
            "kind": terms.kind,
            "party_ids": terms.party_ids,
            "valid_from": terms.valid_from,
            "valid_to": terms.valid_to,
        },
    )
    return agreement.id


async def _write(tx: Transaction, agreement: Agreement) -> None:
    terms = agreement.terms
    await tx.execute(
        "INSERT INTO agreements (id, kind, subject, valid_from, valid_to, made_at, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        agreement.id,
        terms.kind,
        terms.subject,
        terms.valid_from,
        terms.valid_to,
        tx.now,
        agreement.version,
    )
    signatures = [agreement.signatures.get(party_id) for party_id in terms.party_ids]
    await tx.execute(
        "INSERT INTO agreement_parties (agreement_id, member_id, place, signed_at, signed_by)"
        " SELECT $1, member_id, place, signed_at, signed_by"
        " FROM unnest($2::uuid[], $3::timestamptz[], $4::uuid[])"
        " WITH ORDINALITY AS p (member_id, signed_at, signed_by, place)",
        agreement.id,
        list(terms.party_ids),
        [signature and signature.at for signature in signatures],
        [signature and signature.by for signature in signatures],
    )


async def add_signature(tx: Transaction, agreement_id: UUID, if_match: str | None = None) -> None:
    """A party signs; with the last signature the agreement binds them all."""
    agreement = await _locked(tx, agreement_id)
    if tx.actor is None or tx.actor.member_id not in agreement.terms.party_ids:
        raise NotFound
    signer_id = tx.actor.member_id
    actor = tx.authorise()
    await require_may_sign(tx, actor)
    expect(if_match, agreement.version)
    signed = sign(
        agreement,
        await members_by_id(tx, agreement.terms.party_ids),
        signer_id=signer_id,
        by=actor.person_id,
        now=tx.now,
        today=moscow_date(tx.now),
    )
    await tx.execute(
        "UPDATE agreement_parties SET signed_at = $3, signed_by = $4"
        " WHERE agreement_id = $1 AND member_id = $2",
        signed.id,
        signer_id,
        tx.now,
        actor.person_id,
    )
    await tx.execute(
        "UPDATE agreements SET activated_at = $2, version = $3 WHERE id = $1",
        signed.id,
        signed.activated_at,
        signed.version,
    )
    if signed.activated_at is None:
        tx.note("agreement.signed", signed.id)
    else:
        _tell_activated(tx, signed)


def _tell_activated(tx: Transaction, agreement: Agreement) -> None:
    terms = agreement.terms
    tx.record(
        AgreementActivated(
            agreement_id=agreement.id,
            kind=terms.kind.value,
            party_ids=terms.party_ids,
            valid_from=terms.valid_from,
            valid_to=terms.valid_to,
        ),
        before={"status": AgreementStatus.SIGNING},
        after={"status": AgreementStatus.ACTIVE},
    )


async def _locked(tx: Transaction, agreement_id: UUID) -> Agreement:
    row = await tx.row("SELECT * FROM agreements WHERE id = $1 FOR UPDATE", agreement_id)
    if row is None:
        raise NotFound
    parties = await tx.fetch(
        "SELECT * FROM agreement_parties WHERE agreement_id = $1 ORDER BY place", agreement_id
    )
    return Agreement(
        row["id"],
        Terms(
            AgreementKind(row["kind"]),
            tuple(party["member_id"] for party in parties),
            row["valid_from"],
            row["valid_to"],
            row["subject"],
        ),
        {
            party["member_id"]: Signature(party["signed_at"], party["signed_by"])
            for party in parties
            if party["signed_at"] is not None
        },
        row["activated_at"],
        row["version"],
    )


async def end_agreements(tx: Transaction) -> int:
    """The term of agreements that bound their parties is over. Told once for each."""
    rows = await tx.fetch(
        "UPDATE agreements SET ended_at = $2, version = version + 1 WHERE id IN ("
        "SELECT id FROM agreements WHERE valid_to < $1 AND activated_at IS NOT NULL"
        " AND ended_at IS NULL ORDER BY valid_to, id LIMIT $3"
        " FOR UPDATE SKIP LOCKED) RETURNING id, valid_to",
        moscow_date(tx.now),
        tx.now,
        ENDED_AT_ONCE,
    )
    for row in rows:
        tx.record(
            AgreementEnded(agreement_id=row["id"], ended_on=day_after(row["valid_to"])),
            before={"status": AgreementStatus.ACTIVE},
            after={"status": AgreementStatus.ENDED},
        )
    return len(rows)
