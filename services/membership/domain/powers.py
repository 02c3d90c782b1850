"""Powers: by what paper a person signs for a member, and from when to when.

Whoever may sign for a member is the member's own matter (R1.2 lets members conclude agreements),
so a member says for itself from which day on its signatures need powers on record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.membership.domain.members import years_after
from shared.refusal import Invalid, Refusal, WrongStatus

POWERS_YEARS_MAX = 10
HANDOVER_AHEAD = timedelta(days=366)


class PowerKind(StrEnum):
    """The paper on which somebody signs for a member."""

    CHARTER = "charter"
    """The head, by the charter itself."""
    POWER_OF_ATTORNEY = "power_of_attorney"


@dataclass(frozen=True, slots=True)
class Paper:
    """A power as it is written; both dates of validity are included."""

    kind: PowerKind
    number: str | None
    issued_on: date | None
    valid_from: date
    valid_to: date | None


class PowerIsWrong(Invalid):
    """A power of attorney has a number, a date and a term; a charter has no number."""


class MayNotSign(Refusal):
    """No powers of yours to sign for this member are on record for today."""

    code = "may-not-sign"


class NobodyMaySign(Refusal):
    """On that day nobody could sign for the member: record somebody's powers first."""

    code = "nobody-may-sign"


class RuleReachesBack(Invalid):
    """The rule holds from today on, or from a later day."""


class PowerIsOver(WrongStatus):
    """These powers have ended already."""


class HandoverIsPlanned(Refusal):
    """What this person does is being handed over already."""

    code = "handover-planned"


class HandoverIsOver(WrongStatus):
    """The day of this handover has come, or it was called off."""


class HandoverIsWrong(Invalid):
    """A handover goes from one person of the member to another, from today on or a year ahead."""


class PowersAreNeeded(Invalid):
    """The one who leaves may sign for the member: name the powers of the one who follows."""


def check_paper(paper: Paper, *, at: str = "body") -> Paper:
    """The paper with its term; raises PowerIsWrong beside the first field that is wrong.

    A power of attorney that names no term is good for a year from its date (Civil Code art. 186).
    """
    is_attorney = paper.kind is PowerKind.POWER_OF_ATTORNEY
    if is_attorney and paper.number is None:
        raise PowerIsWrong("A power of attorney has a number.", at=f"{at}.number", why="missing")
    if is_attorney and paper.issued_on is None:
        raise PowerIsWrong("A power of attorney has a date.", at=f"{at}.issued_on", why="missing")
    if not is_attorney and paper.number is not None:
        raise PowerIsWrong("A charter gives powers without a number.", at=f"{at}.number")
    if paper.issued_on is not None and paper.valid_from < paper.issued_on:
        raise PowerIsWrong("Powers do not begin before their date.", at=f"{at}.valid_from")
    if is_attorney and paper.issued_on is not None and paper.valid_to is None:
        paper = replace(paper, valid_to=years_after(paper.issued_on, 1) - timedelta(days=1))
    if paper.valid_to is not None and paper.valid_to < paper.valid_from:
        raise PowerIsWrong("Powers do not end before they begin.", at=f"{at}.valid_to")
    if paper.valid_to is not None and paper.valid_to > years_after(
        paper.valid_from, POWERS_YEARS_MAX
    ):
        raise PowerIsWrong(f"Powers last {POWERS_YEARS_MAX} years at most.", at=f"{at}.valid_to")
    return paper


def is_required(required_from: date | None, day: date) -> bool:
    """Whether the member's signatures need powers on record on that day."""
    return required_from is not None and required_from <= day


def require_may_sign(required_from: date | None, has_powers: bool, today: date) -> None:
    """Raises MayNotSign for one whose powers are not on record where the member asks for them."""
    if is_required(required_from, today) and not has_powers:
        raise MayNotSign


def check_rule(
    before: date | None, wished: date | None, today: date, *, signers_then: int, may_sign: bool
) -> None:
    """Raises unless the member may ask for powers from the wished day on, or no more.

    Nobody sets a rule by which no one could sign; and a rule in force is loosened by one who may
    sign, else it would bind nobody.
    """
    if wished is not None and wished < today and wished != before:
        raise RuleReachesBack(RuleReachesBack.title(), at="body.powers_required_from")
    if wished is not None and not signers_then:
        raise NobodyMaySign
    if is_required(before, today) and not is_required(wished, today) and not may_sign:
        raise MayNotSign


def check_handover(from_id: UUID, to_id: UUID, from_on: date, today: date) -> None:
    """Raises HandoverIsWrong beside the field that is wrong."""
    if from_id == to_id:
        raise HandoverIsWrong("Somebody else has to take over.", at="body.to_person_id")
    if not today <= from_on <= today + HANDOVER_AHEAD:
        raise HandoverIsWrong(HandoverIsWrong.title(), at="body.from_on")


def require_power(*, leaver_signs: bool, follower_signs: bool, named: Paper | None) -> None:
    """A power of attorney is written for one person: the one who follows needs a paper of their own."""
    if leaver_signs and not follower_signs and named is None:
        raise PowersAreNeeded(PowersAreNeeded.title(), at="body.power", why="missing")


def check_follower(paper: Paper, from_on: date) -> Paper:
    """The follower's paper, which has to be good on the day of the handover; raises PowerIsWrong."""
    if from_on < paper.valid_from:
        raise PowerIsWrong("It has to be valid on the day itself.", at="body.power.valid_from")
    if paper.valid_to is not None and paper.valid_to < from_on:
        raise PowerIsWrong("It has to be valid on the day itself.", at="body.power.valid_to")
    return paper


def signers(rows: Iterable[Mapping[str, Any]], day: date) -> set[UUID]:
    """Who may sign on the day, of powers with their terms."""
    return {row["person_id"] for row in rows if is_valid(row, day)}


def is_valid(row: Mapping[str, Any], day: date) -> bool:
    """Whether powers hold on that day; they hold no more once they were revoked."""
    valid_to: date | None = row["valid_to"]
    revoked_at: datetime | None = row["revoked_at"]
    valid_from: date = row["valid_from"]
    return revoked_at is None and valid_from <= day and (valid_to is None or day <= valid_to)
