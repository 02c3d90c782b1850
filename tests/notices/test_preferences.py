"""Preferences: what is mailed at once, what once a day, what not at all; and reminders."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.notices.domain.kinds import Group, Kind
from services.notices.domain.ways import (
    Language,
    Preferences,
    Way,
    next_digest_at,
    reminders_at,
    way_of,
)
from shared.ids import new_id
from tests.notices.facts import API, Known

NOON = datetime(2027, 1, 14, 9, tzinfo=UTC)
"""12:00 in Moscow."""

USUAL = {"language": "ru", "digest_hour": 8, "groups": []}


@pytest.mark.parametrize(
    ("kind", "chosen", "way"),
    [
        pytest.param(Kind.BOOKING_REQUESTED, Way.INBOX, Way.AT_ONCE, id="cannot-wait"),
        pytest.param(Kind.BOOKING_CONFIRMED, Way.INBOX, Way.INBOX, id="news-as-chosen"),
        pytest.param(Kind.BOOKING_CONFIRMED, Way.AT_ONCE, Way.AT_ONCE, id="news-at-once"),
        pytest.param(Kind.BOOKING_CONFIRMED, None, Way.DIGEST, id="news-by-digest"),
        pytest.param(Kind.OBLIGATION_RECEIVED, Way.AT_ONCE, Way.INBOX, id="quiet"),
    ],
)
def test_a_fact_reaches_people_as_they_want_unless_it_cannot_wait(
    kind: Kind, chosen: Way | None, way: Way
) -> None:
    ways = {} if chosen is None else dict.fromkeys(Group, chosen)
    assert way_of(kind, Preferences(ways=ways)) is way


@pytest.mark.parametrize(
    ("hour", "next_at"),
    [
        pytest.param(13, NOON + timedelta(hours=1), id="today"),
        pytest.param(12, NOON + timedelta(days=1), id="this-very-hour-is-tomorrow"),
        pytest.param(8, NOON + timedelta(hours=20), id="tomorrow"),
    ],
)
def test_the_digest_comes_at_the_next_such_hour_in_moscow(hour: int, next_at: datetime) -> None:
    assert next_digest_at(NOON, hour) == next_at


@pytest.mark.parametrize(
    ("due_in", "reminders"),
    [
        pytest.param(None, [], id="without-a-deadline"),
        pytest.param(timedelta(days=14), [11, 13], id="twice"),
        pytest.param(timedelta(days=2), [1], id="once"),
        pytest.param(timedelta(hours=30), [], id="told-a-moment-ago"),
    ],
)
def test_reminders_come_twice_at_most_and_never_soon_after_it_was_told(
    due_in: timedelta | None, reminders: list[int]
) -> None:
    due_at = None if due_in is None else NOON + due_in
    assert list(reminders_at(NOON, due_at)) == [NOON + timedelta(days=day) for day in reminders]


async def prefer(known: Known, person_id: UUID, **body: Any) -> Any:
    answer = await known.service.client.put(
        f"{API}/preferences", headers=known.as_(person_id), json={**USUAL, **body}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_until_somebody_chooses_news_come_by_the_digest_at_eight(known: Known) -> None:
    answer = await known.get(known.coordinator, "/preferences")
    assert answer.json() == {
        "language": "ru",
        "digest_hour": 8,
        "groups": [{"group": group.value, "way": "digest"} for group in Group],
    }
    await known.confirm(new_id())
    await known.confirm(new_id())
    [digest] = await known.mailings(of=known.coordinator)
    assert digest["purpose"] == "digest"
    assert digest["due_at"] == next_digest_at(known.service.clock(), 8)


async def test_what_one_chose_holds_for_what_comes(known: Known) -> None:
    chosen = {
        "language": "en",
        "digest_hour": 17,
        "groups": [{"group": "bookings", "way": "at_once"}],
    }
    answer = await prefer(known, known.coordinator, **chosen)
    assert answer["groups"][0] == {"group": "bookings", "way": "at_once"}
    assert {each["way"] for each in answer["groups"][1:]} == {"digest"}
    assert (answer["language"], answer["digest_hour"]) == (Language.EN, 17)
    await known.confirm(new_id())
    [mailing] = await known.mailings(of=known.coordinator)
    assert (mailing["purpose"], mailing["person_id"]) == ("notice", known.coordinator)
    await prefer(known, known.coordinator, groups=[{"group": "bookings", "way": "inbox"}])
    await known.confirm(new_id())
    assert len(await known.mailings(of=known.coordinator)) == 1
    assert len(await known.inbox(known.coordinator)) == 2


async def test_a_digest_that_is_planned_moves_to_the_chosen_hour(known: Known) -> None:
    await known.confirm(new_id())
    await prefer(known, known.coordinator, digest_hour=20)
    [digest] = await known.mailings("digest", known.coordinator)
    assert digest["due_at"] == next_digest_at(known.service.clock(), 20)


@pytest.mark.parametrize(
    "body",
    [
        {"digest_hour": 24},
        {"digest_hour": "8"},
        {"language": "fr"},
        {"groups": [{"group": "weather", "way": "inbox"}]},
        {"groups": [{"group": "money", "way": "never"}]},
        {"groups": [{"group": "money", "way": "inbox"}] * 7},
    ],
)
async def test_a_choice_that_is_none_is_not_taken(known: Known, body: Any) -> None:
    answer = await known.service.client.put(
        f"{API}/preferences", headers=known.as_(known.coordinator), json={**USUAL, **body}
    )
    assert answer.status_code == 422
