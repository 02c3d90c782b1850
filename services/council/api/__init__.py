"""What HTTP may ask of the council: one route each, which ends in a command or a query."""

from services.council.api import plan_items, plans
from services.council.api.routes import routes

__all__ = ["plan_items", "plans", "routes"]
