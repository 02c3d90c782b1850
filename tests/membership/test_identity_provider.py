"""Signing in by an identity provider: a real one, code flow with PKCE, state and nonce."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio

from services.membership.commands.codes import code_of
from services.membership.domain.identity_provider import (
    AddressIsNotVerified,
    ProviderRefused,
    address_of,
    check_claims,
)
from services.membership.domain.second_factor import step_of
from services.membership.main import create_app
from tests.harness import Moment, Running, Servers, running
from tests.membership.cluster import PASSWORD, Cluster
from tests.provider import CLIENT, Provider, running_provider

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NOW = datetime(2027, 3, 1, tzinfo=UTC)
CLAIMS: dict[str, Any] = {
    "iss": "https://id.example",
    "aud": CLIENT,
    "nonce": "n",
    "sub": "1",
    "exp": NOW.timestamp() + 60,
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    addresses = ("College@artel.demo", "guarded@artel.demo", "nobody@artel.demo")
    with running_provider(*addresses) as provider:
        yield provider


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def begun(servers: Servers, provider: Provider) -> AsyncIterator[Running]:
    """Membership, with the provider configured."""
    async with running(servers, "membership", Moment(), **provider.settings()) as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(begun: Running) -> Cluster:
    """A cluster whose people may sign in by the provider."""
    return await Cluster(begun).lay()


async def begin(cluster: Cluster) -> dict[str, str]:
    answer = await cluster.post("/identity-provider/begin")
    assert answer.status_code == 200, answer.text
    body: dict[str, str] = answer.json()
    return body


async def come_back(
    cluster: Cluster, provider: Provider, person: str, **other: Any
) -> httpx.Response:
    """Signs in at the provider, and comes back with its answer."""
    started = await begin(cluster)
    said = provider.sign_in(started["url"], person)
    body = {"begun": started["begun"], **said, **other}
    return await cluster.post("/identity-provider/finish", None, **body)


# --- what is believed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "https://other.example"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"nonce": "other"},
        {"nonce": None},
        {"sub": None},
        {"exp": None},
        {"exp": NOW.timestamp() - 61},
    ],
)
def test_claims_for_others_from_others_or_of_the_past_are_refused(other: dict[str, Any]) -> None:
    facts: dict[str, Any] = {
        "issuer": "https://id.example",
        "client_id": CLIENT,
        "nonce": "n",
        "now": NOW,
    }
    check_claims(CLAIMS, **facts)
    check_claims(CLAIMS | {"aud": [CLIENT, "another"], "azp": CLIENT}, **facts)
    with pytest.raises(ProviderRefused):
        check_claims(CLAIMS | other, **facts)


def test_only_an_address_that_the_provider_vouches_for_counts() -> None:
    assert address_of({"email": "A@x.ru", "email_verified": True}) == "a@x.ru"
    for claims in ({}, {"email": "a@x.ru"}, {"email": "a@x.ru", "email_verified": False}):
        with pytest.raises(AddressIsNotVerified):
            address_of(claims)


# --- signing in ----------------------------------------------------------------------------------


async def test_who_has_an_account_signs_in_by_the_provider(
    here: Cluster, provider: Provider
) -> None:
    shown = await here.get("/identity-provider")
    assert shown.json() == {"name": "Вход организации"}
    asked = parse_qs(urlsplit((await begin(here))["url"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    answer = await come_back(here, provider, "College", is_lasting=True)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["member_id"], body["roles"]) == (str(here.college), ["coordinator"])
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert (await here.get("/sessions/current", headers)).status_code == 200


async def test_nobody_gets_an_account_by_the_provider(here: Cluster, provider: Provider) -> None:
    before = await here.service.sql("SELECT FROM accounts")
    refused = await come_back(here, provider, "nobody")
    assert (refused.status_code, refused.json()["code"]) == (401, "no-account-here")
    assert len(await here.service.sql("SELECT FROM accounts")) == len(before)


async def test_an_address_that_is_not_verified_signs_nobody_in(servers: Servers) -> None:
    with running_provider("college@artel.demo", email_verified=False) as provider:
        async with running(servers, "membership", Moment(), **provider.settings()) as service:
            cluster = await Cluster(service).lay()
            refused = await come_back(cluster, provider, "college")
    assert (refused.status_code, refused.json()["code"]) == (401, "address-not-verified")


async def test_an_answer_is_good_once_for_the_browser_that_began(
    here: Cluster, provider: Provider
) -> None:
    mine, other = await begin(here), await begin(here)
    said = provider.sign_in(mine["url"], "College")
    for begun, changes in (
        (other["begun"], {}),  # state and PKCE are another's
        (mine["begun"], {"state": "other"}),
        (mine["begun"], {"code": "other"}),
        ("nonsense", {}),
        ("🔧", {}),
    ):
        body = {"begun": begun, **said, **changes}
        refused = await here.post("/identity-provider/finish", None, **body)
        assert (refused.status_code, refused.json()["code"]) == (401, "provider-refused")
    body = {"begun": mine["begun"], **said}
    assert (await here.post("/identity-provider/finish", None, **body)).status_code == 201
    again = await here.post("/identity-provider/finish", None, **body)
    assert (again.status_code, again.json()["code"]) == (401, "provider-refused")


async def test_what_was_begun_is_good_for_ten_minutes(here: Cluster, provider: Provider) -> None:
    started = await begin(here)
    said = provider.sign_in(started["url"], "College")
    here.service.clock.pass_(minutes=10)
    late = await here.post("/identity-provider/finish", None, begun=started["begun"], **said)
    assert (late.status_code, late.json()["code"]) == (401, "provider-refused")
    here.service.clock.pass_(minutes=-10)


async def test_the_second_factor_is_asked_for_also_after_the_provider(
    here: Cluster, provider: Provider
) -> None:
    person = await here.register("guarded", here.college)
    headers = here.service.as_(here.college, person_id=person)
    path = "/accounts/current/second-factor"
    secret = (await here.post(path, headers, password=PASSWORD)).json()["secret"]
    code = code_of(secret, step_of(here.service.clock()))
    assert (await here.post(f"{path}/confirm", headers, code=code)).status_code == 200
    refused = await come_back(here, provider, "guarded")
    assert (refused.status_code, refused.json()["code"]) == (401, "second-factor-needed")
    here.service.clock.pass_(seconds=60)
    step = await here.post(
        "/sessions/second-factor",
        None,
        challenge=refused.json()["challenge"],
        code=code_of(secret, step_of(here.service.clock())),
    )
    assert step.status_code == 201


# --- a provider that is away, or none ------------------------------------------------------------


async def test_without_a_provider_there_is_no_such_sign_in(cluster: Cluster) -> None:
    assert (await cluster.get("/identity-provider")).json() == {"name": None}
    assert (await cluster.post("/identity-provider/begin")).status_code == 404
    body = {"code": "c", "state": "s", "begun": "b"}
    assert (await cluster.post("/identity-provider/finish", None, **body)).status_code == 404


async def test_while_the_provider_is_away_one_still_signs_in_by_password(servers: Servers) -> None:
    away = Provider("http://localhost:9")
    async with running(servers, "membership", Moment(), **away.settings()) as service:
        cluster = await Cluster(service).lay()
        refused = await cluster.post("/identity-provider/begin")
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert (await cluster.sign_in("college")).status_code == 201


def test_half_of_a_configuration_starts_nothing(servers: Servers) -> None:
    settings = servers.settings("membership", "none", oidc_issuer="https://id.example")
    with pytest.raises(RuntimeError, match="ARTEL_OIDC_CLIENT_ID"):
        create_app(settings)
