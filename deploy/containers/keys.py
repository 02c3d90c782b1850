"""What is made once is laid for each container into a volume of its own: its secrets, demo or not."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.topology import PORTAL, SERVICES
from deploy.containers.installation import SERVICE_URL, environment_of
from deploy.local.environment import SECRETS
from deploy.local.installation import Installation
from deploy.nats.config import authorization
from deploy.nats.server import configuration

ARTEL_USER = 10001
"""Whom the images run as."""

POSTGRES_USER = 999
"""Whom PostgreSQL's image runs as."""


@dataclass(frozen=True)
class Bundle:
    """The secrets of one container: its volume, who may read it, and a text for each file."""

    volume: str
    files: Mapping[str, str]
    user: int = ARTEL_USER


def bundles(kept: Installation, *, demo: bool, nats_servers: int = 1) -> list[Bundle]:
    """What each container is given, and nothing of any other's."""
    secrets, environment = kept.secrets(), environment_of(kept)
    config = configuration(nats_servers) + authorization(secrets.nats)
    made = [
        Bundle("postgres", {"password": secrets.postgres_admin}, POSTGRES_USER),
        Bundle("nats", {"nats.conf": config}),
        Bundle("provisioner", {"nats_url": environment.provisioner_url}),
    ]
    for service in SERVICES:
        own = _secrets(service, environment.of_services((service,)))
        made.append(Bundle(service, {**own, "demo": str(int(demo))}))
        migration = _secrets(service, environment.of_migration(service))
        made.append(Bundle(f"migrate-{service}", migration))
    portal = _secrets(PORTAL, environment.of_portal(SERVICE_URL))
    made.append(Bundle(PORTAL, {**portal, "demo": str(int(demo))}))
    return made


def lay(bundle: Bundle, volumes: Path) -> None:
    """Writes the bundle into its volume, where its container's user alone may read it."""
    folder = volumes / bundle.volume
    folder.chmod(0o700)
    for name, text in bundle.files.items():
        unfinished = folder / f"{name}.unfinished"
        unfinished.unlink(missing_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        give(unfinished, bundle.user)
        unfinished.replace(folder / name)
    folder.chmod(0o500)
    give(folder, bundle.user)


def give(path: Path, user: int) -> None:
    """Makes the path the user's."""
    os.chown(path, user, user)


def _secrets(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The secrets among the service's variables, each under the end of its name."""
    found = {}
    for name, value in variables.items():
        if name.startswith("ARTEL_") and name.endswith(SECRETS):
            short = name.removeprefix("ARTEL_").removeprefix(f"{service.upper()}_")
            found[short.lower()] = value
    return found
