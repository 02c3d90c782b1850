"""What one service may ask another at the moment it needs it: the one exception to hearing facts.

Names and contacts travel in no event. Whoever has to write to a person asks for the address over
request and reply, uses the answer, and keeps and logs nothing of it. The rights on the bus let
each question be asked by its asker, and heard by its answerer, alone.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.event import Instant


class Question(BaseModel):
    """A question of one service to another; the answer is null where there is nothing to say."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: ClassVar[str]
    asker: ClassVar[str]
    answerer: ClassVar[str]


class Contact(BaseModel):
    """Where a person reads mail, how to greet them, and the names of the members asked for."""

    email: str
    given_name: str
    patronymic: str | None
    member_names: dict[UUID, str]


class AddressAsked(Question):
    """Where does this person read mail? `member_ids` are those whom the letter speaks of."""

    subject: ClassVar[str] = "asked.membership.address"
    asker: ClassVar[str] = "notices"
    answerer: ClassVar[str] = "membership"

    person_id: UUID
    member_ids: tuple[UUID, ...] = ()


class LetterContents(BaseModel):
    """A letter as it was written: to whom, what for, and the token of its link, if it has one."""

    email: str
    kind: str
    token: str | None
    words: str | None
    expires_at: Instant


class LetterAsked(Question):
    """What stands in this letter, of which `membership.letter.written` told?"""

    subject: ClassVar[str] = "asked.membership.letter"
    asker: ClassVar[str] = "notices"
    answerer: ClassVar[str] = "membership"

    letter_id: UUID


QUESTIONS: tuple[type[Question], ...] = (AddressAsked, LetterAsked)


def asked_by(service: str) -> tuple[str, ...]:
    """The subjects on which the service may ask."""
    return tuple(question.subject for question in QUESTIONS if question.asker == service)


def answered_by(service: str) -> tuple[str, ...]:
    """The subjects on which the service answers."""
    return tuple(question.subject for question in QUESTIONS if question.answerer == service)
