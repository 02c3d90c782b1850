"""Bookings: quote, book, and every step after."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field, Strict

from services.workshops import queries
from services.workshops.api.routes import (
    BOOKERS,
    DECIDERS,
    HOSTS,
    READERS,
    Workplaces,
    routes,
)
from services.workshops.commands import bookings as commands
from services.workshops.domain.booking import check_times
from services.workshops.domain.facts import WORKPLACES_MAX, Ask, Span
from shared.etag import IfMatch, stamp
from shared.paging import Cursor, Limit, Page
from shared.refusal import Invalid, RoleIsMissing
from shared.routes import KeyUse, Tx
from shared.values import Moment, Whole, Words

StatusName = Literal[
    "requested",
    "confirmed",
    "declined",
    "cancelled",
    "lapsed",
    "checked_in",
    "completed",
    "no_show",
    "displaced",
]


class BookingBody(BaseModel):
    """What a member asks for: n workplaces and, if wished, machines by name."""

    workshop_id: UUID
    starts_at: Moment
    ends_at: Moment
    workplaces: Annotated[Workplaces, Strict()]
    purpose: Words
    agreement_id: UUID | None = None
    equipment_ids: Annotated[list[UUID], Field(max_length=50)] = []
    group_size: Annotated[Whole, Field(ge=1, le=WORKPLACES_MAX)] | None = None


class ReasonBody(BaseModel):
    """Why."""

    reason: Words


class CompleteBody(BaseModel):
    """How long was used, in minutes."""

    actual_minutes: Annotated[Whole, Field(ge=0, le=1440)]


class QuoteView(BaseModel):
    """What a booking would cost; both sums include VAT, `vat_kopecks` is the part.

    `refusal` is the code that a booking would meet now. Sums are empty where no agreement says
    what is owed. `vat_rate` is in percent, empty where no VAT is charged; `reason` says why.
    """

    bookable: bool
    refusal: str | None
    refusal_detail: str | None
    price_kopecks: int | None
    vat_kopecks: int | None
    vat_rate: int | None
    reason: str | None
    reason_ru: str | None


class BookingView(BaseModel):
    """A booking. Sums include VAT; `charged_…` is what was really used, known at completion."""

    id: UUID
    status: StatusName
    workshop_id: UUID
    owner_id: UUID
    booker_id: UUID
    agreement_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    workplaces: int
    equipment_ids: list[UUID]
    group_size: int | None
    purpose: str
    price_kopecks: int
    vat_kopecks: int
    vat_rate: int | None
    price_reason: str
    price_reason_ru: str
    answer_due_at: datetime | None
    answer_reason: str | None
    requested_at: datetime
    checked_in_at: datetime | None
    completed_at: datetime | None
    actual_minutes: int | None
    charged_kopecks: int | None
    charged_vat_kopecks: int | None


class HistoryItem(BaseModel):
    """A step of a booking: `requested`, `confirmed`, and so on, as the events are called.

    Nobody took a step that has no member: the request lapsed.
    """

    at: datetime
    action: str
    member_id: UUID | None
    person_id: UUID | None
    reason: str | None


@routes.post("/quotes", may=BOOKERS, key=KeyUse.IGNORED)
async def quote(tx: Tx, body: BookingBody) -> QuoteView:
    """What the booking would cost and whether it can be made now; stores nothing."""
    offer = await queries.quote(tx, workshop_id=body.workshop_id, ask=_ask(tx, body))
    price, refusal = offer.price, offer.refusal
    return QuoteView(
        bookable=refusal is None,
        refusal=refusal.code if refusal else None,
        refusal_detail=refusal.detail if refusal else None,
        price_kopecks=price.amount_kopecks if price else None,
        vat_kopecks=price.vat_kopecks if price else None,
        vat_rate=price.vat_rate_percent if price else None,
        reason=price.reason if price else None,
        reason_ru=price.reason_ru if price else None,
    )


@routes.post("/bookings", may=BOOKERS, key=KeyUse.REQUIRED, status_code=201)
async def book(tx: Tx, body: BookingBody, response: Response) -> BookingView:
    """Books at once, or asks the owner, as the workshop has it."""
    row = await commands.book(
        tx,
        workshop_id=body.workshop_id,
        ask=_ask(tx, body),
        purpose=body.purpose,
        group_size=body.group_size,
    )
    response.headers["Location"] = f"/api/workshops/bookings/{row['id']}"
    return _booking(row, response)


@routes.get("/bookings", may=READERS)
async def list_bookings(
    tx: Tx,
    side: Literal["booker", "owner"] | None = None,
    status: Annotated[list[StatusName] | None, Query(max_length=9)] = None,
    workshop_id: UUID | None = None,
    from_: Annotated[Moment | None, Query(alias="from")] = None,
    to: Moment | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[BookingView]:
    """The acting member's bookings by start: as booker, as owner, or both.

    `status` may be given several times.
    """
    rows, next_cursor = await queries.bookings(
        tx,
        side=side,
        statuses=status,
        workshop_id=workshop_id,
        starts_from=from_,
        starts_before=to,
        cursor=cursor,
        limit=limit,
    )
    return Page(items=[_booking(row) for row in rows], next_cursor=next_cursor)


@routes.get("/bookings/{booking_id}", may=READERS)
async def read_booking(tx: Tx, booking_id: UUID, response: Response) -> BookingView:
    """One booking, for either side of it."""
    return _booking(await queries.booking(tx, booking_id), response)


@routes.get("/bookings/{booking_id}/history", may=READERS)
async def read_history(tx: Tx, booking_id: UUID) -> Page[HistoryItem]:
    """What was done with a booking, in order, for either side of it; always one page."""
    rows = await queries.history(tx, booking_id)
    return Page(
        items=[
            HistoryItem(**{**row, "action": row["action"].removeprefix("booking.")}) for row in rows
        ]
    )


@routes.post("/bookings/{booking_id}/approve", may=DECIDERS)
async def approve(
    tx: Tx, booking_id: UUID, response: Response, if_match: IfMatch = None
) -> BookingView:
    """The owner approves a request."""
    return _booking(await commands.approve(tx, booking_id, if_match), response)


@routes.post("/bookings/{booking_id}/decline", may=DECIDERS)
async def decline(
    tx: Tx, booking_id: UUID, body: ReasonBody, response: Response, if_match: IfMatch = None
) -> BookingView:
    """The owner declines a request."""
    return _booking(await commands.decline(tx, booking_id, body.reason, if_match), response)


@routes.post("/bookings/{booking_id}/cancel", may=HOSTS)
async def cancel(
    tx: Tx, booking_id: UUID, body: ReasonBody, response: Response, if_match: IfMatch = None
) -> BookingView:
    """Either side cancels, until the check-in."""
    return _booking(await commands.cancel(tx, booking_id, body.reason, if_match), response)


@routes.post("/bookings/{booking_id}/check-in", may=HOSTS)
async def check_in(
    tx: Tx, booking_id: UUID, request: Request, response: Response, if_match: IfMatch = None
) -> BookingView:
    """The owner notes that the use has begun."""
    row = await commands.check_in(tx, booking_id, if_match, at_any_time=_is_demo(request))
    return _booking(row, response)


@routes.post("/bookings/{booking_id}/complete", may=HOSTS)
async def complete(
    tx: Tx,
    booking_id: UUID,
    body: CompleteBody,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
) -> BookingView:
    """The owner notes how long was used; that is charged."""
    row = await commands.complete(
        tx, booking_id, body.actual_minutes, if_match, at_any_time=_is_demo(request)
    )
    return _booking(row, response)


def _ask(tx: Tx, body: BookingBody) -> Ask:
    span = Span(body.starts_at, body.ends_at)
    check_times(span)
    if len(set(body.equipment_ids)) < len(body.equipment_ids):
        raise Invalid("A machine is named twice.", at="body.equipment_ids")
    if tx.actor is None or tx.actor.member_id is None:
        raise RoleIsMissing("You act for no member.")
    return Ask(
        booker_id=tx.actor.member_id,
        span=span,
        workplaces=body.workplaces,
        machine_ids=tuple(body.equipment_ids),
        agreement_id=body.agreement_id,
    )


def _booking(row: Mapping[str, Any], response: Response | None = None) -> BookingView:
    if response is not None:
        stamp(response, row["version"])
    return BookingView.model_validate(dict(row))


def _is_demo(request: Request) -> bool:
    return bool(request.app.state.runtime.settings.demo)
