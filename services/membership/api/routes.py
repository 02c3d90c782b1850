"""The routes of membership, who may use them, and the kinds of values they take."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.membership.domain.accounts import PASSWORD_LENGTH_MAX
from shared.identity import Role
from shared.routes import Routes, roles
from shared.values import Line

routes = Routes("membership")

COORDINATORS = roles(Role.COORDINATOR)
ADMINISTRATORS = roles(Role.ADMINISTRATOR)
THOSE_WHO_NAME = roles(Role.COORDINATOR, Role.ADMINISTRATOR)
READERS = roles(*(set(Role) - {Role.STUDENT, Role.ADMINISTRATOR}))
PAYERS = roles(*(set(Role) - {Role.STUDENT}))
SECRETARIAT = roles(Role.COUNCIL_SECRETARY, Role.ADMINISTRATOR)
"""Who checks applications and keeps cases, also while the council has named no secretary."""
CASE_READERS = roles(*(set(Role) - {Role.STUDENT}))


def encodable(text: str) -> str:
    """The text, unless half of a character stands in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("contains half of a character") from None
    return text


Password = Annotated[
    str,
    StringConstraints(min_length=1, max_length=PASSWORD_LENGTH_MAX),
    AfterValidator(encodable),
]
Name = Annotated[Line, Field(max_length=100)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,40}$")]
Digits = Annotated[Line, Field(max_length=20)]
RoleSet = Annotated[set[Role], Field(max_length=len(Role))]
