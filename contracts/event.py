"""The envelope: what every event is, whoever tells it."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

SUBJECT = re.compile(
    r"(?P<service>[a-z]+)\.(?P<noun>[a-z_]+)\.(?P<participle>[a-z_]+)\.v(?P<version>[1-9]\d*)"
)

Instant = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""An instant, in UTC; fields of this type end in `_at`."""


class Event(BaseModel):
    """A fact that its service tells once it has happened.

    A subclass stands for one subject and one version of it. Readers ignore fields they do not
    know; inside a version only fields with a default may be added.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: ClassVar[str]
    aggregate: ClassVar[str]
    """The field that holds the id of the thing whose events keep their order."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        match = SUBJECT.fullmatch(cls.subject)
        if match is None:
            raise TypeError(f"{cls.subject} is not <service>.<noun>.<past participle>.v<N>")
        if cls.__name__ != class_name_of(cls.subject):
            raise TypeError(f"{cls.subject} is told by {class_name_of(cls.subject)}")
        if cls.aggregate not in cls.model_fields:
            raise TypeError(f"{cls.__name__} has no field {cls.aggregate}")

    @classmethod
    def publisher(cls) -> str:
        """The service that alone may tell this event."""
        return cls.subject.partition(".")[0]

    @property
    def aggregate_id(self) -> UUID:
        """The id of the thing that this event is about."""
        value: UUID = getattr(self, self.aggregate)
        return value


class Header:
    """Names of the message headers: CloudEvents 1.0 in binary mode, ASCII ids only."""

    ID = "ce-id"
    SOURCE = "ce-source"
    TYPE = "ce-type"
    SUBJECT = "ce-subject"
    TIME = "ce-time"
    SPEC_VERSION = "ce-specversion"
    SCHEMA = "ce-dataschema"
    CORRELATION_ID = "ce-correlationid"
    CAUSATION_ID = "ce-causationid"
    TRACE = "traceparent"
    MESSAGE_ID = "Nats-Msg-Id"


def class_name_of(subject: str) -> str:
    """`workshops.booking.checked_in.v1` is told by `BookingCheckedIn`; v2 by `…V2`."""
    _, noun, participle, version = subject.split(".")
    words = f"{noun}_{participle}".split("_")
    suffix = "" if version == "v1" else version.upper()
    return "".join(word.capitalize() for word in words) + suffix


def instant_text(moment: datetime) -> str:
    """The moment as RFC 3339 in UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
