"""Files of every kind, as small as they can be, and signatures of people who do not exist."""

import io
import zipfile
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(17)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(20)
EXE = b"MZ" + bytes(200)
HTML = "<html><script>alert('Ё')</script>".encode()


def packed(**entries: bytes) -> bytes:
    """A ZIP archive; `__` in a name stands for `/`, `_` before the ending for a point."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


DOCX = packed(word__document_xml=b"<w/>")
XLSX = packed(xl__workbook_xml=b"<x/>")
ODT = packed(mimetype=b"application/vnd.oasis.opendocument.text")


def docx_with(*paragraphs: str) -> bytes:
    """A document of Word with these paragraphs."""
    import docx

    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def text_of_docx(content: bytes) -> str:
    """What stands in a document of Word, its tables included."""
    import docx

    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def text_of_pdf(content: bytes) -> str:
    """What stands on the pages of a PDF."""
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


# --- signatures ----------------------------------------------------------------------------------


class Authority:
    """Somebody whose certificates are trusted, or are not."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name("Удостоверяющий центр")
        self.root = self._certificate(self.name, self.key.public_key(), is_authority=True)

    @property
    def pem(self) -> str:
        """The root's certificate as a setting has it."""
        return self.root.public_bytes(Encoding.PEM).decode()

    def person(self, *, kind: str = "ec", days: int = 30, signs: bool = True) -> "Signatory":
        """Somebody with a certificate for so many days."""
        key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else _rsa_key()
        certificate = self._certificate(
            _name("Иванова Мария"), key.public_key(), days=days, signs=signs
        )
        return Signatory(key, certificate)

    def _certificate(
        self,
        subject: x509.Name,
        key: Any,
        *,
        is_authority: bool = False,
        days: int = 365,
        signs: bool = True,
    ) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=signs and not is_authority,
            content_commitment=False,
            key_encipherment=not is_authority,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=is_authority,
            crl_sign=is_authority,
            encipher_only=False,
            decipher_only=False,
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - timedelta(days=1))
            .not_valid_after(self.now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )
        return builder.sign(self.key, hashes.SHA256())


class Signatory:
    """A person with a key and a certificate for it."""

    def __init__(self, key: Any, certificate: x509.Certificate) -> None:
        self.key = key
        self.certificate = certificate

    def sign(
        self,
        document: bytes,
        *options: pkcs7.PKCS7Options,
        encoding: Encoding = Encoding.DER,
        digest: Any = None,
    ) -> bytes:
        """A signature; detached and binary unless other options are given."""
        chosen = options or (pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary)
        return (
            pkcs7.PKCS7SignatureBuilder()
            .set_data(document)
            .add_signer(self.certificate, self.key, digest or hashes.SHA256())
            .sign(encoding, list(chosen))
        )


@cache
def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
