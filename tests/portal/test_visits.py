"""Who visits: signing in and out, for whom one acts, forged forms, and what goes with every answer."""

import re
from html.parser import HTMLParser

import httpx
import pytest

from services.portal.pages import ROUTES
from tests.portal.conftest import Visitor
from tests.portal.platform import FROM_OUR_PAGE, Platform, Visit


def test_who_is_not_signed_in_is_sent_there_and_back(stranger: Visit) -> None:
    answer = stranger.client.get("/bookings?side=owner")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fbookings%3Fside%3Downer"
    back = stranger.sign_in("approver@smolapo.demo", next="/bookings?side=owner")
    assert (back.status_code, back.headers["location"]) == (303, "/bookings?side=owner")


def test_a_wrong_password_is_said_beside_what_was_typed(stranger: Visit) -> None:
    answer = stranger.sign_in("approver@smolapo.demo", "wrong")
    assert answer.status_code == 401
    assert 'value="approver@smolapo.demo"' in answer.text
    assert "wrong" not in answer.text
    assert 'role="alert"' in answer.text
    assert "set-cookie" not in answer.headers


def test_an_empty_form_says_what_is_missing_where(stranger: Visit) -> None:
    without_email = stranger.sign_in("", "demo")
    assert (without_email.status_code, 'id="email-fault"' in without_email.text) == (422, True)
    without_password = stranger.sign_in("somebody@example.org", "")
    assert 'id="password-fault"' in without_password.text
    assert 'value="somebody@example.org"' in without_password.text


def test_too_many_failures_are_said_in_words(stranger: Visit) -> None:
    for _ in range(10):
        assert stranger.sign_in("nobody@example.org", "wrong").status_code == 401
    answer = stranger.sign_in("nobody@example.org", "wrong")
    assert answer.status_code == 429
    assert "десять минут" in answer.text or "10 минут" in answer.text


@pytest.mark.parametrize(
    "wanted",
    [
        "https://example.org/",
        "//example.org/",
        "/\\example.org",
        "javascript:alert(1)",
        "https:example.org",
        "\thttps://example.org",
    ],
)
def test_a_sign_in_leads_to_no_page_but_ours(stranger: Visit, wanted: str) -> None:
    answer = stranger.sign_in("approver@smolapo.demo", next=wanted)
    place = httpx.URL(f"{stranger.platform.url}/").join(answer.headers["location"])
    assert str(place).startswith(stranger.platform.url)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://example.org"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
    ],
    ids=["cross-site", "same-site", "foreign-origin", "no-origin"],
)
def test_a_form_of_another_page_changes_nothing(visitor: Visitor, headers: dict[str, str]) -> None:
    visit = visitor("coordinator@vyazma")
    token = visit.csrf
    request = visit.client.build_request("POST", "/sign-out", data={"csrf": token})
    for name, value in headers.items():
        if value:
            request.headers[name] = value
        else:
            del request.headers[name]
    assert visit.client.send(request).status_code == 403
    assert visit.client.get("/bookings").status_code == 200, "still signed in"


@pytest.mark.parametrize("token", [None, "", "0" * 64], ids=["none", "empty", "wrong"])
def test_a_form_without_its_token_changes_nothing(visitor: Visitor, token: str | None) -> None:
    visit = visitor("coordinator@vyazma")
    data = {} if token is None else {"csrf": token}
    assert visit.client.post("/sign-out", data=data).status_code == 403
    assert visit.client.get("/bookings").status_code == 200


def test_one_session_s_token_is_none_of_another_s(visitor: Visitor) -> None:
    one, other = visitor("coordinator@vyazma"), visitor("coordinator@roslavl")
    assert one.client.post("/sign-out", data={"csrf": other.csrf}).status_code == 403


def test_the_cookie_is_kept_from_scripts_and_from_other_pages(stranger: Visit) -> None:
    plain = stranger.sign_in("approver@smolapo.demo").headers["set-cookie"]
    assert plain.startswith("artel=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(plain.split("; "))
    over_tls = stranger.client.post(
        "/sign-in",
        data={"email": "approver@smolapo.demo", "password": "demo"},
        headers={**FROM_OUR_PAGE, "X-Forwarded-Proto": "https"},
    ).headers["set-cookie"]
    assert over_tls.startswith("__Host-artel=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Secure"} <= set(over_tls.split("; "))
    assert "domain" not in over_tls.lower()


def test_who_signs_out_is_out_here_and_there(visitor: Visitor, platform: Platform) -> None:
    visit = visitor("coordinator@vyazma")
    kept = visit.client.cookies["artel"]
    assert visit.send("/sign-out").status_code == 303
    assert visit.client.get("/bookings").status_code == 303
    visit.client.cookies.set("artel", kept)
    assert visit.client.get("/bookings").status_code == 303, "the session itself has ended"
    refused = httpx.post(
        f"{platform.url}/api/membership/sessions/refresh", json={"refresh_token": kept}
    )
    assert refused.json()["code"] == "session-over"


def test_a_cookie_that_is_none_of_ours_is_no_fault(stranger: Visit) -> None:
    for kept in (b"x", b"\xff\xfe", b"A" * 64):
        answer = stranger.client.get("/bookings", headers={"Cookie": b"artel=" + kept})
        assert answer.status_code == 303


def test_nobody_acts_for_a_member_that_is_not_theirs(visitor: Visitor, platform: Platform) -> None:
    visit = visitor("coordinator@vyazma")
    members = httpx.get(f"{platform.url}/api/membership/members?q=Рославль").json()["items"]
    answer = visit.send("/act-for", member_id=members[0]["id"])
    assert answer.status_code == 404
    assert "Вяземский" in visit.page("/bookings").text


def test_an_unknown_page_is_told_in_words(visitor: Visitor, stranger: Visit) -> None:
    for visit in (visitor("coordinator@vyazma"), stranger):
        answer = visit.client.get("/nowhere")
        assert answer.status_code == 404
        assert "<h1" in answer.text
    missing = visitor("coordinator@vyazma").client.get(
        "/bookings/01a21261-1654-73c5-8f37-cfa689f7b05b"
    )
    assert missing.status_code == 404


PUBLIC = ("/sign-in", "/help")
PLAIN = [
    route.path
    for route in ROUTES
    if "GET" in (route.methods or ()) and "{" not in route.path and "." not in route.path
]


class Inline(HTMLParser):
    """Notes scripts and styles that stand in the page itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if (tag == "script" and "src" not in names) or tag == "style":
            self.found.append(tag)
        self.found += [
            f"{tag} {name}"
            for name in names
            if name == "style" or name.startswith("on") or name.startswith("hx-on")
        ]
        self.found += [
            f"{tag} {name}"
            for name, value in attrs
            if (value or "").lower().lstrip().startswith("javascript:")
        ]


@pytest.mark.parametrize("path", [path for path in PLAIN if path != "/live"])
def test_no_page_has_script_or_style_in_itself_and_all_are_kept_private(
    visitor: Visitor, stranger: Visit, path: str
) -> None:
    visit = stranger if path in PUBLIC else visitor("coordinator@smolapo")
    answer = visit.client.get(path)
    assert answer.status_code == 200, answer.text
    inline = Inline()
    inline.feed(answer.text)
    assert inline.found == []
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in policy


def test_assets_are_kept_for_a_year_under_the_name_of_their_content(stranger: Visit) -> None:
    page = stranger.client.get("/sign-in").text
    addresses = set(re.findall(r'"(/assets/[0-9a-f]{12}/[a-z0-9.-]+)"', page))
    assert len(addresses) >= 6
    for address in addresses:
        answer = stranger.client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    name = next(iter(addresses)).rpartition("/")[2]
    former = stranger.client.get(f"/assets/{'0' * 12}/{name}")
    assert former.headers["cache-control"] == "no-cache"
    assert stranger.client.get("/assets/0/package.json").status_code == 404


def test_the_first_load_of_the_grid_stays_below_300_kilobytes(visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    page = visit.client.get("/workshops").text
    addresses = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', page))
    style = next(each for each in addresses if each.endswith("artel.css"))
    addresses |= set(re.findall(r'url\("(/assets/[^"]+latin\.woff2|/assets/[^"]+cyrillic\.woff2)"\)',
                                visit.client.get(style).text))  # fmt: skip
    size = 0
    for address in addresses:
        with visit.client.stream("GET", address) as answer:
            size += sum(len(chunk) for chunk in answer.iter_raw())
    assert 100_000 < size < 300_000


def test_a_service_that_sleeps_spoils_its_own_part_alone(
    visitor: Visitor, platform: Platform
) -> None:
    visit = visitor("coordinator@smolapo")
    assert visit.client.get("/").status_code == 200
    with platform.asleep("finance"):
        page = visit.page("/")
        assert page.status == 200
        assert page.html.count('class="asleep"') == 1
        assert "Ждут вашего ответа" in page.text
    with platform.asleep("workshops"):
        page = visit.page("/")
        assert page.status == 200
        assert page.html.count('class="asleep"') == 2
        assert visit.client.get("/agreements").status_code == 200
        grid = visit.page("/workshops")
        assert (grid.status, grid.html.count('class="asleep"')) == (200, 1)
    assert 'class="asleep"' not in visit.client.get("/").text


def test_what_was_typed_stays_when_the_service_sleeps(visitor: Visitor, platform: Platform) -> None:
    visit = visitor("coordinator@vyazma")
    with platform.asleep("membership"):
        answer = visit.client.post(
            "/sign-in", data={"email": "somebody@example.org", "password": "x"}
        )
    assert answer.status_code == 503
    assert 'value="somebody@example.org"' in answer.text


def test_language_and_theme_are_the_visitor_s_choice(visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    assert 'lang="ru"' in visit.client.get("/account").text
    assert visit.send("/preferences", language="en", next="/account").status_code == 303
    assert visit.send("/preferences", theme="dark", next="/account").status_code == 303
    page = visit.client.get("/account").text
    assert '<html lang="en" data-theme="dark">' in page
    assert "Account and appearance" in page
    visit.send("/preferences", language="xx", theme="neon")
    assert '<html lang="ru" data-theme="auto">' in visit.client.get("/account").text
