"""The annual plan (R6.2, R6.3): collected from all, agreed by the head, approved by the council.

Whoever changes a plan afterwards makes another version of it, which goes the same two steps. A
version is in force from the first day of its year, or from its approval if that is later, and
never without both: the head's agreement to exactly this text, and the council's decision (I4).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.council.domain.plan_items import Content
from shared.refusal import Invalid, Refusal, WrongStatus

YEARS_AHEAD_MAX = 5
ITEMS_MAX = 1000


class VersionStatus(StrEnum):
    """Where a version of a plan stands on a day."""

    DRAFT = "draft"
    COLLECTING = "collecting"
    """Members put items forward."""
    AGREED = "agreed_by_head"
    """The head has agreed (R6.3); the council has not decided yet."""
    APPROVED = "approved"
    """The council has approved it (R6.2); its day has not come."""
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    """A later version is in force."""
    DROPPED = "dropped"


class PlanStatus(StrEnum):
    """Where the plan of a year stands on a day."""

    DRAFT = "draft"
    COLLECTING = "collecting"
    AGREED = "agreed_by_head"
    APPROVED = "approved"
    IN_FORCE = "in_force"
    REPORTED = "reported"
    ARCHIVED = "archived"


class WhoActs(StrEnum):
    """Who has to do the next step."""

    SECRETARY = "secretary"
    NAMED_MEMBERS = "named_members"
    HEAD = "head"
    COUNCIL = "council"
    RESPONSIBLE_MEMBERS = "responsible_members"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a plan, as far as its steps ask."""

    number: int
    collecting_at: datetime | None
    collect_until: date | None
    agreed_at: datetime | None
    agreed_sha256: str | None
    decision_id: UUID | None
    approved_on: date | None
    in_force_on: date | None
    dropped_at: datetime | None


class PlanExists(Refusal):
    """There is a plan of this year already."""

    code = "plan-exists"
    clause = "R6.2"


class YearIsWrong(Invalid):
    """A plan is made for a year from this one on, five years ahead at most."""

    code = "plan-year-wrong"
    clause = "R6.2"


class NotCollecting(WrongStatus):
    """Nothing is put into this plan now."""

    clause = "R6.2"


class CollectingIsOver(Refusal):
    """The last day to put items forward has passed; the secretary may still take one in."""

    code = "plan-collecting-over"


class LastDayIsPast(Invalid):
    """The last day to put items forward is today or later."""

    code = "plan-last-day-past"


class PlanIsFull(Refusal):
    """A plan has so many items at most."""

    code = "plan-full"


class NotYourItem(Refusal):
    """This is for who put the item forward or answers for it, and for the council's secretary."""

    status = 403
    code = "plan-not-yours"


class ItemIsRefused(WrongStatus):
    """The secretary has left this item out of the plan."""


class PlanIsEmpty(Refusal):
    """A plan without items cannot be agreed."""

    code = "plan-empty"


class ConsentIsMissing(Refusal):
    """Some items name members that have not consented to them."""

    code = "plan-consent-missing"
    clause = "R7.2"


class PlanHasChanged(Refusal):
    """The plan is not the one that was read any more; read it again."""

    code = "plan-changed"
    clause = "R6.3"


class PlanIsNotAgreed(Refusal):
    """The head of the council has not agreed to this plan."""

    code = "plan-not-agreed"
    clause = "R6.3"


class UnknownPlan(Refusal):
    """The decision names no plan that waits for it."""

    code = "unknown-plan"
    clause = "R6.2"


class AmendmentIsOpen(Refusal):
    """An amendment of this plan is on its way already."""

    code = "plan-amendment-open"


class NothingIsInForce(WrongStatus):
    """This plan is not in force."""

    clause = "R6.2"


class NoAmendment(WrongStatus):
    """No amendment of this plan is on its way."""


def check_year(year: int, today: date) -> None:
    """A plan is made for what is to come (R6.2)."""
    if not today.year <= year <= today.year + YEARS_AHEAD_MAX:
        raise YearIsWrong(YearIsWrong.title(), at="body.year")


def digest(lines: Mapping[UUID, Content]) -> str:
    """The SHA-256 of what a version says: the same items say the same, in whatever order."""
    said = [
        [str(item_id), {field.name: getattr(content, field.name) for field in fields(content)}]
        for item_id, content in sorted(lines.items())
    ]
    return hashlib.sha256(
        json.dumps(said, default=str, ensure_ascii=False, sort_keys=True).encode()
    ).hexdigest()


def version_status(version: Version, in_force: int | None) -> VersionStatus:
    """Where the version stands on a day; `in_force` is the number of the one in force then."""
    if version.dropped_at is not None:
        return VersionStatus.DROPPED
    if version.decision_id is None:
        if version.agreed_at is not None:
            return VersionStatus.AGREED
        return VersionStatus.COLLECTING if version.collecting_at else VersionStatus.DRAFT
    if version.number == in_force:
        return VersionStatus.IN_FORCE
    if in_force is not None and version.number < in_force:
        return VersionStatus.SUPERSEDED
    return VersionStatus.APPROVED


def in_force_number(versions: Iterable[Version], on: date) -> int | None:
    """The number of the version in force on a Moscow day: the latest whose day has come (I4)."""
    come = [
        version.number
        for version in versions
        if version.in_force_on is not None and version.in_force_on <= on
    ]
    return max(come, default=None)


def plan_status(
    versions: Sequence[Version],
    on: date,
    reported_at: datetime | None,
    archived_at: datetime | None,
) -> PlanStatus:
    """Where the plan stands: an amendment on its way changes nothing of what is in force."""
    if archived_at is not None:
        return PlanStatus.ARCHIVED
    if reported_at is not None:
        return PlanStatus.REPORTED
    if in_force_number(versions, on) is not None:
        return PlanStatus.IN_FORCE
    approved = [version for version in versions if version.decision_id is not None]
    if approved:
        return PlanStatus.APPROVED
    return PlanStatus(version_status(versions[-1], None).value)


def open_version(versions: Sequence[Version]) -> Version | None:
    """The version that is being worked on: neither approved nor dropped."""
    for version in versions:
        if version.decision_id is None and version.dropped_at is None:
            return version
    return None


def collect(version: Version | None, until: date | None, now: datetime, today: date) -> Version:
    """The secretary asks all members for items, up to and including a day if one is named.

    Asked again it sets another day, as long as the head has not agreed.
    """
    if version is None or version.agreed_at is not None:
        raise NotCollecting
    if until is not None and until < today:
        raise LastDayIsPast(LastDayIsPast.title(), at="body.until_on")
    if version.collecting_at is not None:
        return replace(version, collect_until=until)
    return replace(version, collecting_at=now, collect_until=until)


def require_takes_items(version: Version | None, today: date, *, keeps_plan: bool) -> Version:
    """Members put items forward while they are asked to; the secretary until the approval."""
    if version is None:
        raise NotCollecting
    if keeps_plan:
        return version
    if version.collecting_at is None or version.agreed_at is not None:
        raise NotCollecting
    if version.collect_until is not None and today > version.collect_until:
        raise CollectingIsOver(collect_until=version.collect_until)
    return version


def reopen(version: Version) -> Version:
    """The version after a change of what it says: an agreement to another text is none (R6.3)."""
    return replace(version, agreed_at=None, agreed_sha256=None)


def agree(
    version: Version | None,
    *,
    read_sha256: str,
    sha256: str,
    items: int,
    without_consent: int,
    now: datetime,
) -> Version:
    """The head agrees to exactly the text that was read (R6.3), once all named have consented.

    Raises NotCollecting, PlanHasChanged, PlanIsEmpty, ConsentIsMissing.
    """
    if version is None or version.collecting_at is None or version.agreed_at is not None:
        raise NotCollecting("This plan does not wait for the head's agreement.")
    if read_sha256 != sha256:
        raise PlanHasChanged
    if not items:
        raise PlanIsEmpty
    if without_consent:
        raise ConsentIsMissing(items=without_consent)
    return replace(version, agreed_at=now, agreed_sha256=sha256)


def approve(
    version: Version | None,
    *,
    year: int,
    sha256: str,
    decided_sha256: str | None,
    decision_id: UUID,
    today: date,
) -> Version:
    """The council's decision (R6.2) on what its head has agreed to, and on nothing else (R6.3, I4).

    `decided_sha256` is the text that lay before the council, where the decision names it.
    Raises UnknownPlan, PlanIsNotAgreed, PlanHasChanged.
    """
    if version is None:
        raise UnknownPlan
    if version.agreed_at is None:
        raise PlanIsNotAgreed
    if version.agreed_sha256 != sha256 or decided_sha256 not in (None, sha256):
        raise PlanHasChanged
    return replace(
        version,
        decision_id=decision_id,
        approved_on=today,
        in_force_on=max(today, date(year, 1, 1)),
    )


def require_may_amend(versions: Sequence[Version], status: PlanStatus) -> Version:
    """The approved version that an amendment begins with; raises NothingIsInForce, AmendmentIsOpen."""
    if status not in (PlanStatus.APPROVED, PlanStatus.IN_FORCE):
        raise NothingIsInForce("Only a plan that was approved, and not yet reported, is amended.")
    if open_version(versions) is not None:
        raise AmendmentIsOpen
    return max(
        (version for version in versions if version.decision_id is not None),
        key=lambda version: version.number,
    )


def drop(version: Version | None, now: datetime) -> Version:
    """An amendment is given up; a first version is not, since a year has its plan (R6.2)."""
    if version is None or version.number == 1:
        raise NoAmendment
    return replace(version, dropped_at=now)


def who_acts(
    status: PlanStatus, waiting: Version | None, *, without_consent: int, items: int
) -> WhoActs:
    """Whose step is next: of the version on its way where there is one, else of the plan."""
    if waiting is not None:
        if waiting.agreed_at is not None:
            return WhoActs.COUNCIL
        if waiting.collecting_at is None or not items:
            return WhoActs.SECRETARY
        return WhoActs.NAMED_MEMBERS if without_consent else WhoActs.HEAD
    if status is PlanStatus.IN_FORCE:
        return WhoActs.RESPONSIBLE_MEMBERS
    return WhoActs.SECRETARY if status is PlanStatus.REPORTED else WhoActs.NOBODY


@dataclass(frozen=True, slots=True)
class Changes:
    """What a version changed of the one before, by item; for each changed one, which fields."""

    added: tuple[UUID, ...]
    removed: tuple[UUID, ...]
    changed: Mapping[UUID, tuple[str, ...]]


def changes(before: Mapping[UUID, Content], after: Mapping[UUID, Content]) -> Changes:
    """What became of the items between two versions."""
    both = sorted(before.keys() & after.keys())
    differing = {
        item_id: tuple(
            field.name
            for field in fields(Content)
            if getattr(before[item_id], field.name) != getattr(after[item_id], field.name)
        )
        for item_id in both
    }
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed={item_id: names for item_id, names in differing.items() if names},
    )
