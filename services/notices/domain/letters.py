"""Mail: what letters say that membership wrote, and how long a mail that fails is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.notices.domain.kinds import N_

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60))
"""How long a mail waits after each failure; after the last it is given up."""

ASKED_AGAIN_AFTER = timedelta(seconds=30)
"""How long a mail waits when nobody said where it goes; that is no failure of the mail."""

MAILBOX_LASTS = timedelta(days=1)
DIGEST_ITEMS_MAX = 50


def retry_after(tries: int) -> timedelta | None:
    """How long to wait after so many failures; None when that is enough."""
    return RETRIES[tries - 1] if tries <= len(RETRIES) else None


@dataclass(frozen=True, slots=True)
class Stationery:
    """What a letter of a kind says around the words that were written for it."""

    subject: str
    sentence: str
    button: str | None = None
    path: str | None = None
    """The page to which the button leads; a letter with a link has its token behind it."""


LETTERS: Mapping[str, Stationery] = {
    "confirm": Stationery(
        N_("Confirm your address"),
        N_(
            "This address was named in an application to join the cluster. Confirm it, and the"
            " application is submitted. If it was not you, do nothing."
        ),
        N_("Confirm the address"),
        "/join/confirm",
    ),
    "follow": Stationery(
        N_("Your application is submitted"),
        N_("The secretary of the council checks it. By this link you see how it stands."),
        N_("See the application"),
        "/join/status",
    ),
    "mend": Stationery(
        N_("Your application was given back"),
        N_("Please mend what is said here, and send the application again."),
        N_("Mend the application"),
        "/join/mend",
    ),
    "sign": Stationery(
        N_("Your organisation is admitted"),
        N_("Read the agreement of accession and sign it: then your organisation takes part."),
        N_("Read and sign"),
        "/join/sign",
    ),
    "open_account": Stationery(
        N_("Open your account"),
        N_(
            "Your organisation takes part in the cluster. Open the account of its first coordinator."
        ),
        N_("Open the account"),
        "/join/account",
    ),
    "invite": Stationery(
        N_("You are invited"),
        N_("You are invited to act for an organisation of the cluster."),
        N_("Accept the invitation"),
        "/invitation",
    ),
    "rejected": Stationery(
        N_("Your application was rejected"),
        N_("The application to join the cluster came to nothing. The reason:"),
    ),
    "case_opened": Stationery(
        N_("A case for the exclusion of your organisation"),
        N_("A case was opened. Read what it rests on, and answer in time."),
        N_("Read and answer"),
        "/notices",
    ),
    "excluded": Stationery(
        N_("Your organisation was excluded"),
        N_("The council excluded your organisation. What was confirmed before lives on."),
    ),
    "reset_password": Stationery(
        N_("Another password"),
        N_("Somebody, probably you, asked for another password. If it was not you, do nothing."),
        N_("Choose a password"),
        "/new-password",
    ),
    "password_changed": Stationery(
        N_("Your password was changed"),
        N_("If it was not you, ask for another password at once."),
        N_("Ask for another password"),
        "/forgotten-password",
    ),
    "second_factor_on": Stationery(
        N_("A code at sign-in is on"),
        N_("From now on a code of your telephone is asked for besides the password."),
    ),
    "second_factor_removed": Stationery(
        N_("The code at sign-in is off"),
        N_("The password alone opens your account again. If it was not you, change it at once."),
    ),
    "confirm_address": Stationery(
        N_("Confirm your new address"),
        N_(
            "Letters of your account are to come here from now on, and you sign in with this address."
        ),
        N_("Confirm the address"),
        "/new-address",
    ),
    "erase_data": Stationery(
        N_("Erase your data"),
        N_(
            "You asked for your data to be erased. The link is good for a day, and this cannot be"
            " taken back. If it was not you, do nothing, and take another password."
        ),
        N_("Erase my data"),
        "/erase-data",
    ),
    "address_changed": Stationery(
        N_("Your address was changed"),
        N_("Letters go to another address from now on. If it was not you, tell your coordinator."),
    ),
    "address_taken": Stationery(
        N_("This address has an account"),
        N_("Another account was to be moved to this address, which has one. Nothing was changed."),
    ),
}
"""Letters that membership writes, by its word for them."""
