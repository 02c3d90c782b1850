"""Letters that membership wrote: asked for at the moment of sending, sent, and told of by id."""

import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.membership import LetterWritten
from services.membership.commands import recovery, second_factor
from services.membership.domain.joining import Purpose
from services.notices.commands.smtp import Delayed, Server
from services.notices.domain.letters import LETTERS
from shared.ids import new_id
from tests.harness import Moment, Running, Servers, running
from tests.notices.facts import API, Known
from tests.notices.mailserver import MailServer, certificate, serving
from tests.notices.office import Office, office_of
from tests.notices.test_mail import PAGES, text_of


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving() as started:
        yield started


@pytest.fixture
async def office(servers: Servers, clock: Moment, server: MailServer) -> AsyncIterator[Office]:
    settings = {"smtp_url": server.url, "public_address": PAGES}
    async with office_of(servers, clock, server, **settings) as begun:
        yield begun


async def reset(office: Office) -> Any:
    """The firm's coordinator has forgotten the password; returns the letter as it was written."""
    answer = await office.cluster.post("/password-resets", email="firm@artel.demo")
    assert answer.status_code == 204
    await office.cluster.service.due()
    rows = await office.cluster.service.sql("SELECT * FROM letters")
    return rows[-1]


async def test_a_letter_of_membership_goes_out_with_its_link_and_is_told_as_sent(
    office: Office,
) -> None:
    letter = await reset(office)
    told = await office.cluster.service.told("membership.letter.written.v1")
    assert [row["aggregate_id"] for row in told] == [letter["id"]]
    assert letter["token"] not in told[0]["body"]
    await office.hear(LetterWritten(letter_id=letter["id"]))
    await office.send()
    [mail] = office.server.mails
    assert (mail["To"], mail["Subject"]) == ("firm@artel.demo", "Другой пароль")
    assert mail["List-Unsubscribe"] is None
    assert f"{PAGES}/new-password?token={letter['token']}" in text_of(mail)
    [sent] = await office.notices.told("notices.letter.sent.v1")
    assert sent["aggregate_id"] == letter["id"]


async def test_a_letter_whose_link_is_over_is_given_up(office: Office) -> None:
    letter = await reset(office)
    await office.hear(LetterWritten(letter_id=letter["id"]))
    office.notices.clock.pass_(hours=2)
    await office.send()
    assert office.server.mails == []
    [told] = await office.notices.told("notices.letter.given_up.v1")
    assert '"reason_code":"over"' in told["body"].replace(" ", "")


async def test_words_that_were_written_for_a_letter_stand_in_it(office: Office) -> None:
    letter_id = new_id()
    await office.cluster.service.sql(
        "INSERT INTO letters (id, address, kind, about_id, words, written_at, expires_at)"
        " VALUES ($1, 'a@b.example', 'rejected', $1, 'Нет ОГРН <b>.', $2, $3)",
        letter_id,
        office.notices.clock(),
        office.notices.clock() + timedelta(days=1),
    )
    await office.hear(LetterWritten(letter_id=letter_id))
    await office.send()
    [mail] = office.server.mails
    assert "Нет ОГРН <b>." in text_of(mail)
    assert "Нет ОГРН &lt;b&gt;." in text_of(mail, "html")


async def test_a_letter_that_notices_does_not_know_is_given_up(office: Office) -> None:
    letter_id = new_id()
    await office.cluster.service.sql(
        "INSERT INTO letters (id, address, kind, about_id, written_at, expires_at)"
        " VALUES ($1, 'a@b.example', 'weather', $1, $2, $3)",
        letter_id,
        office.notices.clock(),
        office.notices.clock() + timedelta(days=1),
    )
    await office.hear(LetterWritten(letter_id=letter_id))
    await office.send()
    assert await office.ended() == [("letter", "unknown-letter")]


def test_every_letter_with_a_link_has_its_words_and_its_page() -> None:
    linked = {purpose.value for purpose in Purpose}
    told = {
        recovery.PASSWORD_CHANGED,
        recovery.ADDRESS_CHANGED,
        recovery.ADDRESS_TAKEN,
        second_factor.SECOND_FACTOR_ON,
        second_factor.SECOND_FACTOR_REMOVED,
        "rejected",
        "case_opened",
        "excluded",
    }
    assert LETTERS.keys() == linked | told
    assert all(LETTERS[kind].path for kind in linked)


# --- without a mail server ------------------------------------------------------------------------


async def test_the_demo_keeps_letters_for_a_day_for_administrators(
    servers: Servers, clock: Moment, server: MailServer
) -> None:
    async with office_of(servers, clock, server, demo=True) as office:
        await office.known.request(answer_due_at=clock() + timedelta(hours=8))
        await office.send()

        async def mailbox() -> Any:
            headers = office.known.as_(office.known.administrator)
            answer = await office.notices.client.get(f"{API}/mailbox", headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()["items"]

        [letter] = await mailbox()
        assert letter["address"] == "college@artel.demo"
        assert letter["body"].startswith("Здравствуйте, Анна!")
        clock.pass_(days=1, minutes=1)
        await office.send()
        assert await mailbox() == []


async def test_with_a_mail_server_or_without_the_demo_there_is_no_mailbox(known: Known) -> None:
    answer = await known.get(known.administrator, "/mailbox")
    assert answer.status_code == 404
    await known.request()
    while await known.service.due():
        continue
    rows = await known.service.sql("SELECT reason_code FROM mailings WHERE ended_at IS NOT NULL")
    assert [row["reason_code"] for row in rows] == ["no-mail-server"]


# --- the way to the mail server -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 25, None, None, False, None)),
        ("smtp://a:b%40@mail.example:2525", Server("mail.example", 2525, "a", "b@", False, True)),
        ("smtp+starttls://mail.example", Server("mail.example", 587, None, None, False, True)),
        ("smtps://a:b@mail.example", Server("mail.example", 465, "a", "b", True, None)),
    ],
)
def test_a_password_is_never_said_without_tls(url: str, server: Server) -> None:
    assert Server.of(url) == server


async def test_a_mail_server_that_is_none_is_said_at_the_start(
    servers: Servers, clock: Moment
) -> None:
    with pytest.raises(ValueError, match="ARTEL_SMTP_URL"):
        async with running(servers, "notices", clock, smtp_url="http://mail.example"):
            pass


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_mail_goes_over_tls_to_a_server_that_is_who_it_says(
    notices: Running,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    scheme: str,
) -> None:
    context, public = certificate(tmp_path, notices.clock())
    options: dict[str, Any] = {"tls_context": context, "require_starttls": True}
    if scheme == "smtps":
        options = {"ssl_context": _client(context, public)}
    with serving(**options) as server:
        reached = Server.of(f"{scheme}://127.0.0.1:{server.port}")
        with pytest.raises(Delayed):
            await reached.send(_mail())
        assert server.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        await reached.send(_mail())
        assert len(server.mails) == 1


def _client(context: ssl.SSLContext, public: Path) -> ssl.SSLContext:
    """The controller greets itself once over its own context, so that has to trust itself."""
    context.load_verify_locations(public)
    return context


def _mail() -> Any:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@a.example", "b@b.example", "Привет"
    mail.set_content("Привет")
    return mail
