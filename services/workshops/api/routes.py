"""The routes of workshops, who may use them, and the kinds of values they take."""

from typing import Annotated

from pydantic import Field

from services.workshops.domain.facts import WORKPLACES_MAX
from shared.identity import Role
from shared.routes import Routes, roles

routes = Routes("workshops")

BOOKERS = roles(Role.COORDINATOR)
OWNERS = roles(Role.COORDINATOR)
DECIDERS = roles(Role.APPROVER)
HOSTS = roles(Role.COORDINATOR, Role.APPROVER)
READERS = roles(Role.COORDINATOR, Role.APPROVER, Role.FINANCE, Role.AUDITOR)

Competence = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,60}$")]
Workplaces = Annotated[int, Field(ge=1, le=WORKPLACES_MAX)]
