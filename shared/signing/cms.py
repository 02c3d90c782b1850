"""Detached signatures as RFC 5652 (CMS) has them: read, and compared with what they sign."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.signing.faults import SignatureIsWrong

SIGNERS_MAX = 10
_SHA256, _SHA384, _SHA512 = (
    bytes.fromhex(f"0609608648016503040{ending}") for ending in ("201", "202", "203")
)
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_PEM = re.compile(rb"-----BEGIN (PKCS7|CMS)-----(.+?)-----END \1-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """One value of DER: its tag, what stands in it, and all its bytes."""

    tag: int
    content: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Signer:
    """What a signer says: who they are, by which algorithms, and the signature."""

    identifier: Part
    digest: str
    attributes: Part | None
    signature: bytes


def check_cms(document: bytes, signature: bytes, roots: str, now: datetime) -> dict[str, Any]:
    """The signer's certificate, in words; raises SignatureIsWrong with the reason."""
    try:
        return _check(document, _der(signature), roots, now)
    except SignatureIsWrong:
        raise
    except (ValueError, IndexError, TypeError, KeyError):  # what a damaged file makes of reading
        raise _wrong("The file is no CMS signature that can be read.") from None


def _check(document: bytes, der: bytes, roots: str, now: datetime) -> dict[str, Any]:
    from cryptography import x509

    certificates, signers = _read(der)
    [signer] = signers
    certificate = next((each for each in certificates if _is_named(each, signer.identifier)), None)
    if certificate is None:
        raise _wrong("The signer's certificate does not stand in the signature.")
    _check_signed(document, signer, certificate)
    _check_trusted(certificate, certificates, x509.load_pem_x509_certificates(roots.encode()), now)
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "valid_from": certificate.not_valid_before_utc.isoformat(),
        "valid_to": certificate.not_valid_after_utc.isoformat(),
    }


def _wrong(reason: str) -> SignatureIsWrong:
    return SignatureIsWrong(reason, reason=reason)


# --- reading -------------------------------------------------------------------------------------


def _der(signature: bytes) -> bytes:
    pem = _PEM.search(signature)
    return base64.b64decode(pem[2], validate=False) if pem else signature


def _parts(content: bytes) -> Iterator[Part]:
    """The values that stand one after the other; raises ValueError, IndexError."""
    start = 0
    while start < len(content):
        tag, length, head = content[start], content[start + 1], 2
        if tag & 0x1F == 0x1F or length == 0x80:
            raise ValueError("not as DER has it")
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(content[start + 2 : start + 2 + count], "big")
            head += count
        end = start + head + length
        if end > len(content):
            raise ValueError("cut off")
        yield Part(tag, content[start + head : end], content[start:end])
        start = end


def _read(der: bytes) -> tuple[list[Any], list[Signer]]:
    from cryptography.hazmat.primitives.serialization import pkcs7

    [info] = _parts(der)
    _, wrapped = _parts(info.content)
    [data] = _parts(wrapped.content)
    _, _, encapsulated, *rest = _parts(data.content)
    if len(list(_parts(encapsulated.content))) != 1:
        raise _wrong("The signature holds a document of its own: a detached one is wanted.")
    signers = [_signer(part) for part in _parts(rest[-1].content)]
    if len(signers) != 1:
        raise _wrong("The file holds the signatures of several, or of nobody: one signs at a time.")
    return list(pkcs7.load_der_pkcs7_certificates(der)), signers


def _signer(part: Part) -> Signer:
    _, identifier, digest, *rest = _parts(part.content)
    attributes = rest.pop(0) if rest[0].tag == 0xA0 else None
    algorithm = next(_parts(digest.content)).raw
    known = {_SHA256: "sha256", _SHA384: "sha384", _SHA512: "sha512"}
    if algorithm not in known:
        raise _wrong("The signature is made by an algorithm that is not checked here.")
    return Signer(identifier, known[algorithm], attributes, rest[1].content)


def _is_named(certificate: Any, identifier: Part) -> bool:
    from cryptography import x509

    if identifier.tag == 0x30:
        issuer, serial = _parts(identifier.content)
        same_serial = int.from_bytes(serial.content, "big", signed=True)
        return bool(
            issuer.raw == certificate.issuer.public_bytes()
            and same_serial == certificate.serial_number
        )
    try:
        key_id = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return False
    return bool(key_id.value.digest == identifier.content)


# --- comparing -----------------------------------------------------------------------------------


def _check_signed(document: bytes, signer: Signer, certificate: Any) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    signed = document
    if signer.attributes is not None:
        found = [
            next(_parts(values.content)).content
            for name, values in (_parts(each.content) for each in _parts(signer.attributes.content))
            if name.raw == _MESSAGE_DIGEST
        ]
        if found != [hashlib.new(signer.digest, document).digest()]:
            raise _wrong("The signature is one of another document.")
        signed = b"\x31" + signer.attributes.raw[1:]
    algorithm = getattr(hashes, signer.digest.upper())()
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signer.signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signer.signature, signed, ec.ECDSA(algorithm))
        else:
            raise _wrong("The signature is made by an algorithm that is not checked here.")
    except InvalidSignature:
        raise _wrong("The signature does not fit the document.") from None


def _check_trusted(certificate: Any, others: list[Any], roots: list[Any], now: datetime) -> None:
    from cryptography import x509
    from cryptography.x509 import verification

    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(roots))
        .time(now)
        .extension_policies(
            ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(),
            ee_policy=verification.ExtensionPolicy.permit_all(),  # a person's, not a web server's
        )
        .build_client_verifier()
    )
    try:
        verifier.verify(certificate, [each for each in others if each != certificate])
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except verification.VerificationError:
        raise _wrong(
            "The signer's certificate is over, not yet valid, or of nobody who is trusted here."
        ) from None
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise _wrong("The signer's certificate is not for signing.")
