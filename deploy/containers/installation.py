"""The installation as its containers see it: its secrets in a volume, its servers by their names."""

from pathlib import Path

from deploy.local.environment import Environment
from deploy.local.installation import Installation
from deploy.local.nats import Nats
from deploy.local.postgres import Postgres

FOLDER = Path("/run/artel/all")
"""Where the volume with all secrets lies, in the few containers that have it."""

POSTGRES, POSTGRES_PORT = "postgres", 5432
NATS, NATS_PORT = "nats", 4222
SERVICE_URL = "http://{service}:8000"
"""Where the portal asks a service: in its container, whichever of several."""


def installation() -> Installation:
    """The one whose secrets lie in the volume."""
    return Installation(FOLDER)


def postgres_of(kept: Installation) -> Postgres:
    """The server in its container; nothing of it is started here."""
    server = Postgres(kept.postgres, kept.secrets().postgres_admin)
    server.host, server.port = POSTGRES, POSTGRES_PORT
    return server


def environment_of(kept: Installation) -> Environment:
    """Builds the variables of every container from the secrets."""
    bus = Nats(kept.nats, "")
    bus.host, bus.port = NATS, NATS_PORT
    return Environment(kept.secrets(), postgres_of(kept), bus, demo=kept.was_made_with_demo)
