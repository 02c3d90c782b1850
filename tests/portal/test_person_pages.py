"""Persons as their coordinator sees them: found, entered, changed and ended."""

import io
import re

import pytest
from openpyxl import load_workbook

from services.portal.pages import persons as pages
from tests.people import Person
from tests.portal.conftest import Visitor
from tests.portal.deeds import later, person
from tests.portal.platform import Page, Platform, Visit
from tests.portal.test_import_pages import csv, send, settled

HEAD = "Фамилия;Имя;Отчество;Электронная почта;Кто это;Группа, отделение или должность;С какого дня"


def names(page: Page) -> list[str]:
    """The family names in the list, as they stand there."""
    return re.findall(r'class="row-link" href="/members/persons/[^"]+">(\S+)', page.html)


def address_of(visit: Visit, name: str) -> str:
    """The page of the person of that family name."""
    page = Page(visit.send("/members/persons", q=name))
    found = re.search(r'href="(/members/persons/[0-9a-f-]{36})">' + name, page.html)
    assert found is not None, page.text
    return found[1]


def test_people_are_listed_by_name_and_found_without_a_name_in_the_address(
    visitor: Visitor,
) -> None:
    visit = visitor("coordinator@roslavl")
    page = visit.page("/members/persons")
    assert page.status == 200
    assert names(page)[:2] == ["Алёшин", "Бобров"]
    assert names(visit.page("/members/persons?kind=instructor&state=current")) == ["Юдин"]
    form = page.one("form", class_="filters")
    assert (form["method"], form["hx-post"]) == ("post", "/members/persons")
    assert names(Page(visit.send("/members/persons", q="АЛЕШИН"))) == ["Алёшин"]
    nobody = Page(visit.send("/members/persons", q="такого нет"))
    assert nobody.all("div", class_="empty empty-part")


def test_a_long_list_goes_on_where_it_ended(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LIMIT", 4)
    visit = visitor("coordinator@roslavl")
    first = visit.page("/members/persons?kind=student")
    assert len(names(first)) == 4
    cursor = first.one("input", name="cursor")["value"]
    rest = Page(visit.send("/members/persons", kind="student", cursor=cursor))
    assert names(rest) == ["Журавлёва"]


def test_a_person_is_entered_changed_and_ended(visitor: Visitor) -> None:
    visit = visitor("coordinator@safonovo")
    form = visit.page("/members/persons/new")
    said = {
        "key": form.one("input", name="key")["value"],
        "family_name": "Ярцев",
        "given_name": "Глеб",
        "patronymic": "",
        "email": "",
        "kind": "student",
        "unit": "ОС-11",
        "from_on": "2026-09-01",
        "to_on": "",
    }
    for _ in range(2):
        assert visit.send("/members/persons/new", **said).status_code == 303
    assert names(Page(visit.send("/members/persons", q="ярцев"))) == ["Ярцев"], "once"
    address = address_of(visit, "Ярцев")
    assert "Студент, ОС-11" in visit.page(address).text

    changed = visit.send(f"{address}/name", **{**said, "given_name": "Игнат"})
    assert changed.headers["location"] == address
    assert "Ярцев Игнат" in visit.page(address).text

    edit = re.search(r'href="([^"]+/affiliations/[0-9a-f]{8}[^"]+)"', visit.page(address).html)
    assert edit is not None
    days = {"unit": "ОС-12", "from_on": "2026-09-01", "to_on": "2027-06-30"}
    assert visit.send(edit[1], **days).status_code == 303
    assert "01.09.2026–30.06.2027" in visit.page(address).text
    stale = visit.send(edit[1], **days, etag='"1"')
    assert stale.status_code == 412
    also = visit.send(f"{address}/affiliations/new", kind="mentor", from_on="2027-01-01")
    assert also.status_code == 303
    assert "Наставник" in visit.page(address).text
    assert visit.send(edit[1], ends="today").status_code == 303
    assert "01.09.2026–02.02.2027" in visit.page(address).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"family_name": ""}, "family_name"),
        ({"email": "почта"}, "email"),
        ({"from_on": ""}, None),
        ({"to_on": "2020-01-01"}, "to_on"),
        ({"from_on": "2190-01-01"}, "from_on"),
    ],
)
def test_a_person_that_cannot_be_is_told_beside_the_field_and_nothing_is_lost(
    visitor: Visitor, changes: dict[str, str], field: str | None
) -> None:
    visit = visitor("coordinator@safonovo")
    said = {"family_name": "Юрьев", "given_name": "Ян", "kind": "expert", "from_on": "2026-09-01"}
    answer = visit.send("/members/persons/new", **{**said, **changes})
    if field is None:
        assert answer.status_code == 303, "from today on"
        return
    page = Page(answer)
    assert page.status == 422
    assert page.one("div", id=f"{field}-fault")
    assert page.one("input", name="given_name")["value"] == "Ян"
    assert page.all("option", value="expert", selected="")


def test_who_overlaps_is_told_above_the_form(visitor: Visitor) -> None:
    visit = visitor("coordinator@roslavl")
    address = address_of(visit, "Юдин")
    answer = visit.send(f"{address}/affiliations/new", kind="instructor", from_on="2027-01-01")
    page = Page(answer)
    assert page.status == 409
    assert "уже числится" in page.text


def test_people_are_nobody_elses_to_see(platform: Platform, visitor: Visitor) -> None:
    address = address_of(visitor("coordinator@roslavl"), "Юдин")
    other = visitor("coordinator@vyazma")
    for page in (address, f"{address}/name", f"{address}/affiliations/new"):
        assert other.page(page).status == 404
    assert visitor("finance@roslavl").page("/members/persons").status == 403
    with platform.asleep("membership"):
        assert other.page("/members/persons").status in (200, 503)


def test_people_come_from_a_file_and_go_into_one(visitor: Visitor) -> None:
    visit = visitor("coordinator@university")
    content = csv(HEAD, "Зимин;Лев;;;студент;М-1;01.09.2026", "Зимина;Ева;;;эксперт;;")
    path = send(visit, "persons", content)
    assert isinstance(path, str)
    page = settled(visit, path)
    assert page.one("form", action=f"{path}/apply")
    assert visit.send(f"{path}/apply").status_code == 303
    settled(visit, path)
    assert {"Зимин", "Зимина"} <= set(names(visit.page("/members/persons")))
    listed = visit.page("/imports")
    assert listed.all("a", href=path)
    book = load_workbook(io.BytesIO(visit.client.get("/persons.xlsx").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert any(row[:2] == ("Зимин", "Лев") and row[4] == "Студент" for row in rows)


def test_two_records_of_one_person_are_made_one_and_two_people_told_apart(
    visitor: Visitor,
) -> None:
    visit = visitor("coordinator@verhnedneprovsk")
    assert visit.page("/members/persons/doubles").all("div", class_="empty empty-part")
    twin = {"family_name": "Алешин", "given_name": "Кирилл", "patronymic": "Андреевич"}
    for kind in ("expert", "mentor"):
        said = {**twin, "kind": kind, "from_on": "2026-09-01"}
        assert visit.send("/members/persons/new", **said).status_code == 303
    pairs = visit.page("/members/persons/doubles")
    assert pairs.text.count("Имя совпадает") == 3

    def ids(page: Page) -> dict[str, str]:
        names = ("first_id", "second_id")
        return {name: page.all("input", name=name)[0]["value"] for name in names}

    pair = ids(pairs)
    assert visit.send("/members/persons/doubles", **pair).status_code == 303
    pairs = visit.page("/members/persons/doubles")
    assert len(pairs.all("button", name="keep")) == 4
    pair = ids(pairs)
    kept = pair["first_id"]
    assert visit.send("/members/persons/doubles", **pair, keep=kept).status_code == 303
    assert "Наставник" in visit.page(f"/members/persons/{kept}").text
    again = visit.send("/members/persons/doubles", **pair, keep=kept)
    assert (again.status_code, "один и тот же человек" in Page(again).text) == (422, True)


# --- consents ------------------------------------------------------------------------------------


def publish(visit: Visit, purpose: str = "name_in_dealings") -> None:
    """The member asks in the words that the page offers."""
    form = visit.page(f"/members/consents/words?purpose={purpose}")
    words = re.search(r"<textarea[^>]*>([^<]+)</textarea>", form.html)
    assert words is not None
    sent = visit.send("/members/consents", purpose=purpose, words=words[1])
    assert sent.headers["location"] == "/members/consents"


def test_a_member_publishes_what_it_asks_for(visitor: Visitor) -> None:
    visit = visitor("coordinator@dneprochem")
    assert visit.page("/members/consents").text.count("Пока не запрашивается") == 4
    publish(visit)
    assert visit.page("/members/consents").text.count("Пока не запрашивается") == 3
    short = Page(visit.send("/members/consents", purpose="practice", words="Да."))
    assert (short.status, bool(short.one("div", id="words-fault"))) == (422, True)
    assert "Да." in short.html


def test_i25_i_read_consent_see_who_was_shown_my_name_and_take_it_back(
    platform: Platform, visitor: Visitor
) -> None:
    hers = {"email": "orekhova@stankoservis.example", "password": "mrkt-w4zz-82cd"}
    named = {"family_name": "Орехова", "given_name": "Анна", "patronymic": "Павловна"}
    chief = person(platform, "coordinator@stankoservis")
    at_firm = {"member_id": chief.member_id, "roles": ["coordinator"]}
    assert chief.post("/membership/accounts", {**hers, **named, **at_firm}).status_code == 201
    visit = Visit(platform)
    assert visit.sign_in(hers["email"], hers["password"]).status_code == 303
    assert "их не давали" in visit.page("/account/data").text
    publish(visit)
    page = visit.page("/account/data")
    text = next(each for each in page.all("a") if "/account/consents/" in each.get("href", ""))
    form = visit.page(text["href"])
    digest = form.one("input", name="sha256")["value"]
    stale = visit.send(text["href"], sha256="0" * 64)
    assert stale.status_code == 409
    owner = visitor("approver@smolapo")
    booker = Person(platform.url, hers["email"], hers["password"])
    booking = booker.book(booker.ask("Станки с ЧПУ", later(3), workplaces=1)).json()["id"]
    address = f"/bookings/{booking}"
    assert "Орехова" not in owner.page(address).text
    assert "Орехова" in visit.page(address).text, "its own people a member knows"
    assert visit.send(text["href"], sha256=digest).headers["location"] == "/account/data"
    assert "Орехова А. П." in owner.page(address).text.replace("\xa0", " ")
    mine = visit.page("/account/data")
    assert "Академия профессионального образования (демо) — имя" in mine.text
    back = next(f for f in mine.all("form") if f.get("action", "").endswith("/revoke"))
    assert visit.send(back["action"]).headers["location"] == "/account/data"
    assert "Орехова" not in owner.page(address).text
    assert "Больше не действует" in visit.page("/account/data").text
    visit.client.close()


def test_a_paper_is_entered_and_taken_back_on_the_page_of_the_person(visitor: Visitor) -> None:
    visit = visitor("coordinator@roslavl")
    address = f"{address_of(visit, 'Бобров')}/consents"
    assert visit.page(address).all("a", href="/members/consents")
    publish(visit, "practice")
    option = visit.page(address).all("option")[-1]["value"]
    paper = {"text_id": option, "reference": "Личное дело 7", "by_representative": "1"}
    late = Page(visit.send(address, **paper, given_on="2190-01-01"))
    assert (late.status, bool(late.one("div", id="given_on-fault"))) == (422, True)
    unknown = Page(visit.send(address, text_id="", given_on="2027-01-11"))
    assert unknown.one("div", id="text_id-fault")
    assert visit.send(address, **paper, given_on="2027-01-11").headers["location"] == address
    page = visit.page(address)
    assert "11.01.2027, подписал законный представитель. Личное дело 7" in page.text
    back = next(f for f in page.all("form") if f.get("action", "").endswith("/revoke"))
    person_id = page.one("input", name="person_id")["value"]
    assert visit.send(back["action"], person_id=person_id).status_code == 303
    assert "Больше не действует" in visit.page(address).text


def test_i_correct_my_own_name(visitor: Visitor) -> None:
    visit = visitor("finance@roslavl")
    page = visit.page("/account/data")
    said = {name: page.one("input", name=name)["value"] for name in ("family_name", "given_name")}
    said |= {"etag": page.one("input", name="etag")["value"], "patronymic": ""}
    empty = Page(visit.send("/account/data/name", **{**said, "family_name": ""}))
    assert (empty.status, bool(empty.one("div", id="family_name-fault"))) == (422, True)
    sent = visit.send("/account/data/name", **{**said, "family_name": "Ёлкина"})
    assert sent.status_code == 303, sent.text
    assert "Ёлкина" in visit.page("/account").text
    assert visit.send("/account/data/name", **said).status_code == 412


# --- one's own data ------------------------------------------------------------------------------


def test_i_download_all_of_my_data_and_am_told_what_does_not_answer(
    platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("approver@vyazma")
    with platform.asleep("finance"):
        answer = visit.client.get("/my-data.xlsx")
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[:3] == ["Мои данные", "Где я числюсь", "Что мне можно"]
    rows = [row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]
    assert ("Электронная почта", "approver@vyazma.demo") in rows
    assert any("Отвечает на запросы" in row for row in rows)
    assert any("не ответила: Расчёты" in str(row[0]) for row in rows)


def test_i_am_erased_by_the_letter_and_sign_in_no_more(
    platform: Platform, visitor: Visitor, stranger: Visit
) -> None:
    visit = visitor("finance@agrovyazma")
    wrong = Page(visit.send("/account/erase", password="not it"))
    assert wrong.one("div", id="password-fault")
    sent = Page(visit.send("/account/erase", password="demo"))
    assert (sent.status, "Вам отправлено письмо" in sent.text) == (200, True)
    letters = person(platform, "admin@artel").items("/membership/letters", limit=200)
    token = next(each["token"] for each in letters if each["kind"] == "erase_data")
    page = stranger.page(f"/erase-data?token={token}")
    assert page.one("input", name="token")["value"] == token
    done = Page(stranger.client.post("/erase-data", data={"token": token}))
    assert "Ваши данные удалены" in done.text
    again = stranger.client.post("/erase-data", data={"token": token})
    assert (again.status_code, "ссылка" in Page(again).text) == (404, True)
    assert stranger.sign_in("finance@agrovyazma.demo").status_code != 303
    people = visitor("coordinator@agrovyazma").page("/members/people")
    assert "Яковлева" not in people.text


def test_the_last_coordinator_is_told_what_to_hand_over(visitor: Visitor) -> None:
    page = Page(visitor("coordinator@promsvar").send("/account/erase", password="demo"))
    assert (page.status, "Сначала передайте дела" in page.text) == (409, True)


def test_a_coordinator_erases_who_is_gone_and_cannot_sign_in(visitor: Visitor) -> None:
    visit = visitor("coordinator@energoseti")
    said = {"family_name": "Ушедший", "given_name": "Лев", "kind": "mentor", "to_on": "2026-12-31"}
    assert visit.send("/members/persons/new", **said, from_on="2026-01-01").status_code == 303
    address = address_of(visit, "Ушедший")
    assert visit.page(address).all("a", href=f"{address}/erase")
    assert visit.page(f"{address}/erase").status == 200
    assert visit.send(f"{address}/erase").headers["location"] == "/members/persons"
    assert visit.page(address).status == 404
    current = {**said, "family_name": "Нынешний", "to_on": "", "from_on": "2026-01-01"}
    assert visit.send("/members/persons/new", **current).status_code == 303
    kept = address_of(visit, "Нынешний")
    assert not visit.page(kept).all("a", href=f"{kept}/erase")
    refused = Page(visit.send(f"{kept}/erase"))
    assert (refused.status, "обязана хранить" in refused.text) == (409, True)
