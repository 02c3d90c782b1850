"""Members and people as a coordinator and the administrator see them."""

import re

import pytest

from services.portal.pages.people import LETTERS, a_password, others_of
from shared.ids import new_id
from tests.portal.conftest import Visitor
from tests.portal.deeds import person
from tests.portal.platform import Page, Platform, Visit


def new_person(**changes: object) -> dict[str, object]:
    """A form of a new account as it would be sent."""
    return {
        "family_name": "Петрова",
        "given_name": "Ольга",
        "patronymic": "Ильинична",
        "email": f"olga.{new_id().hex[-8:]}@college.example",
        "password": "mrkt-w4zz-82cd",
        "role": ["auditor"],
        **changes,
    }


def id_in_list(visit: Visit, name: str) -> str:
    """The id of the person of that family name, as the list links to them."""
    found = re.search(
        r'href="/members/people/([0-9a-f-]{36})">' + name, visit.page("/members/people").html
    )
    assert found is not None
    return found[1]


# --- members -----------------------------------------------------------------------------------


def test_members_are_listed_by_name_with_kind_town_and_state(visitor: Visitor) -> None:
    page = visitor("coordinator@vyazma").page("/members")
    assert page.status == 200
    names = re.findall(r'class="row-link" href="/members/[^"]+">([^<]+)', page.html)
    assert [name.split()[0] for name in names[:4]] == ["Академия", "Академия", "АО", "АО"]
    assert any(name.startswith("Сафоновский") for name in names)
    assert len(names) >= 15
    assert "Ярцево" in page.text


def test_members_are_found_by_word_kind_and_state(visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")

    def shown(query: str) -> int:
        return len(visit.page(f"/members?{query}").all("a", class_="row-link"))

    assert shown("q=техник") == 2
    assert shown("kind=university") == 1
    assert shown("kind=employer&q=энерго") == 1
    assert shown("state=withdrawn") == 0
    assert shown("kind=nonsense") == shown("")
    empty = visit.page("/members?q=такойнет")
    assert empty.all("div", class_="empty empty-part")
    assert empty.one("a", id="export")["href"].startswith("/members.xlsx?q=")


def test_a_card_has_numbers_requisites_workshops_and_what_binds_us(
    platform: Platform, visitor: Visitor
) -> None:
    smolapo = person(platform, "coordinator@smolapo").member_id
    page = visitor("coordinator@stankoservis").page(f"/members/{smolapo}")
    assert "6799000010" in page.text
    assert "40702810700000000001" in page.text
    assert "Станки с ЧПУ" in page.text
    assert "операторов станков с ЧПУ" in page.text
    assert page.one("a", href=f"/agreements/new?with={smolapo}")


def test_my_own_card_leads_to_my_people_and_not_to_an_agreement_with_myself(
    platform: Platform, visitor: Visitor
) -> None:
    own = person(platform, "coordinator@vyazma").member_id
    page = visitor("coordinator@vyazma").page(f"/members/{own}")
    assert page.all("a", href="/members/people")
    assert not page.all("a", href=f"/agreements/new?with={own}")


def test_who_may_not_agree_is_not_offered_it(platform: Platform, visitor: Visitor) -> None:
    smolapo = person(platform, "coordinator@smolapo").member_id
    page = visitor("finance@vyazma").page(f"/members/{smolapo}")
    assert page.status == 200
    assert not page.all("a", href=f"/agreements/new?with={smolapo}")


def test_a_card_stands_while_workshops_sleep(platform: Platform, visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    smolapo = person(platform, "coordinator@smolapo").member_id
    visit.page(f"/members/{smolapo}")
    with platform.asleep("workshops"):
        page = visit.page(f"/members/{smolapo}")
    assert page.status == 200
    assert len(page.all("div", class_="asleep")) == 1


def test_there_is_no_card_of_nobody(visitor: Visitor) -> None:
    assert visitor("coordinator@vyazma").page(f"/members/{new_id()}").status == 404


def test_the_administrator_begins_with_members_and_their_import(visitor: Visitor) -> None:
    visit = visitor("admin@artel")
    first = visit.client.get("/")
    assert (first.status_code, first.headers["location"]) == (303, "/members")
    page = visit.page("/members")
    assert page.one("a", href="/imports/members", class_="btn btn-primary")
    places = {each["href"] for each in page.all("a", class_="nav-link")}
    assert places == {"/workshops", "/council", "/members", "/imports"}


# --- people ------------------------------------------------------------------------------------


def test_a_coordinator_opens_an_account_that_works_at_once(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@safonovo")
    form = visit.page("/members/people/new")
    password = form.one("input", name="password")["value"]
    key = form.one("input", name="key")["value"]
    said = new_person(password=password, key=key)
    answer = visit.send("/members/people", **said)
    assert answer.status_code == 201
    opened = Page(answer)
    assert password in opened.text
    assert str(said["email"]) in opened.text
    assert answer.headers["cache-control"] == "no-store"
    again = visit.send("/members/people", **said)
    assert again.status_code == 201, "the same form twice opens one account"
    listed = visit.page("/members/people")
    assert listed.text.count(str(said["email"])) == 1

    auditor = Visit(platform)
    assert auditor.sign_in(str(said["email"]), password).status_code == 303
    assert auditor.page("/agreements").status == 200
    assert not auditor.page("/agreements").all("a", href="/agreements/new")
    assert auditor.page("/members/people").status == 403
    auditor.client.close()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"family_name": " "}, "family_name"),
        ({"given_name": ""}, "given_name"),
        ({"email": "olga"}, "email"),
        ({"email": "olga@@college.example"}, "email"),
        ({"email": "coordinator@safonovo.demo"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "password123"}, "password"),
        ({"role": []}, "roles"),
        ({"role": ["administrator"]}, "roles"),
        ({"patronymic": "а" * 101}, "patronymic"),
    ],
)
def test_a_fault_of_an_account_stands_beside_its_field(
    visitor: Visitor, changes: dict[str, object], field: str
) -> None:
    said = new_person(**changes)
    answer = visitor("coordinator@safonovo").send("/members/people", **said)
    page = Page(answer)
    assert page.status in (409, 422)
    assert page.one("div", id=f"{field}-fault")
    assert page.one("input", name="email")["value"] == str(said["email"])
    assert page.one("input", name="family_name")["value"] == str(said["family_name"]).strip()


def test_roles_are_changed_and_those_that_are_not_given_here_stay(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@roslavl")
    approver = id_in_list(visit, "Никитин")
    page = visit.page(f"/members/people/{approver}")
    chosen = [each["value"] for each in page.all("input", name="role") if "checked" in each]
    assert chosen == ["approver"]
    answer = visit.send(f"/members/people/{approver}", role=["finance", "administrator"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/members/people")
    again = visit.page(f"/members/people/{approver}")
    chosen = [each["value"] for each in again.all("input", name="role") if "checked" in each]
    assert chosen == ["finance"]

    own = id_in_list(visit, "Соколова")
    assert visit.send(f"/members/people/{own}", role=["coordinator"]).status_code == 303
    roles = {
        role
        for item in person(platform, "coordinator@roslavl").items("/membership/accounts")
        if item["person_id"] == own
        for role in item["roles"]
    }
    assert {"coordinator", "mentor", "expert", "council_member"} == roles


def test_the_last_coordinator_stays_one_and_reads_why(visitor: Visitor) -> None:
    visit = visitor("coordinator@dneprochem")
    own = id_in_list(visit, "Зайцева|Орлова|Белова|Волкова|Павлова")
    answer = visit.send(f"/members/people/{own}", role=["finance"])
    page = Page(answer)
    assert page.status == 409
    assert page.all("div", class_="alert alert-danger")
    chosen = [each["value"] for each in page.all("input", name="role") if "checked" in each]
    assert chosen == ["finance"], "what was chosen stays chosen"


@pytest.mark.parametrize("path", ["/members/people", "/members/people/new"])
def test_only_a_coordinator_sees_people(visitor: Visitor, path: str) -> None:
    assert visitor("approver@vyazma").page(path).status == 403
    assert visitor("admin@artel").page(path).status == 403


def test_nobody_sees_the_people_of_another_member(platform: Platform, visitor: Visitor) -> None:
    stranger = person(platform, "coordinator@vyazma").session
    assert stranger
    other = id_in_list(visitor("coordinator@vyazma"), "Новикова")
    assert visitor("coordinator@roslavl").page(f"/members/people/{other}").status == 404


def test_the_administrator_opens_the_first_account_of_a_member(
    platform: Platform, visitor: Visitor
) -> None:
    member_id = person(platform, "coordinator@obraztsov").member_id
    visit = visitor("admin@artel")
    assert visit.page(f"/members/{member_id}").all("a", href=f"/members/{member_id}/people/new")
    form = visit.page(f"/members/{member_id}/people/new")
    assert form.one("form", class_="card")["action"] == f"/members/{member_id}/people"
    said = new_person(role=["coordinator"])
    assert visit.send(f"/members/{member_id}/people", **said).status_code == 201
    newcomer = Visit(platform)
    assert newcomer.sign_in(str(said["email"]), str(said["password"])).status_code == 303
    assert newcomer.page("/members/people").status == 200
    newcomer.client.close()
    coordinator = visitor("coordinator@vyazma")
    assert coordinator.page(f"/members/{member_id}/people/new").status == 403


def test_a_first_password_can_be_read_out_and_is_another_each_time() -> None:
    passwords = {a_password() for _ in range(50)}
    assert len(passwords) == 50
    for password in passwords:
        assert re.fullmatch(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}", password)
        assert set(password) <= {*LETTERS, "-"}
    assert not set(LETTERS) & set("il1o0")


def test_roles_that_nobody_gives_here_are_told_apart() -> None:
    assert others_of(["coordinator", "mentor", "finance", "student"]) == ["mentor", "student"]


def test_who_acts_for_two_members_chooses_one_and_may_switch(
    platform: Platform, visitor: Visitor
) -> None:
    ministry, energoseti = (
        person(platform, f"coordinator@{name}") for name in ("ministry", "energoseti")
    )
    who = ministry.get("/membership/sessions/current").json()["person"]["person_id"]
    body = {"roles": ["auditor"], "member_id": energoseti.member_id}
    administrator = person(platform, "admin@artel")
    assert administrator.post(f"/membership/accounts/{who}/roles", body).status_code == 200

    visit = Visit(platform)
    assert visit.sign_in("coordinator@ministry.demo").headers["location"] == "/choose-member"
    choice = visit.page("/choose-member")
    ids = {each["value"] for each in choice.all("input", name="member_id")}
    assert ids == {ministry.member_id, energoseti.member_id}
    assert visit.page("/agreements").status == 403, "nobody is acted for yet"

    assert visit.send("/act-for", member_id=energoseti.member_id).status_code == 303
    assert not visit.page("/agreements").all("a", href="/agreements/new"), "an auditor there"
    assert visit.send("/act-for", member_id=ministry.member_id).status_code == 303
    assert visit.page("/agreements").all("a", href="/agreements/new"), "a coordinator here"
    visit.client.close()
