"""Sessions that are seen and ended, a forgotten password, another address: through HTTP."""

import asyncio

import pytest

from services.membership.domain.accounts import FAILURES_MAX
from services.membership.domain.devices import device_of
from services.membership.domain.recovery import (
    LETTERS_MAX,
    AddressIsTheSame,
    check_address,
    may_write,
)
from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import API, PASSWORD, Cluster
from tests.membership.letters import letters, newest_token

OTHER = "another battery staple"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def bearer(cluster: Cluster, name: str, **headers: str) -> dict[str, str]:
    """Signs somebody in; the headers of the session."""
    signed_in = await cluster.service.client.post(
        f"{API}/sessions",
        json={"email": f"{name}@artel.demo", "password": PASSWORD},
        headers=headers,
    )
    return {"Authorization": f"Bearer {signed_in.json()['access_token']}"}


async def forget(cluster: Cluster, name: str = "college") -> str:
    """Somebody forgets the password and reads the letter; the link's token."""
    asked = await cluster.post("/password-resets", email=f"{name}@artel.demo")
    assert (asked.status_code, asked.content) == (204, b"")
    await cluster.service.due()
    return await newest_token(cluster, "reset_password")


# --- sessions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/138.0.0.0 YaBrowser/25.8.0.0 Safari/537.36",
            "Yandex Browser, Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15; K) Chrome/140.0.0.0 Mobile", "Chrome, Android"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("Mozilla/5.0", None),
        ("", None),
        (None, None),
    ],
)
def test_a_device_is_named_in_few_words_without_versions(
    said: str | None, words: str | None
) -> None:
    assert device_of(said) == words


def test_the_words_of_a_device_are_kept_short() -> None:
    assert len(device_of("x" * 5000) or "") == 60


async def test_i_see_where_i_am_signed_in_and_no_token(cluster: Cluster) -> None:
    await bearer(cluster, "college", **{"User-Agent": FIREFOX})
    await bearer(cluster, "firm")
    cluster.service.clock.pass_(minutes=1)
    mine = await bearer(cluster, "college")
    shown = (await cluster.get("/sessions", mine)).json()["items"]
    assert [(each["device"], each["is_current"]) for each in shown] == [
        ("python-httpx", True),
        ("Firefox, Linux", False),
    ]
    assert set(shown[0]) == {
        "id", "device", "is_current", "created_at", "last_used_at", "expires_at"
    }  # fmt: skip


async def test_a_session_of_mine_is_ended_and_cannot_go_on(cluster: Cluster) -> None:
    lost = (await cluster.sign_in("college", is_lasting=True)).json()
    mine = await bearer(cluster, "college")
    shown = (await cluster.get("/sessions", mine)).json()["items"]
    [other] = [each for each in shown if not each["is_current"]]
    for _ in range(2):
        ended = await cluster.service.client.delete(f"{API}/sessions/{other['id']}", headers=mine)
        assert ended.status_code == 204
    refused = await cluster.post("/sessions/refresh", refresh_token=lost["refresh_token"])
    assert refused.json()["code"] == "session-over"
    left = (await cluster.get("/sessions", mine)).json()["items"]
    assert [each["is_current"] for each in left] == [True]
    noted = await cluster.service.sql("SELECT FROM audit WHERE action = 'session.ended'")
    assert len(noted) == 1


async def test_a_session_of_somebody_else_is_not_found_and_lives_on(cluster: Cluster) -> None:
    theirs = await bearer(cluster, "firm")
    [session] = (await cluster.get("/sessions", theirs)).json()["items"]
    mine = await bearer(cluster, "college")
    for session_id in (session["id"], new_id()):
        refused = await cluster.service.client.delete(f"{API}/sessions/{session_id}", headers=mine)
        assert refused.status_code == 404
    assert (await cluster.get("/sessions/current", theirs)).status_code == 200


# --- a forgotten password ----------------------------------------------------------------------


async def test_who_forgot_the_password_takes_another_by_the_letter(cluster: Cluster) -> None:
    before = await bearer(cluster, "college")
    for _ in range(FAILURES_MAX):
        await cluster.sign_in("college", "wrong")
    token = await forget(cluster)
    done = await cluster.post("/password-resets/finish", token=token, password=OTHER)
    assert (done.status_code, done.content) == (204, b"")
    assert (await cluster.get("/sessions/current", before)).status_code == 401
    assert (await cluster.sign_in("college", OTHER)).status_code == 201, "failures are forgotten"
    assert (await cluster.sign_in("college")).status_code == 401
    [told] = await letters(cluster, "password_changed")
    assert (told["address"], told["token"]) == ("college@artel.demo", None)
    [noted] = await cluster.service.sql("SELECT * FROM audit WHERE action = 'password.reset'")
    assert noted["object_id"] == cluster.people["college"]


async def test_a_link_for_a_new_password_is_used_once_within_an_hour(cluster: Cluster) -> None:
    first = await forget(cluster)
    second = await forget(cluster)
    for token, code in ((first, 404), (second, 204), (second, 404), ("x", 404)):
        answer = await cluster.post("/password-resets/finish", token=token, password=OTHER)
        assert answer.status_code == code
    late = await forget(cluster)
    cluster.service.clock.pass_(hours=1)
    answer = await cluster.post("/password-resets/finish", token=late, password=PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (404, "link-over")


async def test_of_two_who_come_with_one_link_at_once_one_wins(cluster: Cluster) -> None:
    token = await forget(cluster)
    answers = await asyncio.gather(
        *(cluster.post("/password-resets/finish", token=token, password=OTHER) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404]


async def test_a_weak_password_spends_no_link(cluster: Cluster) -> None:
    token = await forget(cluster)
    for weak in ("short", "qwertyuiop", "college@artel.demo"):
        refused = await cluster.post("/password-resets/finish", token=token, password=weak)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["at"] == "body.password"
    done = await cluster.post("/password-resets/finish", token=token, password=OTHER)
    assert done.status_code == 204


async def test_nobody_learns_whether_an_address_has_an_account(cluster: Cluster) -> None:
    known = await cluster.post("/password-resets", email=" College@ARTEL.demo ")
    unknown = await cluster.post("/password-resets", email="nobody@artel.demo")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert await letters(cluster, "reset_password") == [], "the answer waits for no letter"
    assert await cluster.service.due() == 2
    [letter] = await letters(cluster, "reset_password")
    assert letter["address"] == "college@artel.demo"
    assert await cluster.service.sql("SELECT FROM reset_wishes") == []


async def test_three_letters_an_hour_are_written_however_often_one_asks(cluster: Cluster) -> None:
    for _ in range(LETTERS_MAX + 2):
        await forget(cluster)
    assert len(await letters(cluster, "reset_password")) == LETTERS_MAX
    cluster.service.clock.pass_(hours=1)
    await forget(cluster)
    assert len(await letters(cluster, "reset_password")) == 1, "the others are forgotten"


async def test_many_wishes_at_once_write_one_letter(cluster: Cluster) -> None:
    await asyncio.gather(
        *(cluster.post("/password-resets", email="college@artel.demo") for _ in range(8))
    )
    await asyncio.gather(*(cluster.service.due() for _ in range(3)))
    assert len(await letters(cluster, "reset_password")) == 1


async def test_the_token_of_a_link_lies_in_its_letter_alone(cluster: Cluster) -> None:
    token = await forget(cluster)
    [link] = await cluster.service.sql("SELECT links::text AS row FROM links")
    assert token not in link["row"]
    await cluster.post("/password-resets/finish", token=token, password=OTHER)
    for table in ("audit", "outbox"):
        rows = await cluster.service.sql(f"SELECT {table}::text AS row FROM {table}")
        assert not [row for row in rows if token in row["row"] or "college@" in row["row"]]


# --- another address ---------------------------------------------------------------------------


async def ask(cluster: Cluster, email: str, name: str = "college", **body: str) -> int:
    """Somebody asks for another address; the status of the answer."""
    headers = cluster.service.as_(cluster.college, Role.COORDINATOR, person_id=cluster.people[name])
    fields = {"email": email, "password": PASSWORD, **body}
    answer = await cluster.post("/accounts/current/email", headers, **fields)
    return answer.status_code


async def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(
    cluster: Cluster,
) -> None:
    assert await ask(cluster, "New@Artel.demo") == 204
    [letter] = await letters(cluster, "confirm_address")
    assert letter["address"] == "new@artel.demo"
    assert (await cluster.sign_in("college")).status_code == 201
    forgotten = await forget(cluster)

    confirmed = await cluster.post("/email-changes/confirm", token=letter["token"])
    assert (confirmed.status_code, confirmed.content) == (204, b"")
    assert (await cluster.sign_in("new")).status_code == 201
    assert (await cluster.sign_in("college")).status_code == 401
    [told] = await letters(cluster, "address_changed")
    assert told["address"] == "college@artel.demo"
    over = await cluster.post("/password-resets/finish", token=forgotten, password=OTHER)
    assert over.json()["code"] == "link-over", "the old mailbox opens nothing any more"
    again = await cluster.post("/email-changes/confirm", token=letter["token"])
    assert again.json()["code"] == "link-over"


async def test_another_address_takes_the_password_and_is_another(cluster: Cluster) -> None:
    headers = cluster.as_college()
    for email, password, at, why in (
        ("new@artel.demo", "wrong", "body.password", "invalid"),
        ("COLLEGE@artel.demo", PASSWORD, "body.email", "address-same"),
        ("nonsense", PASSWORD, "body.email", "value_error"),
    ):
        refused = await cluster.post(
            "/accounts/current/email", headers, email=email, password=password
        )
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["at"] == at
        assert refused.json()["errors"][0]["code"] == why
    assert await letters(cluster, "confirm_address") == []


async def test_an_address_that_has_an_account_is_told_so_and_nobody_else(cluster: Cluster) -> None:
    assert await ask(cluster, "firm@artel.demo") == 204
    assert await letters(cluster, "confirm_address") == []
    [told] = await letters(cluster, "address_taken")
    assert (told["address"], told["token"]) == ("firm@artel.demo", None)


async def test_an_address_that_was_taken_meanwhile_is_refused(cluster: Cluster) -> None:
    assert await ask(cluster, "new@artel.demo") == 204
    token = await newest_token(cluster, "confirm_address")
    await cluster.register("new", cluster.firm, Role.MENTOR)
    refused = await cluster.post("/email-changes/confirm", token=token)
    assert (refused.status_code, refused.json()["code"]) == (409, "email-taken")


async def test_the_last_address_asked_for_is_the_one_that_counts(cluster: Cluster) -> None:
    assert await ask(cluster, "first@artel.demo") == 204
    first = await newest_token(cluster, "confirm_address")
    assert await ask(cluster, "second@artel.demo") == 204
    second = await newest_token(cluster, "confirm_address")
    for token, status in ((first, 404), (second, 204)):
        answer = await cluster.post("/email-changes/confirm", token=token)
        assert answer.status_code == status
    assert (await cluster.sign_in("second")).status_code == 201


async def test_another_password_takes_back_what_was_asked_with_the_old_one(
    cluster: Cluster,
) -> None:
    assert await ask(cluster, "thief@artel.demo") == 204
    token = await newest_token(cluster, "confirm_address")
    changed = await cluster.post(
        "/accounts/current/password", cluster.as_college(), old=PASSWORD, new=OTHER
    )
    assert changed.status_code == 204
    refused = await cluster.post("/email-changes/confirm", token=token)
    assert refused.json()["code"] == "link-over"


async def test_a_second_click_writes_no_letter_and_a_fourth_address_waits(cluster: Cluster) -> None:
    for _ in range(2):
        assert await ask(cluster, "a@artel.demo") == 204
    assert len(await letters(cluster, "confirm_address")) == 1
    for name in ("b", "c"):
        assert await ask(cluster, f"{name}@artel.demo") == 204
    refused = await cluster.post(
        "/accounts/current/email", cluster.as_college(), email="d@artel.demo", password=PASSWORD
    )
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-letters")
    assert int(refused.headers["retry-after"]) == 3600


async def test_many_who_ask_at_once_are_counted_exactly(cluster: Cluster) -> None:
    statuses = await asyncio.gather(
        *(ask(cluster, f"address{number}@artel.demo") for number in range(8))
    )
    assert sorted(statuses) == [204] * LETTERS_MAX + [429] * (8 - LETTERS_MAX)
    assert len(await letters(cluster, "confirm_address")) == LETTERS_MAX


def test_an_address_is_another_only_when_it_is_written_otherwise_in_more_than_case() -> None:
    assert check_address(" New@x.ru", "old@x.ru", at="body.email") == "new@x.ru"
    with pytest.raises(AddressIsTheSame):
        check_address("OLD@x.ru ", "old@x.ru", at="body.email")


def test_a_fourth_letter_within_the_hour_is_one_too_many() -> None:
    assert may_write(LETTERS_MAX - 1)
    assert not may_write(LETTERS_MAX)


async def test_one_without_an_account_here_changes_no_address(cluster: Cluster) -> None:
    stranger = cluster.service.as_(cluster.college, Role.MENTOR)
    refused = await cluster.post(
        "/accounts/current/email", stranger, email="x@artel.demo", password=PASSWORD
    )
    assert (refused.status_code, refused.json()["code"]) == (401, "session-over")
