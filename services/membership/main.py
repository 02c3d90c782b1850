"""The service of membership, assembled. It alone signs access tokens."""

from fastapi import FastAPI

from services.membership import demo
from services.membership.api import routes
from services.membership.commands import (
    agreement_ends,
    council,
    handovers,
    links,
    members,
    person_imports,
    persons,
    recovery,
    sessions,
)
from services.membership.commands.imports import imports
from services.membership.commands.seals import Seals
from services.membership.subscribers import answers, hear
from shared import clock
from shared.clock import Clock
from shared.files import records as files
from shared.imports.work import work_on
from shared.service import Service
from shared.service import create_app as assemble
from shared.settings import Settings, settings_of
from shared.tokens import Signer

service = Service(
    name="membership",
    routes=routes,
    hear=hear,
    answers=answers,
    due=(
        recovery.write_resets,
        members.complete_withdrawals,
        agreement_ends.prolong,
        agreement_ends.remind,
        agreement_ends.end,
        files.forget_unused,
        persons.end_affiliations,
        council.turn_seats,
        handovers.carry_out_handovers,
        sessions.forget_what_is_over,
        links.forget_what_is_over,
    ),
    lengthy=(work_on(imports, person_imports.imports),),
    demo=demo.lay,
    milestones=("demo-laid",),
)


def create_app(settings: Settings | None = None, now: Clock = clock.now) -> FastAPI:
    """The service as an ASGI app."""
    settings = settings or settings_of("membership")
    if settings.token_private_key is None:
        raise RuntimeError("membership signs access tokens: ARTEL_TOKEN_PRIVATE_KEY is missing")
    app = assemble(service, settings, now)
    key = settings.token_private_key.get_secret_value()
    app.state.signer = Signer(key, settings.token_seconds)
    app.state.seals = Seals(key)
    return app
