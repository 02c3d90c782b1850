"""Keys for programs: made by a coordinator, shown once, revoked."""

import re

import httpx

from tests.portal.conftest import Visitor
from tests.portal.platform import Page, Platform

LAST_DAY = "2027-12-31"


def test_a_key_is_made_shown_once_used_and_revoked(platform: Platform, visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    assert visit.page("/members/people").all("a", href="/members/people/keys")
    assert visit.page("/members/people/keys").all("div", class_="empty empty-part")
    said = {"name": "1С Бухгалтерия", "role": ["auditor", "finance"], "expires_on": LAST_DAY}
    made = visit.send("/members/people/keys", **said)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    found = re.search(r"artel_[A-Za-z0-9_-]{43}", made.text)
    assert found is not None
    page = visit.page("/members/people/keys")
    assert found[0] not in page.html
    assert "1С Бухгалтерия" in page.text
    assert "ещё не использован" in page.text
    tokens = f"{platform.url}/api/membership/tokens"
    answer = httpx.post(tokens, json={"key": found[0]}, trust_env=False)
    assert answer.json()["roles"] == ["auditor", "finance"]
    assert "последний раз использован 02.02.2027" in visit.page("/members/people/keys").text
    [form] = [each for each in page.all("form") if each["action"].endswith("/revoke")]
    for _ in range(2):
        assert visit.send(form["action"]).status_code == 303
    assert httpx.post(tokens, json={"key": found[0]}, trust_env=False).status_code == 401


def test_faults_of_a_key_stand_beside_their_fields(visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    good = {"name": "Журнал", "role": ["finance"], "expires_on": LAST_DAY}
    for fields, fault in (
        ({"name": ""}, "name-fault"),
        ({"role": []}, "roles-fault"),
        ({"expires_on": ""}, "expires_on-fault"),
        ({"expires_on": "2029-01-01"}, "expires_on-fault"),
    ):
        page = Page(visit.send("/members/people/keys", **{**good, **fields}))
        assert page.status == 422
        assert page.one("div", id=fault)
    assert visitor("finance@vyazma").page("/members/people/keys").status == 403


def test_while_membership_sleeps_the_form_of_a_key_is_kept(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@vyazma")
    csrf = visit.csrf
    with platform.asleep("membership"):
        said = {"csrf": csrf, "name": "Журнал", "role": ["finance"], "expires_on": LAST_DAY}
        page = Page(visit.client.post("/members/people/keys", data=said))
    assert page.status == 503
    assert page.one("input", name="name")["value"] == "Журнал"
