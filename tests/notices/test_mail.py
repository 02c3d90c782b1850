"""Mail to a real server: who gets it, when, how often it is tried, and that nothing of it is kept."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.notices.domain.letters import RETRIES, retry_after
from services.notices.domain.ways import next_digest_at
from shared.ids import new_id
from tests.harness import Moment, Servers, running
from tests.notices.facts import Known
from tests.notices.mailserver import MailServer, serving
from tests.notices.office import Office, office_of

PAGES = "https://artel.example"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving() as started:
        yield started


@pytest.fixture
async def office(servers: Servers, clock: Moment, server: MailServer) -> AsyncIterator[Office]:
    settings = {
        "smtp_url": server.url,
        "mail_from": "Artel <artel@artel.example>",
        "public_address": PAGES,
    }
    async with office_of(servers, clock, server, **settings) as begun:
        yield begun


def text_of(mail: Any, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    return str(part.get_content())


async def test_what_cannot_wait_is_mailed_at_once_with_what_to_do(office: Office) -> None:
    await office.known.request()
    await office.send()
    [mail] = office.server.mails
    [notice] = await office.known.inbox(office.known.approver)
    assert mail["To"] == "college@artel.demo"
    assert mail["From"] == "Artel <artel@artel.example>"
    asked = "просит вашу мастерскую: чт, 14 января, 12:30, мест: 2"
    assert mail["Subject"] == f"ООО «Смолстанкосервис» (демо) {asked}"
    assert mail["List-Unsubscribe"] == f"<{PAGES}/notices/preferences>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = text_of(mail)
    assert text.startswith("Здравствуйте, Анна!")
    assert f"Ответить на запрос: {PAGES}/notices/{notice['id']}" in text
    assert f'href="{PAGES}/notices/{notice["id"]}"' in text_of(mail, "html")
    assert await office.send() == 0, "once is enough"


async def test_no_address_and_no_name_stays_in_the_service_or_its_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.server.says = "451 later"
    await office.known.request()
    await office.send()
    office.server.says = "550 no such person college@artel.demo"
    office.notices.clock.pass_(minutes=2)
    await office.send()
    tables = await office.notices.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    for table in tables:
        rows = await office.notices.sql(f'SELECT t::text AS row FROM "{table["relname"]}" t')
        said = " ".join(row["row"] for row in rows)
        assert "@artel.demo" not in said, table
        assert "Иванова" not in said, table
    assert "mail refused" in caplog.text
    assert "@artel.demo" not in caplog.text


async def test_the_digest_comes_once_a_day_and_only_with_something_in_it(office: Office) -> None:
    known, clock = office.known, office.notices.clock
    for _ in range(2):
        await known.confirm(new_id())
    await known.post(known.approver, "/notices/read-all")
    await office.send()
    assert office.server.mails == []
    clock.set(next_digest_at(clock(), 8) + timedelta(minutes=1))
    await office.send()
    [mail] = office.server.mails
    assert mail["To"] == "firm@artel.demo"
    assert mail["Subject"] == "Артель: новое для вас"
    assert text_of(mail).count("Ваша бронь подтверждена") == 2
    assert ("digest", "over") in await office.ended(), "whoever has read everything gets none"
    clock.pass_(days=1)
    assert await office.send() == 0
    await known.confirm(new_id())
    clock.pass_(days=1)
    await office.send()
    assert [each["To"] for each in office.server.mails[1:]].count("firm@artel.demo") == 1
    assert text_of(office.server.mails[-1]).count("Ваша бронь") <= 1


async def test_a_digest_that_is_long_says_where_the_rest_is(office: Office) -> None:
    for _ in range(52):
        await office.known.confirm(new_id())
    office.notices.clock.pass_(days=1)
    await office.send()
    mail = next(each for each in office.server.mails if each["To"] == "firm@artel.demo")
    assert text_of(mail).count("Ваша бронь подтверждена") == 50
    assert f"{PAGES}/notices\n" in text_of(mail)


async def test_what_was_done_or_read_before_is_not_mailed(office: Office) -> None:
    first = await office.known.request()
    await office.known.request()
    await office.known.confirm(first)
    await office.known.post(office.known.approver, "/notices/read-all")
    await office.send()
    assert office.server.mails == []
    assert await office.ended() == [("notice", "over"), ("notice", "over")]


async def test_a_reminder_comes_while_it_is_still_to_be_done(office: Office) -> None:
    now = office.notices.clock()
    done = await office.known.request(answer_due_at=now + timedelta(days=2))
    await office.known.request(answer_due_at=now + timedelta(days=2))
    await office.known.post(office.known.approver, "/notices/read-all")
    await office.send()
    await office.known.decline(done)
    office.notices.clock.pass_(days=1, minutes=1)
    await office.send()
    reminders = [mail for mail in office.server.mails if mail["To"] == "college@artel.demo"]
    assert len(reminders) == 1, "read is not done"
    assert reminders[0]["Subject"].startswith("Ещё не сделано: ")
    office.notices.clock.pass_(days=2)
    await office.send()
    assert len([each for each in office.server.mails if each["To"] == "college@artel.demo"]) == 1


async def test_a_mail_that_is_delayed_is_tried_ever_more_rarely_under_one_name(
    office: Office,
) -> None:
    office.server.says = "451 the mailbox is busy"
    await office.known.request(answer_due_at=office.notices.clock() + timedelta(days=9))
    for tries, delay in enumerate(RETRIES[:3], 1):
        assert await office.send() == 1
        [mailing] = await office.known.mailings("notice")
        assert mailing["tries"] == tries
        assert mailing["due_at"] - office.notices.clock() == pytest.approx(
            delay, abs=timedelta(seconds=20)
        )
        office.notices.clock.pass_(seconds=delay.total_seconds() + 1)
    office.server.says = "250 OK"
    await office.send()
    [mail] = office.server.mails
    assert mail["Message-ID"] == f"<{mailing['id']}@artel.example>"


async def test_a_mail_is_given_up_after_so_many_tries(office: Office) -> None:
    office.server.says = "451 the mailbox is busy"
    await office.known.request(answer_due_at=office.notices.clock() + timedelta(days=1))
    for _ in range(len(RETRIES) + 1):
        await office.send()
        office.notices.clock.pass_(hours=1)
        await office.notices.sql("UPDATE mailings SET due_at = $1", office.notices.clock())
    assert ("notice", "too-many-tries") in await office.ended()
    assert retry_after(len(RETRIES)) is not None
    assert retry_after(len(RETRIES) + 1) is None


async def test_an_address_that_the_server_refuses_is_given_up_at_once(office: Office) -> None:
    office.server.says = "550 no such person"
    await office.known.request()
    await office.send()
    assert await office.ended() == [("notice", "address-refused")]


async def test_a_person_without_an_address_is_told_in_the_inbox_alone(office: Office) -> None:
    person_id = new_id()
    await office.known.grant(person_id, office.known.college, "approver")
    await office.known.request()
    await office.send()
    assert len(office.server.mails) == 1
    assert ("notice", "no-address") in await office.ended()
    assert await office.known.kinds(person_id) == ["booking_requested"]


async def test_while_membership_sleeps_mail_waits_and_no_try_is_counted(
    servers: Servers, clock: Moment, server: MailServer
) -> None:
    async with running(servers, "notices", clock, smtp_url=server.url) as notices:
        known = await Known(notices).lay()
        await known.request()
        while await notices.due():
            continue
        [mailing] = await known.mailings("notice")
        assert mailing["tries"] == 0
        assert mailing["due_at"] > notices.clock()
        assert server.mails == []
        await notices.app.state.post.close()
