"""Applications: what strangers fill in, what their links let them do, what the secretariat does."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AfterValidator, BaseModel, EmailStr, Field, StringConstraints

from services.membership.api.routes import (
    SECRETARIAT,
    Digits,
    Name,
    Password,
    encodable,
    routes,
)
from services.membership.commands import joining
from services.membership.domain.accounts import PersonName
from services.membership.domain.applications import (
    BANK_DETAILS_MAX,
    PHONES_MAX,
    Applicant,
    Basis,
    HeadcountBand,
)
from services.membership.domain.joining import ApplicationStatus, Signer
from services.membership.domain.members import MemberKind
from services.membership.queries import joining as queries
from services.membership.records import applicant_of
from shared.etag import IfMatch, stamp
from shared.identity import Role
from shared.paging import Cursor, Limit, Page
from shared.refusal import NotFound
from shared.routes import PUBLIC, KeyUse, Tx, roles
from shared.russia.vat import VatRegime
from shared.values import Day, Line, Sha256, Words

Token = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(encodable)]
LongLine = Annotated[Words, Field(max_length=500)]


class HeadBody(BaseModel):
    """Who acts for the organisation, and on what basis; a power of attorney has number and date."""

    family_name: Name
    given_name: Name
    patronymic: Name | None = None
    post: Line
    basis: Basis
    basis_number: Name | None = None
    basis_on: Day | None = None


class ContactBody(BaseModel):
    """Whom to ask; the secretariat and the applicant alone see this."""

    family_name: Name
    given_name: Name
    patronymic: Name | None = None
    post: Line | None = None
    email: EmailStr
    phones: Annotated[list[Name], Field(max_length=PHONES_MAX)] = []


class PermitBody(BaseModel):
    """A licence or an accreditation."""

    number: Name
    issued_on: Day
    issuer: LongLine


class BankDetailsBody(BaseModel):
    """One account by which the organisation is paid."""

    bank_account: Digits
    bik: Digits
    bank: Line


class NewApplication(BaseModel):
    """The full card of an organisation that applies to join."""

    name: Line
    full_name: LongLine
    kind: MemberKind
    is_state: bool
    legal_form: Digits
    inn: Digits
    kpp: Digits | None = None
    ogrn: Digits
    ogrn_on: Day
    okpo: Digits | None = None
    okved: Digits
    oktmo: Digits
    town: Name
    legal_address: LongLine
    postal_address: LongLine
    site_address: LongLine | None = None
    site: Line | None = None
    founder: LongLine | None = None
    headcount: HeadcountBand | None = None
    vat_regime: VatRegime
    edo_operator_id: Name | None = None
    licence: PermitBody | None = None
    accreditation: PermitBody | None = None
    bank_details: Annotated[list[BankDetailsBody], Field(max_length=BANK_DETAILS_MAX)] = []
    head: HeadBody
    contact: ContactBody


class MendedApplication(NewApplication):
    """The card as it should have been, and the token of the link in the letter."""

    token: Token


class ByLink(BaseModel):
    """The token of a link in a letter."""

    token: Token


class SignedByLink(BaseModel):
    """Who signs the accession by what power; `sha256` names the text that was read."""

    token: Token
    sha256: Sha256
    family_name: Name
    given_name: Name
    patronymic: Name | None = None
    post: Line
    basis: Basis
    basis_number: Name | None = None
    basis_on: Day | None = None


class FirstAccount(BaseModel):
    """Who acts for the new member, and the password they choose, or have already."""

    token: Token
    password: Password
    family_name: Name
    given_name: Name
    patronymic: Name | None = None


class Made(BaseModel):
    """The application was made: a letter with a link confirms the e-mail address."""

    id: UUID
    status: ApplicationStatus


class NewCoordinator(BaseModel):
    """Who may sign in now, and for which member."""

    person_id: UUID
    member_id: UUID


class Reasons(BaseModel):
    """What has to be mended, or why nothing comes of it."""

    reason: Words


def _applicant(body: NewApplication) -> Applicant:
    return applicant_of(body.model_dump(exclude={"token"}))


# --- what everybody may --------------------------------------------------------------------------


@routes.post("/applications", may=PUBLIC, key=KeyUse.IGNORED, status_code=201)
async def apply(body: NewApplication, tx: Tx) -> Made:
    """Applies to join; the letter that follows has to be answered within three days."""
    application_id = await joining.apply(tx, _applicant(body))
    return Made(id=application_id, status=ApplicationStatus.DRAFT)


@routes.post("/applications/confirm", may=PUBLIC, key=KeyUse.IGNORED)
async def confirm(body: ByLink, tx: Tx) -> queries.ApplicationView:
    """Confirms the e-mail address: the application is submitted."""
    return await queries.own_application(tx, await joining.confirm(tx, body.token))


@routes.post("/applications/look", may=PUBLIC, key=KeyUse.IGNORED)
async def look(body: ByLink, tx: Tx) -> queries.ApplicationView:
    """How the own application stands; the link is as good as before."""
    return await queries.own_application(tx, await joining.followed(tx, body.token))


@routes.post("/applications/mend", may=PUBLIC, key=KeyUse.IGNORED)
async def mend(body: MendedApplication, tx: Tx) -> queries.ApplicationView:
    """Mends an application that was given back; the confirmed address stays."""
    application_id = await joining.mend(tx, body.token, _applicant(body))
    return await queries.own_application(tx, application_id)


@routes.post("/applications/sign", may=PUBLIC, key=KeyUse.IGNORED)
async def sign(body: SignedByLink, tx: Tx) -> queries.ApplicationView:
    """Signs the accession: the applicant is a member, and its coordinator is invited."""
    signer = Signer(**body.model_dump(exclude={"token", "sha256"}))
    application_id = await joining.sign(tx, body.token, body.sha256, signer)
    return await queries.own_application(tx, application_id)


@routes.post("/applications/open-account", may=PUBLIC, key=KeyUse.IGNORED, status_code=201)
async def open_first_account(body: FirstAccount, tx: Tx) -> NewCoordinator:
    """Opens the account of the new member's first coordinator, by invitation."""
    name = PersonName(body.family_name, body.given_name, body.patronymic)
    person_id, member_id = await joining.open_first_account(
        tx, body.token, password=body.password, name=name
    )
    return NewCoordinator(person_id=person_id, member_id=member_id)


# --- what the secretariat may --------------------------------------------------------------------


@routes.get("/applications", may=SECRETARIAT)
async def list_applications(
    tx: Tx,
    status: ApplicationStatus | None = None,
    q: Annotated[Line | None, Query(description="Words of the name, or an INN.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.ApplicationItem]:
    """Submitted applications, the newest first."""
    items, next_cursor = await queries.applications(
        tx, status=status, q=q, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/applications/{application_id}", may=SECRETARIAT)
async def get_application(
    application_id: UUID, response: Response, tx: Tx
) -> queries.CheckedApplication:
    """An application with its whole card, and those who could be the same organisation."""
    found = await queries.application(tx, application_id)
    stamp(response, found.version)
    return found


@routes.post("/applications/{application_id}/check", may=SECRETARIAT)
async def check(
    application_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.CheckedApplication:
    """Finds the application in order: it is ready for an agenda of the council."""
    await joining.check(tx, application_id, if_match)
    return await get_application(application_id, response, tx)


@routes.post("/applications/{application_id}/return", may=SECRETARIAT)
async def give_back(
    application_id: UUID, body: Reasons, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.CheckedApplication:
    """Gives the application back to be mended, with reasons."""
    await joining.give_back(tx, application_id, body.reason, if_match)
    return await get_application(application_id, response, tx)


@routes.post("/applications/{application_id}/reject", may=SECRETARIAT)
async def reject(
    application_id: UUID, body: Reasons, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.CheckedApplication:
    """Rejects the application, with the reason."""
    await joining.reject(tx, application_id, body.reason, if_match)
    return await get_application(application_id, response, tx)


@routes.post("/applications/{application_id}/put-on-agenda", may=SECRETARIAT)
async def put_on_agenda(
    application_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.CheckedApplication:
    """Notes that the application stands on an agenda of the council."""
    await joining.put_on_agenda(tx, application_id, if_match)
    return await get_application(application_id, response, tx)


@routes.get("/letters", may=roles(Role.ADMINISTRATOR))
async def list_letters(
    request: Request, tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.Letter]:
    """The mailbox of the demo; without the demo there is none."""
    if not request.app.state.runtime.settings.demo:
        raise NotFound
    items, next_cursor = await queries.letters(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)
