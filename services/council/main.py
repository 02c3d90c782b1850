"""The service of the coordination council, assembled."""

from fastapi import FastAPI

from services.council import demo
from services.council.api import routes
from services.council.commands import ballots, composition, meetings, plans
from services.council.commands.imports import imports
from services.council.subscribers import hear
from shared import clock
from shared.clock import Clock
from shared.imports.work import work_on
from shared.service import Service
from shared.service import create_app as assemble
from shared.settings import Settings

service = Service(
    name="council",
    routes=routes,
    hear=hear,
    due=(
        composition.end_terms,
        meetings.begin_absentee,
        ballots.close_due_ballots,  # before the meeting in writing is settled
        meetings.end_absentee,
        plans.enter_force,
    ),
    lengthy=(work_on(imports),),
    demo=demo.lay,
    milestones=("demo-laid",),
)


def create_app(settings: Settings | None = None, now: Clock = clock.now) -> FastAPI:
    """The service as an ASGI app."""
    return assemble(service, settings, now)
