"""The service that tells people what happened, assembled."""

from fastapi import FastAPI

from services.notices.api import routes
from services.notices.subscribers import hear
from shared import clock
from shared.clock import Clock
from shared.service import Service
from shared.service import create_app as assemble
from shared.settings import Settings

service = Service(name="notices", routes=routes, hear=hear, milestones=("demo-heard",))


def create_app(settings: Settings | None = None, now: Clock = clock.now) -> FastAPI:
    """The service as an ASGI app."""
    return assemble(service, settings, now)
