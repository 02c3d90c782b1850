"""The commands of whoever runs an installation; each is given the installation's environment."""

import asyncio
import secrets
from collections.abc import Mapping
from uuid import UUID

import nats
from nats.aio.client import Client

from contracts.topology import SERVICES
from deploy.local.environment import Environment
from deploy.local.installation import Installation
from deploy.local.nats import Nats
from deploy.local.postgres import Postgres
from deploy.local.process import CannotStart
from deploy.nats.config import PROVISIONER, inbox_prefix
from deploy.postgres.bootstrap import bootstrap
from services.membership.commands.accounts import make_administrator
from shared import clock
from shared.database import Database
from shared.migrate import upgrade
from shared.operations import dead_letters as letters_of
from shared.operations import replay as tell_again
from shared.operations import replay_dead_letter
from shared.refusal import Refusal


def admin(environment: dict[str, str], email: str) -> int:
    """Makes an administrator of the platform and prints the password that signs in once made."""
    password = secrets.token_urlsafe(12)
    try:
        asyncio.run(_make_administrator(environment, email.strip(), password))
    except Refusal as refusal:
        raise CannotStart(refusal.detail) from None
    print(f"{email} is an administrator of this installation; the password is {password}")
    print("It is shown this once. Change it: POST /api/membership/accounts/current/password")
    return 0


async def _make_administrator(environment: dict[str, str], email: str, password: str) -> None:
    database = Database(
        service="membership",
        url=environment["ARTEL_MEMBERSHIP_DATABASE_URL"],
        clock=clock.now,
        connections=2,
    )
    await database.open()
    try:
        async with database.transaction() as tx:
            await make_administrator(tx, email=email, password=password)
    finally:
        await database.close()


def dead_letters(environment: dict[str, str], letter_id: str | None, do: str | None) -> int:
    """Lists the dead letters, shows one, or replays it."""
    urls = _owners(environment)
    if letter_id is None:
        found = asyncio.run(letters_of(urls))
        print("\n".join(letter.line() for letter in found) or "There are no dead letters.")
        return 0
    event_id = _id(letter_id)
    if do == "replay":
        try:
            print(asyncio.run(replay_dead_letter(urls, event_id)))
        except LookupError as error:
            raise CannotStart(str(error)) from None
        return 0
    found = [letter for letter in asyncio.run(letters_of(urls)) if letter.event_id == event_id]
    if not found:
        raise CannotStart(f"There is no dead letter {event_id}.")
    print("\n\n".join(letter.text() for letter in found))
    return 0


def replay(environment: dict[str, str], roles: Mapping[str, str], to: str) -> int:
    """Tells a service again, from the outboxes, everything that it hears; `roles`: passwords."""
    if to not in SERVICES:
        raise CannotStart(f"There is no service {to!r}; there are {', '.join(SERVICES)}.")
    # its database may have been emptied whole: then it is made again first
    asyncio.run(bootstrap(environment["ARTEL_ADMIN_URL"], roles))
    upgrade(to, environment[f"ARTEL_{to.upper()}_MIGRATION_URL"])
    publishers = asyncio.run(_tell_again(environment, to))
    if not publishers:
        print(f"{to} hears nobody.")
    else:
        print(f"{to} is told again what {' and '.join(publishers)} ever told.")
    return 0


async def _tell_again(environment: dict[str, str], to: str) -> list[str]:
    client: Client = await nats.connect(
        environment["ARTEL_PROVISIONER_NATS_URL"],
        inbox_prefix=inbox_prefix(PROVISIONER).encode(),
        connect_timeout=5,
        max_reconnect_attempts=2,
    )
    try:
        return list(await tell_again(to, _owners(environment), client))
    finally:
        await client.close()


def _owners(environment: dict[str, str]) -> dict[str, str]:
    """Where the owner of each service's database connects."""
    return {service: environment[f"ARTEL_{service.upper()}_MIGRATION_URL"] for service in SERVICES}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CannotStart(f"{text!r} is no id of a dead letter.") from None


def environment_of(installation: Installation) -> dict[str, str]:
    """Every variable of the installation that runs; raises CannotStart when none does."""
    state = installation.state()
    if not (state.get("postgres", {}).get("pid") and state.get("nats", {}).get("pid")):
        raise CannotStart(f"Artel does not run on {installation.folder}: make up first.")
    secrets_ = installation.secrets()
    postgres = Postgres(installation.postgres, secrets_.postgres_admin)
    postgres.port = state["postgres"]["port"]
    bus = Nats(installation.nats, "")
    bus.port = state["nats"]["port"]
    return Environment(secrets_, postgres, bus, demo=state["demo"]).of_operations(SERVICES)
