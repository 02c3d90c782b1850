"""Who visits: signing in and out, for whom one acts, forged forms, and what goes with every answer."""

import gzip
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from services.portal.pages import ROUTES
from tests.portal.conftest import Visitor
from tests.portal.deeds import person
from tests.portal.platform import FROM_OUR_PAGE, Platform, Visit

SWAP = "/api/membership/sessions/refresh"


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
        "/\t/example.org",
        "/\n/example.org",
        "\\\\example.org",
        "////example.org",
        "///\\example.org",
        "http:/\\example.org",
        "//example.org\\@artel",
    ],
)
def test_nothing_that_one_wants_leads_to_a_page_but_ours(stranger: Visit, wanted: str) -> None:
    signed_in = stranger.sign_in("approver@smolapo.demo", next=wanted)
    again = stranger.client.get("/sign-in", params={"next": wanted})
    chosen = stranger.client.post("/preferences", data={"csrf": stranger.csrf, "next": wanted})
    for answer in (signed_in, again, chosen):
        assert answer.status_code == 303
        assert place_of(answer.headers["location"]) == "here"


def place_of(address: str) -> str:
    """Where a browser goes: it drops tabs and line ends, and takes a backslash for a slash."""
    address = address.translate({9: None, 10: None, 13: None}).strip().replace("\\", "/")
    is_here = address.startswith("/") and not address.startswith("//")
    return "here" if is_here else "elsewhere"


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


FORMS = sorted({route.path for route in ROUTES if "POST" in (route.methods or ())})
SOMEBODY = "01a21261-1654-73c5-8f37-cfa689f7b05b"


@pytest.mark.parametrize("path", FORMS)
def test_every_form_is_taken_from_our_pages_alone(
    visitor: Visitor, platform: Platform, path: str
) -> None:
    visit = visitor("coordinator@vyazma")
    address = re.sub(r"{(\w+)(:\w+)?}", lambda name: SOMEBODY if name[2] else "any", path)
    token = visit.csrf
    before = +platform.asked
    for data, headers in (
        ({}, {}),
        ({"csrf": token}, {"Sec-Fetch-Site": "cross-site"}),
        ({"csrf": token}, {"Sec-Fetch-Site": "same-site", "HX-Request": "true"}),
    ):
        answer = visit.client.post(address, data=data, headers=headers)
        assert answer.status_code == 403, answer.text
        assert "set-cookie" not in answer.headers
    assert platform.asked == before, "no service was asked for anything"


def test_a_stranger_is_signed_in_by_our_own_form_alone(stranger: Visit) -> None:
    form = {"email": "approver@smolapo.demo", "password": "demo"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = stranger.client.post("/sign-in", data=form, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


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


def test_a_session_is_swapped_once_a_minute_however_much_is_asked(
    visitor: Visitor, platform: Platform
) -> None:
    visit = visitor("coordinator@vyazma")
    before = platform.asked[SWAP]
    with ThreadPoolExecutor(8) as at_once:
        answers = list(at_once.map(visit.client.get, ["/members", "/account"] * 8))
    assert {answer.status_code for answer in answers} == {200}
    assert platform.asked[SWAP] == before + 1
    platform.clock.pass_(seconds=61)
    for _ in range(3):
        assert visit.client.get("/account").status_code == 200
    assert platform.asked[SWAP] == before + 2


def test_who_acts_for_several_chooses_one_and_may_change_it(
    visitor: Visitor, platform: Platform
) -> None:
    roslavl, administrator = (
        person(platform, "coordinator@roslavl"),
        person(platform, "admin@artel"),
    )
    found = next(
        each
        for each in person(platform, "coordinator@safonovo").items("/membership/accounts")
        if "finance" in each["roles"] and "coordinator" not in each["roles"]
    )
    granted = administrator.post(
        f"/membership/accounts/{found['person_id']}/roles",
        {"member_id": roslavl.member_id, "roles": ["finance"]},
    )
    assert granted.status_code == 200, granted.text
    visit = Visit(platform)
    assert visit.sign_in("finance@safonovo.demo").headers["location"] == "/choose-member"
    assert visit.client.get("/").headers["location"] == "/choose-member"
    choice = visit.page("/choose-member")
    assert {"Сафоновский", "Рославльский"} <= set(choice.text.split())
    acted_for = []
    for member_id in {each["value"] for each in choice.all("input", name="member_id")}:
        assert visit.send("/act-for", member_id=member_id).status_code == 303
        page = visit.page("/obligations")
        assert page.status == 200
        acted_for += re.findall(r'class="acting-name">([^<]+)<', page.html)
    assert {name.split()[0] for name in acted_for} == {"Сафоновский", "Рославльский"}
    visit.client.close()


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
        assert "Здесь ничего нет" in answer.text
    missing = visitor("coordinator@vyazma").client.get(
        "/bookings/01a21261-1654-73c5-8f37-cfa689f7b05b"
    )
    assert missing.status_code == 404


def test_assets_are_kept_for_a_year_under_the_name_of_their_content(stranger: Visit) -> None:
    page = stranger.client.get("/sign-in").text
    addresses = set(re.findall(r'"(/assets/[0-9a-f]{12}/[a-z0-9.-]+)"', page))
    assert len(addresses) >= 6
    for address in addresses:
        answer = stranger.client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    style = next(each for each in addresses if each.endswith("tabler.css"))
    packed, plain = (
        stranger.client.get(style, headers={"Accept-Encoding": coding})
        for coding in ("gzip", "identity")
    )
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.content == plain.content
    assert packed.num_bytes_downloaded < plain.num_bytes_downloaded / 4
    name = next(iter(addresses)).rpartition("/")[2]
    former = stranger.client.get(f"/assets/{'0' * 12}/{name}")
    assert former.headers["cache-control"] == "no-cache"
    assert stranger.client.get("/assets/0/package.json").status_code == 404


def test_the_first_load_of_the_grid_stays_below_300_kilobytes(visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    page = visit.client.get("/workshops")
    addresses = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.text))
    style = next(each for each in addresses if each.endswith("artel.css"))
    addresses |= set(re.findall(r'url\("(/assets/[^"]+latin\.woff2|/assets/[^"]+cyrillic\.woff2)"\)',
                                visit.client.get(style).text))  # fmt: skip
    size = len(gzip.compress(page.content))  # the edge packs the page, the portal all else
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
