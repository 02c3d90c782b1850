"""The variables that the services and the portal read, the same names wherever Artel runs."""

import json
import os
from collections.abc import Mapping, Sequence

from contracts.topology import PORTAL
from deploy.local.installation import SIGNER, Secrets
from deploy.local.nats import Nats
from deploy.local.postgres import Postgres
from deploy.nats.config import PROVISIONER
from deploy.postgres.bootstrap import database_of, owner_role_of, runtime_role_of

MARK = "ARTEL_INSTALLATION"
"""Every process of an installation carries its folder in this variable, so that it can be found."""

EDGE_PORTS = "ARTEL_EDGE_PORTS"
"""Where the edge finds the services and the portal: a JSON object of ports by name."""

MAILER = "notices"
"""Who alone is told where mail goes out, and where people find the pages."""

SECRETS = ("_URL", "_TOKEN_PRIVATE_KEY", "_TOKEN_PUBLIC_KEYS")
SECRET_ENDINGS = (*SECRETS, *(f"{ending}_FILE" for ending in SECRETS))


class Environment:
    """Builds the variables from the installation's secrets and where its servers listen."""

    def __init__(
        self,
        secrets: Secrets,
        postgres: Postgres,
        nats: Nats,
        *,
        demo: bool,
        public_address: str | None = None,
    ) -> None:
        self._secrets = secrets
        self._postgres = postgres
        self._nats = nats
        self._demo = demo
        self._public_address = public_address

    def of_services(self, services: Sequence[str]) -> dict[str, str]:
        """What these services need to run, and no secret of any other."""
        variables = {
            **inherited(),
            "ARTEL_DEMO": "1" if self._demo else "0",
            "ARTEL_TOKEN_PUBLIC_KEYS": json.dumps(self._secrets.public_keys),
        }
        for service in services:
            variables[_name(service, "DATABASE_URL")] = self._database(
                service, runtime_role_of(service)
            )
            variables[_name(service, "NATS_URL")] = self._nats.url(
                service, self._secrets.nats[service]
            )
        if MAILER in services:
            variables |= _mail_of(os.environ)
            if self._public_address is not None:
                variables.setdefault("ARTEL_PUBLIC_ADDRESS", self._public_address)
        if SIGNER in services:
            variables[_name(SIGNER, "TOKEN_PRIVATE_KEY")] = json.dumps(self._secrets.private_key)
        return variables

    def of_portal(self, api_url: str) -> dict[str, str]:
        """What the portal needs: where it asks the services, and its own user on the bus."""
        return {
            **inherited(),
            "ARTEL_DEMO": "1" if self._demo else "0",
            _name(PORTAL, "API_URL"): api_url,
            _name(PORTAL, "NATS_URL"): self._nats.url(PORTAL, self._secrets.nats[PORTAL]),
        }

    def of_migration(self, service: str) -> dict[str, str]:
        """What the migrations of the service need: the role that owns its database."""
        return {
            **inherited(),
            _name(service, "MIGRATION_URL"): self._database(service, owner_role_of(service)),
        }

    def of_operations(self, services: Sequence[str]) -> dict[str, str]:
        """Everything, for the commands of whoever runs the installation."""
        variables = self.of_services(services)
        for service in services:
            variables |= self.of_migration(service)
        return {
            **variables,
            "ARTEL_ADMIN_URL": self._postgres.admin_url,
            "ARTEL_PROVISIONER_NATS_URL": self.provisioner_url,
        }

    @property
    def provisioner_url(self) -> str:
        """Where the provisioner of streams and consumers connects."""
        return self._nats.url(PROVISIONER, self._secrets.nats[PROVISIONER])

    @property
    def roles(self) -> Mapping[str, str]:
        """The password of every database role."""
        return self._secrets.roles

    def _database(self, service: str, role: str) -> str:
        return self._postgres.url(role, self._secrets.roles[role], database_of(service))


def _mail_of(said: Mapping[str, str]) -> dict[str, str]:
    """Where the caller says that mail goes out, for the mailer alone."""
    return {
        _name(MAILER, ending): said[f"ARTEL_{ending}"]
        for ending in ("SMTP_URL", "SMTP_URL_FILE")
        if said.get(f"ARTEL_{ending}")
    }


def inherited() -> dict[str, str]:
    """The caller's own variables (levels, limits, failpoints), without anybody's secrets."""
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not (name.startswith("ARTEL_") and name.endswith(SECRET_ENDINGS))
        },
        "PYTHONUNBUFFERED": "1",
    }


def _name(service: str, ending: str) -> str:
    return f"ARTEL_{service.upper()}_{ending}"
