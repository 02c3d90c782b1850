"""Prices: by started quarter of an hour, and VAT by regime and date of the service."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.workshops.domain.facts import AgreementKind, Member, Tariff
from services.workshops.domain.price import Price, price_of_use, tariff_at
from shared.ids import new_id
from shared.russia.vat import VatRegime

NETWORK_FORM, SERVICES = AgreementKind.NETWORK_FORM, AgreementKind.SERVICES
LEASE, FREE_USE = AgreementKind.LEASE, AgreementKind.FREE_USE
LAST_OF_2025, FIRST_OF_2026 = date(2025, 12, 31), date(2026, 1, 1)


def price(
    kind: AgreementKind | None = SERVICES,
    *,
    is_state: bool = False,
    regime: VatRegime = VatRegime.GENERAL,
    tariff: int = 45_000,
    workplaces: int = 1,
    minutes: int = 180,
    on: date = date(2026, 10, 5),
) -> Price:
    return price_of_use(
        kind=kind,
        owner=Member(new_id(), is_state=is_state, vat_regime=regime, leaving_on=None),
        net_per_workplace_hour_kopecks=tariff,
        workplaces=workplaces,
        minutes=minutes,
        used_on=on,
    )


def test_three_hours_of_one_place_at_450_roubles_are_1647_roubles_with_vat() -> None:
    found = price()
    assert (found.net_kopecks, found.vat_kopecks, found.amount_kopecks, found.vat_rate_percent) == (
        135_000,
        29_700,
        164_700,
        22,
    )
    assert "22 %" in found.reason
    assert "НДС 22 %" in found.reason_ru


@pytest.mark.parametrize(
    ("tariff", "workplaces", "minutes", "net"),
    [
        pytest.param(45_000, 1, 0, 0, id="no use"),
        pytest.param(45_000, 1, 5, 11_250, id="five minutes are a quarter"),
        pytest.param(45_000, 1, 15, 11_250, id="a quarter"),
        pytest.param(45_000, 1, 16, 22_500, id="one minute more starts the next"),
        pytest.param(45_000, 1, 60, 45_000, id="an hour"),
        pytest.param(45_000, 2, 95, 157_500, id="a pair for two is seven quarters each"),
        pytest.param(45_000, 8, 1440, 8_640_000, id="a whole day for eight"),
        pytest.param(1, 1, 15, 0, id="a quarter of a kopeck goes down"),
        pytest.param(2, 1, 15, 1, id="half a kopeck goes up"),
        pytest.param(3, 1, 15, 1, id="three quarters go up"),
        pytest.param(1, 2, 15, 1, id="rounded once, for all places together"),
        pytest.param(0, 8, 60, 0, id="a tariff of nothing"),
        pytest.param(100_000_000, 1000, 1440, 2_400_000_000_000, id="the most that can be"),
    ],
)
def test_every_started_quarter_of_an_hour_counts(
    tariff: int, workplaces: int, minutes: int, net: int
) -> None:
    assert price(tariff=tariff, workplaces=workplaces, minutes=minutes).net_kopecks == net


@pytest.mark.parametrize(
    ("kind", "is_state", "is_charged"),
    [
        pytest.param(None, True, False, id="own use"),
        pytest.param(None, False, False, id="own use of a firm"),
        pytest.param(NETWORK_FORM, True, False, id="I13 network form of state property"),
        pytest.param(NETWORK_FORM, False, True, id="network form of other property"),
        pytest.param(FREE_USE, True, False, id="free use"),
        pytest.param(FREE_USE, False, False, id="free use of other property"),
        pytest.param(SERVICES, True, True, id="services"),
        pytest.param(SERVICES, False, True, id="services of a firm"),
        pytest.param(LEASE, True, True, id="lease"),
        pytest.param(LEASE, False, True, id="lease of a firm"),
    ],
)
def test_the_legal_ground_says_whether_it_costs(
    kind: AgreementKind | None, is_state: bool, is_charged: bool
) -> None:
    found = price(kind, is_state=is_state)
    assert found.reason
    assert found.reason_ru
    if is_charged:
        assert (found.amount_kopecks, found.vat_rate_percent) == (164_700, 22)
    else:
        assert (found.amount_kopecks, found.vat_kopecks, found.vat_rate_percent) == (0, 0, None)


@pytest.mark.parametrize("kind", [SERVICES, LEASE])
@pytest.mark.parametrize(
    ("regime", "on", "rate", "vat"),
    [
        pytest.param(VatRegime.GENERAL, LAST_OF_2025, 20, 27_000, id="I24 2025-12-31 is 20 %"),
        pytest.param(VatRegime.GENERAL, FIRST_OF_2026, 22, 29_700, id="I24 2026-01-01 is 22 %"),
        pytest.param(VatRegime.SIMPLIFIED_5, FIRST_OF_2026, 5, 6_750, id="simplified, 5 %"),
        pytest.param(VatRegime.SIMPLIFIED_7, FIRST_OF_2026, 7, 9_450, id="simplified, 7 %"),
        pytest.param(VatRegime.SIMPLIFIED_EXEMPT, FIRST_OF_2026, None, 0, id="simplified, exempt"),
        pytest.param(VatRegime.NOT_PAYER, FIRST_OF_2026, None, 0, id="no payer"),
    ],
)
def test_vat_is_of_the_owners_regime_and_the_date_of_the_service(
    kind: AgreementKind, regime: VatRegime, on: date, rate: int | None, vat: int
) -> None:
    found = price(kind, regime=regime, on=on)
    assert (found.net_kopecks, found.vat_rate_percent, found.vat_kopecks) == (135_000, rate, vat)


def test_vat_of_half_a_kopeck_goes_up() -> None:
    assert price(tariff=25, minutes=60).vat_kopecks == 6  # 5.5
    assert price(tariff=20, minutes=60).vat_kopecks == 4  # 4.4


@pytest.mark.parametrize(
    ("moment", "net"),
    [
        pytest.param(datetime(2026, 8, 31, 23, 55, tzinfo=UTC), 0, id="before the first"),
        pytest.param(datetime(2026, 9, 1, tzinfo=UTC), 100, id="from its very moment on"),
        pytest.param(datetime(2026, 9, 30, 23, 59, tzinfo=UTC), 100, id="up to the next"),
        pytest.param(datetime(2026, 10, 1, tzinfo=UTC), 300, id="the next"),
        pytest.param(datetime(2040, 1, 1, tzinfo=UTC), 300, id="for good"),
    ],
)
def test_the_tariff_is_the_latest_that_has_begun(moment: datetime, net: int) -> None:
    tariffs = (
        Tariff(300, datetime(2026, 10, 1, tzinfo=UTC)),
        Tariff(100, datetime(2026, 9, 1, tzinfo=UTC)),
    )
    assert tariff_at(tariffs, moment) == net


def test_without_a_tariff_nothing_is_charged() -> None:
    assert tariff_at((), datetime(2026, 10, 1, tzinfo=UTC)) == 0


@settings(deadline=None)
@given(
    st.integers(0, 100_000_000), st.integers(1, 1000), st.integers(0, 1440), st.integers(0, 1440)
)
def test_more_use_never_costs_less_and_sums_stay_whole(
    tariff: int, workplaces: int, minutes: int, more: int
) -> None:
    """I21: the sum is net and VAT to the kopeck."""
    less = price(tariff=tariff, workplaces=workplaces, minutes=min(minutes, more))
    found = price(tariff=tariff, workplaces=workplaces, minutes=max(minutes, more))
    assert less.amount_kopecks <= found.amount_kopecks
    assert found.amount_kopecks == found.net_kopecks + found.vat_kopecks
    assert 0 <= found.vat_kopecks * 100 - found.net_kopecks * 22 + 50 < 101
