"""The service of shared workshops, assembled."""

from fastapi import FastAPI

from services.workshops import demo
from services.workshops.api import routes
from services.workshops.commands.bookings import lapse_requests
from services.workshops.commands.imports import imports
from services.workshops.subscribers import hear
from shared import clock
from shared.clock import Clock
from shared.imports.work import work_on
from shared.service import Service
from shared.service import create_app as assemble
from shared.settings import Settings

service = Service(
    name="workshops",
    routes=routes,
    hear=hear,
    due=(lapse_requests,),
    lengthy=(work_on(imports),),
    demo=demo.lay,
    milestones=("demo-laid",),
)


def create_app(settings: Settings | None = None, now: Clock = clock.now) -> FastAPI:
    """The service as an ASGI app."""
    return assemble(service, settings, now)
