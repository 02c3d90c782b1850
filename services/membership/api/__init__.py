"""What HTTP may ask of membership: one route each, which ends in a command or a query."""

from services.membership.api import (
    accounts,
    agreements,
    cases,
    consents,
    council,
    invitations,
    joining,
    members,
    persons,
    powers,
    recovery,
    second_factor,
    sessions,
)
from services.membership.api.routes import routes
from services.membership.commands import person_imports
from services.membership.commands.imports import imports
from shared.imports.resource import add_import_routes

__all__ = [
    "accounts",
    "agreements",
    "cases",
    "consents",
    "council",
    "invitations",
    "joining",
    "members",
    "persons",
    "powers",
    "recovery",
    "routes",
    "second_factor",
    "sessions",
]

add_import_routes(routes, imports)
add_import_routes(routes, person_imports.imports)
