"""A code at sign-in: set up with a telephone, asked for, renewed and taken away, on pages."""

import html
import re
from datetime import timedelta

import pytest
from pyotp import TOTP

from tests.portal.conftest import Visitor
from tests.portal.deeds import person
from tests.portal.platform import Page, Platform, Visit

EMAIL = "finance@roslavl.demo"


def telephone(page: Page, platform: Platform, later: int = 0) -> str:
    """What the telephone shows that has read the page's secret."""
    secret = page.one("input", name="secret")["value"]
    return shown(platform, secret, later)


def shown(platform: Platform, secret: str, later: int = 0) -> str:
    return TOTP(secret).at(platform.clock() + timedelta(seconds=30 * later))


def codes_in(page: Page) -> list[str]:
    return re.findall(r"[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3}", page.text)


@pytest.fixture(scope="module")
def guarded(platform: Platform) -> tuple[str, list[str]]:
    """Somebody has set a telephone up by the pages: its secret, and the codes of paper."""
    visit = Visit(platform)
    visit.sign_in(EMAIL)
    assert visit.page("/account").all("a", href="/account/second-factor")
    wrong = Page(visit.send("/account/second-factor", password="nonsense"))
    assert (wrong.status, len(wrong.all("div", id="password-fault"))) == (422, 1)
    page = Page(visit.send("/account/second-factor", password="demo"))
    picture = page.one("img", class_="qr")["src"]
    assert picture.startswith("data:image/svg+xml;base64,")
    secret = page.one("input", name="secret")["value"]
    said = {name: page.one("input", name=name)["value"] for name in ("secret", "uri", "qr_svg")}
    refused = Page(visit.send("/account/second-factor/confirm", code="12", **said))
    assert (refused.status, len(refused.all("div", id="code-fault"))) == (422, 1)
    assert refused.one("input", name="secret")["value"] == secret
    code = telephone(page, platform, -1)
    confirmed = visit.send("/account/second-factor/confirm", code=code, **said)
    codes = codes_in(Page(confirmed))
    assert len(codes) == 10
    assert confirmed.headers["cache-control"] == "no-store"
    again = visit.send("/account/second-factor", password="demo")
    assert again.status_code == 409
    visit.client.close()
    return secret, codes


def first_step(visit: Visit, **more: str) -> str:
    """The password is right; the challenge of the second step."""
    answer = visit.sign_in(EMAIL, **more)
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    return Page(answer).one("input", name="challenge")["value"]


def test_the_code_is_asked_for_after_the_password_and_leads_where_one_wanted(
    platform: Platform, stranger: Visit, guarded: tuple[str, list[str]]
) -> None:
    challenge = first_step(stranger, next="/obligations")
    said = {"challenge": challenge, "next": "/obligations"}
    for code in ("", "000000", "nonsense"):
        refused = stranger.client.post("/sign-in/code", data={**said, "code": code})
        assert refused.status_code in (401, 422)
        page = Page(refused)
        assert page.one("input", name="challenge")["value"] == html.unescape(challenge)
        assert page.one("input", name="next")["value"] == "/obligations"
        assert page.all("div", class_="alert alert-danger")
    code = shown(platform, guarded[0])
    done = stranger.client.post("/sign-in/code", data={**said, "code": code})
    assert (done.status_code, done.headers["location"]) == (303, "/obligations")
    assert stranger.page("/account/second-factor").status == 200


def test_a_code_of_paper_signs_in_and_a_late_one_begins_anew(
    platform: Platform, stranger: Visit, guarded: tuple[str, list[str]]
) -> None:
    late = first_step(stranger)
    platform.clock.pass_(minutes=6)
    over = stranger.client.post("/sign-in/code", data={"challenge": late, "code": "000000"})
    assert (over.status_code, 'id="password"' in over.text) == (401, True)
    said = {"challenge": first_step(stranger), "code": guarded[1][0]}
    assert stranger.client.post("/sign-in/code", data=said).status_code == 303
    assert "9" in stranger.page("/account/second-factor").text


def test_while_membership_sleeps_the_challenge_is_kept(
    platform: Platform, stranger: Visit, guarded: tuple[str, list[str]]
) -> None:
    with platform.asleep("membership"):
        answer = stranger.client.post("/sign-in/code", data={"challenge": "kept", "code": "1"})
    assert (answer.status_code, 'value="kept"' in answer.text) == (503, True)


def test_codes_of_paper_are_renewed_and_the_second_factor_is_taken_away(
    platform: Platform, stranger: Visit, guarded: tuple[str, list[str]]
) -> None:
    said = {"challenge": first_step(stranger), "code": guarded[1][1]}
    assert stranger.client.post("/sign-in/code", data=said).status_code == 303
    wrong = Page(stranger.send("/account/second-factor/codes", password="demo", code="x"))
    assert (wrong.status, len(wrong.all("div", id="code-fault"))) == (422, 1)
    renewed = stranger.send("/account/second-factor/codes", password="demo", code=guarded[1][2])
    codes = codes_in(Page(renewed))
    assert not set(codes) & set(guarded[1])
    wrong = Page(stranger.send("/account/second-factor/remove", password="x", code=codes[0]))
    assert (wrong.status, len(wrong.all("div", id="remove-fault"))) == (422, 1)
    gone = stranger.send("/account/second-factor/remove", password="demo", code=codes[0])
    assert (gone.status_code, 'role="status"' in gone.text) == (200, True)
    again = stranger.send("/account/second-factor/remove", password="demo", code=codes[1])
    assert again.status_code == 409
    assert person(platform, "finance@roslavl").session, "the password alone is enough again"


def test_the_administrator_helps_one_who_has_lost_the_telephone(
    platform: Platform, visitor: Visitor
) -> None:
    mine = person(platform, "finance@agrovyazma")
    path = "/membership/accounts/current/second-factor"
    secret = mine.post(path, {"password": "demo"}).json()["secret"]
    assert mine.post(f"{path}/confirm", {"code": shown(platform, secret)}).status_code == 200
    administrator = visitor("admin@artel")
    assert administrator.page("/account").all("a", href="/account/second-factor/lost")
    for email, status in (
        ("nobody@agrovyazma.demo", 404),
        ("", 422),
        ("finance@agrovyazma.demo", 200),
        ("finance@agrovyazma.demo", 409),
    ):
        page = Page(administrator.send("/account/second-factor/lost", email=email))
        assert page.status == status
        assert page.one("input", name="email")["value"] == email
    assert person(platform, "finance@agrovyazma").session
    assert visitor("coordinator@vyazma").page("/account/second-factor/lost").status == 403
