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
from services.membership.commands.identity_provider import Provider
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
    app.state.provider = _provider(settings)
    return app


def _provider(settings: Settings) -> Provider | None:
    """The identity provider that is configured, whole or not at all."""
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id or not settings.oidc_return_address:
        raise RuntimeError(
            "ARTEL_OIDC_ISSUER needs ARTEL_OIDC_CLIENT_ID and ARTEL_OIDC_RETURN_ADDRESS"
        )
    secret = settings.oidc_client_secret
    return Provider(
        name=settings.oidc_name,
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        secret=secret.get_secret_value() if secret is not None else None,
        redirect_url=settings.oidc_return_address,
    )
