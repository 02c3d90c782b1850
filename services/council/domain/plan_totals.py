"""Totals of a plan: how much is meant, done and spent, by section, by source, by member."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from services.council.domain.plan_items import Content, payer_of
from services.council.domain.plan_reports import ItemStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item as far as totals ask; what was spent counts once its report was accepted."""

    content: Content
    status: ItemStatus | None
    """Empty while the version is not in force."""
    spent_kopecks: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One line of totals. `of` is the section, the source or the member that it is about."""

    of: str
    items: int
    done: int
    partly: int
    not_done: int
    moved: int
    overdue: int
    amount_kopecks: int
    spent_kopecks: int


def by_section(lines: Iterable[Line]) -> list[Total]:
    """One total for each section that has items."""
    return _totals(lines, lambda line: line.content.section.value)


def by_source(lines: Iterable[Line]) -> list[Total]:
    """One total for each source of money (R7.1) that items name; others are left out."""
    return _totals(
        lines, lambda line: None if line.content.source is None else line.content.source.value
    )


def by_member(lines: Iterable[Line]) -> list[Total]:
    """One total for each member: items that it answers for; money of items that it pays (R7.2)."""
    every = list(lines)
    totals = {
        total.of: total
        for total in _totals(every, lambda line: str(line.content.responsible_member_id))
    }
    payers = {str(payer) for line in every if (payer := payer_of(line.content)) is not None}
    return [
        _with_money(totals.get(member_id) or _total(member_id, []), _paid_by(every, member_id))
        for member_id in sorted({*totals, *payers})
    ]


def overall(lines: Iterable[Line]) -> Total:
    """The total of everything."""
    return _total("all", list(lines))


def _paid_by(lines: Iterable[Line], member_id: str) -> list[Line]:
    return [line for line in lines if payer_of(line.content) == UUID(member_id)]


def _with_money(total: Total, paid: list[Line]) -> Total:
    money = _total(total.of, paid)
    return Total(
        of=total.of,
        items=total.items,
        done=total.done,
        partly=total.partly,
        not_done=total.not_done,
        moved=total.moved,
        overdue=total.overdue,
        amount_kopecks=money.amount_kopecks,
        spent_kopecks=money.spent_kopecks,
    )


def _totals(lines: Iterable[Line], key: Callable[[Line], str | None]) -> list[Total]:
    groups: dict[str, list[Line]] = {}
    for line in lines:
        of = key(line)
        if of is not None:
            groups.setdefault(of, []).append(line)
    return [_total(of, group) for of, group in sorted(groups.items())]


def _total(of: str, lines: list[Line]) -> Total:
    def count(status: ItemStatus) -> int:
        return sum(1 for line in lines if line.status is status)

    return Total(
        of=of,
        items=len(lines),
        done=count(ItemStatus.DONE),
        partly=count(ItemStatus.PARTLY),
        not_done=count(ItemStatus.NOT_DONE),
        moved=count(ItemStatus.MOVED),
        overdue=count(ItemStatus.OVERDUE),
        amount_kopecks=sum(line.content.amount_kopecks or 0 for line in lines),
        spent_kopecks=sum(line.spent_kopecks or 0 for line in lines),
    )
