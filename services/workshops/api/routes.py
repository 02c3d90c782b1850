"""The routes of workshops, who may use them, and the kinds of values they take."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from services.workshops.domain.facts import WORKPLACES_MAX, Span
from shared.identity import Role
from shared.refusal import Invalid
from shared.routes import Routes, roles

routes = Routes("workshops")

BOOKERS = roles(Role.COORDINATOR)
OWNERS = roles(Role.COORDINATOR)
DECIDERS = roles(Role.APPROVER)
HOSTS = roles(Role.COORDINATOR, Role.APPROVER)
READERS = roles(Role.COORDINATOR, Role.APPROVER, Role.FINANCE, Role.AUDITOR)

DAYS_MAX = 62

Competence = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,60}$")]
Workplaces = Annotated[int, Field(ge=1, le=WORKPLACES_MAX)]


def within(from_: datetime, to: datetime) -> Span:
    """The time that is asked about; raises Invalid where it is empty or too long."""
    if not timedelta() < to - from_ <= timedelta(days=DAYS_MAX):
        raise Invalid(
            f"The time asked for is at most {DAYS_MAX} days and not empty.", at="query.to"
        )
    return Span(from_, to)
