"""Keys by which a member's own programs ask: with a scope, a term, and nobody's hand."""

from datetime import date, timedelta

from shared.identity import Actor, Role
from shared.refusal import Invalid, NotSignedIn, Refusal

PREFIX = "artel_"
TERM_MAX = timedelta(days=366)
KEYS_MAX = 50
SCOPES = frozenset(
    {
        Role.COORDINATOR,
        Role.APPROVER,
        Role.FINANCE,
        Role.MENTOR,
        Role.EXPERT,
        Role.AUDITOR,
    }
)
"""Roles that a program may have; a seat in the council is a person's alone."""


class KeyIsOver(NotSignedIn):
    """This key is unknown, was revoked, or its term or its scope is over."""

    code = "key-over"


class TooManyKeys(Refusal):
    """So many keys are valid already: revoke one that no program uses."""

    code = "too-many-keys"


class KeyIsWrong(Invalid):
    """A key has roles that its maker has too, and a last day within a year."""


class ProgramMayNot(Refusal):
    """This takes a person: the key of a program is not enough."""

    status = 403
    code = "program-may-not"


def check_key(
    scope: frozenset[Role], held: frozenset[Role], expires_on: date, today: date, *, valid: int
) -> None:
    """Raises KeyIsWrong beside the field that is wrong, or TooManyKeys."""
    if not scope <= SCOPES & held:
        raise KeyIsWrong("Its maker has to have these roles too.", at="body.roles")
    if not today <= expires_on <= today + TERM_MAX:
        raise KeyIsWrong("Its last day lies within a year.", at="body.expires_on")
    if valid >= KEYS_MAX:
        raise TooManyKeys


def scope_today(
    scope: frozenset[Role], held: frozenset[Role], *, revoked: bool, expires_on: date, today: date
) -> frozenset[Role]:
    """What a key lets a program do: never more than its maker may today. Raises KeyIsOver."""
    roles = scope & held & SCOPES
    if revoked or expires_on < today or not roles:
        raise KeyIsOver
    return roles


def require_person(actor: Actor) -> Actor:
    """Raises ProgramMayNot for a program: signatures and people's rights are people's."""
    if actor.is_program:
        raise ProgramMayNot
    return actor
