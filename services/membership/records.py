"""Rows of applications, cases and affiliations as facts, read for commands and queries alike."""

from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from services.membership.domain.applications import Applicant
from services.membership.domain.exclusion import Case, Ground
from services.membership.domain.joining import Application, ApplicationStatus
from services.membership.domain.persons import Affiliation, AffiliationKind

_APPLICANT: TypeAdapter[Applicant] = TypeAdapter(Applicant)


def applicant_of(card: Any) -> Applicant:
    """The full card, from what a column or a body holds."""
    return _APPLICANT.validate_python(card)


def card_json(applicant: Applicant) -> Any:
    """The full card as a column holds it."""
    return _APPLICANT.dump_python(applicant, mode="json")


def application_of(row: Any) -> Application:
    """An application, as far as its steps ask."""
    return Application(row["id"], ApplicationStatus(row["status"]), row["version"])


def case_of(row: Any) -> Case:
    """A case of exclusion, as far as decisions ask."""
    member_id: UUID = row["member_id"]
    return Case(
        row["id"],
        member_id,
        Ground(row["ground"]),
        row["answer_until_on"],
        row["answered_at"],
        row["closed_at"],
        row["decision_id"],
        row["version"],
    )


def affiliation_of(row: Any) -> Affiliation:
    """The affiliation of a row that has these columns."""
    return Affiliation(
        row["id"],
        row["person_id"],
        row["member_id"],
        AffiliationKind(row["kind"]),
        row["unit"],
        row["from_on"],
        row["to_on"],
        row["version"],
    )
