"""What HTTP may ask of membership: one route each, which ends in a command or a query."""

from services.membership.api import (
    accounts,
    agreements,
    api_keys,
    application_documents,
    cases,
    consents,
    council,
    identity_provider,
    invitations,
    joining,
    members,
    own_data,
    persons,
    powers,
    recovery,
    second_factor,
    sessions,
)
from services.membership.api.routes import COORDINATORS, routes
from services.membership.commands import person_imports
from services.membership.commands.imports import imports
from services.membership.commands.papers import templates
from shared.deeds import add_deed_routes
from shared.documents.resource import add_template_routes
from shared.files.resource import add_file_routes
from shared.files.types import PAPERS, FileType
from shared.imports.resource import add_import_routes

__all__ = [
    "accounts",
    "agreements",
    "api_keys",
    "application_documents",
    "cases",
    "consents",
    "council",
    "identity_provider",
    "invitations",
    "joining",
    "members",
    "own_data",
    "persons",
    "powers",
    "recovery",
    "routes",
    "second_factor",
    "sessions",
]

add_import_routes(routes, imports)
add_file_routes(routes, COORDINATORS, PAPERS | {FileType.SIGNATURE})
add_template_routes(routes, templates)
add_import_routes(routes, person_imports.imports)
add_deed_routes(routes)
