"""Agreements between members: made, signed, looked up, prolonged and ended."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from services.membership.api.routes import COORDINATORS, READERS, Name, routes
from services.membership.commands import agreement_ends, agreements, papers
from services.membership.commands.agreements import Detached, InSystem, OnPaper
from services.membership.domain.agreements import (
    REMINDER_DAYS,
    REMINDERS_MAX,
    TARIFFS_MAX,
    AgreedTariff,
    AgreementKind,
    AgreementStatus,
    Prolongation,
    TariffUnit,
    Terms,
)
from services.membership.queries import agreements as queries
from shared.documents.render import KINDS, Format
from shared.etag import IfMatch, stamp
from shared.files.resource import FILE_RESPONSES, file_response
from shared.files.uploads import clean_name
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx
from shared.signing.checkers import checker_of
from shared.values import Day, Line, Sha256, Whole, Words

PARTIES_MAX = 50


class ProlongationBody(BaseModel):
    """By how many months the term goes on, and how many days before its end a party may say no."""

    months: Whole
    refusal_days: Whole


class TariffBody(BaseModel):
    """What is paid for one unit, without VAT, which the law of the day adds."""

    what: Line
    unit: TariffUnit
    net_kopecks: Whole


class PaperBody(BaseModel):
    """A scan of the paper (a file brought in by your member), and the day that it bears."""

    scan_id: UUID
    signed_on: Day


class NewAgreement(BaseModel):
    """What is agreed with whom; both dates are included.

    How many parties there may be depends on the kind. `document_id` is a PDF of your own that is to
    be signed (a file brought in); without it one is made of the terms. `paper`: signed on paper.
    """

    kind: AgreementKind
    party_ids: Annotated[list[UUID], Field(min_length=2, max_length=PARTIES_MAX)]
    valid_from: Day
    valid_to: Day
    subject: Words
    number: Name | None = None
    place: Name | None = None
    in_order: bool = False
    prolongation: ProlongationBody | None = None
    notice_days: Whole | None = None
    is_free: bool | None = None
    tariffs: Annotated[list[TariffBody], Field(max_length=TARIFFS_MAX)] = []
    reminder_days: Annotated[list[Whole], Field(max_length=REMINDERS_MAX)] = list(REMINDER_DAYS)
    document_id: UUID | None = None
    paper: PaperBody | None = None


class DetachedBody(BaseModel):
    """A file brought in that holds the detached signature (CMS) and nothing else."""

    signature_id: UUID


class Notice(BaseModel):
    """Why, and the first day on which it is to bind no more; without one, as soon as was agreed."""

    reason: Words
    ends_on: Day | None = None


@routes.post("/agreements", may=COORDINATORS, status_code=201)
async def make_agreement(body: NewAgreement, response: Response, tx: Tx) -> queries.AgreementView:
    """Makes an agreement, and signs it for the own member."""
    going_on = body.prolongation
    terms = Terms(
        body.kind,
        tuple(body.party_ids),
        body.valid_from,
        body.valid_to,
        body.subject,
        number=body.number,
        place=body.place,
        in_order=body.in_order,
        prolongation=Prolongation(going_on.months, going_on.refusal_days) if going_on else None,
        notice_days=body.notice_days,
        is_free=body.is_free,
        tariffs=tuple(
            AgreedTariff(each.what, each.unit, each.net_kopecks) for each in body.tariffs
        ),
        reminder_days=tuple(body.reminder_days),
    )
    how = OnPaper(body.paper.scan_id, body.paper.signed_on) if body.paper else InSystem()
    made = await agreements.make(tx, terms, document_id=body.document_id, how=how)
    return await get_agreement(made, response, tx)


@routes.post("/agreements/{agreement_id}/sign", may=COORDINATORS)
async def sign(
    agreement_id: UUID,
    response: Response,
    tx: Tx,
    sha256: Annotated[Sha256 | None, Query(description="Of the document that was read.")] = None,
    if_match: IfMatch = None,
) -> queries.AgreementView:
    """Signs an agreement for the own member; with the last signature it is active."""
    await agreements.add_signature(tx, agreement_id, if_match, InSystem(sha256))
    return await get_agreement(agreement_id, response, tx)


@routes.post("/agreements/{agreement_id}/sign-on-paper", may=COORDINATORS)
async def sign_on_paper(
    agreement_id: UUID, body: PaperBody, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.AgreementView:
    """Notes that the own member signed on paper; the scan may be the one of another party."""
    how = OnPaper(body.scan_id, body.signed_on)
    await agreements.add_signature(tx, agreement_id, if_match, how)
    return await get_agreement(agreement_id, response, tx)


@routes.post("/agreements/{agreement_id}/sign-detached", may=COORDINATORS)
async def sign_detached(
    agreement_id: UUID,
    body: DetachedBody,
    request: Request,
    response: Response,
    tx: Tx,
    if_match: IfMatch = None,
) -> queries.AgreementView:
    """Signs for the own member by a detached signature of exactly the document's bytes."""
    how = Detached(body.signature_id, checker_of(request.app.state.runtime.settings))
    await agreements.add_signature(tx, agreement_id, if_match, how)
    return await get_agreement(agreement_id, response, tx)


@routes.post("/agreements/{agreement_id}/decline-prolongation", may=COORDINATORS)
async def decline_prolongation(
    agreement_id: UUID, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.AgreementView:
    """Says no, in time, to the term that would follow by itself."""
    await agreement_ends.say_no(tx, agreement_id, if_match)
    return await get_agreement(agreement_id, response, tx)


@routes.post("/agreements/{agreement_id}/end", may=COORDINATORS)
async def end_agreement(
    agreement_id: UUID, body: Notice, response: Response, tx: Tx, if_match: IfMatch = None
) -> queries.AgreementView:
    """Gives notice to end the agreement, as long ahead as was agreed; asks nobody's consent."""
    await agreement_ends.give_notice(
        tx, agreement_id, ends_on=body.ends_on, reason=body.reason, if_match=if_match
    )
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


@routes.get(
    "/agreements/{agreement_id}/document.pdf",
    may=READERS,
    response_class=Response,
    responses=FILE_RESPONSES,
)
async def download_document(agreement_id: UUID, tx: Tx) -> Response:
    """The document that is signed, byte for byte."""
    head, content = await queries.signed_document(tx, agreement_id)
    return file_response(head.name, head.kind, content)


@routes.get(
    "/agreements/{agreement_id}/document.docx",
    may=READERS,
    response_class=Response,
    responses=FILE_RESPONSES,
)
async def download_draft(agreement_id: UUID, tx: Tx) -> Response:
    """The same terms as a document to go on writing, by the template of its maker; nobody signs it."""
    terms, made_on, maker_id, on_paper = await queries.terms_and_day(tx, agreement_id)
    content = await papers.make_document(
        tx, terms, made_on, maker_id=maker_id, on_paper=on_paper, made_as=Format.DOCX
    )
    kind = KINDS[Format.DOCX]
    return file_response(clean_name(papers.file_name(terms), kind), kind, content)


@routes.get(
    "/agreements/{agreement_id}/signatures/{member_id}",
    may=READERS,
    response_class=Response,
    responses=FILE_RESPONSES,
)
async def download_signature(agreement_id: UUID, member_id: UUID, tx: Tx) -> Response:
    """The scan, or the detached signature, by which a party signed."""
    head, content = await queries.signature_file(tx, agreement_id, member_id)
    return file_response(head.name, head.kind, content)
