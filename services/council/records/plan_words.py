"""How files call what stands in a plan: sections, sources, periods, in Russian, there and back."""

import re

from services.council.domain.plan_items import FundingSource, PeriodKind, Section, read_period
from services.council.domain.plan_reports import ItemStatus, Outcome
from shared.imports.cells import Cell
from shared.imports.faults import CellIsWrong, Complaint
from shared.refusal import Invalid

SECTIONS = {
    "управление": Section.GOVERNANCE,
    "прогноз и КЦП": Section.FORECAST,
    "программы и сетевое взаимодействие": Section.PROGRAMMES,
    "мастерские": Section.WORKSHOPS,
    "практика и наставничество": Section.PRACTICE,
    "оценка квалификаций и чемпионаты": Section.ASSESSMENT,
    "педагоги": Section.TEACHERS,
    "профориентация": Section.GUIDANCE,
    "события": Section.EVENTS,
    "информационное пространство": Section.INFORMATION,
    "финансы": Section.FINANCE,
}
SOURCES = {
    "целевые поступления": FundingSource.F1,
    "перечисления работодателей": FundingSource.F2,
    "средства колледжа": FundingSource.F3,
    "работы и услуги": FundingSource.F4,
    "поступления от партнёров": FundingSource.F5,
}
"""The sources of R7.1, shortened."""

OUTCOMES = {
    Outcome.DONE: "выполнено",
    Outcome.PARTLY: "выполнено частично",
    Outcome.NOT_DONE: "не выполнено",
    Outcome.MOVED: "перенесено",
}
STATUSES = {
    ItemStatus.PLANNED: "по плану",
    ItemStatus.OVERDUE: "срок прошёл",
    ItemStatus.REPORTED: "отчёт на проверке",
    **{ItemStatus(outcome.value): word for outcome, word in OUTCOMES.items()},
}

MONTHS = (
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
)
QUARTERS = ("I", "II", "III", "IV")

PERIOD_UNREADABLE = Complaint(
    "plan-period-wrong",
    "This is no day, month, quarter or year: 15.03.2027, март 2027, I кв. 2027.",
)

_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_MONTH = re.compile(r"([а-яё]+) ([0-9]{4})( г(ода|\.)?)?", re.IGNORECASE)
_QUARTER = re.compile(r"([1-4]|I{1,3}|IV) кв(артал|\.)? ?([0-9]{4})( г(ода|\.)?)?", re.IGNORECASE)
_YEAR = re.compile(r"(?:в течение )?([0-9]{4})(?: г(?:ода|\.)?)?", re.IGNORECASE)


def period_cell() -> Cell:
    """A period as people write it, read as the interface does: 2027-03."""

    def read(text: str) -> str:
        found = _as_period(" ".join(text.split()))
        try:
            read_period(found)
        except Invalid:
            raise CellIsWrong(PERIOD_UNREADABLE) from None
        return found

    return Cell(read, "15.03.2027, март 2027, I кв. 2027 или 2027")


def period_words(text: str) -> str:
    """A period as files call it."""
    period = read_period(text)
    first = period.first_on
    if period.kind is PeriodKind.DATE:
        return f"{first:%d.%m.%Y}"
    if period.kind is PeriodKind.MONTH:
        return f"{MONTHS[first.month - 1]} {first.year}"
    if period.kind is PeriodKind.QUARTER:
        return f"{QUARTERS[first.month // 3]} кв. {first.year}"
    return str(first.year)


def _as_period(text: str) -> str:
    if match := _DAY.fullmatch(text):
        return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"
    if match := _QUARTER.fullmatch(text):
        number = match[1].upper()
        return f"{match[3]}-Q{QUARTERS.index(number) + 1 if number in QUARTERS else number}"
    if match := _MONTH.fullmatch(text):
        month = match[1].lower()
        if month in MONTHS:
            return f"{match[2]}-{MONTHS.index(month) + 1:02}"
    if match := _YEAR.fullmatch(text):
        return match[1]
    return text
