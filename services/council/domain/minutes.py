"""Minutes of a meeting: drafted, fixed under a number, signed by chair and secretary, published.

The regulation is silent (R4); the form is the usual one of ГОСТ Р 7.0.97-2016, the term a parameter. What
was signed never changes: an error is mended by new minutes that take the place of the old.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.refusal import Invalid, Refusal, RoleIsMissing, WrongStatus
from shared.russia.calendar import add_working_days, moscow_date


class MinutesStatus(StrEnum):
    """How far the minutes have come."""

    DRAFT = "draft"
    FIXED = "fixed"
    """Their bytes are made and wait for signatures."""
    SIGNED = "signed"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Somebody who was there, as the name shall be printed."""

    seat_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTexts:
    """What was said on an item, and who is responsible, as it shall be printed."""

    item_id: UUID
    heard: str
    spoke: tuple[str, ...] = ()
    responsible: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """All that the secretary enters: names and words, which stand nowhere else in the council."""

    chair: str
    secretary: str
    attendees: tuple[Attendee, ...]
    invited: tuple[str, ...]
    items: tuple[ItemTexts, ...]


NO_TEXTS = Texts(chair="", secretary="", attendees=(), invited=(), items=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Minutes, as far as their steps ask."""

    id: UUID
    meeting_id: UUID
    status: MinutesStatus
    version: int


class MeetingIsNotOver(WrongStatus):
    """Minutes are made of a meeting that was closed."""


class MinutesAreMade(Refusal):
    """There are minutes of this meeting; after they are signed they are corrected by new ones."""

    code = "minutes-made"


class MinutesAreFixed(WrongStatus):
    """These minutes are fixed: their text is not changed any more."""


class MinutesAreNotFixed(WrongStatus):
    """These minutes are not fixed for signing."""


class MinutesAreNotSigned(WrongStatus):
    """Only minutes that are signed are published, corrected and excerpted."""


class SomebodyHasSigned(Refusal):
    """Somebody has signed these minutes; they stay as they are, and are corrected by new ones."""

    code = "minutes-signed"


class MinutesAreCorrected(Refusal):
    """These minutes were corrected already: correct the newest ones."""

    code = "minutes-corrected"


class MinutesAreIncomplete(Refusal):
    """Names or words are missing: of chair, secretary, everybody who was there, and every item."""

    code = "minutes-incomplete"


class TextsAreWrong(Invalid):
    """The texts name each of those who were there once, and each item of the agenda once."""


class SigningIsForTwo(RoleIsMissing):
    """The secretary and the chair of that meeting sign its minutes."""


def check_texts(texts: Texts, seats: Collection[UUID], items: Collection[UUID]) -> None:
    """Names are those of people who were there, and words those on items of the agenda."""
    named = [attendee.seat_id for attendee in texts.attendees]
    if len(set(named)) != len(named) or not set(named) <= set(seats):
        raise TextsAreWrong(TextsAreWrong.title(), at="body.attendees")
    worded = [each.item_id for each in texts.items]
    if len(set(worded)) != len(worded) or not set(worded) <= set(items):
        raise TextsAreWrong(TextsAreWrong.title(), at="body.items")


def require_draft(minutes: Minutes) -> None:
    """The secretary writes as long as the minutes are a draft."""
    if minutes.status is not MinutesStatus.DRAFT:
        raise MinutesAreFixed


def require_complete(
    texts: Texts, seats: Collection[UUID], items: Collection[UUID], *, has_secretary: bool
) -> None:
    """Everybody who was there is named, and on every item it says what was heard."""
    missing = {
        "chair": [] if texts.chair else ["name"],
        "secretary": [] if texts.secretary or not has_secretary else ["name"],
        "attendees": sorted(map(str, set(seats) - {each.seat_id for each in texts.attendees})),
        "items": sorted(map(str, set(items) - {each.item_id for each in texts.items})),
    }
    if any(missing.values()):
        raise MinutesAreIncomplete(missing={name: ids for name, ids in missing.items() if ids})


def require_fixed(minutes: Minutes) -> None:
    """What is signed, or taken back for another change, waits for signatures."""
    if minutes.status is not MinutesStatus.FIXED:
        raise MinutesAreNotFixed


def require_signed(minutes: Minutes) -> None:
    """What is published, corrected or excerpted is signed."""
    if minutes.status not in {MinutesStatus.SIGNED, MinutesStatus.PUBLISHED}:
        raise MinutesAreNotSigned


def require_may_publish(minutes: Minutes) -> None:
    """Minutes are published once, after they were signed."""
    if minutes.status is not MinutesStatus.SIGNED:
        raise MinutesAreNotSigned


def due_on(closed_at: datetime, working_days: int) -> date:
    """The Moscow day by which the minutes are to be signed (domain 1.4)."""
    return add_working_days(moscow_date(closed_at), working_days)


# --- what the document says ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A ballot as the minutes tell of it."""

    question: str
    is_secret: bool
    outcome: str
    votes_for: int
    against: int
    abstained: int
    recused: int
    decision_number: str | None
    force: str | None
    clause: str | None
    due_on: date | None
    dissents: tuple[tuple[UUID, str], ...]
    """Whose seat, and the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaItem:
    """An item as the minutes tell of it."""

    id: UUID
    position: int
    title: str
    votes: tuple[Vote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The meeting as it was held."""

    held_on: date
    form: str
    place: str | None
    listed: int
    items: tuple[AgendaItem, ...]
    corrects: str | None
    """The number of the minutes whose place these take."""


_FORMS = {
    "in_person": "очное заседание",
    "video": "заседание по видео-конференц-связи",
    "mixed": "очное заседание с участием по видео-конференц-связи",
    "absentee": "заочное голосование",
}
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа"),
    *("сентября", "октября", "ноября", "декабря"),
)


def number_text(year: int, number: int) -> str:
    """The number of minutes or of a decision as it is written: 3-2026."""
    return f"{number}-{year}"


def document_data(held: Held, texts: Texts, number: str | None) -> dict[str, object]:
    """What the templates are filled with: text alone, worded for print."""
    names = {attendee.seat_id: attendee.name for attendee in texts.attendees}
    said = {each.item_id: each for each in texts.items}
    is_absentee = held.form == "absentee"
    return {
        "number": number or "",
        "is_draft": number is None,
        "date": _date_text(held.held_on),
        "form": _FORMS[held.form],
        "is_absentee": is_absentee,
        "place": _sentence(held.place or ""),
        "corrects": held.corrects or "",
        "chair": texts.chair,
        "secretary": texts.secretary,
        "present": str(len(names)),
        "listed": str(held.listed),
        "attendees": _sentence("; ".join(sorted(names.values(), key=_alphabetically))),
        "invited": _sentence("; ".join(texts.invited)),
        "items": [_item_data(item, said.get(item.id), names) for item in held.items],
    }


def _item_data(
    item: AgendaItem, said: ItemTexts | None, names: Mapping[UUID, str]
) -> dict[str, object]:
    return {
        "id": str(item.id),
        "number": str(item.position),
        "title": item.title,
        "heard": said.heard if said else "",
        "spoke": list(said.spoke) if said else [],
        "responsible": _sentence((said.responsible or "") if said else ""),
        "votes": [
            _vote_data(f"{item.position}.{place}", vote, names)
            for place, vote in enumerate(item.votes, 1)
        ],
    }


def _vote_data(number: str, vote: Vote, names: Mapping[UUID, str]) -> dict[str, object]:
    is_carried = vote.outcome == "carried"
    return {
        "number": number,
        "text": vote.question,
        "is_carried": is_carried,
        "result": _result_text(vote),
        "counts": (
            f"Голосовали{' тайно' if vote.is_secret else ''}: за — {vote.votes_for},"
            f" против — {vote.against}, воздержались — {vote.abstained}."
        ),
        "recused": (
            f"Не участвовали из-за конфликта интересов: {vote.recused}." if vote.recused else ""
        ),
        "due": f"Срок: {vote.due_on:%d.%m.%Y}." if is_carried and vote.due_on else "",
        "dissents": [
            {"name": names.get(seat_id, "член совета"), "words": words}
            for seat_id, words in vote.dissents
        ],
    }


def _result_text(vote: Vote) -> str:
    if vote.outcome == "no_quorum":
        return "Решение не принято: в голосовании участвовало меньше членов совета, чем нужно."
    if vote.outcome != "carried":
        return "Решение не принято."
    force = (
        f"обязательное, п. {(vote.clause or '').removeprefix('R')} Положения"
        if vote.force == "binding"
        else "рекомендация, п. 4.2 Положения"
    )
    return f"Решение принято, № {vote.decision_number} ({force})."


def extract_data(data: Mapping[str, object], item_id: UUID) -> dict[str, object] | None:
    """The same data with that item alone; None where the agenda has no such item."""
    items = data["items"]
    assert isinstance(items, Sequence)
    found = [item for item in items if item["id"] == str(item_id)]
    return {**data, "items": found} if found else None


def _alphabetically(name: str) -> str:
    """Names as Russians look for them: Ё among Е."""
    return name.replace("Ё", "Е").replace("ё", "е")


def _sentence(words: str) -> str:
    """The words with a full stop, unless they end with one, as initials do."""
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."


def _date_text(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} г."
