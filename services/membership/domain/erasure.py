"""Erasing a person: when it may be done, and what has to be handed over before."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.membership.domain.accounts import COUNCIL_ROLES
from shared.identity import Role
from shared.refusal import Refusal


class RolesAreNotHandedOver(Refusal):
    """The person holds what nobody else does: hand it over first."""

    code = "roles-not-handed-over"


class StillBelongs(Refusal):
    """The person still belongs to a member, which has to keep who its people are."""

    code = "still-belongs"


class OnlyThePersonErases(Refusal):
    """Who signs in erases their data themselves."""

    code = "only-the-person"


def require_may_erase(
    held: Mapping[UUID | None, frozenset[Role]],
    last_coordinator_at: Iterable[UUID],
    *,
    has_seat: bool,
    belongs: bool,
) -> None:
    """Raises StillBelongs while a contract or a law needs the name, RolesAreNotHandedOver.

    A seat in the council, the running of the installation and the last coordinator's role are
    given on before their holder goes; all other roles end with the erasure.
    """
    if belongs:
        raise StillBelongs
    roles = {role for each in held.values() for role in each}
    kept = roles & (COUNCIL_ROLES | {Role.ADMINISTRATOR})
    if set(last_coordinator_at):
        kept |= {Role.COORDINATOR}
    if kept or has_seat:
        raise RolesAreNotHandedOver(
            roles=sorted(kept | ({Role.COUNCIL_MEMBER} if has_seat else set()))
        )


def require_no_account(has_account: bool) -> None:
    """A member erases those of its people who cannot do so themselves."""
    if has_account:
        raise OnlyThePersonErases
