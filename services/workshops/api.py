"""What HTTP may ask of workshops: one route each, which ends in a command or a query."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from services.workshops import commands, queries
from services.workshops.domain.booking import check_times
from services.workshops.domain.facts import Approval, Ask, Hours, Span
from shared.etag import IfMatch, stamp
from shared.identity import Role
from shared.limits import Line, Words
from shared.paging import Cursor, Limit, Page
from shared.refusal import Invalid, RoleIsMissing
from shared.routes import PUBLIC, KeyUse, Routes, Tx, roles

routes = Routes("workshops")

BOOKERS = roles(Role.COORDINATOR)
OWNERS = roles(Role.COORDINATOR)
DECIDERS = roles(Role.APPROVER)
HOSTS = roles(Role.COORDINATOR, Role.APPROVER)
READERS = roles(Role.COORDINATOR, Role.APPROVER, Role.FINANCE, Role.AUDITOR)

AVAILABILITY_DAYS_MAX = 62
WORKPLACES_MAX = 1000
YEARS = (2000, 2200)


def _in_reach(moment: datetime) -> datetime:
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError("is out of reach of any calendar")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]
"""An instant with a zone, RFC 3339."""
Competence = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,60}$")]
Workplaces = Annotated[int, Field(ge=1, le=WORKPLACES_MAX)]
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


# --- what can be booked ------------------------------------------------------------------------


class Competences(BaseModel):
    """All competences."""

    items: list["CompetenceItem"]


class CompetenceItem(BaseModel):
    """A competence that workshops are for."""

    id: str
    name: str


class SiteItem(BaseModel):
    """Where a workshop is."""

    id: UUID
    name: str
    town: str


class WorkshopItem(BaseModel):
    """A workshop in a list."""

    id: UUID
    name: str
    owner_id: UUID
    site: SiteItem
    competences: list[str]
    workplaces: int
    approval: Approval
    time_zone: str


class OpeningHours(BaseModel):
    """One stretch of a weekday's opening, local time; Monday is 0, midnight at its end is 24:00."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    opens_at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    closes_at: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class EquipmentItem(BaseModel):
    """A machine that can be booked by name; one at a workplace takes that place with it."""

    id: UUID
    name: str
    competences: list[str]
    is_at_workplace: bool


class TariffItem(BaseModel):
    """What a workplace-hour costs now, before VAT; charged by started quarter of an hour."""

    net_kopecks_per_workplace_hour: int


class WorkshopView(WorkshopItem):
    """A workshop with everything that can be known of it."""

    opening_hours: list[OpeningHours]
    equipment: list[EquipmentItem]
    tariff: TariffItem


class WindowItem(BaseModel):
    """A maximal stretch of time with at least as many places free as were asked for."""

    workshop_id: UUID
    starts_at: datetime
    ends_at: datetime
    workplaces_free: int


class Windows(BaseModel):
    """All windows of an answer."""

    items: list[WindowItem]


@routes.get("/competences", may=PUBLIC)
async def list_competences(tx: Tx) -> Competences:
    """All competences that a workshop can be for."""
    rows = await queries.competences(tx)
    return Competences(items=[CompetenceItem(**row) for row in rows])


@routes.get("/workshops", may=PUBLIC)
async def list_workshops(
    tx: Tx,
    competence: Competence | None = None,
    town: Line | None = None,
    owner_id: UUID | None = None,
    q: Line | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[WorkshopItem]:
    """Workshops that fit all filters, by name."""
    rows, next_cursor = await queries.workshops(
        tx, competence=competence, town=town, owner_id=owner_id, q=q, cursor=cursor, limit=limit
    )
    return Page(items=[WorkshopItem(**_item(row)) for row in rows], next_cursor=next_cursor)


@routes.get("/workshops/{workshop_id}", may=PUBLIC)
async def read_workshop(tx: Tx, workshop_id: UUID, response: Response) -> WorkshopView:
    """One workshop with its opening hours, equipment and tariff."""
    row = await queries.workshop(tx, workshop_id)
    stamp(response, row["version"])
    return WorkshopView(
        **_item(row),
        opening_hours=[_hours_view(part) for part in row["hours"]],
        equipment=[EquipmentItem(**machine) for machine in row["equipment"]],
        tariff=TariffItem(net_kopecks_per_workplace_hour=row["net_kopecks"]),
    )


@routes.get("/availability", may=PUBLIC)
async def read_availability(
    tx: Tx,
    from_: Annotated[Moment, Query(alias="from")],
    to: Moment,
    workshop_id: UUID | None = None,
    competence: Competence | None = None,
    workplaces: Workplaces = 1,
    minutes: Annotated[int, Query(ge=5, le=1440)] = 5,
) -> Windows:
    """When at least so many workplaces are free for at least so long; up to 62 days at once."""
    if (workshop_id is None) == (competence is None):
        raise Invalid("Name either a workshop or a competence.", at="query.workshop_id")
    if not timedelta() < to - from_ <= timedelta(days=AVAILABILITY_DAYS_MAX):
        raise Invalid("The time asked for is at most 62 days and not empty.", at="query.to")
    found = await queries.availability(
        tx,
        workshop_id=workshop_id,
        competence=competence,
        within=Span(from_, to),
        workplaces=workplaces,
        minutes=minutes,
    )
    return Windows(
        items=[
            WindowItem(
                workshop_id=free.workshop_id,
                starts_at=free.span.starts_at,
                ends_at=free.span.ends_at,
                workplaces_free=free.workplaces_free,
            )
            for free in found
        ]
    )


# --- what owners offer -------------------------------------------------------------------------


class Made(BaseModel):
    """What was made."""

    id: UUID


class SiteBody(BaseModel):
    """A site to be opened."""

    name: Line
    town: Line
    time_zone: Annotated[str, Field(max_length=60)] = "Europe/Moscow"
    opening_hours: Annotated[list[OpeningHours], Field(min_length=1, max_length=50)]


class WorkshopBody(BaseModel):
    """A workshop to be opened."""

    site_id: UUID
    name: Line
    workplaces: Workplaces
    approval: Approval = Approval.MANUAL
    competences: Annotated[list[Competence], Field(max_length=30)]
    net_kopecks_per_workplace_hour: Annotated[int, Field(ge=0, le=100_000_000)]


class EquipmentBody(BaseModel):
    """A machine to be installed."""

    name: Line
    competences: Annotated[list[Competence], Field(max_length=30)] = []
    is_at_workplace: bool = True


class TariffBody(BaseModel):
    """A tariff to be set; left out, it holds from now on."""

    net_kopecks_per_workplace_hour: Annotated[int, Field(ge=0, le=100_000_000)]
    valid_from_at: Moment | None = None


@routes.post("/sites", may=OWNERS, status_code=201)
async def open_site(tx: Tx, body: SiteBody) -> Made:
    """Opens a site of the acting member."""
    hours = [_hours(part) for part in body.opening_hours]
    return Made(
        id=await commands.open_site(
            tx, name=body.name, town=body.town, time_zone=body.time_zone, hours=hours
        )
    )


@routes.post("/workshops", may=OWNERS, status_code=201)
async def open_workshop(tx: Tx, body: WorkshopBody) -> Made:
    """Opens a workshop at a site of the acting member."""
    return Made(
        id=await commands.open_workshop(
            tx,
            site_id=body.site_id,
            name=body.name,
            workplaces=body.workplaces,
            approval=body.approval,
            competences=list(dict.fromkeys(body.competences)),
            net_kopecks=body.net_kopecks_per_workplace_hour,
        )
    )


@routes.post("/workshops/{workshop_id}/equipment", may=OWNERS, status_code=201)
async def install_equipment(tx: Tx, workshop_id: UUID, body: EquipmentBody) -> Made:
    """Adds a machine to a workshop of the acting member."""
    return Made(
        id=await commands.install_equipment(
            tx,
            workshop_id=workshop_id,
            name=body.name,
            competences=list(dict.fromkeys(body.competences)),
            is_at_workplace=body.is_at_workplace,
        )
    )


@routes.post("/workshops/{workshop_id}/tariffs", may=OWNERS, status_code=201)
async def set_tariff(tx: Tx, workshop_id: UUID, body: TariffBody) -> WorkshopView:
    """Sets the tariff of a workshop of the acting member."""
    await commands.set_tariff(
        tx,
        workshop_id=workshop_id,
        net_kopecks=body.net_kopecks_per_workplace_hour,
        valid_from_at=body.valid_from_at or tx.now,
    )
    return await read_workshop(tx, workshop_id, Response())  # type: ignore[no-any-return]


# --- bookings ----------------------------------------------------------------------------------


class BookingBody(BaseModel):
    """What a member asks for: n workplaces and, if wished, machines by name."""

    workshop_id: UUID
    starts_at: Moment
    ends_at: Moment
    workplaces: Workplaces
    purpose: Words
    agreement_id: UUID | None = None
    equipment_ids: Annotated[list[UUID], Field(max_length=50)] = []
    group_size: Annotated[int, Field(ge=1, le=WORKPLACES_MAX)] | None = None


class ReasonBody(BaseModel):
    """Why."""

    reason: Words


class CompleteBody(BaseModel):
    """How long was used, in minutes."""

    actual_minutes: Annotated[int, Field(ge=0, le=1440)]


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
    status: StatusName | None = None,
    from_: Annotated[Moment | None, Query(alias="from")] = None,
    to: Moment | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[BookingView]:
    """The acting member's bookings by start: as booker, as owner, or both."""
    rows, next_cursor = await queries.bookings(
        tx,
        side=side,
        status=status,
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


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    site = SiteItem(id=row["site_id"], name=row["site_name"], town=row["town"])
    names = ("id", "name", "owner_id", "competences", "workplaces", "approval", "time_zone")
    return {"site": site, **{name: row[name] for name in names}}


def _hours(part: OpeningHours) -> Hours:
    return Hours(part.weekday, _minute(part.opens_at), _minute(part.closes_at))


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _hours_view(part: Mapping[str, Any]) -> OpeningHours:
    return OpeningHours(
        weekday=part["weekday"], opens_at=_clock(part["opens"]), closes_at=_clock(part["closes"])
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _is_demo(request: Request) -> bool:
    return bool(request.app.state.runtime.settings.demo)
