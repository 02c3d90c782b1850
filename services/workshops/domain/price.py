"""Prices: what a use costs, before it is asked for and after it is over."""

from dataclasses import dataclass
from datetime import date, datetime

from services.workshops.domain.facts import AgreementKind, Member, Tariff
from shared.refusal import Refusal
from shared.russia.vat import vat_of, vat_on_services

QUARTER_MINUTES = 15
_QUARTERS_PER_HOUR = 4


class TariffStands(Refusal):
    """A tariff from this very moment on is set already, and bookings may stand on it."""

    code = "tariff-stands"


@dataclass(frozen=True, slots=True)
class Price:
    """A sum in kopecks and its VAT; `amount` includes it. Rate None means that none is charged."""

    net_kopecks: int
    vat_kopecks: int
    vat_rate_percent: int | None
    reason: str
    reason_ru: str

    @property
    def amount_kopecks(self) -> int:
        """What has to be paid, VAT included."""
        return self.net_kopecks + self.vat_kopecks


def tariff_at(tariffs: tuple[Tariff, ...], moment: datetime) -> int:
    """The net price of a workplace-hour at a moment, in kopecks; 0 before the first tariff."""
    valid = [tariff for tariff in tariffs if tariff.valid_from_at <= moment]
    return max(valid, key=lambda tariff: tariff.valid_from_at).net_kopecks if valid else 0


def price_of_use(
    *,
    kind: AgreementKind | None,
    is_free: bool = False,
    owner: Member,
    net_per_workplace_hour_kopecks: int,
    workplaces: int,
    minutes: int,
    used_on: date,
) -> Price:
    """What `workplaces` cost for `minutes`, by started quarter of an hour.

    `kind` is None when the owner uses what is its own. The network form costs nothing where the
    property is the state's or a municipality's (law 273-FZ art. 15 (4)), free use never does
    (Civil Code art. 689), nor what the parties agreed to be free. Everything else is charged by tariff, with the VAT of the date of the
    service and of the owner's regime (I13, I24).
    """
    if kind is None:
        return _nothing("The owner uses its own workshop.", "Собственная мастерская, без оплаты.")
    if kind is AgreementKind.NETWORK_FORM and owner.is_state:
        return _nothing(
            "Network form: state property is used free of charge (law 273-FZ art. 15 (4)).",
            "Сетевая форма: государственное имущество используется безвозмездно"
            " (ч. 4 ст. 15 закона 273-ФЗ).",
        )
    if kind is AgreementKind.FREE_USE:
        return _nothing(
            "Free use (Civil Code art. 689).", "Безвозмездное пользование (ст. 689 ГК РФ)."
        )
    if is_free:
        return _nothing(
            "The agreement says that this is free of charge.",
            "По условиям договора, безвозмездно.",
        )
    net = _net(net_per_workplace_hour_kopecks, workplaces, minutes)
    rate = vat_on_services(owner.vat_regime, used_on)
    return Price(net, vat_of(net, rate), rate.percent, rate.reason_en, rate.reason_ru)


def _net(per_hour_kopecks: int, workplaces: int, minutes: int) -> int:
    quarters = -(-minutes // QUARTER_MINUTES)
    # half a kopeck goes up
    return (2 * per_hour_kopecks * workplaces * quarters + _QUARTERS_PER_HOUR) // (
        2 * _QUARTERS_PER_HOUR
    )


def _nothing(reason: str, reason_ru: str) -> Price:
    return Price(0, 0, None, reason, reason_ru)
