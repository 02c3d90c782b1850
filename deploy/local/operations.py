"""The commands of whoever runs the installation, with the environment of the one that runs here."""

import os

from contracts.topology import SERVICES
from deploy.local.environment import Environment
from deploy.local.installation import Installation
from deploy.local.nats import Nats
from deploy.local.postgres import Postgres
from deploy.local.process import CannotStart


def admin(email: str) -> int:
    """Makes the first administrator of an installation without demo data."""
    _take_over_environment()
    raise CannotStart(f"No administrator can be made for {email} yet.")


def dead_letters(letter_id: str | None, do: str | None) -> int:
    """Lists what was given up, shows one letter, or replays it."""
    _take_over_environment()
    raise CannotStart(f"Dead letters cannot be looked at yet ({letter_id}, {do}).")


def replay(to: str) -> int:
    """Tells a service again, from the outboxes, everything that it hears."""
    _take_over_environment()
    raise CannotStart(f"Nothing can be told {to} again yet.")


def environment_of(installation: Installation) -> dict[str, str]:
    """Every variable of the installation that runs; raises CannotStart when none does."""
    state = installation.state()
    if not (state.get("postgres", {}).get("pid") and state.get("nats", {}).get("pid")):
        raise CannotStart(f"Artel does not run on {installation.folder}: make up first.")
    secrets = installation.secrets()
    postgres = Postgres(installation.postgres, secrets.postgres_admin)
    postgres.port = state["postgres"]["port"]
    nats = Nats(installation.nats, "")
    nats.port = state["nats"]["port"]
    return Environment(secrets, postgres, nats, demo=state["demo"]).of_operations(SERVICES)


def _take_over_environment() -> None:
    os.environ.update(environment_of(Installation.here()))
