"""Calendar feeds: what a calendar program reads at a secret address, and that it stays a secret."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar

from services.workshops.api import ical
from services.workshops.commands import catalogue, heard
from services.workshops.domain import feeds as rules
from services.workshops.domain.facts import Approval, Status
from shared.identity import Role
from shared.ids import new_id
from tests.harness import Running
from tests.workshops.facts import HOURS, Known

REASON = "Станок на ремонте"
FEEDS = "/api/workshops/feeds"


async def make(
    known: Known, member_id: UUID | None = None, role: Role = Role.COORDINATOR, **body: Any
) -> Any:
    headers = known.service.as_(member_id or known.owner, role)
    return await known.service.client.post(FEEDS, json=body or {"kind": "member"}, headers=headers)


async def address(known: Known, member_id: UUID | None = None, **body: Any) -> str:
    made = await make(known, member_id, **body)
    assert made.status_code == 201, made.text
    return str(made.json()["path"])


async def events(known: Known, path: str) -> dict[str, Any]:
    """The events of the feed by the ids of their bookings."""
    answer = await known.service.client.get(path)
    assert answer.status_code == 200, answer.text
    calendar = Calendar.from_ical(answer.content)
    return {str(event["UID"]).removesuffix("@artel"): event for event in calendar.events}


async def test_a_feed_shows_its_address_once_and_only_its_digest_is_kept(known: Known) -> None:
    made = await make(known)
    assert made.status_code == 201, made.text
    body = made.json()
    secret = body["path"].removeprefix(f"{FEEDS}/").removesuffix(".ics")
    assert len(secret) >= 128 / 6, "at least 128 bits in characters of six"
    listed = (await known.read("feeds")).json()
    item = {name: body[name] for name in ("id", "kind", "workshop_id", "made_at")}
    assert listed == {"items": [item], "next_cursor": None}
    assert (item["kind"], item["workshop_id"]) == ("member", None)
    (row,) = await known.service.sql("SELECT * FROM feeds")
    assert row["secret_sha256"] == hashlib.sha256(secret.encode()).digest()
    for table in ("feeds", "audit", "outbox", "idempotency"):
        rows = await known.service.sql(f"SELECT {table}::text AS row FROM {table}")
        assert not [row for row in rows if secret in row["row"]], table
    (audit,) = await known.service.sql("SELECT * FROM audit WHERE action = 'feed.made'")
    assert (str(audit["object_id"]), audit["member_id"]) == (body["id"], known.owner)


async def test_no_key_keeps_the_address_of_a_feed(known: Known) -> None:
    headers = {**known.service.as_(known.owner, Role.COORDINATOR), "Idempotency-Key": "one"}
    paths = {
        (await known.service.client.post(FEEDS, json={"kind": "member"}, headers=headers)).json()[
            "path"
        ]
        for _ in range(2)
    }
    assert len(paths) == 2
    assert await known.service.sql("SELECT 1 FROM idempotency") == []


async def test_a_calendar_program_reads_times_places_and_status_and_nothing_of_people(
    known: Known,
) -> None:
    path = await address(known)
    asked = (await known.book(purpose="Практика Иванова Ивана")).json()
    answer = await known.service.client.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert "Иванов" not in answer.text
    calendar = Calendar.from_ical(answer.content)
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    (zone,) = calendar.timezones
    assert zone["TZID"] == "Europe/Moscow"
    (event,) = calendar.events
    assert event["UID"] == f"{asked['id']}@artel"
    assert event["DTSTART"].params["TZID"] == "Europe/Moscow"
    assert event["DTSTART"].dt == known.moment("12:30")
    assert event["DTEND"].dt.astimezone(ZoneInfo("Europe/Moscow")).strftime("%H:%M") == "14:05"
    assert (event["STATUS"], event["SEQUENCE"]) == ("TENTATIVE", 1)
    assert event["SUMMARY"] == "Запрос: Станки с ЧПУ, 2 места"
    assert event["LOCATION"] == "Корпус, Смоленск"
    assert event["DESCRIPTION"] == "Ждёт ответа владельца. К вам приходят."
    known_names = {
        *("UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "STATUS", "TRANSP"),
        *("SUMMARY", "LOCATION", "DESCRIPTION"),
    }
    assert set(event) == known_names
    on_the_day = recurring_ical_events.of(calendar).at(known.day())
    assert [found["UID"] for found in on_the_day] == [event["UID"]]
    assert recurring_ical_events.of(calendar).at(known.day(1)) == []


async def test_a_booking_keeps_its_uid_while_sequence_and_status_go_on(known: Known) -> None:
    path = await address(known)
    asked = (await known.book()).json()["id"]
    seen = []
    for step, body in (("", {}), ("approve", {}), ("cancel", {"reason": REASON})):
        if step:
            await known.decide(asked, step, **body)
        found = await events(known, path)
        assert found.keys() == {asked}
        seen.append((found[asked]["STATUS"], found[asked]["SEQUENCE"], found[asked]["TRANSP"]))
    assert seen == [
        ("TENTATIVE", 1, "OPAQUE"),
        ("CONFIRMED", 2, "OPAQUE"),
        ("CANCELLED", 3, "TRANSPARENT"),
    ]


def test_every_status_of_a_booking_has_its_status_in_a_calendar() -> None:
    assert ical.STATUSES.keys() == set(Status)
    assert set(ical.STATUSES.values()) == {"TENTATIVE", "CONFIRMED", "CANCELLED"}


@pytest.mark.parametrize(
    ("count", "words"),
    [
        *((number, f"{number} место") for number in (1, 21, 101, 1001)),
        *((number, f"{number} места") for number in (2, 3, 4, 22, 104)),
        *((number, f"{number} мест") for number in (5, 10, 11, 12, 14, 19, 20, 111, 112, 1000)),
    ],
)
def test_workplaces_are_counted_in_good_russian(count: int, words: str) -> None:
    assert ical.places(count) == words


async def test_each_feed_shows_the_bookings_that_its_maker_may_know(known: Known) -> None:
    async with known.as_owner() as tx:
        second = await catalogue.open_workshop(
            tx,
            site_id=known.site,
            name="Второй",
            workplaces=2,
            approval=Approval.INSTANT,
            competences=[],
            net_kopecks=1,
        )
    feeds = {
        "owner": await address(known),
        "first": await address(known, kind="workshop", workshop_id=str(known.workshop)),
        "second": await address(known, kind="workshop", workshop_id=str(second)),
        "college": await address(known, known.college),
        "firm": await address(known, known.firm),
        "stranger": await address(known, known.stranger),
    }
    by_college = (await known.book()).json()["id"]
    by_firm = (await known.book(known.firm, workplaces=1)).json()["id"]
    own = (await known.book(known.owner, workplaces=1, workshop_id=str(second))).json()["id"]
    shown = {name: set(await events(known, path)) for name, path in feeds.items()}
    assert shown == {
        "owner": {by_college, by_firm, own},
        "first": {by_college, by_firm},
        "second": {own},
        "college": {by_college},
        "firm": {by_firm},
        "stranger": set(),
    }
    described = await events(known, feeds["college"])
    assert described[by_college]["DESCRIPTION"].endswith("Вы приходите.")
    described = await events(known, feeds["second"])
    assert described[own]["DESCRIPTION"] == "Подтверждено. Своя мастерская."
    names = [
        str(Calendar.from_ical((await known.service.client.get(path)).content)["X-WR-CALNAME"])
        for path in (feeds["owner"], feeds["second"])
    ]
    assert names == ["Брони мастерских", "Второй"]


async def test_a_site_keeps_its_own_time_in_a_calendar(workshops: Running) -> None:
    known = await Known(workshops).lay(Approval.INSTANT)
    async with known.as_owner() as tx:
        site = await catalogue.open_site(
            tx, name="Дальний", town="Владивосток", time_zone="Asia/Vladivostok", hours=HOURS
        )
        far = await catalogue.open_workshop(
            tx,
            site_id=site,
            name="Дальний цех",
            workplaces=1,
            approval=Approval.INSTANT,
            competences=[],
            net_kopecks=0,
        )
    path = await address(known)
    times = {"starts_at": known.at("08:00"), "ends_at": known.at("09:00")}
    booked = (await known.book(workshop_id=str(far), workplaces=1, **times)).json()
    answer = await known.service.client.get(path)
    calendar = Calendar.from_ical(answer.content)
    assert [zone["TZID"] for zone in calendar.timezones] == ["Asia/Vladivostok", "Europe/Moscow"]
    (event,) = calendar.events
    assert event["UID"].startswith(booked["id"])
    assert event["DTSTART"].dt == known.moment("08:00")
    assert event["DTSTART"].dt.strftime("%H:%M") == "15:00"


async def test_the_past_30_days_are_shown_and_what_was_before_is_not(known: Known) -> None:
    asked = (await known.book()).json()["id"]
    path = await address(known)
    known.service.clock.set(known.moment("12:30") + timedelta(days=30, seconds=-1))
    assert set(await events(known, path)) == {asked}
    known.service.clock.set(known.moment("12:30") + timedelta(days=30, seconds=1))
    assert await events(known, path) == {}


async def test_a_revoked_or_unknown_feed_is_nothing(known: Known) -> None:
    made = (await make(known)).json()
    assert (await known.service.client.get(made["path"])).status_code == 200
    as_approver = known.service.as_(known.owner, Role.APPROVER)
    for _ in range(2):
        gone = await known.service.client.delete(f"{FEEDS}/{made['id']}", headers=as_approver)
        assert gone.status_code == 204
    for path in (made["path"], f"{FEEDS}/{new_id()}.ics", f"{FEEDS}/%00.ics", f"{FEEDS}/я.ics"):
        answer = await known.service.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), path
    assert (await known.read("feeds")).json()["items"] == []
    revoked = await known.service.sql("SELECT * FROM audit WHERE action = 'feed.revoked'")
    assert [str(row["object_id"]) for row in revoked] == [made["id"]]


async def test_a_feed_is_made_and_revoked_by_those_who_may_alone(known: Known) -> None:
    workshop = {"kind": "workshop", "workshop_id": str(known.workshop)}
    table: list[tuple[dict[str, Any], int]] = [
        ({"role": Role.APPROVER}, 201),
        ({"role": Role.FINANCE}, 403),
        ({"member_id": known.college, **workshop}, 404),
        ({"kind": "workshop", "workshop_id": str(new_id())}, 404),
        ({"kind": "workshop"}, 422),
        ({"kind": "member", "workshop_id": str(known.workshop)}, 422),
        ({"kind": "site"}, 422),
        ({"kind": "workshop", "workshop_id": "x"}, 422),
    ]
    for who, status in table:
        assert (await make(known, **who)).status_code == status, who
    made = (await make(known)).json()
    for member_id, role, status in (
        (known.college, Role.COORDINATOR, 404),
        (known.college, Role.FINANCE, 404),
        (known.owner, Role.FINANCE, 403),
    ):
        answer = await known.service.client.delete(
            f"{FEEDS}/{made['id']}", headers=known.service.as_(member_id, role)
        )
        assert answer.status_code == status
    assert (await known.service.client.get(made["path"])).status_code == 200


async def test_a_member_has_a_bounded_number_of_feeds(known: Known) -> None:
    first = (await make(known)).json()["id"]
    for _ in range(rules.FEEDS_MAX - 1):
        assert (await make(known)).status_code == 201
    more = await make(known)
    assert (more.status_code, more.json()["code"]) == (409, "too-many-feeds")
    assert (await make(known, known.college)).status_code == 201
    headers = known.service.as_(known.owner, Role.COORDINATOR)
    await known.service.client.delete(f"{FEEDS}/{first}", headers=headers)
    assert (await make(known)).status_code == 201
    assert len((await known.read("feeds")).json()["items"]) == rules.FEEDS_MAX


async def test_what_did_not_change_is_not_sent_again(known: Known) -> None:
    path = await address(known)
    asked = (await known.book()).json()["id"]
    first = await known.service.client.get(path)
    same = {"If-None-Match": first.headers["ETag"]}
    again = await known.service.client.get(path, headers=same)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == first.headers["cache-control"]
    await known.decide(asked, "approve")
    other = await known.service.client.get(path, headers=same)
    assert (other.status_code, other.headers["ETag"] != first.headers["ETag"]) == (200, True)


async def test_the_secret_stands_in_no_log_also_when_something_breaks(
    known: Known, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    path = await address(known)
    secret = path.removeprefix(f"{FEEDS}/").removesuffix(".ics")
    with caplog.at_level("DEBUG"):
        assert (await known.service.client.get(path)).status_code == 200
        await known.service.sql("ALTER TABLE bookings RENAME TO away")
        broken = await known.service.client.get(path)
    assert broken.status_code == 500
    said = "\n".join(
        record.getMessage() for record in caplog.records if record.name != "httpx"
    ) + "".join(capsys.readouterr())
    assert secret not in said + broken.text
    assert "/api/workshops/feeds/{secret}.ics" in said, "the fault says which route it was"


async def fill(known: Known, count: int) -> None:
    """So many more bookings like the first one, minute by minute after it."""
    await known.service.sql(
        "INSERT INTO bookings (id, workshop_id, pool_id, owner_id, booker_id, booked_by,"
        " agreement_id, status, starts_at, ends_at, workplaces, equipment_ids, purpose,"
        " net_per_workplace_hour_kopecks, price_kopecks, vat_kopecks, price_reason,"
        " price_reason_ru, answer_due_at, requested_at, version)"
        " SELECT uuidv7(), workshop_id, pool_id, owner_id, booker_id, booked_by, agreement_id,"
        " status, starts_at + n * interval '1 minute', ends_at + n * interval '1 minute',"
        " workplaces, equipment_ids, purpose, 0, 0, 0, 'x', 'x', answer_due_at, requested_at, 1"
        " FROM (SELECT * FROM bookings ORDER BY starts_at LIMIT 1) AS b,"
        " generate_series(1, $1) AS n",
        count,
    )


async def test_many_readers_at_once_keep_nobody_waiting_for_a_connection(known: Known) -> None:
    path = await address(known)
    await known.book()
    await fill(known, 400)
    feeds = asyncio.gather(*(known.service.client.get(path) for _ in range(12)))
    await asyncio.sleep(0.05)
    lists = await asyncio.gather(*(known.read("bookings") for _ in range(12)))
    assert {answer.status_code for answer in lists} == {200}
    assert not feeds.done(), "they were answered while calendars were being built"
    assert {answer.status_code for answer in await feeds} == {200}


async def test_a_feed_is_bounded_and_shows_the_next_bookings_first(known: Known) -> None:
    path = await address(known)
    first = (await known.book()).json()["id"]
    await fill(known, rules.BOOKINGS_MAX)
    shown = await events(known, path)
    assert len(shown) == rules.BOOKINGS_MAX
    assert first in shown


async def test_the_feeds_that_an_erased_person_made_lead_nowhere(known: Known) -> None:
    person_id = new_id()
    headers = known.service.as_(known.owner, Role.COORDINATOR, person_id=person_id)
    made = await known.service.client.post(FEEDS, json={"kind": "member"}, headers=headers)
    kept = await address(known)
    done = await known.service.client.get("/api/workshops/deeds", headers=headers)
    assert [each["action"] for each in done.json()["items"]] == ["feed.made"]
    async with known.service.runtime.database.transaction() as tx:
        await heard.forget_person(tx, person_id)
    assert (await known.service.client.get(made.json()["path"])).status_code == 404
    assert (await known.service.client.get(kept)).status_code == 200
    (row,) = await known.service.sql("SELECT * FROM feeds WHERE made_by = $1", person_id)
    assert row["revoked_at"] is not None, "what was made stays, by id"
