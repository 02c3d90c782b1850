"""What the tables of the rules stand on: two members, an agreement, a workshop."""

from datetime import UTC, date, datetime
from typing import Any

from services.workshops.domain.facts import (
    Agreement,
    AgreementKind,
    Approval,
    Hours,
    Machine,
    Member,
    Span,
    Tariff,
    Workshop,
)
from shared.ids import new_id
from shared.russia.calendar import MOSCOW
from shared.russia.vat import VatRegime

OWNER, BOOKER, OTHER = new_id(), new_id(), new_id()
AT_PLACE, BESIDE = Machine(new_id(), is_at_workplace=True), Machine(new_id(), is_at_workplace=False)
NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)  # a Thursday, noon in Moscow


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC)


def span(start: str, end: str) -> Span:
    return Span(moscow(start), moscow(end))


PAIR = span("2026-10-12T12:30", "2026-10-12T14:05")


def member(id_: Any, leaving_on: date | None = None, *, is_state: bool = True) -> Member:
    return Member(id_, is_state=is_state, vat_regime=VatRegime.GENERAL, leaving_on=leaving_on)


def agreement(
    kind: AgreementKind = AgreementKind.SERVICES,
    valid_from: date = date(2026, 9, 1),
    valid_to: date = date(2027, 8, 31),
    ended_on: date | None = None,
    party_ids: frozenset[Any] = frozenset({OWNER, BOOKER}),
) -> Agreement:
    return Agreement(new_id(), kind, party_ids, valid_from, valid_to, ended_on)


WORKSHOP = Workshop(
    id=new_id(),
    owner_id=OWNER,
    pool_id=new_id(),
    workplaces=8,
    approval=Approval.MANUAL,
    time_zone="Europe/Moscow",
    hours=tuple(Hours(weekday, 0, 1440) for weekday in range(6)),
    tariffs=(Tariff(45_000, datetime(2026, 9, 1, tzinfo=UTC)),),
    machines=(AT_PLACE, BESIDE),
)
AGREEMENT = agreement()
