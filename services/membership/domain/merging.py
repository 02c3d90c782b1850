"""Two records of one person: which of them is kept, and what becomes of their affiliations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.persons import Affiliation
from shared.refusal import Invalid, Refusal


class SamePerson(Invalid):
    """These are one person already: the second was merged into the first, or is the same."""

    code = "same-person"


class BothSignIn(Refusal):
    """Both sign in, each with an account of their own: such accounts are not merged."""

    code = "both-sign-in"


class WhoSignsInIsKept(Refusal):
    """The one who signs in is kept, and the other is merged into them."""

    code = "who-signs-in-is-kept"


@dataclass(frozen=True, slots=True)
class Joined:
    """What becomes of affiliations: those that pass to the person kept, and those made longer."""

    moved: tuple[Affiliation, ...]
    widened: tuple[Affiliation, ...]


def require_may_merge(kept_id: UUID, merged_id: UUID, with_accounts: Iterable[UUID]) -> None:
    """Raises SamePerson, BothSignIn, WhoSignsInIsKept."""
    if kept_id == merged_id:
        raise SamePerson("Name two different people.", at="body.merged_id")
    accounts = set(with_accounts)
    if {kept_id, merged_id} <= accounts:
        raise BothSignIn
    if merged_id in accounts:
        raise WhoSignsInIsKept


def join(kept: Sequence[Affiliation], merged: Sequence[Affiliation]) -> Joined:
    """Affiliations of one kind at one member that meet become one; all others pass as they are."""
    found = {each.id: each for each in kept}
    moved, widened = [], set()
    for each in merged:
        met = next((other for other in found.values() if _meet(other, each)), None)
        if met is None:
            moved.append(each)
        else:
            found[met.id] = _widened(met, each)
            widened.add(met.id)
    changed = tuple(
        replace(each, version=each.version + 1) for each in found.values() if each.id in widened
    )
    return Joined(tuple(moved), changed)


def _meet(first: Affiliation, second: Affiliation) -> bool:
    is_one = (first.member_id, first.kind) == (second.member_id, second.kind)
    first_to, second_to = first.to_on or date.max, second.to_on or date.max
    return is_one and first.from_on <= second_to and second.from_on <= first_to


def _widened(kept: Affiliation, merged: Affiliation) -> Affiliation:
    is_open = kept.to_on is None or merged.to_on is None
    return replace(
        kept,
        unit=kept.unit or merged.unit,
        from_on=min(kept.from_on, merged.from_on),
        to_on=None if is_open else max(kept.to_on or date.min, merged.to_on or date.min),
    )
