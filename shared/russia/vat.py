"""Value added tax (НДС) as dated rows: which rate a service bears on the day it is rendered.

A change of the law is a new row; rows that were in force are never edited, so that an old document
can always be computed again as it was.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class VatRegime(StrEnum):
    """How a supplier stands towards VAT; it belongs to the supplier, the service and the date."""

    GENERAL = "general"
    """The general taxation system (ОСНО)."""
    SIMPLIFIED_EXEMPT = "simplified_exempt"
    """The simplified system (УСН) with an income under the limit of the year."""
    SIMPLIFIED_5 = "simplified_5"
    """The simplified system (УСН) at the special rate of 5 %, without deductions."""
    SIMPLIFIED_7 = "simplified_7"
    """The simplified system (УСН) at the special rate of 7 %, without deductions."""
    NOT_PAYER = "not_payer"
    """No VAT arises: no object of tax, or a licensed non-profit's educational service.

    The exemption of educational services covers neither consulting nor the letting of rooms.
    """


class VatTreatment(StrEnum):
    """Every treatment that the rows know: those of the regimes, and the two rates by subject."""

    GENERAL = "general"
    REDUCED = "reduced"
    ZERO = "zero"
    SIMPLIFIED_EXEMPT = "simplified_exempt"
    SIMPLIFIED_5 = "simplified_5"
    SIMPLIFIED_7 = "simplified_7"
    NOT_PAYER = "not_payer"


@dataclass(frozen=True, slots=True)
class VatRate:
    """A rate in whole percent with the words for documents; None percent means «без НДС».

    «Без НДС» and 0 % both come to nothing, but are different statements: the latter is taxed.
    """

    percent: int | None
    reason_ru: str
    reason_en: str
    source: str


@dataclass(frozen=True, slots=True)
class VatRow:
    """One rate and the days, both inclusive, on which it holds; no last day means until amended."""

    treatment: VatTreatment
    valid_from: date
    valid_to: date | None
    rate: VatRate

    def holds(self, on: date) -> bool:
        """Whether the row is in force on a date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class VatRateIsUnknown(ValueError):
    """No row says how a treatment stood on a date: it is before the earliest row."""

    code = "vat-rate-unknown"

    def __init__(self, treatment: VatTreatment, on: date) -> None:
        self.treatment = treatment
        self.on = on
        super().__init__(f"The VAT of the treatment {treatment} on {on} is not known here.")


def vat_on_services(regime: VatRegime, on: date) -> VatRate:
    """The rate for a service that a supplier of this regime renders on a date.

    The date is that of the service, not of the invoice or the payment (425-ФЗ, the clause on
    coming into force). Raises `VatRateIsUnknown` before the earliest row of the regime.
    """
    return vat_of_treatment(VatTreatment(regime.value), on)


def vat_of_treatment(treatment: VatTreatment, on: date) -> VatRate:
    """The rate of a treatment on the date of the supply, also for 10 % and 0 % by subject.

    Raises `VatRateIsUnknown` before the earliest row of the treatment.
    """
    for row in VAT_ROWS:
        if row.treatment is treatment and row.holds(on):
            return row.rate
    raise VatRateIsUnknown(treatment, on)


def vat_of(net_kopecks: int, rate: VatRate) -> int:
    """The tax in kopecks on top of a net sum in kopecks, half a kopeck going up.

    Without VAT it is 0. Raises ValueError for a negative net: a correction is a document of its
    own, not a line with a minus.
    """
    if net_kopecks < 0:
        raise ValueError("A net sum in kopecks cannot be negative.")
    return (net_kopecks * (rate.percent or 0) + 50) // 100


def _rate(percent: int, clause_ru: str, clause_en: str, *, law: str) -> VatRate:
    return VatRate(
        percent=percent,
        reason_ru=f"НДС {percent} % ({clause_ru}), по дате оказания услуги",
        reason_en=f"VAT {percent} %, by the date of the service ({clause_en})",
        source=law,
    )


def _without_vat(clause_ru: str, clause_en: str, *, law: str) -> VatRate:
    return VatRate(
        percent=None,
        reason_ru=f"Без НДС ({clause_ru})",
        reason_en=f"Without VAT ({clause_en})",
        source=law,
    )


# The first day of the general rate of 20 %; no record of this platform is older.
_TABLE_BEGINS_ON = date(2019, 1, 1)

VAT_ROWS: tuple[VatRow, ...] = (
    VatRow(
        VatTreatment.GENERAL,
        _TABLE_BEGINS_ON,
        date(2025, 12, 31),
        _rate(
            20,
            "п. 3 ст. 164 НК РФ в ред. 303-ФЗ",
            "Tax Code art. 164 (3) as amended by 303-FZ",
            law="НК РФ ст. 164 п. 3; 303-ФЗ от 03.08.2018",
        ),
    ),
    VatRow(
        VatTreatment.GENERAL,
        date(2026, 1, 1),
        None,
        _rate(
            22,
            "п. 3 ст. 164 НК РФ в ред. 425-ФЗ",
            "Tax Code art. 164 (3) as amended by 425-FZ",
            law="НК РФ ст. 164 п. 3; 425-ФЗ от 28.11.2025",
        ),
    ),
    VatRow(
        VatTreatment.REDUCED,
        _TABLE_BEGINS_ON,
        None,
        _rate(10, "п. 2 ст. 164 НК РФ", "Tax Code art. 164 (2)", law="НК РФ ст. 164 п. 2"),
    ),
    VatRow(
        VatTreatment.ZERO,
        _TABLE_BEGINS_ON,
        None,
        _rate(0, "п. 1 ст. 164 НК РФ", "Tax Code art. 164 (1)", law="НК РФ ст. 164 п. 1"),
    ),
    VatRow(
        VatTreatment.SIMPLIFIED_EXEMPT,
        _TABLE_BEGINS_ON,
        date(2024, 12, 31),
        # Until 2025 nobody under the simplified system paid the tax, whatever the income.
        _without_vat(
            "применяется УСН: п. 2 и 3 ст. 346.11 НК РФ",
            "simplified taxation: Tax Code art. 346.11 (2), (3)",
            law="НК РФ ст. 346.11 п. 2, 3",
        ),
    ),
    VatRow(
        VatTreatment.SIMPLIFIED_EXEMPT,
        date(2025, 1, 1),
        None,
        # The limit of income changes every year from 2026; the supplier declares being under it.
        _without_vat(
            "применяется УСН, освобождение по размеру доходов: п. 1 ст. 145 НК РФ",
            "simplified taxation, income under the limit: Tax Code art. 145 (1)",
            law="НК РФ ст. 145 п. 1; 176-ФЗ от 12.07.2024",
        ),
    ),
    VatRow(
        VatTreatment.SIMPLIFIED_5,
        date(2025, 1, 1),
        None,
        _rate(
            5,
            "п. 8 ст. 164 НК РФ в ред. 176-ФЗ",
            "Tax Code art. 164 (8) as amended by 176-FZ",
            law="НК РФ ст. 164 п. 8; 176-ФЗ от 12.07.2024",
        ),
    ),
    VatRow(
        VatTreatment.SIMPLIFIED_7,
        date(2025, 1, 1),
        None,
        _rate(
            7,
            "п. 8 ст. 164 НК РФ в ред. 176-ФЗ",
            "Tax Code art. 164 (8) as amended by 176-FZ",
            law="НК РФ ст. 164 п. 8; 176-ФЗ от 12.07.2024",
        ),
    ),
    VatRow(
        VatTreatment.NOT_PAYER,
        _TABLE_BEGINS_ON,
        None,
        _without_vat(
            "услуга не облагается: п. 2 ст. 146 или пп. 14 п. 2 ст. 149 НК РФ",
            "the service is not taxed: Tax Code art. 146 (2) or art. 149 (2) 14",
            law="НК РФ ст. 146 п. 2, ст. 149 п. 2 пп. 14",
        ),
    ),
)
"""All rows, those of one treatment in order of time and without a gap."""
