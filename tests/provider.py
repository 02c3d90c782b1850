"""A real OpenID Connect provider for tests, and a person who signs in there."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import authlib.deprecate
import httpx

with warnings.catch_warnings():  # of its own libraries
    assert authlib.deprecate  # which asks for every warning, once it is imported
    warnings.simplefilter("ignore")
    from oidc_provider_mock import User, run_server_in_thread

CLIENT = "artel"
SECRET = "a secret of the tests"
RETURN = "http://artel.test/sign-in/provider/return"


@dataclass(frozen=True)
class Provider:
    """A provider that listens here; it knows its people by the word before the @."""

    issuer: str

    def settings(self, **more: Any) -> dict[str, Any]:
        """The settings of an installation whose people may sign in here."""
        return {
            "oidc_issuer": self.issuer,
            "oidc_name": "Вход организации",
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SECRET,
            "oidc_return_address": RETURN,
            **more,
        }

    def sign_in(self, url: str, person: str) -> dict[str, str]:
        """The person signs in at the address; what the browser is sent back with."""
        answer = httpx.post(url, data={"sub": person}, trust_env=False)
        assert answer.status_code == 302, answer.text
        assert "/sign-in/provider/return?" in answer.headers["location"]
        said = parse_qs(urlsplit(answer.headers["location"]).query)
        return {name: values[0] for name, values in said.items()}


@contextmanager
def running_provider(*addresses: str, **claims: Any) -> Iterator[Provider]:
    """A provider that vouches for these addresses, unless other claims are told."""
    people = [
        User(
            sub=address.partition("@")[0],
            claims={"email": address, "email_verified": True, **claims},
        )
        for address in addresses
    ]
    with run_server_in_thread(
        user_claims=people, require_nonce=True, access_token_max_age=timedelta(days=365)
    ) as server:
        yield Provider(f"http://localhost:{server.server_port}")
