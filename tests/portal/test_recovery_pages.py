"""Getting back in: where one is signed in, and a new password by the letter's link."""

import time
from typing import Any

from tests.portal.conftest import Visitor
from tests.portal.deeds import person
from tests.portal.platform import FROM_OUR_PAGE, Page, Platform, Visit

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EMAIL, FIRST, SECOND = "forgetful@smolapo.demo", "correct horse battery", "another battery staple"


def newest_letter(platform: Platform, seconds: float = 10) -> dict[str, Any]:
    """The letter about a password to the forgetful, once it is written."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for letter in person(platform, "admin@artel").items("/membership/letters"):
            if (letter["address"], letter["kind"]) == (EMAIL, "reset_password"):
                return dict(letter)
        time.sleep(0.2)
    raise AssertionError("no letter came")


def test_the_account_page_says_where_one_is_signed_in_and_ends_another_device(
    visitor: Visitor, platform: Platform
) -> None:
    other = Visit(platform)
    other.client.headers["User-Agent"] = FIREFOX
    assert other.sign_in("finance@smolapo.demo").status_code == 303
    assert other.client.get("/account").status_code == 200
    mine = visitor("finance@smolapo")
    page = mine.page("/account")
    assert "Firefox, Linux" in page.text
    assert "Это устройство" in page.text
    for ending in page.all("input", name="session_id"):
        ended = mine.send("/account/sessions/end", session_id=ending["value"])
        assert (ended.status_code, ended.headers["location"]) == (303, "/account#sessions")
    assert mine.page("/account").all("input", name="session_id") == []
    platform.clock.pass_(minutes=2)
    assert other.client.get("/account").status_code == 303, "the other device is signed out"
    other.client.close()


def test_a_session_that_is_nobodys_is_ended_without_a_word(visitor: Visitor) -> None:
    answer = visitor("finance@smolapo").send("/account/sessions/end", session_id="../nonsense")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account#sessions")


def test_while_membership_sleeps_the_account_page_says_so(
    visitor: Visitor, platform: Platform
) -> None:
    mine = visitor("finance@smolapo")
    assert mine.client.get("/account").status_code == 200
    with platform.asleep("membership"):
        page = mine.page("/account")
    assert page.status == 200
    assert len(page.all("div", class_="asleep")) == 1


def test_a_forgotten_password_is_set_anew_by_the_letter(
    platform: Platform, stranger: Visit
) -> None:
    coordinator = person(platform, "coordinator@smolapo")
    opened = coordinator.client.post(
        "/membership/accounts",
        json={
            "email": EMAIL,
            "password": FIRST,
            "family_name": "Орлова",
            "given_name": "Вера",
            "member_id": coordinator.member_id,
            "roles": ["mentor"],
        },
    )
    assert opened.status_code == 201, opened.text
    assert stranger.page("/sign-in").one("a", href="/forgotten-password")
    asked = stranger.client.post("/forgotten-password", data={"email": EMAIL})
    assert (asked.status_code, 'role="status"' in asked.text) == (200, True)
    unknown = stranger.client.post("/forgotten-password", data={"email": "nobody@x.demo"})
    assert Page(unknown).text == Page(asked).text

    token = newest_letter(platform)["token"]
    assert (
        stranger.page(f"/new-password?token={token}").one("input", name="token")["value"] == token
    )
    for fields, fault in (
        ({"password": "short", "again": "short"}, "password-fault"),
        ({"password": SECOND, "again": FIRST}, "again-fault"),
        ({"password": "qwertyuiop", "again": "qwertyuiop"}, "password-fault"),
    ):
        refused = stranger.client.post("/new-password", data={"token": token, **fields})
        assert refused.status_code == 422
        assert f'id="{fault}"' in refused.text
        assert f'value="{token}"' in refused.text, "the link is kept"
    new = {"token": token, "password": SECOND, "again": SECOND}
    done = stranger.client.post("/new-password", data=new)
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in?new-password=set")
    assert 'role="status"' in stranger.client.get(done.headers["location"]).text
    again = stranger.client.post("/new-password", data=new)
    assert (again.status_code, 'role="alert"' in again.text) == (404, True)
    assert stranger.sign_in(EMAIL, SECOND).status_code == 303


def test_an_empty_address_and_a_link_without_a_token_are_told(stranger: Visit) -> None:
    empty = stranger.client.post("/forgotten-password", data={"email": " "})
    assert (empty.status_code, 'id="email-fault"' in empty.text) == (422, True)
    bare = stranger.client.post("/new-password", data={"password": SECOND, "again": SECOND})
    assert bare.status_code == 422
    assert "Ссылка" in bare.text or "ссылка" in bare.text


def test_while_membership_sleeps_what_was_typed_is_kept(
    platform: Platform, stranger: Visit
) -> None:
    with platform.asleep("membership"):
        asked = stranger.client.post("/forgotten-password", data={"email": EMAIL})
        set_ = stranger.client.post(
            "/new-password", data={"token": "kept", "password": SECOND, "again": SECOND}
        )
    assert (asked.status_code, f'value="{EMAIL}"' in asked.text) == (503, True)
    assert (set_.status_code, 'value="kept"' in set_.text) == (503, True)


def test_a_forged_form_asks_for_no_letter(stranger: Visit) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert headers != FROM_OUR_PAGE
        for path in ("/forgotten-password", "/new-password"):
            assert stranger.client.post(path, data={}, headers=headers).status_code == 403
