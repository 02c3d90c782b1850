"""Every page, as it looks: at both widths, light and dark, for axe-core and for a thumb."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from services.portal.pages import ROUTES
from tests.portal.browser import PHONE, WIDE, Somebody
from tests.portal.conftest import People
from tests.portal.deeds import agreement_with, later, person, use
from tests.portal.platform import Platform

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
NO_PAGES = (".xlsx", ".json", "/live", "{ending}")
COORDINATOR, STRANGER, ADMINISTRATOR = "coordinator@smolapo", None, "admin@artel"
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
    return {
        "workshop_id:uuid": college.workshop("Станки с ЧПУ")["id"],
        "booking_id:uuid": used.booking["id"],
        "obligation_id:uuid": used.obligation["id"],
        "agreement_id:uuid": made["id"],
        "member_id:uuid": firm.member_id,
        "person_id:uuid": people[0]["person_id"],
        "import_id:uuid": upload.json()["id"],
        "kind": "equipment",
    }


def address(path: str, ids: dict[str, Any]) -> str:
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", str(value))
    assert "{" not in path, f"nothing real is known for {path}"
    return path


def visitor_for(path: str) -> str | None:
    if path == "/sign-in":
        return STRANGER
    return ADMINISTRATOR if path == "/members/{member_id:uuid}/people/new" else COORDINATOR


@pytest.mark.parametrize("part", range(4))
def test_every_page_fits_both_widths_and_satisfies_axe_in_light_and_dark(
    part: int, somebody: People, ids: dict[str, Any]
) -> None:
    faults: list[str] = []
    people: dict[str | None, Somebody] = {}
    for path in PAGES[part::4]:
        account = visitor_for(path)
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


def test_the_panel_and_its_answers_satisfy_axe_too(somebody: People, ids: dict[str, Any]) -> None:
    visitor = somebody("coordinator@stankoservis", reduced_motion="reduce")
    visitor.go(f"/workshops/{ids['workshop_id:uuid']}")
    visitor.page.get_by_role("link", name="Забронировать").click()
    visitor.page.locator("#panel.show:not(.showing)").wait_for()
    violations = Axe().run(visitor.page).response["violations"]
    assert [found["id"] for found in violations] == []


@pytest.mark.skipif(
    not os.environ.get("ARTEL_PICTURES"), reason="pictures are made when ARTEL_PICTURES is set"
)
def test_the_pictures_of_the_first_page_are_made(somebody: People, ids: dict[str, Any]) -> None:
    PICTURES.mkdir(exist_ok=True)

    def keep(visitor: Somebody, name: str) -> None:
        visitor.page.wait_for_timeout(500)
        visitor.page.screenshot(path=PICTURES / f"{name}.png")

    stranger = somebody(None, (1000, 760))
    stranger.go("/sign-in")
    keep(stranger, "sign-in")
    booker = somebody("coordinator@stankoservis", (1280, 800))
    booker.go("/workshops?on=2027-02-10&q=Смоленск")
    keep(booker, "grid")
    cells = booker.page.locator("tr", has_text="Станки с ЧПУ").locator(
        "a[data-cell][data-on='2027-02-12']"
    )
    cells.nth(2).drag_to(cells.nth(3))
    booker.page.locator("#panel.show:not(.showing)").wait_for()
    keep(booker, "booking")
    owner = somebody("approver@smolapo", (1280, 620))
    keep(owner, "requests")
    payer = somebody("finance@stankoservis", (1280, 620))
    payer.go("/obligations")
    keep(payer, "settlements")
    master = somebody("coordinator@stankoservis", PHONE)
    master.go("/workshops?on=2027-02-11&q=ЧПУ")
    keep(master, "phone")
