"""What HTTP may ask of workshops: one route each, which ends in a command or a query."""

from services.workshops.api import bookings, catalogue, feeds, places, sites
from services.workshops.api.routes import routes
from services.workshops.commands.imports import imports
from shared.deeds import add_deed_routes
from shared.imports.resource import add_import_routes

__all__ = ["bookings", "catalogue", "feeds", "places", "routes", "sites"]

add_import_routes(routes, imports)
add_deed_routes(routes)
