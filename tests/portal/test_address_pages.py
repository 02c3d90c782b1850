"""Another address for an account: asked for with the password, confirmed by the letter's link."""

from tests.portal.conftest import Visitor
from tests.portal.deeds import person
from tests.portal.platform import Page, Platform, Visit

OLD, NEW = "finance@smolgrad.demo", "moved@smolgrad.example"


def token_to(platform: Platform, email: str) -> str:
    """The token of the newest letter to that address."""
    letters = person(platform, "admin@artel").items("/membership/letters", limit=200)
    return str(next(letter["token"] for letter in letters if letter["address"] == email))


def test_an_address_is_changed_by_the_letter_that_went_to_the_new_one(
    platform: Platform, visitor: Visitor, stranger: Visit
) -> None:
    visit = visitor("finance@smolgrad")
    for email, password, fault in (
        ("nonsense", "demo", "email-fault"),
        (OLD, "demo", "email-fault"),
        (NEW, "wrong", "address-password-fault"),
    ):
        page = Page(visit.send("/account/email", email=email, password=password))
        assert page.status == 422
        assert page.one("div", id=fault)
        assert page.one("input", id="email")["value"] == email
    asked = visit.send("/account/email", email=NEW, password="demo")
    assert (asked.status_code, 'role="status"' in asked.text) == (200, True)
    token = token_to(platform, NEW)
    page = stranger.page(f"/new-address?token={token}")
    assert page.one("input", name="token")["value"] == token, "opening it confirms nothing yet"
    assert stranger.sign_in(OLD).status_code == 303
    signed_in = Visit(platform)
    done = signed_in.client.post("/new-address", data={"token": token})
    assert (done.status_code, 'role="status"' in done.text) == (200, True)
    assert signed_in.sign_in(NEW).status_code == 303
    again = Visit(platform).client.post("/new-address", data={"token": token})
    assert (again.status_code, 'role="alert"' in again.text) == (404, True)
    assert Visit(platform).sign_in(OLD).status_code == 401


def test_while_membership_sleeps_the_new_address_is_kept(
    platform: Platform, visitor: Visitor, stranger: Visit
) -> None:
    visit = visitor("finance@safonovo")
    csrf = visit.csrf
    with platform.asleep("membership"):
        said = {"csrf": csrf, "email": NEW, "password": "demo"}
        page = Page(visit.client.post("/account/email", data=said))
        kept = stranger.client.post("/new-address", data={"token": "kept"})
    assert (page.status, page.one("input", id="email")["value"]) == (503, NEW)
    assert (kept.status_code, 'value="kept"' in kept.text) == (503, True)
