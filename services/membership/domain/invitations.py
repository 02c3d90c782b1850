"""Invitations: how people come to act for a member, by a letter to their address."""

from shared.refusal import Refusal

INVITATIONS_MAX = 200
"""So many invitations of one member may wait for an answer."""


class TooManyInvitations(Refusal):
    """So many invitations wait for an answer already: take back those that nobody needs."""

    code = "too-many-invitations"


def require_room(waiting: int) -> None:
    """Letters to strangers are no flood."""
    if waiting >= INVITATIONS_MAX:
        raise TooManyInvitations
