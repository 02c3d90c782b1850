"""Sessions: signing in and out, and who I am."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, BaseModel, StringConstraints

from services.membership import queries
from services.membership.api.routes import Password, encodable, routes
from services.membership.api.second_factor import Code, seals_of
from services.membership.commands import sessions
from services.membership.commands.sessions import Session, Wish
from services.membership.domain.accounts import SessionIsOver
from services.membership.domain.devices import device_of
from services.membership.queries.sessions import SessionItem, own_sessions
from shared.identity import Role
from shared.routes import ANYONE_SIGNED_IN, PUBLIC, KeyUse, Tx
from shared.tokens import Signer
from shared.values import Line


class SignIn(BaseModel):
    """Who comes, and for which member they want to act.

    `is_lasting` asks for a refresh token that is not spent by use: for a portal that keeps it in a
    cookie which no script can read.
    """

    email: Line
    password: Password
    member_id: UUID | None = None
    is_lasting: bool = False


class SecondStep(BaseModel):
    """The challenge that the first step answered, and a code of the telephone or of paper."""

    challenge: Annotated[str, StringConstraints(max_length=2000), AfterValidator(encodable)]
    code: Code


class Refresh(BaseModel):
    """The newest refresh token of a session; a `member_id` to act for another member."""

    refresh_token: Annotated[str, StringConstraints(max_length=200), AfterValidator(encodable)]
    member_id: UUID | None = None


class SignedIn(BaseModel):
    """A short access token for every service, and the refresh token that gets the next one.

    `member_id` is null, and `roles` empty, until one who acts for several members has chosen.
    """

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of RFC 6750
    expires_in: int
    member_id: UUID | None
    members: list[queries.Affiliation]
    roles: list[Role]
    refresh_token: str


class CurrentSession(BaseModel):
    """Who I am, and for whom I act."""

    id: UUID
    person: queries.OpenSession
    member_id: UUID | None
    members: list[queries.Affiliation]
    roles: list[Role]


@routes.post("/sessions", may=PUBLIC, key=KeyUse.IGNORED, status_code=201)
async def sign_in(body: SignIn, request: Request, tx: Tx) -> SignedIn:
    """Signs in; one who has set a second factor gets a challenge for the second step (401)."""
    wish = Wish(body.member_id, body.is_lasting, device_of(request.headers.get("user-agent")))
    session = await sessions.start(
        tx, seals_of(request), email=body.email, password=body.password, wish=wish
    )
    return await signed_in(session, request, tx)


@routes.post("/sessions/second-factor", may=PUBLIC, key=KeyUse.IGNORED, status_code=201)
async def sign_in_with_code(body: SecondStep, request: Request, tx: Tx) -> SignedIn:
    """The second step: signs in with the challenge of the first, within five minutes, and a code."""
    session = await sessions.finish(tx, seals_of(request), body.challenge, body.code)
    return await signed_in(session, request, tx)


@routes.post("/sessions/refresh", may=PUBLIC, key=KeyUse.IGNORED)
async def refresh(body: Refresh, request: Request, tx: Tx) -> SignedIn:
    """Goes on with a session; the refresh token that was used is spent, unless it is a lasting one."""
    session = await sessions.refresh(tx, refresh_token=body.refresh_token, member_id=body.member_id)
    return await signed_in(session, request, tx)


async def signed_in(session: Session, request: Request, tx: Tx) -> SignedIn:
    """The answer to one who has just signed in, or goes on."""
    signer: Signer = request.app.state.signer
    return SignedIn(
        access_token=signer.sign(session.actor, tx.now),
        expires_in=signer.seconds,
        member_id=session.actor.member_id,
        members=await queries.affiliations(tx, session.actor.person_id),
        roles=sorted(session.actor.roles),
        refresh_token=session.refresh_token,
    )


class Sessions(BaseModel):
    """Where I am signed in."""

    items: list[SessionItem]


@routes.get("/sessions", may=ANYONE_SIGNED_IN)
async def list_sessions(tx: Tx) -> Sessions:
    """My sessions that are not over, the one used last first."""
    return Sessions(items=await own_sessions(tx))


@routes.get("/sessions/current", may=ANYONE_SIGNED_IN)
async def current_session(tx: Tx) -> CurrentSession:
    """Who I am, and for whom I act."""
    actor = tx.authorise()
    session = await queries.current_session(tx)
    if session is None:
        raise SessionIsOver
    return CurrentSession(
        id=actor.session_id,
        person=session,
        member_id=actor.member_id,
        members=await queries.affiliations(tx, actor.person_id),
        roles=sorted(actor.roles),
    )


@routes.delete("/sessions/current", may=ANYONE_SIGNED_IN, status_code=204)
async def sign_out(tx: Tx) -> None:
    """Signs out; an access token that is out lives on until it expires."""
    await sessions.end_current(tx)


@routes.delete("/sessions/{session_id}", may=ANYONE_SIGNED_IN, status_code=204)
async def end_session(session_id: UUID, tx: Tx) -> None:
    """Ends one of my sessions; an access token of it that is out lives on until it expires."""
    await sessions.end(tx, session_id)
