"""Signing in by the organisation's own identity provider: what of its word is believed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.membership.domain.accounts import normal_email
from shared.refusal import NotSignedIn

BEGUN_LASTS = timedelta(minutes=10)
LEEWAY = timedelta(seconds=60)
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures by a private key alone: none that a client's secret could make."""


class ProviderRefused(NotSignedIn):
    """The identity provider did not confirm this sign-in: begin it again."""

    code = "provider-refused"


class AddressIsNotVerified(NotSignedIn):
    """The identity provider does not vouch for your e-mail address."""

    code = "address-not-verified"


class NoAccountHere(NotSignedIn):
    """Nobody has an account here with the address that the identity provider names."""

    code = "no-account-here"


def check_claims(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> None:
    """Raises ProviderRefused unless the signed claims are this provider's, for us, and fresh.

    OpenID Connect Core 1.0, 3.1.3.7.
    """
    said = claims.get("aud")
    audience = said if isinstance(said, list) else [said]
    expires = claims.get("exp")
    is_right = (
        claims.get("iss") == issuer
        and client_id in audience
        and (len(audience) == 1 or claims.get("azp") == client_id)
        and claims.get("nonce") == nonce
        and isinstance(claims.get("sub"), str)
        and isinstance(expires, int | float)
        and now.timestamp() < expires + LEEWAY.total_seconds()
    )
    if not is_right:
        raise ProviderRefused


def address_of(claims: Mapping[str, Any]) -> str:
    """The verified address, as accounts keep theirs; raises AddressIsNotVerified."""
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") not in (True, "true"):
        raise AddressIsNotVerified
    return normal_email(email)
