"""Settings of the portal, read from the environment once at its start."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import LogLevel, read


class PortalSettings(BaseSettings):
    """What the portal needs; a name here is the end of `ARTEL_PORTAL_…` or of `ARTEL_…`."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    api_url: str = Field(
        description="Where the services' HTTP APIs are; `{service}` in it stands for the service."
    )
    nats_url: SecretStr | None = Field(
        default=None,
        description="The NATS server, with the portal's own user; without it no page is live.",
    )
    demo: bool = Field(default=False, description="1 offers the demo's accounts at the sign-in.")
    log_level: LogLevel = Field(default="info", description="How much the portal logs.")
    body_bytes_max: Annotated[int, Field(ge=1024)] = Field(
        default=6_000_000, description="The largest request body that is read, in bytes."
    )


def settings() -> PortalSettings:
    """The portal's settings; raises pydantic's ValidationError that names what is missing."""
    return read(PortalSettings, "portal")
