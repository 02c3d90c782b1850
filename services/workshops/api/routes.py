"""The routes of workshops, who may use them, and the kinds of values they take."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from shared.identity import Role
from shared.routes import Routes, roles

routes = Routes("workshops")

BOOKERS = roles(Role.COORDINATOR)
OWNERS = roles(Role.COORDINATOR)
DECIDERS = roles(Role.APPROVER)
HOSTS = roles(Role.COORDINATOR, Role.APPROVER)
READERS = roles(Role.COORDINATOR, Role.APPROVER, Role.FINANCE, Role.AUDITOR)

WORKPLACES_MAX = 1000
YEARS = (2000, 2200)


def _in_reach(moment: datetime) -> datetime:
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError("is out of reach of any calendar")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]
"""An instant with a zone, RFC 3339."""
Competence = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,60}$")]
Workplaces = Annotated[int, Field(ge=1, le=WORKPLACES_MAX)]
