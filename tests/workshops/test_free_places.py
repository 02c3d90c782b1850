"""The whole picture of a page of workshops: how many places are free, when they are open."""

from datetime import datetime, timedelta
from typing import Any

from services.workshops.commands import catalogue
from services.workshops.domain.facts import Approval
from shared.ids import new_id
from tests.workshops.facts import Known

GRAIN = timedelta(minutes=5)


async def picture(known: Known, **query: Any) -> Any:
    within = {"from": known.at("00:00"), "to": known.at("23:55")}
    params = {name: value for name, value in {**within, **query}.items() if value is not None}
    return await known.service.client.get("/api/workshops/free-places", params=params)


async def stretches(known: Known, **query: Any) -> list[tuple[datetime, datetime, int]]:
    answer = await picture(known, workshop_id=str(known.workshop), **query)
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    return [
        (
            datetime.fromisoformat(part["starts_at"]),
            datetime.fromisoformat(part["ends_at"]),
            part["workplaces_free"],
        )
        for part in item["stretches"]
    ]


async def open_second(known: Known, name: str, *competences: str) -> str:
    async with known.as_owner() as tx:
        made = await catalogue.open_workshop(
            tx,
            site_id=known.site,
            name=name,
            workplaces=2,
            approval=Approval.INSTANT,
            competences=competences,
            net_kopecks=1,
        )
    return str(made)


async def test_the_day_is_shown_as_stretches_of_constant_free_places(known: Known) -> None:
    assert await stretches(known) == [(known.moment("08:30"), known.moment("19:20"), 8)]
    await known.book(workplaces=5)
    await known.book(
        known.firm, workplaces=3, starts_at=known.at("13:00"), ends_at=known.at("13:30")
    )
    await known.book(starts_at=known.at("14:05"), ends_at=known.at("15:50"), workplaces=5)
    assert await stretches(known) == [
        (known.moment("08:30"), known.moment("12:30"), 8),
        (known.moment("12:30"), known.moment("13:00"), 3),
        (known.moment("13:00"), known.moment("13:30"), 0),
        (known.moment("13:30"), known.moment("15:50"), 3),
        (known.moment("15:50"), known.moment("19:20"), 8),
    ]
    answer = (await picture(known, workshop_id=str(known.workshop))).json()
    assert answer["next_cursor"] is None
    assert answer["items"][0].keys() == {"workshop_id", "workplaces", "stretches"}
    assert answer["items"][0]["workplaces"] == 8


async def test_the_picture_agrees_with_the_windows_for_every_number_of_places(known: Known) -> None:
    """I8: what is shown free in the grid is what availability shows, slice by slice."""
    for start, end, workplaces in (
        ("08:30", "10:05", 2),
        ("09:00", "11:00", 3),
        ("10:05", "19:20", 1),
        ("12:30", "14:05", 4),
        ("13:00", "13:05", 3),
    ):
        booked = await known.book(
            workplaces=workplaces, starts_at=known.at(start), ends_at=known.at(end)
        )
        assert booked.status_code == 201
    within = {"to": known.at("23:55", 2)}
    shown = await stretches(known, **within)
    for workplaces in range(1, 9):
        windows = await known.windows(workplaces=workplaces, **within)
        slices = {
            moment
            for window in windows
            for moment in every_slice(window["starts_at"], window["ends_at"])
        }
        assert slices == {
            moment
            for start, end, free in shown
            if free >= workplaces
            for moment in every_slice(start.isoformat(), end.isoformat())
        }


def every_slice(start: str, end: str) -> list[datetime]:
    starts_at, ends_at = datetime.fromisoformat(start), datetime.fromisoformat(end)
    return [starts_at + number * GRAIN for number in range((ends_at - starts_at) // GRAIN)]


async def test_the_past_the_far_future_and_the_time_after_the_owner_left_are_left_out(
    known: Known,
) -> None:
    """R5.1."""
    known.service.clock.set(known.moment("12:32"))
    ((starts_at, _, _),) = await stretches(known)
    assert starts_at == known.moment("12:35")
    known.service.clock.set(known.moment("12:32") - timedelta(days=365))
    ((_, ends_at, _),) = await stretches(known)
    assert ends_at == known.moment("12:30")
    known.service.clock.set(known.moment("12:32") - timedelta(days=5))
    await known.leave(known.owner, known.day())
    assert await stretches(known) == []
    await known.leave(known.owner, known.day() - timedelta(days=5))
    answer = await picture(known, workshop_id=str(known.workshop))
    assert answer.json() == {"items": [], "next_cursor": None}


async def test_workshops_are_chosen_and_paged_as_in_their_list(known: Known) -> None:
    second = await open_second(known, "Сварка", "welding")
    third = await open_second(known, "Ёлка", "welding", "cnc-milling")
    await known.book(workshop_id=second, workplaces=2)

    async def shown(**query: Any) -> list[str]:
        answer = await picture(known, **query)
        assert answer.status_code == 200, answer.text
        return [item["workshop_id"] for item in answer.json()["items"]]

    everything = [third, second, str(known.workshop)]
    table: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [0, 1, 2]),
        ({"competence": "welding"}, [0, 1]),
        ({"competence": "welding", "workshop_id": second}, [1]),
        ({"competence": "cooking"}, []),
        ({"workshop_id": [str(known.workshop), third]}, [0, 2]),
        ({"workshop_id": str(new_id())}, []),
        ({"town": "Смоленск"}, [0, 1, 2]),
        ({"town": "Вязьма"}, []),
        ({"owner_id": str(known.owner)}, [0, 1, 2]),
        ({"owner_id": str(known.firm)}, []),
        ({"q": "свар"}, [1]),
    ]
    for query, places in table:
        assert await shown(**query) == [everything[place] for place in places], query
    paged: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = (await picture(known, limit=1, cursor=cursor)).json()
        paged += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == (await picture(known)).json()["items"]
    assert [item["workplaces"] for item in paged] == [2, 2, 8]
    free = [part["workplaces_free"] for part in paged[1]["stretches"]]
    assert free == [2, 0, 2]


async def test_at_most_62_days_are_shown_and_nothing_senseless(known: Known) -> None:
    def at(day: str) -> str:
        return f"2027-{day}T00:00:00+03:00"

    good = {"from": at("02-01"), "to": at("04-04")}
    assert (await picture(known, **good)).status_code == 200
    bad: list[dict[str, Any]] = [
        {"to": "2027-04-04T00:00:01+03:00"},
        {"to": at("02-01")},
        {"to": at("01-31")},
        {"to": None},
        {"from": None},
        {"from": "2027-02-01T00:00:00"},
        {"workshop_id": "x"},
        {"workshop_id": [str(new_id())] * 201},
        {"competence": "\0"},
        {"owner_id": "me"},
        {"town": ""},
        {"q": "\0"},
        {"limit": 0},
        {"limit": 201},
        {"cursor": "nonsense"},
    ]
    for changes in bad:
        answer = await picture(known, **{**good, **changes})
        assert answer.status_code == 422, f"{changes}: {answer.text[:200]}"
        assert answer.json()["title"]
