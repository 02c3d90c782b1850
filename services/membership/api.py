"""What HTTP may ask of membership: one route each, which ends in a command or a query."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AfterValidator, BaseModel, EmailStr, Field, StringConstraints

from services.membership import queries
from services.membership.commands import accounts, agreements, members, sessions
from services.membership.commands.imports import imports
from services.membership.commands.sessions import Session
from services.membership.domain.accounts import PASSWORD_LENGTH_MAX, PersonName, SessionIsOver
from services.membership.domain.agreements import AgreementKind, AgreementStatus, Terms
from services.membership.domain.members import Card, MemberKind, MemberStatus
from shared.etag import IfMatch, stamp
from shared.identity import Role
from shared.imports.resource import add_import_routes
from shared.paging import Cursor, Limit, Page
from shared.routes import ANYONE_SIGNED_IN, PUBLIC, KeyUse, Routes, Tx, roles
from shared.russia.vat import VatRegime
from shared.tokens import Signer
from shared.values import Day, Line, Words

routes = Routes("membership")

COORDINATORS = roles(Role.COORDINATOR)
ADMINISTRATORS = roles(Role.ADMINISTRATOR)
THOSE_WHO_NAME = roles(Role.COORDINATOR, Role.ADMINISTRATOR)
READERS = roles(*(set(Role) - {Role.STUDENT, Role.ADMINISTRATOR}))
PAYERS = roles(*(set(Role) - {Role.STUDENT}))


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("contains half of a character") from None
    return text


Password = Annotated[
    str,
    StringConstraints(min_length=1, max_length=PASSWORD_LENGTH_MAX),
    AfterValidator(_encodable),
]
Name = Annotated[Line, Field(max_length=100)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,40}$")]
Digits = Annotated[Line, Field(max_length=20)]
RoleSet = Annotated[set[Role], Field(max_length=len(Role))]


# --- sessions ----------------------------------------------------------------------------------


class SignIn(BaseModel):
    """Who comes, and for which member they want to act.

    `is_lasting` asks for a refresh token that is not spent by use: for a portal that keeps it in a
    cookie which no script can read.
    """

    email: Line
    password: Password
    member_id: UUID | None = None
    is_lasting: bool = False


class Refresh(BaseModel):
    """The newest refresh token of a session; a `member_id` to act for another member."""

    refresh_token: Annotated[str, StringConstraints(max_length=200), AfterValidator(_encodable)]
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
    """Signs in."""
    session = await sessions.start(
        tx,
        email=body.email,
        password=body.password,
        member_id=body.member_id,
        is_lasting=body.is_lasting,
    )
    return await _signed_in(session, request, tx)


@routes.post("/sessions/refresh", may=PUBLIC, key=KeyUse.IGNORED)
async def refresh(body: Refresh, request: Request, tx: Tx) -> SignedIn:
    """Goes on with a session; the refresh token that was used is spent, unless it is a lasting one."""
    session = await sessions.refresh(tx, refresh_token=body.refresh_token, member_id=body.member_id)
    return await _signed_in(session, request, tx)


async def _signed_in(session: Session, request: Request, tx: Tx) -> SignedIn:
    signer: Signer = request.app.state.signer
    return SignedIn(
        access_token=signer.sign(session.actor, tx.now),
        expires_in=signer.seconds,
        member_id=session.actor.member_id,
        members=await queries.affiliations(tx, session.actor.person_id),
        roles=sorted(session.actor.roles),
        refresh_token=session.refresh_token,
    )


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


# --- members -----------------------------------------------------------------------------------


class NewMember(BaseModel):
    """The card of an organisation that joins."""

    slug: Slug
    name: Line
    full_name: Annotated[Words, Field(max_length=500)]
    kind: MemberKind
    is_state: bool
    legal_form: Digits
    inn: Digits
    kpp: Digits | None = None
    ogrn: Digits
    town: Name
    vat_regime: VatRegime
    bank_account: Digits | None = None
    bik: Digits | None = None
    joined_on: Day | None = None


class Notice(BaseModel):
    """The first day on which the member takes no part."""

    effective_on: Day


@routes.get("/members", may=PUBLIC)
async def list_members(
    tx: Tx,
    kind: MemberKind | None = None,
    status: MemberStatus | None = None,
    q: Annotated[Line | None, Query(description="Words of the name.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.MemberItem]:
    """Who takes part in the cluster."""
    items, next_cursor = await queries.members(
        tx, kind=kind, status=status, q=q, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/members/{member_id}", may=PUBLIC)
async def get_member(member_id: UUID, response: Response, tx: Tx) -> queries.MemberCard:
    """A member's public card."""
    card = await queries.member(tx, member_id)
    stamp(response, card.version)
    return card


@routes.get("/members/{member_id}/requisites", may=PAYERS)
async def get_requisites(member_id: UUID, tx: Tx) -> queries.Requisites:
    """How a member is paid, and how it stands towards VAT."""
    return await queries.requisites(tx, member_id)


@routes.post("/members", may=ADMINISTRATORS, status_code=201)
async def join(body: NewMember, response: Response, tx: Tx) -> queries.MemberCard:
    """Enters an organisation as a member."""
    card = Card(**body.model_dump(exclude={"joined_on"}))
    member_id = await members.join(tx, card, body.joined_on)
    return await get_member(member_id, response, tx)


@routes.post("/members/{member_id}/withdraw", may=COORDINATORS)
async def withdraw(
    member_id: UUID, body: Notice, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.MemberCard:
    """Gives notice that the member leaves; nobody's approval is needed (R5.1)."""
    await members.give_notice(tx, member_id, body.effective_on, if_match)
    return await get_member(member_id, response, tx)


# --- agreements --------------------------------------------------------------------------------


class NewAgreement(BaseModel):
    """What is agreed with whom; both dates are included."""

    kind: AgreementKind
    party_ids: Annotated[list[UUID], Field(min_length=2, max_length=2)]
    valid_from: Day
    valid_to: Day
    subject: Words


@routes.post("/agreements", may=COORDINATORS, status_code=201)
async def make_agreement(body: NewAgreement, response: Response, tx: Tx) -> queries.AgreementView:
    """Makes an agreement, and signs it for the own member."""
    terms = Terms(body.kind, tuple(body.party_ids), body.valid_from, body.valid_to, body.subject)
    return await get_agreement(await agreements.make(tx, terms), response, tx)


@routes.post("/agreements/{agreement_id}/sign", may=COORDINATORS)
async def sign(
    agreement_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.AgreementView:
    """Signs an agreement for the own member; with the last signature it is active."""
    await agreements.add_signature(tx, agreement_id, if_match)
    return await get_agreement(agreement_id, response, tx)


@routes.get("/agreements", may=READERS)
async def list_agreements(
    tx: Tx,
    status: AgreementStatus | None = None,
    kind: AgreementKind | None = None,
    with_id: Annotated[UUID | None, Query(description="The other party.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.AgreementView]:
    """The agreements of the own member, the newest first."""
    items, next_cursor = await queries.agreements(
        tx, status=status, kind=kind, with_id=with_id, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/agreements/{agreement_id}", may=READERS)
async def get_agreement(agreement_id: UUID, response: Response, tx: Tx) -> queries.AgreementView:
    """An agreement of the own member."""
    agreement = await queries.agreement(tx, agreement_id)
    stamp(response, agreement.version)
    return agreement


# --- accounts ----------------------------------------------------------------------------------


class NewAccount(BaseModel):
    """A person, how they sign in, and what they may do for which member."""

    email: EmailStr
    password: Password
    family_name: Name
    given_name: Name
    patronymic: Name | None = None
    member_id: UUID | None = None
    roles: Annotated[RoleSet, Field(min_length=1)]


class Account(BaseModel):
    """A person's id, and their roles at a member."""

    person_id: UUID
    member_id: UUID | None
    roles: list[Role]


class Roles(BaseModel):
    """All roles that the person has from now on; none takes all away.

    `member_id` is for the administrator to say; a coordinator speaks for the own member.
    """

    roles: RoleSet
    member_id: UUID | None = None


class NewPassword(BaseModel):
    """The password until now, and the one from now on."""

    old: Password
    new: Password


@routes.post("/accounts", may=THOSE_WHO_NAME, status_code=201)
async def open_account(body: NewAccount, tx: Tx) -> Account:
    """Registers a person who acts for the member."""
    person_id = await accounts.open_account(
        tx,
        email=body.email,
        password=body.password,
        name=PersonName(body.family_name, body.given_name, body.patronymic),
        member_id=body.member_id,
        roles=frozenset(body.roles),
    )
    return Account(person_id=person_id, member_id=body.member_id, roles=sorted(body.roles))


@routes.get("/accounts", may=COORDINATORS)
async def list_accounts(
    tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.AccountItem]:
    """The people who act for the own member."""
    items, next_cursor = await queries.accounts(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/accounts/{person_id}/roles", may=THOSE_WHO_NAME)
async def set_roles(person_id: UUID, body: Roles, tx: Tx) -> Account:
    """Says in which roles a person acts for the member from now on."""
    member_id = await accounts.set_roles(
        tx, person_id=person_id, member_id=body.member_id, roles=frozenset(body.roles)
    )
    return Account(person_id=person_id, member_id=member_id, roles=sorted(body.roles))


@routes.post(
    "/accounts/current/password", may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED, status_code=204
)
async def change_password(body: NewPassword, tx: Tx) -> None:
    """Takes another password; all other sessions of the person end."""
    await accounts.change_password(tx, old=body.old, new=body.new)


add_import_routes(routes, imports)
