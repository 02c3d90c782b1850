"""Access tokens: short-lived EdDSA JSON Web Tokens that every service verifies by itself."""

import json
import warnings
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet, OKPKey

from shared.identity import Actor, Role
from shared.ids import new_id
from shared.refusal import NotSignedIn

ISSUER = "artel/membership"
AUDIENCE = "artel"
TYPE = "at+jwt"
ALGORITHM = "EdDSA"
_REMEMBERED = 4096

# RFC 9864 prefers the name Ed25519; EdDSA is what OpenID providers and their clients still speak.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)


class Signer:
    """Makes access tokens; membership alone holds the private key."""

    def __init__(self, private_key: str, seconds: int) -> None:
        self._key = OKPKey.import_key(json.loads(private_key))
        self.seconds = seconds

    def sign(self, actor: Actor, now: datetime) -> str:
        """An access token for the actor, valid from now for `seconds`."""
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(actor.person_id),
            "sid": str(actor.session_id),
            "mid": str(actor.member_id) if actor.member_id else None,
            "roles": sorted(actor.roles),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=self.seconds)).timestamp()),
            "jti": str(new_id()),
        }
        if actor.is_program:
            claims["prg"] = True
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


class Verifier:
    """Reads access tokens with the public keys it was given; no key comes from a token."""

    _LEEWAY = timedelta(seconds=10)

    def __init__(self, public_keys: str) -> None:
        self._keys = {key.kid: key for key in KeySet.import_key_set(json.loads(public_keys)).keys}
        self._seen: OrderedDict[str, tuple[Actor, datetime, datetime]] = OrderedDict()

    def actor(self, token: str, now: datetime) -> Actor:
        """Who the token stands for at this moment; raises NotSignedIn when it is not valid.

        A signature once verified is remembered, so that a busy person costs one check a token.
        """
        found = self._seen.get(token)
        if found is None:
            found = self._read(token)
            self._seen[token] = found
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        actor, valid_from, valid_to = found
        if not valid_from - self._LEEWAY <= now < valid_to:
            raise NotSignedIn("The access token is not valid at this moment: refresh it.")
        return actor

    def _read(self, token: str) -> tuple[Actor, datetime, datetime]:
        try:
            decoded = jwt.decode(token, self._key_of, algorithms=[ALGORITHM])
            if decoded.header.get("typ") != TYPE:
                raise NotSignedIn("This is no access token.")
            return _actor_of(decoded.claims)
        except NotSignedIn:
            raise
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotSignedIn("The access token is not valid.") from error

    def _key_of(self, token: Any) -> Any:
        return self._keys[token.headers()["kid"]]


def _actor_of(claims: dict[str, Any]) -> tuple[Actor, datetime, datetime]:
    from datetime import UTC

    if claims["iss"] != ISSUER or claims["aud"] != AUDIENCE:
        raise NotSignedIn("The access token was made for something else.")
    actor = Actor(
        person_id=UUID(claims["sub"]),
        member_id=UUID(claims["mid"]) if claims["mid"] else None,
        roles=frozenset(Role(role) for role in claims["roles"]),
        session_id=UUID(claims["sid"]),
        is_program=claims.get("prg", False) is True,
    )
    valid_from = datetime.fromtimestamp(int(claims["nbf"]), UTC)
    return actor, valid_from, datetime.fromtimestamp(int(claims["exp"]), UTC)
