"""What HTTP may ask of the council: one route each, which ends in a command or a query."""

from services.council.api import (
    agenda,
    ballots,
    composition,
    decisions,
    duties,
    meetings,
    minutes,
    plan_files,
    plan_items,
    plans,
    proposals,
)
from services.council.api.routes import routes
from services.council.commands.imports import imports
from shared.deeds import add_deed_routes
from shared.imports.resource import add_import_routes

__all__ = [
    "agenda",
    "ballots",
    "composition",
    "decisions",
    "duties",
    "meetings",
    "minutes",
    "plan_files",
    "plan_items",
    "plans",
    "proposals",
    "routes",
]

add_import_routes(routes, imports)
add_deed_routes(routes)
