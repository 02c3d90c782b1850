"""Who asks: a person, the member they act for, and their roles there."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.refusal import RoleIsMissing


class Role(StrEnum):
    """What a person may do for the member they act for."""

    COORDINATOR = "coordinator"
    APPROVER = "approver"
    FINANCE = "finance"
    MENTOR = "mentor"
    EXPERT = "expert"
    STUDENT = "student"
    COUNCIL_MEMBER = "council_member"
    COUNCIL_SECRETARY = "council_secretary"
    COUNCIL_HEAD = "council_head"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    """Runs the installation; acts for no member and sees no personal data of members' people."""


EVERY_ROLE = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person; `member_id` is None for one who acts for no member."""

    person_id: UUID
    member_id: UUID | None
    roles: frozenset[Role]
    session_id: UUID
    is_program: bool = False
    """Whether a program asks in the person's stead, by a key: it signs nothing."""

    def require(self, allowed: frozenset[Role]) -> None:
        """Raises RoleIsMissing unless the person has one of the allowed roles.

        Where every role may, so may one who has none yet: who acts for several members and has
        not chosen must be able to sign out. All roles but the administrator's are held for a
        member, and count for nothing without one.
        """
        held = self.roles if self.member_id is not None else self.roles & {Role.ADMINISTRATOR}
        if allowed != EVERY_ROLE and not held & allowed:
            raise RoleIsMissing(needed=sorted(allowed))

    @property
    def member(self) -> UUID:
        """The member acted for; raises RoleIsMissing for one who acts for none."""
        if self.member_id is None:
            raise RoleIsMissing("You act for no member.")
        return self.member_id
