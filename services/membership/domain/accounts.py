"""Accounts: who signs in, for which member a person acts, and in which roles."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.membership.domain.passwords import is_guessed_first
from shared.identity import Role
from shared.refusal import Invalid, NotFound, NotSignedIn, Refusal, RoleIsMissing, TooMany

PASSWORD_LENGTH_MIN = 10
PASSWORD_LENGTH_MAX = 200
FAILURES_MAX = 10
FAILURES_WINDOW = timedelta(minutes=10)
SESSION_LASTS = timedelta(days=30)

COUNCIL_ROLES = frozenset({Role.COUNCIL_MEMBER, Role.COUNCIL_SECRETARY, Role.COUNCIL_HEAD})
"""Held by the council's composition, which no member decides on alone (R4)."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """What a person is called."""

    family_name: str
    given_name: str
    patronymic: str | None


@dataclass(frozen=True, slots=True)
class Acting:
    """For which member a person acts, and in which roles."""

    member_id: UUID | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed attempts to sign in with one e-mail, counted from the first one of a window."""

    count: int
    began_at: datetime


class WrongCredentials(NotSignedIn):
    """The e-mail or the password is wrong."""

    code = "wrong-credentials"


class TooManyFailures(TooMany):
    """Too many failed attempts to sign in; wait a little before the next."""

    code = "too-many-failures"


class SessionIsOver(NotSignedIn):
    """This session has ended: sign in again."""

    code = "session-over"


class EmailIsTaken(Refusal):
    """There is an account with this e-mail already."""

    code = "email-taken"


class LastCoordinator(Refusal):
    """A member keeps at least one coordinator: name another one first."""

    code = "last-coordinator"


class CouncilDecides(Refusal):
    """Roles in the council come from its composition and from nobody's grant."""

    code = "council-decides"
    clause = "R4.1"


class AdministratorActsForNobody(Refusal):
    """The administrator acts for no member; open another account for that."""

    code = "administrator-acts-for-nobody"


class PasswordIsWeak(Invalid):
    """A password is long, and none of those that everybody tries first."""


def normal_email(email: str) -> str:
    """The form in which an e-mail is kept and compared."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def check_password(password: str, email: str, *, at: str) -> None:
    """Raises PasswordIsWeak unless the password is worth being asked for."""
    if len(password) < PASSWORD_LENGTH_MIN:
        raise PasswordIsWeak(
            f"A password has at least {PASSWORD_LENGTH_MIN} characters.",
            at=at,
            why="password-short",
        )
    if is_guessed_first(password, email):
        raise PasswordIsWeak(
            "This password is among the first that are guessed.", at=at, why="password-common"
        )


def require_not_locked(failures: Failures | None, now: datetime) -> None:
    """After so many failures nobody signs in until the window has passed, whoever they are."""
    if failures is None or failures.count < FAILURES_MAX:
        return
    left = failures.began_at + FAILURES_WINDOW - now
    if left > timedelta():
        raise TooManyFailures(retry_after=int(left.total_seconds()) + 1)


def count_failure(failures: Failures | None, now: datetime) -> Failures:
    """One failure more; a window that has passed is forgotten."""
    if failures is None or failures.began_at + FAILURES_WINDOW <= now:
        return Failures(1, now)
    return Failures(failures.count + 1, failures.began_at)


def choose(affiliations: Mapping[UUID | None, frozenset[Role]], wished: UUID | None) -> Acting:
    """For whom a person acts: whom they wish, else the only one there is, else nobody yet.

    The administrator, whose roles stand under None, acts for no member.
    """
    if wished is not None:
        if wished not in affiliations:
            raise NotFound("There is no such member that you act for.")
        return Acting(wished, affiliations[wished])
    if None in affiliations:
        return Acting(None, affiliations[None])
    if len(affiliations) == 1:
        [(member_id, roles)] = affiliations.items()
        return Acting(member_id, roles)
    return Acting(None, frozenset())


def check_grant(member_id: UUID | None, roles: frozenset[Role]) -> None:
    """The administrator acts for no member, and everybody else for one."""
    if member_id is None and roles != {Role.ADMINISTRATOR}:
        raise Invalid("Without a member, the only role is administrator's.", at="body.roles")
    if member_id is not None and Role.ADMINISTRATOR in roles:
        raise Invalid("The administrator acts for no member.", at="body.roles")


def require_may_grant(
    granter: frozenset[Role], member_id: UUID | None, roles: frozenset[Role]
) -> None:
    """Members name their own people; administrators are named by administrators alone."""
    if member_id is None and Role.ADMINISTRATOR not in granter:
        raise RoleIsMissing(needed=[Role.ADMINISTRATOR])
    if roles & COUNCIL_ROLES:
        raise CouncilDecides


def require_acts_for_members(roles_without_member: frozenset[Role]) -> None:
    """Whoever runs the installation stays out of what its members do."""
    if Role.ADMINISTRATOR in roles_without_member:
        raise AdministratorActsForNobody


def grant_roles(
    before: frozenset[Role], after: frozenset[Role], *, other_coordinators: int
) -> frozenset[Role]:
    """The roles that a person has from now on at a member."""
    is_lost = Role.COORDINATOR in before and Role.COORDINATOR not in after
    if is_lost and other_coordinators == 0:
        raise LastCoordinator
    return after
