"""Rows of applications, cases, affiliations and agreements as facts, for commands and queries."""

from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from services.membership.domain.agreement_ends import Course
from services.membership.domain.agreements import (
    AgreedTariff,
    AgreementKind,
    Prolongation,
    TariffUnit,
    Terms,
)
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


def terms_of(row: Any, party_ids: tuple[UUID, ...]) -> Terms:
    """What is agreed, of a row of agreements and its parties in order."""
    months = row["prolongs_months"]
    return Terms(
        AgreementKind(row["kind"]),
        party_ids,
        row["valid_from"],
        row["valid_to"],
        row["subject"],
        number=row["number"],
        place=row["place"],
        in_order=row["in_order"],
        prolongation=None if months is None else Prolongation(months, row["refusal_days"]),
        notice_days=row["notice_days"],
        is_free=row["is_free"],
        tariffs=tuple(
            AgreedTariff(each["what"], TariffUnit(each["unit"]), each["net_kopecks"])
            for each in row["tariffs"]
        ),
        reminder_days=tuple(row["reminder_days"]),
    )


def course_of(row: Any) -> Course:
    """How far an agreement goes, of its row."""
    months = row["prolongs_months"]
    return Course(
        row["valid_from"],
        row["last_on"],
        None if months is None else Prolongation(months, row["refusal_days"]),
        row["notice_days"],
        row["declined_at"] is not None,
        row["noticed_at"] is not None,
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
