"""Signing in by an identity provider, where one is configured (OpenID Connect)."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, BaseModel, StringConstraints

from services.membership.api.routes import encodable, routes
from services.membership.api.second_factor import seals_of
from services.membership.api.sessions import SignedIn, signed_in
from services.membership.commands import identity_provider
from services.membership.commands.identity_provider import Provider
from services.membership.commands.sessions import Wish
from services.membership.domain.devices import device_of
from shared.routes import PUBLIC, KeyUse, Tx

Said = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(encodable)]


class IdentityProvider(BaseModel):
    """What the provider is called; null where there is none."""

    name: str | None


class Begun(BaseModel):
    """Where the browser goes, and what it has to bring back with the provider's answer."""

    url: str
    begun: str


class Returned(BaseModel):
    """What the provider answered (`code`, `state`), and what was begun, within ten minutes."""

    code: Said
    state: Said
    begun: Said
    member_id: UUID | None = None
    is_lasting: bool = False


@routes.get("/identity-provider", may=PUBLIC)
async def get_provider(request: Request) -> IdentityProvider:
    """Whether one can sign in by an identity provider, and by which."""
    provider = _provider(request)
    return IdentityProvider(name=None if provider is None else provider.name)


@routes.post("/identity-provider/begin", may=PUBLIC, key=KeyUse.IGNORED)
async def begin_at_provider(request: Request, tx: Tx) -> Begun:
    """Begins a sign-in at the provider."""
    found = await identity_provider.begin(_provider(request), seals_of(request), tx.now)
    return Begun(url=found.url, begun=found.begun)


@routes.post("/identity-provider/finish", may=PUBLIC, key=KeyUse.IGNORED, status_code=201)
async def finish_at_provider(body: Returned, request: Request, tx: Tx) -> SignedIn:
    """Signs in who comes back from the provider, by the verified address of an account here."""
    session = await identity_provider.finish(
        tx,
        seals_of(request),
        _provider(request),
        code=body.code,
        state=body.state,
        begun=body.begun,
        wish=Wish(body.member_id, body.is_lasting, device_of(request.headers.get("user-agent"))),
    )
    return await signed_in(session, request, tx)


def _provider(request: Request) -> Provider | None:
    provider: Provider | None = request.app.state.provider
    return provider
