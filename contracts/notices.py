"""What notices tells: that an inbox is another now. What stands in it is its owner's to read."""

from typing import ClassVar
from uuid import UUID

from contracts.event import Event


class InboxChanged(Event):
    """Something in the person's inbox came, was read or waits no more."""

    subject: ClassVar[str] = "notices.inbox.changed.v1"
    aggregate: ClassVar[str] = "person_id"

    person_id: UUID
