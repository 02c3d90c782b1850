"""The routes of workshops, who may use them, and the kinds of values they take."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, Strict

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
_DATE_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")


def _as_written(value: Any) -> Any:
    if not isinstance(value, str) or not _DATE_AND_TIME.match(value):
        raise ValueError("is no instant such as 2027-02-20T08:30:00+03:00")
    return value


def _in_reach(moment: datetime) -> datetime:
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError("is out of reach of any calendar")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, BeforeValidator(_as_written), AfterValidator(_in_reach)]
"""An instant with a zone, RFC 3339."""
Competence = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,60}$")]
Workplaces = Annotated[int, Field(ge=1, le=WORKPLACES_MAX)]
Whole = Annotated[int, Strict()]
"""A number of a body: 2, but neither "2" nor true."""
