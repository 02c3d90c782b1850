"""Signing in by the organisation's identity provider, there and back again, as a browser does it."""

from collections.abc import Iterator

import pytest

from tests.harness import Moment
from tests.portal.conftest import TUESDAY
from tests.portal.platform import Page, Platform, Visit, running_platform
from tests.provider import Provider, running_provider

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PATH = "/sign-in/provider"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider("finance@vyazma.demo", "nobody@vyazma.example") as provider:
        yield provider


@pytest.fixture(scope="module")
def platform(provider: Provider) -> Iterator[Platform]:
    """The platform, whose people may sign in by the provider."""
    clock = Moment()
    clock.set(TUESDAY)
    with running_platform(clock, provider) as platform:
        yield platform


def leave(visit: Visit) -> str:
    """Presses the button of the sign-in page; where the browser is sent."""
    assert "Вход организации" in visit.page("/sign-in").text
    answer = visit.client.get(PATH)
    assert answer.status_code == 303
    kept = answer.headers["set-cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    address: str = answer.headers["location"]
    return address


def test_the_provider_leads_back_and_one_is_signed_in(provider: Provider, stranger: Visit) -> None:
    said = provider.sign_in(leave(stranger), "finance")
    back = stranger.client.get(f"{PATH}/return", params=said)
    assert (back.status_code, back.headers["location"]) == (303, "/")
    assert "finance@vyazma.demo" in stranger.page("/account").text
    assert "artel-begun" not in stranger.client.cookies


def test_an_answer_that_another_browser_began_signs_nobody_in(
    platform: Platform, provider: Provider, stranger: Visit
) -> None:
    said = provider.sign_in(leave(stranger), "finance")
    other = Visit(platform)
    leave(other)
    for visit in (other, Visit(platform)):
        page = Page(visit.client.get(f"{PATH}/return", params=said))
        assert page.status == 401
        assert page.all("div", class_="alert alert-danger")
        assert page.one("input", id="password")
    assert Page(stranger.client.get(f"{PATH}/return?error=access_denied")).status == 401


def test_who_has_no_account_reads_whom_to_ask(provider: Provider, stranger: Visit) -> None:
    said = provider.sign_in(leave(stranger), "nobody")
    page = Page(stranger.client.get(f"{PATH}/return", params=said))
    assert page.status == 401
    assert "приглашение" in page.text


def test_while_membership_sleeps_the_sign_in_page_stands_without_the_button(
    platform: Platform, stranger: Visit
) -> None:
    with platform.asleep("membership"):
        page = stranger.page("/sign-in")
        assert page.status == 200
        assert not page.all("a", href=PATH)
        assert stranger.client.get(PATH).status_code == 503
        assert stranger.client.get(f"{PATH}/return?code=c&state=s").status_code == 503
