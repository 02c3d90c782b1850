"""Secrets at rest and in passing: sealed so that membership alone can make and read them.

The key is derived (HKDF, SHA-256) from the private key that signs access tokens, so none is stored
beside what it seals. Another signing key cannot open what an older one sealed: second factors are
then set anew, by recovery codes or through an administrator.
"""

import base64
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class SealIsBroken(Exception):
    """This was not sealed here, or for something else."""


class Seals:
    """Seals bytes for a purpose with AES-256-GCM."""

    def __init__(self, private_key: str) -> None:
        secret = base64.urlsafe_b64decode(json.loads(private_key)["d"] + "==")
        derived = HKDF(SHA256(), 32, salt=None, info=b"artel/membership/seals").derive(secret)
        self._cipher = AESGCM(derived)

    def seal(self, content: bytes, purpose: str) -> bytes:
        """The content, readable for the same purpose alone."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """What was sealed for the purpose; raises SealIsBroken."""
        try:
            return self._cipher.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode()
            )
        except (InvalidTag, ValueError):
            raise SealIsBroken from None

    def seal_text(self, content: object, purpose: str) -> str:
        """A value of JSON, sealed, in letters that fit into a form or an address."""
        return base64.urlsafe_b64encode(self.seal(json.dumps(content).encode(), purpose)).decode()

    def open_text(self, sealed: str, purpose: str) -> dict[str, str]:
        """What `seal_text` sealed for the purpose; raises SealIsBroken."""
        try:
            content = base64.b64decode(sealed.encode(), altchars=b"-_", validate=True)
        except ValueError:
            raise SealIsBroken from None
        found: dict[str, str] = json.loads(self.open(content, purpose))
        return found
