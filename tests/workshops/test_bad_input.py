"""Bad input is a clear 4xx with a title, never a fault, and leaves no row."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from services.workshops.domain.facts import Approval
from shared.ids import new_id
from tests.harness import Running
from tests.workshops.facts import Known

TABLES = ("bookings", "pool_days", "occupations", "idempotency", "outbox", "audit")


async def rows(service: Running) -> list[int]:
    (counts,) = await service.sql(
        "SELECT " + ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in TABLES)
    )
    return list(counts.values())


def is_problem(answer: Any) -> bool:
    problem = answer.json()
    return (
        answer.headers["content-type"] == "application/problem+json"
        and bool(problem["title"])
        and problem["status"] == answer.status_code
        and bool(problem["type"])
    )


Change = Callable[[Known], dict[str, Any]]


def just(**changes: Any) -> Change:
    return lambda _: changes


def times(start: str, end: str) -> Change:
    return just(starts_at=start, ends_at=end)


BODIES: dict[str, tuple[int, Change]] = {
    "ends before it starts": (422, lambda known: {"ends_at": known.at("12:00")}),
    "ends as it starts": (422, lambda known: {"ends_at": known.at("12:30")}),
    "in the past": (409, times("2026-03-03T12:00:00+03:00", "2026-03-03T13:00:00+03:00")),
    "ten years long": (
        422,
        lambda known: {"ends_at": (known.moment("12:30") + timedelta(days=3652)).isoformat()},
    ),
    "a second off": (422, lambda known: {"starts_at": known.at("12:30").replace(":00+", ":01+")}),
    "no zone": (422, lambda known: {"starts_at": known.at("12:30")[:19]}),
    "a date only": (422, lambda known: {"starts_at": known.at("12:30")[:10]}),
    "24:00": (422, lambda known: {"ends_at": known.at("12:30")[:10] + "T24:00:00Z"}),
    "25:00": (422, lambda known: {"ends_at": known.at("12:30")[:10] + "T25:00:00Z"}),
    "30 February": (422, just(starts_at="2027-02-30T12:00:00Z")),
    "a moment as a number": (422, just(starts_at=1_800_000_000, ends_at=1_800_003_600)),
    "a moment as a number in words": (422, just(starts_at="1800000000", ends_at="1800003600")),
    "a moment as a yes": (422, just(starts_at=True)),
    "the year 1": (422, times("0001-01-01T00:00:00+03:00", "0001-01-01T01:00:00+03:00")),
    "the year 9999": (422, times("9999-12-31T23:00:00-12:00", "9999-12-31T23:55:00-12:00")),
    "the year 2300": (422, times("2300-01-01T12:00:00Z", "2300-01-01T13:00:00Z")),
    "the year 2150": (409, times("2150-01-01T12:00:00Z", "2150-01-01T13:00:00Z")),
    "the year 10000": (422, times("10000-01-01T12:00:00Z", "10000-01-01T13:00:00Z")),
    "no workplaces": (422, just(workplaces=0)),
    "fewer than none": (422, just(workplaces=-1)),
    "a billion workplaces": (422, just(workplaces=10**9)),
    "more digits than there are": (422, just(workplaces=10**400)),
    "half a workplace": (422, just(workplaces=1.5)),
    "workplaces in words": (422, just(workplaces="2")),
    "workplaces as a yes": (422, just(workplaces=True)),
    "workplaces as nothing": (422, just(workplaces=None)),
    "workplaces as a list": (422, just(workplaces=[2])),
    "no number": (422, just(workplaces=float("nan"))),
    "no end of workplaces": (422, just(workplaces=float("inf"))),
    "nobody in the group": (422, just(group_size=0)),
    "the group as a yes": (422, just(group_size=True)),
    "an empty purpose": (422, just(purpose="")),
    "a blank purpose": (422, just(purpose=" \n ")),
    "a purpose too long": (422, just(purpose="я" * 2001)),
    "NUL in the purpose": (422, just(purpose="a\0b")),
    "half a character": (422, just(purpose="\ud800")),
    "no purpose": (422, just(purpose=None)),
    "a number as purpose": (422, just(purpose=5)),
    "no id": (422, just(workshop_id="1")),
    "NUL in an id": (422, just(workshop_id="\0")),
    "an id too long": (422, just(workshop_id="0" * 5000)),
    "an unknown workshop": (404, lambda _: {"workshop_id": str(new_id())}),
    "an unknown agreement": (404, lambda _: {"agreement_id": str(new_id())}),
    "someone else's agreement": (
        404,
        lambda known: {"agreement_id": str(known.services_agreement)},
    ),
    "no list of machines": (422, just(equipment_ids="x")),
    "unknown machines": (404, lambda _: {"equipment_ids": [str(new_id())]}),
    "a machine named twice": (
        422,
        lambda known: {"equipment_ids": [str(known.machines[0]), str(known.machines[0]).upper()]},
    ),
    "51 machines": (422, lambda _: {"equipment_ids": [str(new_id()) for _ in range(51)]}),
    "a million machines": (422, lambda _: {"equipment_ids": ["x"] * 10**5}),
}


async def test_a_body_that_makes_no_sense_is_a_clear_refusal_and_leaves_no_row(
    known: Known,
) -> None:
    before = await rows(known.service)
    headers = known.service.as_(known.college, *known.DECIDES)
    for name, (status, change) in BODIES.items():
        body = json.dumps(known.ask(**change(known)))
        for path in ("bookings", "quotes"):
            answer = await known.service.client.post(
                f"/api/workshops/{path}",
                content=body,
                headers={
                    **headers,
                    "Idempotency-Key": "k",
                    "Content-Type": "application/json",
                },
            )
            if path == "quotes" and status == 409:
                assert answer.json()["bookable"] is False, name
                continue
            assert answer.status_code == status, f"{name}: {answer.text[:300]}"
            assert is_problem(answer), name
            assert answer.json()["code"] != "fault"
    assert await rows(known.service) == before


CONTENTS: dict[str, tuple[int, bytes, str]] = {
    "broken": (422, b'{"workshop_id": ', "application/json"),
    "empty": (422, b"", "application/json"),
    "a word": (422, b"hello", "application/json"),
    "nothing": (422, b"null", "application/json"),
    "a list": (422, b"[]", "application/json"),
    "a number": (422, b"1", "application/json"),
    "no text at all": (422, b"\xff\xfe\x00\xd8", "application/json"),
    "half a byte sequence": (422, b'{"purpose": "\xc3"}', "application/json"),
    "nested without end": (422, b"[" * 10**5, "application/json"),
    "nested and closed": (422, b"[" * 10**5 + b"]" * 10**5, "application/json"),
    "objects nested": (422, b'{"a":' * 10**5 + b"1" + b"}" * 10**5, "application/json"),
    "a number without end": (422, b'{"workplaces": ' + b"9" * 10**5 + b"}", "application/json"),
    "a form": (422, b"workplaces=1", "application/x-www-form-urlencoded"),
    "a file": (422, b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    "text": (422, b"{}", "text/plain"),
    "XML": (422, b"<a/>", "application/xml"),
    "5 MB": (413, b" " * 5_000_000, "application/json"),
    "50 MB": (413, b" " * 50_000_000, "application/json"),
}


async def test_content_that_cannot_be_read_is_a_clear_refusal(known: Known) -> None:
    before = await rows(known.service)
    headers = known.service.as_(known.college, *known.DECIDES)
    for name, (status, content, kind) in CONTENTS.items():
        answer = await known.service.client.post(
            "/api/workshops/bookings",
            content=content,
            headers={**headers, "Idempotency-Key": "k", "Content-Type": kind},
        )
        assert answer.status_code == status, f"{name}: {answer.text[:300]}"
        assert is_problem(answer), name
        assert len(answer.content) < 10_000
    assert await rows(known.service) == before


async def test_a_body_that_comes_in_pieces_has_the_same_limit(known: Known) -> None:
    async def pieces() -> Any:
        for _ in range(50):
            yield b" " * 100_000

    headers = known.service.as_(known.college, *known.DECIDES)
    answer = await known.service.client.post(
        "/api/workshops/bookings", content=pieces(), headers={**headers, "Idempotency-Key": "k"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


async def test_emoji_and_unknown_fields_are_welcome(known: Known) -> None:
    answer = await known.book(
        purpose="Практика 👩‍🏭\nвторая строка\t✓", colour="red", price_kopecks=1
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["purpose"] == "Практика 👩‍🏭\nвторая строка\t✓"
    assert answer.json()["price_kopecks"] == 0


STEPS: list[tuple[str, Any]] = [
    ("decline", {}),
    ("decline", {"reason": ""}),
    ("decline", {"reason": "\0"}),
    ("cancel", {"reason": 5}),
    ("cancel", None),
    ("complete", {}),
    ("complete", {"actual_minutes": -1}),
    ("complete", {"actual_minutes": 1.5}),
    ("complete", {"actual_minutes": "5"}),
    ("complete", {"actual_minutes": True}),
    ("complete", {"actual_minutes": 10**30}),
]


async def test_a_step_with_a_senseless_body_changes_nothing(known: Known) -> None:
    booking_id = (await known.book()).json()["id"]
    before = await known.read(f"bookings/{booking_id}")
    for step, body in STEPS:
        answer = await known.service.client.post(
            f"/api/workshops/bookings/{booking_id}/{step}",
            json=body,
            headers=known.service.as_(known.owner, *known.DECIDES),
        )
        assert answer.status_code == 422, (step, body, answer.text)
        assert is_problem(answer)
    for unknown, status in ((new_id(), 404), ("x", 422), ("%00", 422), ("1" * 3000, 422)):
        answer = await known.decide(str(unknown), "approve")
        assert (answer.status_code, is_problem(answer)) == (status, True), unknown
    assert (await known.read(f"bookings/{booking_id}")).json() == before.json()


def cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


ID = "01890000-0000-7000-8000-000000000000"
CURSORS: dict[str, str] = {
    "no base64": "я",
    "no JSON": "AAAA",
    "empty": "",
    "no list": base64.urlsafe_b64encode(b'{"a": 1}').decode(),
    "too few parts": cursor("a"),
    "too many parts": cursor("a", ID, ID),
    "no id": cursor("2027-01-01T00:00:00+00:00", "x"),
    "numbers": cursor(1, 2),
    "nothing": cursor(None, None),
    "lists": cursor([], []),
    "NUL": cursor("\0", ID),
    "half a character": cursor("\ud800", ID),
    "too long": "A" * 501,
}
MOMENTS: dict[str, str] = {
    "no zone": cursor("2027-01-01T00:00:00", ID),
    "the year 1": cursor("0001-01-01T00:00:00+14:00", ID),
    "the year 9999": cursor("9999-12-31T23:59:59-14:00", ID),
    "a name": cursor("веб-технологии", ID),
}


async def test_a_cursor_that_is_none_of_ours_is_refused(known: Known) -> None:
    await known.book()
    for path, cursors in (("bookings", CURSORS | MOMENTS), ("workshops", CURSORS)):
        for name, made in cursors.items():
            answer = await known.read(path, cursor=made)
            assert answer.status_code == 422, f"{path}, {name}: {answer.text[:200]}"
            assert is_problem(answer), name


LISTS: dict[str, dict[str, Any]] = {
    "bookings": {
        "limit": [0, -1, 201, 10**9, "x", "1.5"],
        "side": ["both", ""],
        "status": ["open", "\0"],
        "from": ["yesterday", "2027-01-01T00:00:00", "0001-01-01T00:00:00Z"],
        "to": ["2027-01-01", "9999-12-31T23:59:59Z"],
    },
    "workshops": {
        "limit": [0, 10**9],
        "competence": ["ЧПУ", "a", "cnc%", "\0", "x" * 61],
        "owner_id": ["me", "\0"],
        "town": ["\0", "", " ", "г" * 201],
        "q": ["\0", "a\0b", "", "\x1f", "q" * 201, "q" * 10_000],
    },
}


async def test_a_query_that_makes_no_sense_is_a_clear_refusal(known: Known) -> None:
    for path, parameters in LISTS.items():
        for name, values in parameters.items():
            for value in values:
                answer = await known.read(path, **{name: value})
                assert answer.status_code == 422, f"{path} {name}={value!r}: {answer.text[:200]}"
                assert is_problem(answer)


async def test_availability_is_asked_for_one_thing_and_for_at_most_62_days(known: Known) -> None:
    def at(day: str) -> str:
        return f"2027-{day}T00:00:00+03:00"

    good = {"workshop_id": str(known.workshop), "from": at("02-01"), "to": at("04-04")}
    answer = await known.service.client.get("/api/workshops/availability", params=good)
    assert answer.status_code == 200, answer.text
    bad: list[tuple[int, dict[str, Any]]] = [
        (422, {"to": "2027-04-04T00:00:01+03:00"}),
        (422, {"to": at("04-05")}),
        (422, {"to": at("02-01")}),
        (422, {"to": at("01-31")}),
        (422, {"to": None}),
        (422, {"from": None}),
        (422, {"from": "2027-02-01T00:00:00"}),
        (422, {"from": "1800000000"}),
        (422, {"from": "0001-01-01T00:00:00Z", "to": "0001-01-02T00:00:00Z"}),
        (422, {"competence": "cnc-milling"}),
        (422, {"workshop_id": None}),
        (422, {"workshop_id": "x"}),
        (422, {"workshop_id": None, "competence": "\0"}),
        (404, {"workshop_id": str(new_id())}),
        (422, {"workplaces": 0}),
        (422, {"workplaces": 10**9}),
        (422, {"workplaces": "1.5"}),
        (422, {"minutes": 0}),
        (422, {"minutes": 1441}),
        (422, {"minutes": "x"}),
    ]
    for status, changes in bad:
        query = {name: value for name, value in {**good, **changes}.items() if value is not None}
        answer = await known.service.client.get("/api/workshops/availability", params=query)
        assert answer.status_code == status, f"{changes}: {answer.text[:200]}"
        assert is_problem(answer), changes


OFFERS: dict[str, list[dict[str, Any]]] = {
    "sites": [
        {"name": ""},
        {"town": "\0"},
        {"time_zone": "Moscow"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "\0"},
        {"opening_hours": []},
        {"opening_hours": [{"weekday": 7, "opens_at": "08:00", "closes_at": "09:00"}]},
        {"opening_hours": [{"weekday": True, "opens_at": "08:00", "closes_at": "09:00"}]},
        {"opening_hours": [{"weekday": 0, "opens_at": "09:00", "closes_at": "09:00"}]},
        {"opening_hours": [{"weekday": 0, "opens_at": "09:00", "closes_at": "08:00"}]},
        {"opening_hours": [{"weekday": 0, "opens_at": "08:01", "closes_at": "09:00"}]},
        {"opening_hours": [{"weekday": 0, "opens_at": "8:00", "closes_at": "09:00"}]},
        {"opening_hours": [{"weekday": 0, "opens_at": "08:00", "closes_at": "24:05"}]},
        {"opening_hours": [{"weekday": 0, "opens_at": "24:00", "closes_at": "24:00"}]},
        {"opening_hours": [{"weekday": 0, "opens_at": "0٨:00", "closes_at": "09:00"}]},
        {
            "opening_hours": [
                {"weekday": 0, "opens_at": "08:00", "closes_at": "12:00"},
                {"weekday": 0, "opens_at": "11:55", "closes_at": "13:00"},
            ]
        },
        {"opening_hours": [{"weekday": 0, "opens_at": "08:00", "closes_at": "09:00"}] * 51},
    ],
    "workshops": [
        {"workplaces": 0},
        {"workplaces": 1001},
        {"workplaces": True},
        {"competences": ["unknown-to-us"]},
        {"competences": ["Сварка"]},
        {"net_kopecks_per_workplace_hour": -1},
        {"net_kopecks_per_workplace_hour": 100_000_001},
        {"net_kopecks_per_workplace_hour": 0.5},
        {"net_kopecks_per_workplace_hour": True},
        {"approval": "never"},
        {"name": "x" * 201},
    ],
    "equipment": [{"name": " "}, {"competences": ["unknown-to-us"]}],
    "tariffs": [
        {"net_kopecks_per_workplace_hour": None},
        {"valid_from_at": "2020-01-01T00:00:00Z"},
        {"valid_from_at": "2030-01-01T00:00:00"},
    ],
}


async def test_an_offer_that_makes_no_sense_is_a_clear_refusal(workshops: Running) -> None:
    known = await Known(workshops).lay(Approval.INSTANT)
    good: dict[str, dict[str, Any]] = {
        "sites": {
            "name": "Корпус 2",
            "town": "Смоленск",
            "opening_hours": [{"weekday": 0, "opens_at": "08:00", "closes_at": "24:00"}],
        },
        "workshops": {
            "site_id": str(known.site),
            "name": "Цех",
            "workplaces": 3,
            "competences": ["welding"],
            "net_kopecks_per_workplace_hour": 100,
        },
        "equipment": {"name": "Станок"},
        "tariffs": {"net_kopecks_per_workplace_hour": 100},
    }
    before = await rows(workshops)
    for resource, changes in OFFERS.items():
        path = (
            resource
            if resource in ("sites", "workshops")
            else f"workshops/{known.workshop}/{resource}"
        )
        for change in changes:
            answer = await workshops.client.post(
                f"/api/workshops/{path}",
                json={**good[resource], **change},
                headers=workshops.as_(known.owner, *known.DECIDES),
            )
            assert answer.status_code == 422, f"{resource} {change}: {answer.text[:200]}"
            assert is_problem(answer)
    assert await rows(workshops) == before
