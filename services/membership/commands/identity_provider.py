"""Signing in by an OpenID Connect provider: code flow with PKCE, state and nonce.

Accounts are matched by the verified address and never made. Nothing is stored between the two
steps: the browser brings back what was begun, sealed.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from services.membership.commands.seals import SealIsBroken, Seals
from services.membership.commands.sessions import Proven, Session, Wish, admit
from services.membership.domain.identity_provider import (
    ALGORITHMS,
    BEGUN_LASTS,
    NoAccountHere,
    ProviderRefused,
    address_of,
    check_claims,
)
from shared.database import Transaction
from shared.refusal import NotFound, Unavailable

SIGN_IN = "sign-in by a provider"
_KNOWN_FOR = timedelta(hours=1)
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it has to bring back."""

    url: str
    begun: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the provider says of itself, and the keys by which it signs."""

    facts: dict[str, Any]
    keys: dict[str, Any]
    until: datetime


class Provider:
    """The identity provider of this installation; what it says of itself is kept for an hour."""

    def __init__(
        self, *, name: str, issuer: str, client_id: str, secret: str | None, redirect_url: str
    ) -> None:
        self.name = name
        self.issuer = issuer.rstrip("/")
        self.client_id = client_id
        self.redirect_url = redirect_url
        self._secret = secret
        self._known: Known | None = None

    def address(self, endpoint: str, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes: the code flow with PKCE (RFC 7636), state and nonce."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        address: str = prepare_grant_uri(
            endpoint,
            self.client_id,
            "code",
            redirect_uri=self.redirect_url,
            scope="openid email",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    async def exchange(self, client: Any, endpoint: str, code: str, verifier: str) -> Any:
        """What the provider gives for the code; raises httpx's errors."""
        from authlib.oauth2.auth import ClientAuth

        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_url,
            "code_verifier": verifier,
        }
        method = "client_secret_basic" if self._secret else "none"
        url, headers, body = ClientAuth(self.client_id, self._secret, method).prepare(
            "POST",
            endpoint,
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            urlencode(form),
        )
        answer = await client.post(url, headers=headers, content=body)
        answer.raise_for_status()
        return answer.json()

    async def known(self, client: Any, now: datetime) -> Known:
        """What the provider says of itself; raises httpx's errors, ValueError, KeyError."""
        if self._known is None or self._known.until <= now:
            facts = await read(client, f"{self.issuer}/.well-known/openid-configuration")
            if str(facts["issuer"]).rstrip("/") != self.issuer:
                raise ValueError("the provider calls itself otherwise")
            keys = await read(client, facts["jwks_uri"])
            self._known = Known(facts, keys, now + _KNOWN_FOR)
        return self._known

    def forget(self) -> None:
        """Its keys may be others now."""
        self._known = None


def client_for_an_errand() -> Any:
    """A client that asks a provider, and goes through nobody else."""
    import httpx

    return httpx.AsyncClient(timeout=_SECONDS, trust_env=False)


async def read(client: Any, url: str, token: str | None = None) -> dict[str, Any]:
    """What stands at the address; raises httpx's errors, ValueError."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await client.get(url, headers=headers)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


async def begin(provider: Provider | None, seals: Seals, now: datetime) -> Begun:
    """Where to go to sign in there; raises NotFound where there is no provider."""
    import httpx

    if provider is None:
        raise NotFound
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    async with client_for_an_errand() as client:
        try:
            known = await provider.known(client, now)
            endpoint = known.facts["authorization_endpoint"]
        except (httpx.HTTPError, ValueError, KeyError):
            raise Unavailable("The identity provider does not answer.") from None
    url = provider.address(endpoint, state=state, nonce=nonce, verifier=verifier)
    return Begun(url, begun_of(seals, state=state, nonce=nonce, verifier=verifier, now=now))


def begun_of(seals: Seals, *, state: str, nonce: str, verifier: str, now: datetime) -> str:
    """What the browser brings back, for BEGUN_LASTS; nobody else can read or make it."""
    until = (now + BEGUN_LASTS).isoformat()
    content = {"state": state, "nonce": nonce, "verifier": verifier, "until": until}
    return seals.seal_text(content, SIGN_IN)


async def finish(
    tx: Transaction,
    seals: Seals,
    provider: Provider | None,
    *,
    code: str,
    state: str,
    begun: str,
    wish: Wish,
) -> Session:
    """Who comes back from the provider signs in, to the account of the verified address.

    No connection is held while the provider is asked. Raises ProviderRefused,
    AddressIsNotVerified, NoAccountHere, and SecondFactorNeeded as any sign-in.
    """
    if provider is None:
        raise NotFound
    try:
        said = seals.open_text(begun, SIGN_IN)
    except (SealIsBroken, UnicodeEncodeError):
        raise ProviderRefused from None
    is_same = hmac.compare_digest(said["state"].encode(), state.encode())
    if not is_same or datetime.fromisoformat(said["until"]) <= tx.now:
        raise ProviderRefused
    claims = await _claims(provider, code, said, tx.now)
    row = await tx.row(
        "SELECT person_id, password_hash FROM accounts WHERE email = $1", address_of(claims)
    )
    if row is None:
        raise NoAccountHere
    person_id: UUID = row["person_id"]
    return await admit(tx, seals, Proven(person_id, row["password_hash"]), wish)


async def _claims(
    provider: Provider, code: str, said: dict[str, str], now: datetime
) -> dict[str, Any]:
    """What the provider says of the person, once it is proven to be its word for us."""
    import httpx
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    async with client_for_an_errand() as client:
        try:
            known = await provider.known(client, now)
            token = await provider.exchange(
                client, known.facts["token_endpoint"], code, said["verifier"]
            )
            keys = KeySet.import_key_set(known.keys)  # type: ignore[arg-type]
            signed = jwt.decode(token["id_token"], keys, algorithms=list(ALGORITHMS))
            claims = dict(signed.claims)
            check_claims(
                claims,
                issuer=known.facts["issuer"],
                client_id=provider.client_id,
                nonce=said["nonce"],
                now=now,
            )
            if "email" not in claims and "userinfo_endpoint" in known.facts:
                endpoint = known.facts["userinfo_endpoint"]
                told = await read(client, endpoint, token["access_token"])
                claims |= told if told.get("sub") == claims["sub"] else {}
        except httpx.HTTPStatusError:
            raise ProviderRefused from None
        except httpx.HTTPError:
            raise Unavailable("The identity provider does not answer.") from None
        except (JoseError, ValueError, KeyError, TypeError):
            provider.forget()
            raise ProviderRefused from None
    return claims
