"""Plug-ins that check detached signatures; the one that comes along reads CMS (PKCS#7).

It knows RSA and ECDSA with SHA-2, and trusts whom the installation trusts. Signatures by GOST need
a certified means of cryptography: an installation that has one writes a `Checker` that asks it.
Whether a certificate was revoked is not asked, since the answer lies on a stranger's server.
"""

import asyncio
import functools
from datetime import datetime
from typing import Any, Protocol

from shared.settings import Settings
from shared.signing.cms import check_cms


class Checker(Protocol):
    """What checks a detached signature."""

    async def check(self, document: bytes, signature: bytes, now: datetime) -> dict[str, Any]:
        """What the signer's certificate says, to be kept with the signature; raises SignatureIsWrong."""


class CmsChecker:
    """Checks CMS signatures of signers whose certificates come from these roots (PEM)."""

    def __init__(self, roots: str) -> None:
        self.roots = roots

    async def check(self, document: bytes, signature: bytes, now: datetime) -> dict[str, Any]:
        """As the protocol says."""
        return await asyncio.to_thread(check_cms, document, signature, self.roots, now)


@functools.cache
def _cms(roots: str) -> CmsChecker:
    return CmsChecker(roots)


def checker_of(settings: Settings) -> Checker | None:
    """The checker of this installation; None when it trusts nobody."""
    return _cms(settings.signature_roots) if settings.signature_roots else None
