"""What notices tells: that an inbox is another now, and what became of letters it was to send."""

from typing import ClassVar
from uuid import UUID

from contracts.event import Event


class InboxChanged(Event):
    """Something in the person's inbox came, was read or waits no more."""

    subject: ClassVar[str] = "notices.inbox.changed.v1"
    aggregate: ClassVar[str] = "person_id"

    person_id: UUID


class LetterSent(Event):
    """The mail server took the letter that another service had written."""

    subject: ClassVar[str] = "notices.letter.sent.v1"
    aggregate: ClassVar[str] = "letter_id"

    letter_id: UUID


class LetterGivenUp(Event):
    """The letter reaches nobody and is not tried again; `reason_code` says why."""

    subject: ClassVar[str] = "notices.letter.given_up.v1"
    aggregate: ClassVar[str] = "letter_id"

    letter_id: UUID
    reason_code: str
