"""States of things as a person sees them: words, an icon and a meaning, never colour alone."""

from dataclasses import dataclass

from services.portal.words import N_


@dataclass(frozen=True)
class Look:
    """How a state is shown: its words, its icon, and one of four meanings or none."""

    words: str
    icon: str
    kind: str = "secondary"


BOOKING = {
    "requested": Look(N_("Waiting for an answer"), "hourglass", "warning"),
    "confirmed": Look(N_("Confirmed"), "circle-check", "success"),
    "declined": Look(N_("Declined"), "circle-x", "danger"),
    "cancelled": Look(N_("Cancelled"), "ban"),
    "lapsed": Look(N_("Not answered in time"), "clock-off"),
    "checked_in": Look(N_("Under way"), "player-play", "info"),
    "completed": Look(N_("Completed"), "flag-check", "success"),
    "no_show": Look(N_("Nobody came"), "user-off", "danger"),
    "displaced": Look(N_("Displaced"), "arrows-exchange", "danger"),
}

AGREEMENT = {
    "signing": Look(N_("Being signed"), "writing-sign", "warning"),
    "active": Look(N_("In force"), "circle-check", "success"),
    "ended": Look(N_("Ended"), "clock-off"),
}

OBLIGATION = {
    "incurred": Look(N_("Owed"), "coins", "warning"),
    "free": Look(N_("Free of charge"), "gift"),
    "reversed": Look(N_("Taken back"), "arrow-back-up"),
}

MEMBER = {
    "active": Look(N_("Takes part"), "circle-check", "success"),
    "leaving": Look(N_("Is leaving"), "door-exit", "warning"),
    "withdrawn": Look(N_("Has left"), "door-exit"),
}

AGREEMENT_KINDS = {
    "network_form": N_("Network form"),
    "services": N_("Services"),
    "lease": N_("Lease"),
    "free_use": N_("Free use"),
}

MEMBER_KINDS = {
    "college": N_("College"),
    "university": N_("University"),
    "employer": N_("Employer"),
    "authority": N_("Authority"),
}

HISTORY = {
    "requested": N_("asked for the workshop"),
    "confirmed": N_("confirmed"),
    "declined": N_("declined"),
    "cancelled": N_("cancelled"),
    "lapsed": N_("was not answered in time: the places are free again"),
    "checked_in": N_("let the group in"),
    "completed": N_("noted what was used"),
}
"""What happened to a booking, as the timeline tells it after the one who did it."""


@dataclass(frozen=True)
class Group:
    """Bookings that one looks for together."""

    words: str
    statuses: tuple[str, ...]
    empty: str


BOOKING_GROUPS = {
    "open": Group(
        N_("Open"), ("requested", "confirmed", "checked_in"), N_("There are no open bookings.")
    ),
    "requested": Group(N_("Waiting"), ("requested",), N_("Nothing waits for an answer.")),
    "completed": Group(N_("Done"), ("completed",), N_("Nothing has been completed yet.")),
    "over": Group(
        N_("Did not take place"),
        ("declined", "cancelled", "lapsed", "no_show", "displaced"),
        N_("Nothing was declined or cancelled."),
    ),
}
