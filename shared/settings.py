"""Settings of a service, read from the environment once at its start."""

import os
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(BaseSettings):
    """What every service needs; a name here is the end of `ARTEL_<SERVICE>_…` or of `ARTEL_…`.

    A value of one service (`ARTEL_WORKSHOPS_DATABASE_URL`) comes before one for all
    (`ARTEL_DATABASE_URL`). Instead of a value, `ARTEL_…_FILE` may name a file that holds it.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: SecretStr = Field(
        description="The service's own database, with the role it runs as (`postgresql://…`)."
    )
    nats_url: SecretStr = Field(
        description="The NATS server, with the service's own user (`nats://…`)."
    )
    token_public_keys: str = Field(
        description="Public keys that sign access tokens, a JSON Web Key Set as text."
    )
    token_private_key: SecretStr | None = Field(
        default=None,
        description="Membership alone: the private key that signs access tokens, a JSON Web Key.",
    )
    token_seconds: Annotated[int, Field(ge=60, le=3600)] = Field(
        default=900, description="How long an access token is valid, in seconds."
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="Membership alone: an OpenID Connect provider by which people may sign in too.",
    )
    oidc_name: str = Field(
        default="OpenID Connect", description="Membership alone: what people call the provider."
    )
    oidc_client_id: str | None = Field(
        default=None, description="Membership alone: how the provider knows this installation."
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None,
        description="Membership alone: the secret that goes with it; none for a public client.",
    )
    oidc_return_address: str | None = Field(
        default=None,
        description="Membership alone: `https://<this installation>/sign-in/provider/return`, as the"
        " provider knows it.",
    )
    public_address: str = Field(
        default="http://127.0.0.1:8000",
        description="Where people find the pages: links in letters begin with it.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="Notices alone: the mail server, `smtp://`, `smtp+starttls://` or `smtps://` with"
        " user, password, host and port. Without it nothing is mailed; the demo keeps letters for a day.",
    )
    mail_from: str = Field(
        default="artel@localhost", description="Notices alone: the address that letters come from."
    )
    webhooks_to_loopback: bool = Field(
        default=False,
        description="Notices alone: 1 lets members' programs stand on this machine, for trying out.",
    )
    demo: bool = Field(default=False, description="1 lays the demo data at the first start.")
    log_level: LogLevel = Field(default="info", description="How much the service logs.")
    database_connections: Annotated[int, Field(ge=2, le=100)] = Field(
        default=16, description="The most connections to the database that requests share."
    )
    requests_per_10_seconds: Annotated[int, Field(ge=300)] = Field(
        default=6000, description="The most requests of one person, or of one address, in 10 s."
    )
    body_bytes_max: Annotated[int, Field(ge=1024)] = Field(
        default=1_000_000, description="The largest request body that is read, in bytes."
    )
    signature_roots: str | None = Field(
        default=None,
        description="Certificates (PEM) of those whose certificates may sign documents by detached"
        " signatures; without them such signatures are not taken.",
    )
    virus_scanner: str | None = Field(
        default=None,
        description="What looks at files that are brought in: `tcp://host:port` of a clamd, or a"
        " command that reads the file and ends with 0 (clean) or 1; without it nothing does.",
    )


def settings_of(service: str) -> Settings:
    """The settings of a service: its own variables first, then the ones for all.

    Raises pydantic's ValidationError that names what is missing or wrong.
    """
    return read(Settings, service)


SettingsT = TypeVar("SettingsT", bound=BaseSettings)


def read(kind: type[SettingsT], program: str) -> SettingsT:
    """Settings of that kind: the program's own variables first, then the ones for all.

    Raises pydantic's ValidationError that names what is missing or wrong.
    """
    common = _read(kind, "ARTEL_")
    own = _read(kind, f"ARTEL_{program.upper()}_")
    return kind.model_validate({**common, **own})


def variable(name: str) -> str | None:
    """What the environment says under this name, or what stands in the file that `<name>_FILE` names.

    None when it says neither. Raises ValueError when it says both, OSError when there is no such
    file.
    """
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if not file:
        return value
    if value is not None:
        raise ValueError(f"{name} and {name}_FILE are both set: leave one out.")
    return Path(file).read_text(encoding="utf-8").strip()


def _read(kind: type[BaseSettings], prefix: str) -> dict[str, object]:
    found = {name: variable(f"{prefix}{name.upper()}") for name in kind.model_fields}
    return {name: value for name, value in found.items() if value is not None}
