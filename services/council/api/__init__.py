"""What HTTP may ask of the council: one route each, which ends in a command or a query."""

from services.council.api import (
    agenda,
    ballots,
    composition,
    decisions,
    duties,
    meetings,
    minutes,
    proposals,
)
from services.council.api.routes import routes

__all__ = [
    "agenda",
    "ballots",
    "composition",
    "decisions",
    "duties",
    "meetings",
    "minutes",
    "proposals",
    "routes",
]
