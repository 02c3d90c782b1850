"""What the walk asks of the second factor and the identity provider: codes as they change."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.membership.commands.codes import code_of
from services.membership.commands.identity_provider import SIGN_IN, begun_of
from services.membership.commands.sessions import Proven, Wish, challenge_for
from services.membership.domain.second_factor import STEP_SECONDS, step_of
from shared.identity import Role
from tests.architecture.visits import ADMINISTRATOR, EVERYBODY, SIGNED_IN, Visit
from tests.membership.cluster import HASH, PASSWORD, Cluster
from tests.provider import Provider

MENTOR = "mentor@artel.demo"
"""For whom an identity provider vouches."""
_PATH = "/accounts/current/second-factor"


@dataclass
class Factors:
    """People with a second factor, and the bodies that go with them."""

    bodies: dict[str, Any]
    secrets: frozenset[str]


async def factors_world(cluster: Cluster) -> Factors:
    """The college's coordinator sets a telephone up; two mentors have done so."""
    secret = await begin(cluster, cluster.as_college())
    guarded = await guard(cluster, "guarded")
    await guard(cluster, "lost")

    def fresh(secret: str) -> str:
        """The code of the next half minute, so that none is said twice."""
        cluster.service.clock.pass_(seconds=STEP_SECONDS)
        return code_of(secret, step_of(cluster.service.clock()))

    def challenge() -> str:
        proven, seals = Proven(guarded[0], HASH), cluster.service.app.state.seals
        return challenge_for(seals, proven, Wish(), cluster.service.clock())

    provider, seals = cluster.service.app.state.provider, cluster.service.app.state.seals
    begun = (await cluster.post("/identity-provider/begin")).json()
    said = Provider(provider.issuer).sign_in(begun["url"], MENTOR.partition("@")[0])
    started = seals.open_text(begun["begun"], SIGN_IN)

    def returned() -> dict[str, str]:
        facts = {name: started[name] for name in ("state", "nonce", "verifier")}
        return {**said, "begun": begun_of(seals, **facts, now=cluster.service.clock())}

    return Factors(
        bodies={
            "who lost it": {"email": "lost@artel.demo"},
            "my password": {"password": PASSWORD},
            "first code": lambda: {"code": fresh(secret)},
            "password and code": lambda: {"password": PASSWORD, "code": fresh(secret)},
            "returned": returned,
            "second step": lambda: {"challenge": challenge(), "code": fresh(guarded[1])},
        },
        secrets=frozenset({secret}),
    )


async def begin(cluster: Cluster, headers: dict[str, str]) -> str:
    """The secret that a telephone reads."""
    begun = await cluster.post(_PATH, headers, password=PASSWORD)
    assert begun.status_code == 200, begun.text
    secret: str = begun.json()["secret"]
    return secret


async def guard(cluster: Cluster, name: str) -> tuple[UUID, str]:
    """A mentor of the university with a second factor; who it is, and its secret."""
    person = await cluster.register(name, cluster.university, Role.MENTOR)
    headers = cluster.service.as_(cluster.university, Role.MENTOR, person_id=person)
    secret = await begin(cluster, headers)
    code = code_of(secret, step_of(cluster.service.clock()) - 1)
    confirmed = await cluster.post(f"{_PATH}/confirm", headers, code=code)
    assert confirmed.status_code == 200, confirmed.text
    return person, secret


_OWN = f"/api/membership{_PATH}"

TABLE: dict[str, Visit] = {
    f"GET {_OWN}": Visit(SIGNED_IN),
    f"POST {_OWN}": Visit(SIGNED_IN, body="my password"),
    f"POST {_OWN}/confirm": Visit(SIGNED_IN, body="first code"),
    f"POST {_OWN}/recovery-codes": Visit(SIGNED_IN, body="password and code"),
    f"POST {_OWN}/remove": Visit(SIGNED_IN, body="password and code"),
    "POST /api/membership/second-factors/remove": Visit(
        ADMINISTRATOR, body="who lost it", reaches_all=ADMINISTRATOR
    ),
    "GET /api/membership/identity-provider": Visit(EVERYBODY),
    "POST /api/membership/identity-provider/begin": Visit(EVERYBODY),
    "POST /api/membership/identity-provider/finish": Visit(EVERYBODY, body="returned"),
    "POST /api/membership/sessions/second-factor": Visit(EVERYBODY, body="second step"),
}
