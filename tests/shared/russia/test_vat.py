"""VAT: the rate follows the date of the service, and the sum is exact to the kopeck."""

from dataclasses import FrozenInstanceError
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.russia.vat import (
    VAT_ROWS,
    VatRate,
    VatRateIsUnknown,
    VatRegime,
    VatTreatment,
    vat_of,
    vat_of_treatment,
    vat_on_services,
)


@pytest.mark.parametrize(
    ("regime", "on", "percent"),
    [
        pytest.param(VatRegime.GENERAL, date(2019, 1, 1), 20, id="general-first-day-of-20"),
        pytest.param(VatRegime.GENERAL, date(2025, 12, 31), 20, id="general-last-day-of-20"),
        pytest.param(VatRegime.GENERAL, date(2026, 1, 1), 22, id="general-first-day-of-22"),
        pytest.param(VatRegime.GENERAL, date(2027, 2, 20), 22, id="general-2027"),
        pytest.param(VatRegime.SIMPLIFIED_5, date(2025, 1, 1), 5, id="simplified-5"),
        pytest.param(VatRegime.SIMPLIFIED_7, date(2026, 6, 1), 7, id="simplified-7"),
        pytest.param(VatRegime.SIMPLIFIED_EXEMPT, date(2024, 12, 31), None, id="exempt-2024"),
        pytest.param(VatRegime.SIMPLIFIED_EXEMPT, date(2025, 1, 1), None, id="exempt-2025"),
        pytest.param(VatRegime.NOT_PAYER, date(2026, 11, 22), None, id="not-payer"),
    ],
)
def test_i24_the_rate_is_that_of_the_date_of_the_service(regime, on, percent):
    assert vat_on_services(regime, on).percent == percent


@pytest.mark.parametrize(
    ("treatment", "percent"),
    [(VatTreatment.REDUCED, 10), (VatTreatment.ZERO, 0)],
    ids=["reduced-10", "zero"],
)
def test_the_rates_by_subject_did_not_change_with_the_general_rate(treatment, percent):
    assert vat_of_treatment(treatment, date(2025, 12, 31)).percent == percent
    assert vat_of_treatment(treatment, date(2026, 1, 1)).percent == percent


@pytest.mark.parametrize(
    ("regime", "on"),
    [
        pytest.param(VatRegime.GENERAL, date(2018, 12, 31), id="general-at-18"),
        pytest.param(VatRegime.SIMPLIFIED_5, date(2024, 12, 31), id="no-5-before-2025"),
        pytest.param(VatRegime.SIMPLIFIED_7, date(2024, 12, 31), id="no-7-before-2025"),
    ],
)
def test_a_date_before_the_earliest_row_is_refused_by_name(regime, on):
    with pytest.raises(VatRateIsUnknown) as refused:
        vat_on_services(regime, on)
    assert refused.value.code == "vat-rate-unknown"
    assert refused.value.on == on


def test_the_reason_stands_in_the_words_that_documents_print():
    rate = vat_on_services(VatRegime.GENERAL, date(2026, 11, 22))
    assert rate.reason_ru == "НДС 22 % (п. 3 ст. 164 НК РФ в ред. 425-ФЗ), по дате оказания услуги"
    assert rate.reason_en == (
        "VAT 22 %, by the date of the service (Tax Code art. 164 (3) as amended by 425-FZ)"
    )


@pytest.mark.parametrize("row", VAT_ROWS, ids=lambda row: f"{row.treatment}-{row.valid_from}")
def test_every_row_gives_its_words_in_both_languages_and_its_source(row):
    if row.rate.percent is None:
        assert row.rate.reason_ru.startswith("Без НДС (")
        assert row.rate.reason_en.startswith("Without VAT (")
    else:
        assert row.rate.reason_ru.startswith(f"НДС {row.rate.percent} % (")
        assert row.rate.reason_en.startswith(f"VAT {row.rate.percent} %, ")
    assert row.rate.source.startswith("НК РФ ст. ")


@pytest.mark.parametrize("treatment", list(VatTreatment))
def test_i28_the_rows_of_a_treatment_follow_each_other_without_gap_or_overlap(treatment):
    rows = [row for row in VAT_ROWS if row.treatment is treatment]
    assert rows
    assert rows[-1].valid_to is None
    for earlier, later in pairwise(rows):
        assert earlier.valid_to is not None
        assert later.valid_from == earlier.valid_to + timedelta(days=1)


def test_i28_a_rate_once_given_cannot_be_edited():
    rate = vat_on_services(VatRegime.GENERAL, date(2025, 12, 31))
    with pytest.raises(FrozenInstanceError):
        rate.percent = 22


def test_every_regime_is_a_treatment_and_has_a_rate_today():
    for regime in VatRegime:
        assert vat_on_services(regime, date(2026, 11, 22)).source


def rate_of(percent: int | None) -> VatRate:
    return VatRate(percent=percent, reason_ru="", reason_en="", source="")


@pytest.mark.parametrize(
    ("net_kopecks", "percent", "vat_kopecks"),
    [
        pytest.param(90_000, 22, 19_800, id="900-roubles-at-22"),
        pytest.param(90_000, 20, 18_000, id="900-roubles-at-20"),
        pytest.param(0, 22, 0, id="nothing"),
        pytest.param(10, 5, 1, id="half-a-kopeck-goes-up"),
        pytest.param(9, 5, 0, id="under-half-goes-down"),
        pytest.param(25, 22, 6, id="half-up-to-an-even-one"),
        pytest.param(75, 22, 17, id="half-up-to-an-odd-one"),
        pytest.param(12_345, 0, 0, id="zero-rate"),
        pytest.param(12_345, None, 0, id="without-vat"),
    ],
)
def test_the_tax_is_rounded_half_up_to_the_kopeck(net_kopecks, percent, vat_kopecks):
    assert vat_of(net_kopecks, rate_of(percent)) == vat_kopecks


@given(
    net_kopecks=st.integers(min_value=0, max_value=2**63 - 1),
    percent=st.sampled_from([0, 5, 7, 10, 20, 22]),
)
def test_the_tax_is_never_further_than_half_a_kopeck_from_the_exact_one(net_kopecks, percent):
    error = vat_of(net_kopecks, rate_of(percent)) - Fraction(net_kopecks * percent, 100)
    assert Fraction(-1, 2) < error <= Fraction(1, 2)


def test_a_negative_net_sum_is_no_line_of_a_document():
    with pytest.raises(ValueError, match="negative"):
        vat_of(-1, rate_of(22))
