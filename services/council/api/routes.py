"""The routes of the council, and who they are for."""

from typing import Annotated

from pydantic import Field

from shared.identity import Role
from shared.routes import ANYONE_SIGNED_IN, Routes, roles
from shared.values import Words

routes = Routes("council")

READERS = ANYONE_SIGNED_IN
"""Composition, agendas, decisions and the plan are for every signed-in person to read (R5.1)."""
ADMINISTRATORS = roles(Role.ADMINISTRATOR)
OFFICE = roles(Role.COUNCIL_SECRETARY, Role.COUNCIL_HEAD, Role.ADMINISTRATOR)
"""Who does the office work; an administrator only while the council has no secretary."""
VOTERS = roles(Role.COUNCIL_MEMBER, Role.COUNCIL_HEAD, Role.COUNCIL_SECRETARY)
"""Who sits in the council; whether the seat has a vote, the seat says."""
COUNCIL = roles(Role.COUNCIL_MEMBER, Role.COUNCIL_HEAD, Role.COUNCIL_SECRETARY, Role.ADMINISTRATOR)
"""Who sees what waits for the council."""
COORDINATORS = roles(Role.COORDINATOR)
PARTICIPANTS = roles(*(set(Role) - {Role.STUDENT, Role.ADMINISTRATOR}))
"""Who speaks for a member in the discussion of a proposal (R5.1)."""

Basis = Annotated[Words, Field(max_length=500)]
"""What something stands on, such as the number and date of an order."""
