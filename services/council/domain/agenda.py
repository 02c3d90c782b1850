"""An agenda: its items, what each puts to the decision, and in which order."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.council.domain.kinds import DecisionKind, Force
from services.council.domain.parameters import PREFIX, require_value
from services.council.domain.proposals import Matter, MatterKind
from shared.refusal import Invalid, Refusal

ITEMS_MAX = 100
SHA256 = re.compile(r"[0-9a-f]{64}")


class ItemKind(StrEnum):
    """What is done with an item."""

    INFO = "info"
    DECISION = "decision"
    APPROVAL = "approval"
    ELECTION = "election"
    EXCLUSION = "exclusion"


class ItemOutcome(StrEnum):
    """What became of an item at its meeting."""

    HEARD = "heard"
    DECIDED = "decided"
    REJECTED = "rejected"
    POSTPONED = "postponed"
    """It was left undecided, and may stand on another agenda."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What an item says, and what it puts to the decision."""

    title: str
    kind: ItemKind
    speaker: str | None
    minutes: int | None
    draft_text: str | None
    decision_kind: DecisionKind | None
    force: Force
    subject_id: UUID | None
    ground: str | None
    parameter: str | None
    value: str | None
    addressee_ids: tuple[UUID, ...]
    responsible_member_id: UUID | None
    due_on: date | None


class ItemIsWrong(Invalid):
    """An item that informs decides nothing; every other names its decision and what that needs."""


class ItemIsTabled(Refusal):
    """This stands on the agenda of a meeting that has not taken place yet."""

    code = "already-tabled"


class AgendaIsFull(Refusal):
    """An agenda has at most a hundred items, and an item a hundred materials."""

    code = "agenda-full"


class OrderIsWrong(Invalid):
    """The order names every item of the agenda, once."""


def check_item(item: Item, matter: Matter | None, member_ids: Collection[UUID]) -> None:
    """Whether the item can be decided as it stands; raises ItemIsWrong, ParameterIsWrong.

    Who is to be admitted, excluded or suspended comes from membership (R5.3): an item on that
    stands on its matter.
    """
    kind = item.decision_kind
    if (item.kind is ItemKind.INFO) != (kind is None):
        raise _wrong("body.decision_kind")
    is_case = kind in {DecisionKind.EXCLUDE, DecisionKind.SUSPEND}
    if (item.kind is ItemKind.EXCLUSION) != is_case:
        raise _wrong("body.kind")
    needed = (
        MatterKind.CASE
        if is_case
        else MatterKind.APPLICATION
        if kind == DecisionKind.ADMIT
        else None
    )
    if (None if matter is None else matter.kind) != needed:
        raise _wrong("body.matter_id")
    if (kind is DecisionKind.APPROVE_PLAN and item.subject_id is None) or (
        item.subject_id is not None and needed is None and kind is not DecisionKind.APPROVE_PLAN
    ):
        raise _wrong("body.subject_id")
    _check_value(item)
    if kind is DecisionKind.SHARE_DUTIES and (not item.addressee_ids or not item.draft_text):
        raise _wrong("body.addressee_ids" if item.draft_text else "body.draft_text")
    named = {*item.addressee_ids, *filter(None, (item.responsible_member_id,))}
    if not named <= set(member_ids):
        raise _wrong("body.addressee_ids")


def _check_value(item: Item) -> None:
    """A parameter is set to a value; a plan may be named by the SHA-256 of its text (R6.3)."""
    sets = item.decision_kind is DecisionKind.SET_PARAMETER
    if sets != (item.parameter is not None):
        raise _wrong("body.parameter")
    if item.decision_kind is DecisionKind.APPROVE_PLAN:
        if item.value is not None and not SHA256.fullmatch(item.value):
            raise _wrong("body.value")
    elif sets != (item.value is not None):
        raise _wrong("body.parameter")
    if item.parameter is not None and item.parameter.startswith(PREFIX):
        require_value(item.parameter, item.value)


def require_room(count: int) -> None:
    """An agenda ends somewhere."""
    if count >= ITEMS_MAX:
        raise AgendaIsFull


def require_order(wished: Sequence[UUID], known: Collection[UUID]) -> None:
    """The order names every item of the agenda, once."""
    if len(wished) != len(known) or set(wished) != set(known):
        raise OrderIsWrong(OrderIsWrong.title(), at="body.item_ids")


def outcome_of(kind: ItemKind) -> ItemOutcome:
    """What becomes of an item on which no vote was taken."""
    return ItemOutcome.HEARD if kind is ItemKind.INFO else ItemOutcome.POSTPONED


def _wrong(at: str) -> ItemIsWrong:
    return ItemIsWrong(ItemIsWrong.title(), at=at)
