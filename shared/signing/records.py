"""The rows of signings: what is to be signed, by whom, in which order, and what was signed how.

The database refuses to change or delete any of it (see `shared.migrations.signing_1`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.database import Transaction
from shared.files import records as files
from shared.files.records import FileHead
from shared.files.types import SCANS, FileType
from shared.refusal import Invalid, NotFound
from shared.russia.calendar import moscow_date
from shared.signing.checkers import Checker
from shared.signing.faults import (
    HasSigned,
    OthersSignFirst,
    SignaturesAreNotChecked,
    SignedTextDiffers,
    SigningIsOver,
)

PARTIES_MAX = 50


class Method(StrEnum):
    """How a party signed."""

    SYSTEM = "system"
    """A simple electronic signature: signed in with a password, and by that session."""
    DETACHED = "detached"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed for a party, when and how; `accepted_by` names what makes it count.

    On paper the person is the one who entered it, and the day is the paper's.
    """

    party_id: UUID
    method: Method
    signed_at: datetime
    signed_on: date
    person_id: UUID
    session_id: UUID
    accepted_by: str
    file_id: UUID | None
    """The detached signature, or the scan."""
    certificate: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Signing:
    """What is signed by whom; the parties in their order."""

    id: UUID
    about_id: UUID
    file_id: UUID
    sha256: str
    in_order: bool
    party_ids: tuple[UUID, ...]
    signatures: tuple[Signature, ...]
    opened_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None

    @property
    def waits_for(self) -> tuple[UUID, ...]:
        """The parties whose turn it is."""
        if self.completed_at is not None or self.cancelled_at is not None:
            return ()
        signed = {signature.party_id for signature in self.signatures}
        left = tuple(party_id for party_id in self.party_ids if party_id not in signed)
        return left[:1] if self.in_order else left


async def open_signing(
    tx: Transaction,
    *,
    about_id: UUID,
    file_id: UUID,
    party_ids: Sequence[UUID],
    in_order: bool,
) -> UUID:
    """Begins the signing of a file that is kept, about a thing of the service."""
    if not 1 <= len(party_ids) <= PARTIES_MAX or len(set(party_ids)) != len(party_ids):
        raise ValueError("a signing has 1 to 50 different parties")
    signing_id = tx.new_id("signing")
    made = await tx.value(
        "INSERT INTO signings (id, about_id, file_id, sha256, in_order, opened_at)"
        " SELECT $1, $2, id, sha256, $4, $5 FROM files WHERE id = $3 RETURNING encode(sha256, 'hex')",
        signing_id,
        about_id,
        file_id,
        in_order,
        tx.now,
    )
    if made is None:
        raise NotFound
    await tx.execute(
        "INSERT INTO signing_parties (signing_id, party_id, place)"
        " SELECT $1, party_id, place FROM unnest($2::uuid[]) WITH ORDINALITY AS p (party_id, place)",
        signing_id,
        list(party_ids),
    )
    tx.note("signing.opened", signing_id, after={"about_id": about_id, "sha256": made})
    return signing_id


async def sign_in_system(
    tx: Transaction, signing_id: UUID, party_id: UUID, *, sha256: str, accepted_by: str
) -> Signing:
    """The acting person signs for the party; `sha256` (hexadecimal) names the bytes that were read.

    `accepted_by` names the agreement by which the parties accept such signatures. Who may sign for
    whom is the service's to decide before. Raises SignedTextDiffers, HasSigned, OthersSignFirst,
    SigningIsOver; NotFound for one who is no party.
    """
    before = await _locked(tx, signing_id)
    _require_turn(before, party_id)
    if sha256.lower() != before.sha256:
        raise SignedTextDiffers
    return await _add(tx, before, party_id, Method.SYSTEM, accepted_by=accepted_by)


async def sign_detached(
    tx: Transaction,
    signing_id: UUID,
    party_id: UUID,
    *,
    signature_id: UUID,
    checker: Checker | None,
    accepted_by: str,
) -> Signing:
    """The acting person brings in a detached signature (a file of theirs) of exactly these bytes.

    Raises SignatureIsWrong, SignaturesAreNotChecked, and as `sign_in_system` does.
    """
    before = await _locked(tx, signing_id)
    _require_turn(before, party_id)
    if checker is None:
        raise SignaturesAreNotChecked
    await files.use(tx, signature_id, {FileType.SIGNATURE})
    _, document = await files.content_of(tx, before.file_id)
    _, signature = await files.content_of(tx, signature_id)
    certificate = await checker.check(document, signature, tx.now)
    return await _add(
        tx,
        before,
        party_id,
        Method.DETACHED,
        accepted_by=accepted_by,
        file_id=signature_id,
        certificate=certificate,
    )


async def sign_on_paper(
    tx: Transaction,
    signing_id: UUID,
    party_id: UUID,
    *,
    scan_id: UUID,
    signed_on: date,
    at: str = "body.signed_on",
) -> Signing:
    """The acting person enters that the party signed the paper, of which the scan is.

    One scan may show several signatures. Raises Invalid at the field `at`, and as `sign_in_system`.
    """
    before = await _locked(tx, signing_id)
    _require_turn(before, party_id)
    if signed_on > moscow_date(tx.now):
        raise Invalid("Nobody has signed on a day that is yet to come.", at=at)
    head = await files.head_of(tx, scan_id)
    if all(signature.file_id != head.id for signature in before.signatures):
        await files.use(tx, scan_id, SCANS)
    return await _add(
        tx,
        before,
        party_id,
        Method.PAPER,
        accepted_by="paper",
        file_id=scan_id,
        signed_on=signed_on,
    )


async def cancel(tx: Transaction, signing_id: UUID) -> None:
    """Nothing comes of the signing; what was signed stays as it is. Raises SigningIsOver."""
    before = await _locked(tx, signing_id)
    if before.completed_at is not None or before.cancelled_at is not None:
        raise SigningIsOver
    await tx.execute("UPDATE signings SET cancelled_at = $2 WHERE id = $1", signing_id, tx.now)
    tx.note("signing.cancelled", signing_id, after={"about_id": before.about_id})


async def signing(tx: Transaction, signing_id: UUID) -> Signing:
    """How far a signing is, whoever asks: the service decides who may; raises NotFound."""
    return await _read(tx, "SELECT * FROM signings WHERE id = $1", signing_id)


async def signing_about(tx: Transaction, about_id: UUID) -> Signing | None:
    """The last signing about a thing, if there is one."""
    found = await signings_about(tx, [about_id])
    return found.get(about_id)


async def signings_about(tx: Transaction, about_ids: Sequence[UUID]) -> dict[UUID, Signing]:
    """The last signing about each of these things."""
    rows = await tx.fetch(
        "SELECT DISTINCT ON (about_id) * FROM signings WHERE about_id = ANY ($1)"
        " ORDER BY about_id, opened_at DESC, id DESC",
        list(about_ids),
    )
    return {found.about_id: found for found in await _filled(tx, rows)}


async def document_of(tx: Transaction, signing_id: UUID) -> tuple[FileHead, bytes]:
    """The bytes that are signed."""
    return await files.content_of(tx, (await signing(tx, signing_id)).file_id)


def _require_turn(before: Signing, party_id: UUID) -> None:
    if party_id not in before.party_ids:
        raise NotFound
    if before.completed_at is not None or before.cancelled_at is not None:
        raise SigningIsOver
    if any(signature.party_id == party_id for signature in before.signatures):
        raise HasSigned
    if party_id not in before.waits_for:
        raise OthersSignFirst(waits_for=list(before.waits_for))


async def _add(
    tx: Transaction,
    before: Signing,
    party_id: UUID,
    method: Method,
    *,
    accepted_by: str,
    file_id: UUID | None = None,
    certificate: dict[str, Any] | None = None,
    signed_on: date | None = None,
) -> Signing:
    actor = tx.authorise()
    await tx.execute(
        "INSERT INTO signatures (signing_id, party_id, method, signed_at, signed_on, person_id,"
        " session_id, accepted_by, file_id, certificate)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        before.id,
        party_id,
        method,
        tx.now,
        signed_on or moscow_date(tx.now),
        actor.person_id,
        actor.session_id,
        accepted_by,
        file_id,
        certificate,
    )
    if len(before.signatures) + 1 == len(before.party_ids):
        await tx.execute("UPDATE signings SET completed_at = $2 WHERE id = $1", before.id, tx.now)
    tx.note(
        "signing.signed",
        before.id,
        after={"party_id": party_id, "method": method, "sha256": before.sha256},
    )
    return await signing(tx, before.id)


async def _locked(tx: Transaction, signing_id: UUID) -> Signing:
    return await _read(tx, "SELECT * FROM signings WHERE id = $1 FOR UPDATE", signing_id)


async def _read(tx: Transaction, sql: str, *values: Any) -> Signing:
    found = await _filled(tx, await tx.fetch(sql, *values))
    if not found:
        raise NotFound
    return found[0]


async def _filled(tx: Transaction, rows: Sequence[Any]) -> list[Signing]:
    ids = [row["id"] for row in rows]
    parties = await tx.fetch(
        "SELECT * FROM signing_parties WHERE signing_id = ANY ($1) ORDER BY signing_id, place", ids
    )
    signatures = await tx.fetch(
        "SELECT * FROM signatures WHERE signing_id = ANY ($1) ORDER BY signed_at, party_id", ids
    )
    return [
        Signing(
            row["id"],
            row["about_id"],
            row["file_id"],
            row["sha256"].hex(),
            row["in_order"],
            tuple(party["party_id"] for party in parties if party["signing_id"] == row["id"]),
            tuple(_signature(each) for each in signatures if each["signing_id"] == row["id"]),
            row["opened_at"],
            row["completed_at"],
            row["cancelled_at"],
        )
        for row in rows
    ]


def _signature(row: Any) -> Signature:
    return Signature(
        row["party_id"],
        Method(row["method"]),
        row["signed_at"],
        row["signed_on"],
        row["person_id"],
        row["session_id"],
        row["accepted_by"],
        row["file_id"],
        row["certificate"],
    )
