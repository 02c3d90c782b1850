"""Signing in the chassis: exact bytes, several parties, three ways, and nothing changes afterwards."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from shared.files.faults import FileTypeIsNotTaken
from shared.ids import new_id
from shared.refusal import Invalid, NotFound
from shared.russia.calendar import moscow_date
from shared.settings import Settings
from shared.signing import records
from shared.signing.checkers import CmsChecker, checker_of
from shared.signing.faults import (
    HasSigned,
    OthersSignFirst,
    SignatureIsWrong,
    SignaturesAreNotChecked,
    SignedTextDiffers,
    SigningIsOver,
)
from shared.signing.records import Method, Signing
from tests.harness import Moment
from tests.shared.papers.conftest import Office, kept
from tests.shared.papers.samples import PDF, PNG, Authority

A, B, C = (new_id() for _ in range(3))
ACCEPTED_BY = "accession"


async def opened(office: Office, *party_ids: UUID, in_order: bool = True) -> Signing:
    """A document that these parties have to sign."""
    async with office.tx() as tx:
        file_id = await kept(tx, PDF)
        signing_id = await records.open_signing(
            tx, about_id=new_id(), file_id=file_id, party_ids=party_ids, in_order=in_order
        )
        return await records.signing(tx, signing_id)


async def sign(office: Office, signing: Signing, party_id: UUID, **options: Any) -> Signing:
    """Somebody signs in the system for a party."""
    asked = {"sha256": signing.sha256, "accepted_by": ACCEPTED_BY, **options}
    async with office.tx() as tx:
        return await records.sign_in_system(tx, signing.id, party_id, **asked)


async def test_the_last_of_several_parties_completes_a_signing(office: Office) -> None:
    signing = await opened(office, A, B, C)
    assert signing.waits_for == (A,)
    for party_id, waits in ((A, (B,)), (B, (C,)), (C, ())):
        assert signing.completed_at is None
        signing = await sign(office, signing, party_id)
        assert signing.waits_for == waits
    assert signing.completed_at is not None
    last = signing.signatures[-1]
    assert (last.party_id, last.method, last.person_id) == (C, Method.SYSTEM, office.person_id)
    assert (last.accepted_by, last.signed_on) == (ACCEPTED_BY, moscow_date(last.signed_at))
    assert last.session_id is not None
    noted = await office.service.sql(
        "SELECT action, after FROM audit WHERE object_id = $1 ORDER BY id", signing.id
    )
    assert [row["action"] for row in noted] == ["signing.opened", *["signing.signed"] * 3]
    assert signing.sha256 in noted[-1]["after"]


async def test_in_any_order_everybody_may_be_the_first(office: Office) -> None:
    signing = await opened(office, A, B, in_order=False)
    assert signing.waits_for == (A, B)
    signing = await sign(office, signing, B)
    assert signing.waits_for == (A,)


async def test_nobody_signs_before_his_turn_twice_or_for_a_stranger(office: Office) -> None:
    signing = await opened(office, A, B)
    with pytest.raises(OthersSignFirst):
        await sign(office, signing, B)
    with pytest.raises(NotFound):
        await sign(office, signing, C)
    await sign(office, signing, A)
    with pytest.raises(HasSigned):
        await sign(office, signing, A)
    await sign(office, signing, B)
    with pytest.raises(SigningIsOver):
        await sign(office, signing, B)


async def test_what_is_signed_is_what_was_read(office: Office) -> None:
    signing = await opened(office, A)
    with pytest.raises(SignedTextDiffers):
        await sign(office, signing, A, sha256="0" * 64)
    signed = await sign(office, signing, A, sha256=signing.sha256.upper())
    async with office.tx() as tx:
        head, content = await records.document_of(tx, signed.id)
    assert (head.sha256, content) == (signed.sha256, PDF)


async def test_a_cancelled_signing_is_signed_by_nobody(office: Office) -> None:
    signing = await opened(office, A, B)
    await sign(office, signing, A)
    async with office.tx() as tx:
        await records.cancel(tx, signing.id)
        assert (await records.signing(tx, signing.id)).waits_for == ()
    with pytest.raises(SigningIsOver):
        await sign(office, signing, B)
    async with office.tx() as tx:
        with pytest.raises(SigningIsOver):
            await records.cancel(tx, signing.id)


async def test_the_last_signing_about_a_thing_is_found(office: Office) -> None:
    about_id = new_id()
    async with office.tx() as tx:
        assert await records.signing_about(tx, about_id) is None
        for _ in range(2):
            signing_id = await records.open_signing(
                tx, about_id=about_id, file_id=await kept(tx, PDF), party_ids=[A], in_order=True
            )
        found = await records.signing_about(tx, about_id)
        assert found is not None
        assert found.id == signing_id
        with pytest.raises(NotFound):
            await records.open_signing(
                tx, about_id=about_id, file_id=new_id(), party_ids=[A], in_order=True
            )
        with pytest.raises(ValueError, match="different"):
            await records.open_signing(
                tx, about_id=about_id, file_id=found.file_id, party_ids=[A, A], in_order=True
            )


# --- on paper ------------------------------------------------------------------------------------


async def test_one_scan_shows_the_signatures_of_several_on_paper(office: Office) -> None:
    signing = await opened(office, A, B)
    scan_id = await office.bring(PNG, "скан")
    yesterday = moscow_date(office.service.clock()) - timedelta(days=1)
    for party_id in (A, B):
        async with office.tx() as tx:
            signing = await records.sign_on_paper(
                tx, signing.id, party_id, scan_id=scan_id, signed_on=yesterday
            )
    assert signing.completed_at is not None
    assert {(each.method, each.signed_on) for each in signing.signatures} == {
        (Method.PAPER, yesterday)
    }
    assert (await office.ask("DELETE", f"/files/{scan_id}")).json()["code"] == "file-used"


async def test_paper_of_tomorrow_and_scans_of_others_are_refused(office: Office) -> None:
    signing = await opened(office, A)
    scan_id = await office.bring(PNG, "скан")
    today = moscow_date(office.service.clock())

    async def on_paper(scan_id: UUID, signed_on: date, member_id: UUID | None = None) -> None:
        async with office.tx(member_id) as tx:
            await records.sign_on_paper(tx, signing.id, A, scan_id=scan_id, signed_on=signed_on)

    with pytest.raises(Invalid, match="yet to come"):
        await on_paper(scan_id, today + timedelta(days=1))
    with pytest.raises(NotFound):
        await on_paper(scan_id, today, new_id())
    with pytest.raises(FileTypeIsNotTaken):
        await on_paper(await office.bring(b"a text"), today)


# --- detached signatures -------------------------------------------------------------------------


@pytest.fixture
def authority(clock: Moment) -> Authority:
    """Whose certificates are trusted."""
    return Authority(clock())


async def detached(
    office: Office, signing: Signing, party_id: UUID, content: bytes, roots: str | None
) -> Signing:
    """Somebody brings in a detached signature for a party."""
    signature_id = await office.bring(content, "подпись.sig")
    async with office.tx() as tx:
        return await records.sign_detached(
            tx,
            signing.id,
            party_id,
            signature_id=signature_id,
            checker=CmsChecker(roots) if roots else None,
            accepted_by=ACCEPTED_BY,
        )


@pytest.mark.parametrize("kind", ["ec", "rsa"])
@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
async def test_a_detached_signature_of_these_bytes_is_taken(
    office: Office, authority: Authority, kind: str, encoding: Encoding
) -> None:
    signing = await opened(office, A)
    signature = authority.person(kind=kind).sign(PDF, encoding=encoding)
    signed = await detached(office, signing, A, signature, authority.pem)
    assert signed.completed_at is not None
    certificate = signed.signatures[0].certificate
    assert certificate is not None
    assert certificate["subject"] == "CN=Иванова Мария"
    assert certificate["issuer"] == "CN=Удостоверяющий центр"


async def test_a_signature_without_attributes_is_taken_too(
    office: Office, authority: Authority
) -> None:
    options = pkcs7.PKCS7Options
    signature = authority.person().sign(
        PDF,
        *(options.DetachedSignature, options.Binary, options.NoAttributes),
        digest=hashes.SHA512(),
    )
    assert (await detached(office, await opened(office, A), A, signature, authority.pem)).signatures


async def test_signatures_that_prove_nothing_are_refused(
    office: Office, authority: Authority, clock: Moment
) -> None:
    signing = await opened(office, A)
    stranger = Authority(clock())
    options = pkcs7.PKCS7Options
    person = authority.person()
    good = person.sign(PDF)
    wrong = {
        "another document": person.sign(PDF + b"!"),
        "without attributes": person.sign(
            PDF + b"!", options.DetachedSignature, options.Binary, options.NoAttributes
        ),
        "a stranger's": stranger.person().sign(PDF),
        "its own authority": _by_itself(authority),
        "over": authority.person(days=0).sign(PDF),
        "not for signing": authority.person(signs=False).sign(PDF),
        "not detached": person.sign(PDF, options.Binary),
        "without certificates": person.sign(
            PDF, options.DetachedSignature, options.Binary, options.NoCerts
        ),
        "changed": good[:-1] + bytes([good[-1] ^ 1]),
        "cut off": good[:-30],
        "sha-1 or nothing": good.replace(
            bytes.fromhex("0609608648016503040201"), bytes.fromhex("0609608648016503040204")
        ),
    }
    clock.pass_(hours=1)
    for what, signature in wrong.items():
        with pytest.raises(SignatureIsWrong) as refused:
            await detached(office, signing, A, signature, authority.pem)
        assert refused.value.facts["reason"], what
    assert await office.service.sql("SELECT FROM signatures") == []


def _by_itself(authority: Authority) -> bytes:
    """A person whose certificate is signed by another person's, who is no authority."""
    person = authority.person()
    false = Authority(authority.now)
    false.key, false.name = person.key, person.certificate.subject
    signatory = false.person()
    builder = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(PDF)
        .add_signer(signatory.certificate, signatory.key, hashes.SHA256())
        .add_certificate(person.certificate)
    )
    return builder.sign(
        Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    )


async def test_without_trusted_roots_no_detached_signature_is_taken(
    office: Office, authority: Authority
) -> None:
    assert checker_of(office.service.runtime.settings) is None
    trusting = Settings.model_validate(
        {**office.service.runtime.settings.model_dump(), "signature_roots": authority.pem}
    )
    assert checker_of(trusting) is not None
    signing = await opened(office, A)
    with pytest.raises(SignaturesAreNotChecked):
        await detached(office, signing, A, authority.person().sign(PDF), None)


# --- what nobody can do --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signatures SET person_id = party_id",
        "DELETE FROM signatures",
        "TRUNCATE signatures",
        "UPDATE signing_parties SET place = 9",
        "DELETE FROM signing_parties",
        "UPDATE signings SET sha256 = sha256('a')",
        "UPDATE signings SET file_id = NULL",
        "UPDATE signings SET completed_at = now()",
        "DELETE FROM signings",
        "UPDATE files SET content = 'b', sha256 = sha256('b'), size = 1",
        "INSERT INTO signing_parties SELECT id, about_id, 9 FROM signings",
        "INSERT INTO signatures SELECT signing_id, party_id, 'system', now(), current_date,"
        " party_id, party_id, 'x', NULL, NULL FROM signing_parties WHERE place = 3",
    ],
)
async def test_not_even_the_owner_of_the_database_changes_what_is_signed(
    office: Office, statement: str
) -> None:
    signing = await opened(office, A, B, C)
    await sign(office, signing, A)
    with pytest.raises(asyncpg.RestrictViolationError):
        await office.service.sql(statement)


async def test_the_file_that_is_signed_is_not_deleted(office: Office) -> None:
    await opened(office, A)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await office.service.sql("DELETE FROM files")


async def test_a_completed_signing_is_not_opened_again(office: Office) -> None:
    signing = await opened(office, A)
    await sign(office, signing, A)
    with pytest.raises(asyncpg.RestrictViolationError):
        await office.service.sql("UPDATE signings SET completed_at = NULL, cancelled_at = now()")
