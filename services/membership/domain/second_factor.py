"""The second factor at sign-in: codes that change every half minute, and codes for a lost telephone."""

from datetime import datetime, timedelta

from shared.refusal import NotSignedIn, WrongStatus

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A telephone's clock may be half a minute early or late."""
CODE_DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""What no one takes for another sign when it is read from paper."""
RECOVERY_LENGTH = 16
CHALLENGE_LASTS = timedelta(minutes=5)
SETTING_LASTS = timedelta(minutes=15)
"""As long one may take to set a telephone up; later another secret is made."""


class SecondFactorNeeded(NotSignedIn):
    """The password is right: now say the code of your second factor."""

    code = "second-factor-needed"


class WrongCode(NotSignedIn):
    """This code is wrong, was used before, or its time has passed."""

    code = "wrong-code"


class ChallengeIsOver(NotSignedIn):
    """Too much time has passed since the password: begin the sign-in again."""

    code = "challenge-over"


class SecondFactorIsOn(WrongStatus):
    """The second factor is set already; take it away first to set another."""

    code = "second-factor-on"


class SecondFactorIsOff(WrongStatus):
    """No second factor is set."""

    code = "second-factor-off"


def step_of(now: datetime) -> int:
    """The number of the half minute, counted from 1970 (RFC 6238)."""
    return int(now.timestamp()) // STEP_SECONDS


def steps_taken(now: datetime, last_step: int | None) -> list[int]:
    """Whose codes are taken at this moment: each once, and none that is older than the last one."""
    present = step_of(now)
    around = range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1)
    return [step for step in around if last_step is None or step > last_step]


def is_changing(code: str) -> bool:
    """Whether this is meant for a code that changes, not for one of paper."""
    return len(code) == CODE_DIGITS and code.isascii() and code.isdigit()


def normal_code(code: str) -> str:
    """The code as it is compared: without spaces and hyphens, in capital letters."""
    return "".join(sign for sign in code if not sign.isspace() and sign != "-").upper()


def spelled(code: str) -> str:
    """A recovery code as people read it: in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
