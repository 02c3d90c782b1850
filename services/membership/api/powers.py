"""Who signs for a member by what paper, and handing over when somebody leaves."""

from uuid import UUID

from pydantic import BaseModel

from services.membership.api.routes import COORDINATORS, READERS, Name, routes
from services.membership.commands import handovers, powers
from services.membership.domain.powers import Paper, PowerKind
from services.membership.queries import powers as queries
from shared.paging import Cursor, Limit, Page
from shared.routes import Tx
from shared.values import Day


class PaperBody(BaseModel):
    """A power as it is written; a power of attorney has number and date, and a year where it names no term."""

    kind: PowerKind
    number: Name | None = None
    issued_on: Day | None = None
    valid_from: Day
    valid_to: Day | None = None


class NewPower(PaperBody):
    """Whose power it is, and the paper."""

    person_id: UUID


class Rule(BaseModel):
    """From which day on signatures need powers on record; null, where they need none."""

    powers_required_from: Day | None


class NewHandover(BaseModel):
    """Who leaves, who follows from which day on, and by what paper the follower will sign.

    `power` may be left out where the one who leaves has none, or the follower has powers already.
    """

    from_person_id: UUID
    to_person_id: UUID
    from_on: Day
    power: PaperBody | None = None


def _paper(body: PaperBody) -> Paper:
    return Paper(body.kind, body.number, body.issued_on, body.valid_from, body.valid_to)


@routes.post("/powers", may=COORDINATORS, status_code=201)
async def record_power(body: NewPower, tx: Tx) -> queries.PowerView:
    """Puts on record by what paper one of the own people signs for the member."""
    return await queries.power(tx, await powers.record(tx, body.person_id, _paper(body)))


@routes.get("/powers", may=READERS)
async def list_powers(tx: Tx, cursor: Cursor = None, limit: Limit = 50) -> Page[queries.PowerView]:
    """Powers to sign for the own member, the newest first, also those that are over."""
    items, next_cursor = await queries.powers(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/powers/{power_id}/revoke", may=COORDINATORS)
async def revoke_power(power_id: UUID, tx: Tx) -> queries.PowerView:
    """Ends powers at once; what was signed by them stands."""
    await powers.revoke(tx, power_id)
    return await queries.power(tx, power_id)


@routes.get("/members/{member_id}/signing-rule", may=READERS)
async def get_signing_rule(member_id: UUID, tx: Tx) -> queries.SigningRule:
    """Whether the own member's signatures need powers on record, and whether I have them."""
    return await queries.signing_rule(tx, member_id)


@routes.put("/members/{member_id}/signing-rule", may=COORDINATORS)
async def set_signing_rule(member_id: UUID, body: Rule, tx: Tx) -> queries.SigningRule:
    """Asks for powers on record from a day on: agreements and a notice need them then."""
    await powers.set_rule(tx, member_id, body.powers_required_from)
    return await queries.signing_rule(tx, member_id)


@routes.post("/handovers", may=COORDINATORS, status_code=201)
async def hand_over(body: NewHandover, tx: Tx) -> queries.HandoverView:
    """Hands one person's roles and powers over to another from a day on; today, at once."""
    handover_id = await handovers.plan(
        tx,
        from_id=body.from_person_id,
        to_id=body.to_person_id,
        from_on=body.from_on,
        paper=None if body.power is None else _paper(body.power),
    )
    return await queries.handover(tx, handover_id)


@routes.get("/handovers", may=COORDINATORS)
async def list_handovers(
    tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[queries.HandoverView]:
    """Handovers among the own member's people, the newest first."""
    items, next_cursor = await queries.handovers(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/handovers/{handover_id}/call-off", may=COORDINATORS)
async def call_off(handover_id: UUID, tx: Tx) -> queries.HandoverView:
    """Calls a handover off before its day."""
    await handovers.call_off(tx, handover_id)
    return await queries.handover(tx, handover_id)
