"""Making and signing agreements between members (R1.2): exact bytes, in the system or on paper."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from contracts.event import Event
from contracts.membership import (
    AgreementActivated,
    AgreementActivatedV2,
    AgreementMade,
    AgreementMadeV2,
)
from services.membership.commands import papers
from services.membership.commands.members import members_by_id
from services.membership.commands.powers import require_may_sign
from services.membership.domain.agreements import (
    WITH_PLACES,
    Agreement,
    AgreementStatus,
    Signature,
    Terms,
    check_known,
    check_terms,
    make_agreement,
    sign,
)
from services.membership.records import terms_of
from shared.database import Transaction
from shared.documents.render import Format
from shared.etag import expect
from shared.files import records as files
from shared.files.types import FileType
from shared.files.uploads import upload_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date
from shared.signing import records as signing
from shared.signing.checkers import Checker
from shared.signing.records import Method

ACCEPTED_BY = "63-FZ 6(2), the agreement itself"
"""By what the parties accept simple electronic signatures: the agreement says so in its own text."""


@dataclass(frozen=True, slots=True)
class InSystem:
    """Signed here and now; `sha256` names the document that was read, if it is said."""

    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class OnPaper:
    """Signed on paper, of which the scan is; one scan may show several signatures."""

    scan_id: UUID
    signed_on: date


@dataclass(frozen=True, slots=True)
class Detached:
    """Signed elsewhere; the file holds the signature alone, and the installation's checker looks."""

    signature_id: UUID
    checker: Checker | None


How = InSystem | OnPaper | Detached


async def make(
    tx: Transaction,
    terms: Terms,
    *,
    document_id: UUID | None = None,
    how: InSystem | OnPaper | None = None,
) -> UUID:
    """A member makes an agreement with others, and has thereby signed it.

    `document_id` is a PDF of its own to be signed, else one is made of the terms.
    """
    how = how or InSystem()
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
    on_paper = isinstance(how, OnPaper)
    if document_id is None:
        document_id = await _make_document(tx, terms, actor.member, on_paper=on_paper)
    else:
        await files.use(tx, document_id, {FileType.PDF})
    await _write(tx, agreement, Method.PAPER if on_paper else Method.SYSTEM)
    signing_id = await signing.open_signing(
        tx,
        about_id=agreement.id,
        file_id=document_id,
        party_ids=terms.party_ids,
        in_order=terms.in_order,
    )
    await _sign(tx, signing_id, actor.member, how)
    tx.record(
        _told(
            AgreementMade if terms.kind in WITH_PLACES else AgreementMadeV2, agreement, actor.member
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


async def _make_document(
    tx: Transaction, terms: Terms, maker_id: UUID, *, on_paper: bool = False
) -> UUID:
    content = await papers.make_document(
        tx,
        terms,
        moscow_date(tx.now),
        maker_id=maker_id,
        on_paper=on_paper,
        made_as=Format.PDF,
    )
    upload = upload_of(content, papers.file_name(terms), FileType.PDF)
    return await files.keep(tx, upload, member_id=maker_id)


async def _write(tx: Transaction, agreement: Agreement, method: Method) -> None:
    terms = agreement.terms
    going_on = terms.prolongation
    await tx.execute(
        "INSERT INTO agreements (id, kind, subject, valid_from, valid_to, made_at, version,"
        " number, place, in_order, prolongs_months, refusal_days, notice_days, is_free, tariffs,"
        " reminder_days, last_on)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $5)",
        agreement.id,
        terms.kind,
        terms.subject,
        terms.valid_from,
        terms.valid_to,
        tx.now,
        agreement.version,
        terms.number,
        terms.place,
        terms.in_order,
        going_on.months if going_on else None,
        going_on.refusal_days if going_on else None,
        terms.notice_days,
        terms.is_free,
        [
            {"what": each.what, "unit": each.unit, "net_kopecks": each.net_kopecks}
            for each in terms.tariffs
        ],
        list(terms.reminder_days),
    )
    signatures = [agreement.signatures.get(party_id) for party_id in terms.party_ids]
    await tx.execute(
        "INSERT INTO agreement_parties (agreement_id, member_id, place, signed_at, signed_by,"
        " method) SELECT $1, member_id, place, signed_at, signed_by,"
        "     CASE WHEN signed_at IS NOT NULL THEN $5 END"
        " FROM unnest($2::uuid[], $3::timestamptz[], $4::uuid[])"
        " WITH ORDINALITY AS p (member_id, signed_at, signed_by, place)",
        agreement.id,
        list(terms.party_ids),
        [signature and signature.at for signature in signatures],
        [signature and signature.by for signature in signatures],
        method,
    )


async def add_signature(
    tx: Transaction, agreement_id: UUID, if_match: str | None = None, how: How | None = None
) -> None:
    """A party signs; with the last signature the agreement binds them all."""
    how = how or InSystem()
    agreement = await locked(tx, agreement_id)
    signer_id = own_side(tx, agreement)
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
    method = await _sign(tx, await _signing_of(tx, agreement), signer_id, how)
    await tx.execute(
        "UPDATE agreement_parties SET signed_at = $3, signed_by = $4, method = $5"
        " WHERE agreement_id = $1 AND member_id = $2",
        signed.id,
        signer_id,
        tx.now,
        actor.person_id,
        method,
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
        is_known = signed.terms.kind in WITH_PLACES
        tx.record(
            _told(AgreementActivated if is_known else AgreementActivatedV2, signed),
            before={"status": AgreementStatus.SIGNING},
            after={"status": AgreementStatus.ACTIVE},
        )


async def _sign(tx: Transaction, signing_id: UUID, party_id: UUID, how: How) -> Method:
    if isinstance(how, OnPaper):
        await signing.sign_on_paper(
            tx, signing_id, party_id, scan_id=how.scan_id, signed_on=how.signed_on
        )
        return Method.PAPER
    if isinstance(how, Detached):
        await signing.sign_detached(
            tx,
            signing_id,
            party_id,
            signature_id=how.signature_id,
            checker=how.checker,
            accepted_by=ACCEPTED_BY,
        )
        return Method.DETACHED
    sha256 = how.sha256 or (await signing.signing(tx, signing_id)).sha256
    await signing.sign_in_system(tx, signing_id, party_id, sha256=sha256, accepted_by=ACCEPTED_BY)
    return Method.SYSTEM


async def _signing_of(tx: Transaction, agreement: Agreement) -> UUID:
    """Where the agreement is signed; one made before documents were kept gets its document now."""
    found = await signing.signing_about(tx, agreement.id)
    if found is not None:
        return found.id
    left = [each for each in agreement.terms.party_ids if each not in agreement.signatures]
    maker_id = next(iter(agreement.signatures), left[0])
    return await signing.open_signing(
        tx,
        about_id=agreement.id,
        file_id=await _make_document(tx, agreement.terms, maker_id),
        party_ids=left,
        in_order=agreement.terms.in_order,
    )


def _told(
    said: type[AgreementMade | AgreementMadeV2 | AgreementActivated | AgreementActivatedV2],
    agreement: Agreement,
    maker_id: UUID | None = None,
) -> Event:
    terms = agreement.terms
    return said.model_validate(
        {
            "agreement_id": agreement.id,
            "kind": terms.kind.value,
            "party_ids": terms.party_ids,
            "valid_from": terms.valid_from,
            "valid_to": terms.valid_to,
            "is_free": terms.is_free is True,
            "maker_id": maker_id,
        }
    )


async def locked(tx: Transaction, agreement_id: UUID) -> Agreement:
    """The agreement, which nobody else changes before this transaction ends; raises NotFound."""
    row = await tx.row("SELECT * FROM agreements WHERE id = $1 FOR UPDATE", agreement_id)
    if row is None:
        raise NotFound
    parties: list[Any] = await tx.fetch(
        "SELECT * FROM agreement_parties WHERE agreement_id = $1 ORDER BY place", agreement_id
    )
    return Agreement(
        row["id"],
        terms_of(row, tuple(party["member_id"] for party in parties)),
        {
            party["member_id"]: Signature(party["signed_at"], party["signed_by"])
            for party in parties
            if party["signed_at"] is not None
        },
        row["activated_at"],
        row["version"],
    )


def own_side(tx: Transaction, agreement: Agreement) -> UUID:
    """The party that the actor acts for; to anybody else the agreement is not there."""
    if tx.actor is None or tx.actor.member_id not in agreement.terms.party_ids:
        raise NotFound
    return tx.actor.member_id
