"""Every page, as it looks: at both widths, light and dark, for axe-core and for a thumb."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from services.portal.pages import ROUTES
from tests.portal.browser import PHONE, WIDE, Somebody
from tests.portal.conftest import People, Visitor
from tests.portal.council import advice, council_of, done, meeting_with, open_meeting
from tests.portal.deeds import agreement_with, applied, decide, later, letter, person, use
from tests.portal.planners import Planners
from tests.portal.platform import Page, Platform, Visit

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
NO_PAGES = (
    ".file",
    ".xlsx",
    ".json",
    "/live",
    "/bell",
    "{notice_id:uuid}",
    "{ending}",
    "/provider",
    "/provider/return",
)
SECRETARY = "the secretary"
COORDINATOR, STRANGER, ADMINISTRATOR = "coordinator@smolapo", None, "admin@artel"
OWN = ("/withdraw", "/open-matters", "/log")
"""Pages about a member that only its own people see."""

CONTRAST = {"runOnly": ["color-contrast"]}


def is_page(path: str) -> bool:
    return not path.endswith(NO_PAGES)


PAGES = sorted(
    {route.path for route in ROUTES if "GET" in (route.methods or ()) and is_page(route.path)}
)


@pytest.fixture(scope="module")
def ids(platform: Platform) -> dict[str, Any]:
    """Something real for every kind of page."""
    firm, college = person(platform, "coordinator@stankoservis"), person(platform, COORDINATOR)
    used = use(firm, college, "Станки с ЧПУ", later(3), workplaces=3, purpose="Практика ОС-21")
    for hours in (0, 4):
        asked = firm.book(firm.ask("Станки с ЧПУ", later(1, hours), 95, workplaces=2))
        assert asked.status_code == 201, asked.text
    made = agreement_with(person(platform, "coordinator@aviapribor"), college)
    upload = college.client.post(
        "/workshops/imports",
        params={"kind": "equipment", "file_name": "станки.csv"},
        content="Мастерская;Название\nНет такой;Станок\n".encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert upload.status_code == 201, upload.text
    people = college.items("/membership/accounts")
    words = "Я согласен, чтобы академия называла моё имя тем, с кем ведёт общие дела."
    text = college.post("/membership/consent-texts", {"purpose": "practice", "words": words})
    student = next(each for each in college.items("/membership/persons") if each["affiliations"])
    admin = person(platform, ADMINISTRATOR)
    opened = admin.post(
        f"/membership/members/{firm.member_id}/cases",
        {"ground": "b", "initiative": "head", "evidence": "Не отвечает."},
    )
    assert opened.status_code == 201, opened.text
    return {
        "workshop_id:uuid": college.workshop("Станки с ЧПУ")["id"],
        "booking_id:uuid": used.booking["id"],
        "obligation_id:uuid": used.obligation["id"],
        "agreement_id:uuid": made["id"],
        "member_id:uuid": firm.member_id,
        "person_id:uuid": people[0]["person_id"],
        "known_id:uuid": student["person_id"],
        "affiliation_id:uuid": student["affiliations"][0]["id"],
        "text_id:uuid": text.json()["id"],
        "import_id:uuid": upload.json()["id"],
        "kind": "equipment",
        "application_id:uuid": admin.items("/membership/applications")[0]["id"],
        "case_id:uuid": opened.json()["id"],
        "program_id:uuid": program_of(college),
        "own_id": college.member_id,
        **planned(platform),
        **links(platform),
        **council_things(platform),
    }


def council_things(platform: Platform) -> dict[str, Any]:
    """Something real of the council: a seat, a proposal, meetings, a vote and what came of it."""
    council = council_of(platform)
    now = platform.clock()
    secretary = person(platform, council.secretary)
    planned = meeting_with(platform, council)
    proposed = done(
        person(platform, COORDINATOR).post(
            "/council/proposals", {"title": "О станках", "body": "Купить."}
        ),
        201,
    )
    earlier = open_meeting(platform, council, advice("О расписании"))
    secretary = person(platform, council.secretary)
    done(secretary.post(f"/council/meetings/{earlier['id']}/close"))
    minutes = done(secretary.post(f"/council/meetings/{earlier['id']}/minutes"), 201)
    opened = open_meeting(platform, council, advice())
    secretary = person(platform, council.secretary)
    item = opened["items"][0]["id"]
    ballot = done(secretary.post(f"/council/items/{item}/ballots", {"is_secret": False}), 201)
    for account in council.members:
        person(platform, account).post(f"/council/ballots/{ballot['id']}/vote", {"choice": "for"})
    closed = done(secretary.post(f"/council/ballots/{ballot['id']}/close"))
    group = done(
        secretary.post(
            "/council/groups",
            {
                "title": "По станкам",
                "purpose": "Выбрать станки.",
                "basis": "Решение № 1",
                "people": [
                    {
                        "person_id": person(platform, council.head)
                        .get("/membership/sessions/current")
                        .json()["person"]["person_id"],
                        "member_id": person(platform, council.head).member_id,
                        "part": "leader",
                    }
                ],
            },
        ),
        201,
    )
    platform.clock.set(now)
    return {
        "seat_id:uuid": council.members[council.head],
        "group_id:uuid": group["id"],
        "proposal_id:uuid": proposed["id"],
        "meeting_id:uuid": opened["id"],
        "/council/meetings/{meeting_id:uuid}/items/new": f"/council/meetings/{planned['id']}/items/new",
        "ballot_id:uuid": ballot["id"],
        "decision_id:uuid": closed["result"]["decision_id"],
        "minutes_id:uuid": minutes["id"],
        SECRETARY: council.secretary,
    }


def planned(platform: Platform) -> dict[str, Any]:
    """A plan that was amended, and an item of it that the visitor answers for."""
    planners = Planners(platform)
    plan = planners.in_force()
    own = person(platform, COORDINATOR).member_id
    item = next(item for item in planners.items(plan["id"]) if item["responsible_member_id"] == own)
    secretary = person(platform, planners.secretary)
    amended = secretary.post(f"/council/plans/{plan['id']}/amend", {"reason": "Сроки сдвинулись"})
    assert amended.status_code == 200, amended.text
    return {
        "plan_id:uuid": plan["id"],
        "number:int": amended.json()["waiting_number"],
        "item_id:uuid": item["id"],
    }


def program_of(college: Any) -> str:
    """A program that the college names."""
    body = {"url": "https://program.example/artel", "kinds": ["booking_requested"]}
    return str(college.post("/notices/webhooks", body).json()["id"])


def links(platform: Platform) -> dict[str, str]:
    """The addresses of pages that show nothing without the link of a letter."""
    admin = person(platform, ADMINISTRATOR)
    found = {}
    for kind, inn in (("follow", "6799000910"), ("mend", "6799000927"), ("sign", "6799000934")):
        email = f"{kind}@desna.demo"
        application_id = applied(platform, email, inn=inn, name=f"ООО «{inn}» (демо)")
        path = f"/membership/applications/{application_id}"
        if kind == "mend":
            assert admin.post(f"{path}/return", {"reason": "Поправьте."}).status_code == 200
        if kind == "sign":
            assert admin.post(f"{path}/check").status_code == 200
            decide(platform, "admit", application_id)
        page = "status" if kind == "follow" else kind
        found[f"/join/{page}"] = f"/join/{page}?token={letter(platform, email, kind)}"
    return found


def address(path: str, ids: dict[str, Any]) -> str:
    if path in ids:
        return str(ids[path])
    if path.endswith(OWN):
        path = path.replace("{member_id:uuid}", "{own_id}")
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", str(value))
    assert "{" not in path, f"nothing real is known for {path}"
    return path


def visitor_for(path: str) -> str | None:
    public = (
        "/sign-in",
        "/forgotten-password",
        "/new-password",
        "/new-address",
        "/invitation",
        "/erase-data",
    )
    if path in public or path.startswith("/join"):
        return STRANGER
    for_administrators = (
        "/members/applications",
        "/members/cases",
        "/members/{member_id:uuid}/people/",
        "/account/second-factor/lost",
        "/notices/mailbox",
    )
    if path.startswith(("/council/meetings/", "/council/seats/", "/council/ballots/")):
        return SECRETARY
    is_secretariat = path.endswith(("/people/new", "/cases/new", "/end")) or path.startswith(
        for_administrators
    )
    return ADMINISTRATOR if is_secretariat and path != "/members/people/new" else COORDINATOR


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_script_or_style_in_itself_and_all_are_kept_private(
    visitor: Visitor, stranger: Visit, ids: dict[str, Any], path: str
) -> None:
    account = visitor_for(path)
    visit = visitor(str(ids.get(account, account))) if account else stranger
    answer = visit.client.get(address(path, ids))
    assert answer.status_code == 200, answer.text
    assert inline(Page(answer)) == []
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def inline(page: Page) -> list[str]:
    """Scripts and styles that stand in the page itself."""
    found = []
    for tag, attributes in page.elements:
        if tag == "style" or (tag == "script" and "src" not in attributes):
            found.append(tag)
        for name, value in attributes.items():
            if name == "style" or name.startswith(("on", "hx-on")):
                found.append(f"{tag} {name}")
            if value.lower().lstrip().startswith("javascript:"):
                found.append(f"{tag} {name}={value}")
    return found


def test_what_stands_in_the_page_itself_is_found(stranger: Visit) -> None:
    page = Page(stranger.client.get("/sign-in"))
    assert inline(page) == []
    page.feed('<a href="JavaScript:1" onclick="1" style="a"><script>1</script><style></style>')
    assert len(inline(page)) == 5


@pytest.mark.parametrize("part", range(4))
def test_every_page_fits_both_widths_and_satisfies_axe_in_light_and_dark(
    part: int, somebody: People, ids: dict[str, Any]
) -> None:
    faults: list[str] = []
    people: dict[str | None, Somebody] = {}
    for path in PAGES[part::4]:
        account = visitor_for(path)
        account = ids.get(account, account) if account else None
        if account not in people:
            people[account] = somebody(account, reduced_motion="reduce")
        faults += faults_of(people[account], address(path, ids))
    assert faults == []


def faults_of(visitor: Somebody, path: str) -> list[str]:
    """What is wrong with a page: too wide, or a violation that axe found."""
    page = visitor.page
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    visitor.go(path)
    faults = []
    for size, theme, options in (
        (WIDE, "light", None),
        (WIDE, "dark", CONTRAST),
        (PHONE, "dark", None),
        (PHONE, "light", CONTRAST),
    ):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme; }", theme)
        if visitor.sideways:
            faults.append(f"{path} at {size[0]}: {visitor.sideways} pixels too wide")
        for found in Axe().run(page, options=options).response["violations"]:
            nodes = "; ".join(node["html"][:120] for node in found["nodes"][:3])
            faults.append(f"{path} at {size[0]}, {theme}: {found['id']}: {nodes}")
    return faults


def test_the_panel_and_its_answers_satisfy_axe_too(
    somebody: People, ids: dict[str, Any], platform: Platform
) -> None:
    visitor = somebody("coordinator@stankoservis", reduced_motion="reduce")
    visitor.go(f"/workshops/{ids['workshop_id:uuid']}")
    visitor.page.get_by_role("link", name="Забронировать").click()
    visitor.page.locator("#panel.show:not(.showing)").wait_for()
    violations = {"panel": axe(visitor)}
    day = later(16)
    owner = person(platform, COORDINATOR)
    assert owner.book(owner.ask("Станки с ЧПУ", day, 650, workplaces=8)).status_code == 201
    visitor.page.get_by_label("Дата").fill(f"{day:%Y-%m-%d}")
    visitor.page.locator("#quote .others a").first.wait_for()
    violations["taken"] = axe(visitor)
    send = visitor.page.locator("#panel").get_by_role("button", name="Запросить")
    visitor.page.get_by_label("Для чего").fill("")
    send.click()
    visitor.page.locator("#purpose-fault").wait_for()
    violations["errors"] = axe(visitor)
    visitor.page.locator("#quote .others a").first.click()
    visitor.page.locator("#quote [role=alert]").wait_for(state="detached")
    visitor.page.get_by_label("Для чего").fill("Практика")
    send.click()
    visitor.page.get_by_text("Запрос отправлен").wait_for()
    violations["sent"] = axe(visitor)
    assert violations == {"panel": [], "taken": [], "errors": [], "sent": []}


def axe(visitor: Somebody) -> list[str]:
    """The rules that the page breaks as it stands."""
    return [found["id"] for found in Axe().run(visitor.page).response["violations"]]


@pytest.mark.skipif(
    not os.environ.get("ARTEL_PICTURES"), reason="pictures are made when ARTEL_PICTURES is set"
)
def test_the_pictures_of_the_first_page_are_made(
    somebody: People, ids: dict[str, Any], platform: Platform
) -> None:
    a_usual_week(platform)
    PICTURES.mkdir(exist_ok=True)

    def keep(visitor: Somebody, name: str) -> None:
        visitor.page.wait_for_timeout(500)
        size = len(visitor.page.screenshot(path=PICTURES / f"{name}.png"))
        assert size < 150_000, f"{name} has {size} bytes"

    stranger = somebody(None, (1000, 800))
    stranger.go("/sign-in")
    keep(stranger, "sign-in")
    booker = somebody("coordinator@stankoservis", (1280, 720))
    booker.go("/workshops?on=2027-02-10&q=Смоленск")
    keep(booker, "grid")
    cells = booker.page.locator("tr", has_text="Станки с ЧПУ").locator(
        "a[data-cell][data-on='2027-02-12']"
    )
    cells.nth(2).drag_to(cells.nth(3))
    booker.page.locator("#panel.show:not(.showing)").wait_for()
    booker.page.set_viewport_size({"width": 860, "height": 960})
    keep(booker, "booking")
    owner = somebody("approver@smolapo", (1280, 620))
    keep(owner, "requests")
    payer = somebody("finance@stankoservis", (1280, 620))
    payer.go("/obligations")
    keep(payer, "settlements")
    master = somebody("coordinator@stankoservis", PHONE)
    master.go("/workshops?on=2027-02-11&q=ЧПУ")
    keep(master, "phone")


def a_usual_week(platform: Platform) -> None:
    """What the owners' own groups take of their workshops in the week that is shown."""
    for account, workshop, taken in (
        ("coordinator@smolapo", "Станки с ЧПУ", ((-2, 0, 4), (-1, 4, 8), (2, 2, 5), (3, 4, 8))),
        ("coordinator@smolapo", "Промышленная автоматика", ((-1, 0, 6), (0, 2, 3), (2, 6, 4))),
        ("coordinator@smolgrad", "Кирпичная кладка", ((-2, 4, 6), (0, 0, 10), (1, 2, 9))),
        ("coordinator@university", "Мехатроника", ((-1, 2, 5), (0, 6, 2), (2, 0, 6))),
    ):
        owner = person(platform, account)
        for days, hours, places in taken:
            body = owner.ask(workshop, later(days, hours), 225, workplaces=places)
            answer = owner.book(body)
            assert answer.status_code == 201, answer.text
