"""The annual plan as people see it: put forward, consented to, agreed, amended, reported on."""

import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook

from services.portal.periods import period_words
from services.portal.words import Words
from tests.people import eventually
from tests.portal.conftest import Visitor
from tests.portal.planners import Planners
from tests.portal.platform import Page, Platform, Visit

TITLE = "Неделя открытых мастерских"


@pytest.fixture(scope="module")
def planners(platform: Platform) -> Planners:
    """A council that works by a plan."""
    return Planners(platform)


def form_of(planners: Planners, **changes: Any) -> dict[str, Any]:
    """An item as it would be sent: who puts it forward answers for it."""
    return {
        "section": "workshops",
        "title": TITLE,
        "period": "",
        "on": "",
        "responsible_member_id": planners.people["vyazma"].member_id,
        "result": "Мастерские увидели школьники",
        **changes,
    }


def opened(planners: Planners, visitor: Visitor, year: int, **collect: str) -> str:
    """The page of a plan of that year, for which items are collected."""
    secretary = visitor(planners.secretary)
    answer = secretary.send("/council/plans", year=str(year))
    assert answer.status_code == 303, answer.text
    path = str(answer.headers["location"])
    assert secretary.send(f"{path}/collect", until_on="", **collect).status_code == 303
    return path


def proposed(planners: Planners, visit: Visit, path: str, **changes: Any) -> str:
    """The page of an item that was put forward."""
    answer = visit.send(f"{path}/items/new", **form_of(planners, **changes))
    assert answer.status_code == 303, Page(answer).text
    return str(answer.headers["location"])


def agree(planners: Planners, visitor: Visitor, path: str) -> None:
    head = visitor(planners.head)
    sha256 = head.page(path).one("input", name="sha256")["value"]
    assert head.send(f"{path}/agree", sha256=sha256).status_code == 303


# --- the list and the plan -----------------------------------------------------------------------


def test_every_member_reads_the_plans_and_the_office_alone_opens_one(
    planners: Planners, visitor: Visitor
) -> None:
    page = visitor("finance@vyazma").page("/council/plans")
    assert page.status == 200
    in_force = planners.in_force()
    assert page.one("a", href=f"/council/plans/{in_force['id']}", class_="row-link")
    assert "Действует" in page.text
    assert not page.all("input", name="year")
    office = visitor(planners.secretary)
    assert office.page("/council/plans").one("input", name="year")
    for typed, words in (("двадцать", "Напишите год"), (str(in_force["year"]), "уже есть")):
        answer = Page(office.send("/council/plans", year=typed))
        assert words in answer.text
        assert answer.one("input", name="year")["value"] == typed


def test_a_plan_is_read_by_sections_with_names_sums_and_states(
    planners: Planners, visitor: Visitor
) -> None:
    plan = planners.in_force()
    visit = visitor("coordinator@vyazma")
    page = visit.page(f"/council/plans/{plan['id']}")
    assert page.status == 200
    for words in ("Мастерские и оборудование", "ООО «Промсвар» (демо)", "3 600 000,00", "квартал"):
        assert words in page.text.replace("\xa0", " "), words
    seen = " ".join(re.sub(r"<[^>]*>", " ", page.html).split())
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", seen), "an id is shown"
    items = len(page.all("a", class_="row-link"))
    assert items == len(planners.items(plan["id"]))
    narrowed = visit.page(f"/council/plans/{plan['id']}?section=events&source=F5")
    assert 0 < len(narrowed.all("a", class_="row-link")) < items
    nothing = visit.page(f"/council/plans/{plan['id']}?section=guidance&source=F5")
    assert nothing.one("div", class_="empty empty-part")
    assert visit.page(f"/council/plans/{plan['id']}?section=none&number=zz").status == 200
    assert visit.page(f"/council/plans/{plan['id']}?number=77").status == 404


def test_plan_and_report_are_kept_as_files_with_names(planners: Planners, visitor: Visitor) -> None:
    plan = planners.in_force()
    visit = visitor("coordinator@vyazma")
    for path, header in (("plan.xlsx", "Мероприятие"), ("report.xlsx", "Факт")):
        answer = visit.client.get(f"/council/plans/{plan['id']}/{path}")
        assert answer.status_code == 200
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert sheet is not None
        rows = list(sheet.iter_rows(values_only=True))
        assert header in rows[0]
        assert len(rows) == len(planners.items(plan["id"])) + 1
        assert any("(демо)" in str(cell) for cell in rows[1])


def test_while_the_council_sleeps_its_list_says_so_and_the_frame_stands(
    planners: Planners, platform: Platform, visitor: Visitor
) -> None:
    visit = visitor("coordinator@promsvar")
    with platform.asleep("council"):
        page = visit.page("/council/plans")
    assert page.status == 200
    assert page.all("div", class_="asleep")
    assert page.one("a", href="/workshops", class_="nav-link")
    assert planners.in_force()


def test_the_pages_of_the_plan_speak_english_too(planners: Planners, visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    visit.client.cookies.set("language", "en")
    page = visit.page(f"/council/plans/{planners.in_force()['id']}")
    assert "Workshops and equipment" in page.text
    assert "In force" in page.text


def test_a_period_is_said_as_people_say_it() -> None:
    words, english = Words("ru"), Words("en")
    assert period_words(words, "2027-Q2") == "II квартал 2027"
    assert period_words(words, "2027-03") == "март 2027"
    assert period_words(words, "2027") == "в течение 2027 года"
    assert period_words(words, "2027-03-15") == "15 марта 2027"
    assert period_words(english, "2027-Q2") == "quarter 2 of 2027"


# --- putting forward, consent, agreement ---------------------------------------------------------


def test_r7_2_an_item_goes_from_a_form_through_consent_to_the_heads_agreement(
    planners: Planners, visitor: Visitor
) -> None:
    path = opened(planners, visitor, 2029)
    vyazma, promsvar = visitor("coordinator@vyazma"), visitor("coordinator@promsvar")
    form = vyazma.page(f"{path}/items/new")
    assert form.one("select", id_="section")
    wrong = Page(
        vyazma.send(
            f"{path}/items/new",
            **form_of(planners, amount="много", place="Вязьма", title=TITLE, source="F2"),
        )
    )
    assert wrong.status == 422
    assert "Выберите срок или день." in wrong.text
    assert "Нужна сумма в рублях" in wrong.text
    assert wrong.one("input", name="place")["value"] == "Вязьма"
    refused = Page(
        vyazma.send(f"{path}/items/new", **form_of(planners, period="2029", amount="100"))
    )
    assert refused.status == 422
    assert "вместе с источником" in refused.text

    payer = planners.people["promsvar"].member_id
    item = proposed(
        planners,
        vyazma,
        path,
        period="2029-Q2",
        source="F2",
        amount="150000,50",
        payer_member_id=payer,
        co_executor_ids=[payer],
    )
    page = vyazma.page(item)
    assert "150 000,50" in page.text.replace("\xa0", " ")
    assert "II квартал 2029" in page.text
    waiting = promsvar.page(f"{path}?waits=1")
    assert TITLE in waiting.text
    asked = promsvar.page(item)
    assert asked.one("form", action=f"{item}/consent")
    head = visitor(planners.head)
    assert not head.page(path).all("form", action=f"{path}/agree"), "consent is missing"

    silent = Page(promsvar.send(f"{item}/decline", reason=""))
    assert silent.status == 422
    assert "почему ваша организация не согласна" in silent.text
    assert promsvar.send(f"{item}/decline", reason="Нет средств").status_code == 303
    assert "Нет средств" in vyazma.page(item).text
    assert promsvar.send(f"{item}/consent").status_code == 303
    agree(planners, visitor, path)
    assert "Согласован руководителем" in vyazma.page(path).text
    assert (
        visitor(planners.secretary)
        .send(f"{path}/items/new", **form_of(planners, on="2029-03-15", title="Ещё одно"))
        .status_code
        == 303
    )
    assert "Идёт сбор мероприятий" in vyazma.page(path).text, "R6.3: the head agrees anew"


def test_what_is_left_out_says_why_and_is_mended_by_who_put_it_forward(
    planners: Planners, visitor: Visitor
) -> None:
    path = opened(planners, visitor, 2030)
    vyazma, office = visitor("coordinator@vyazma"), visitor(planners.secretary)
    item = proposed(planners, vyazma, path, period="2030-04")
    assert not vyazma.page(item).all("form", action=f"{item}/refuse")
    assert Page(office.send(f"{item}/refuse", reason=" ")).status == 422
    assert office.send(f"{item}/refuse", reason="Повторяет другое").status_code == 303
    assert "Повторяет другое" in vyazma.page(item).text
    assert TITLE not in vyazma.page(path).text
    assert TITLE in vyazma.page(f"{path}?refused=1").text
    form = vyazma.page(f"{item}/edit")
    assert form.one("input", name="etag")["value"] == '"2"'
    stale = Page(vyazma.send(f"{item}/edit", etag='"1"', **form_of(planners, period="2030-05")))
    assert stale.status == 412
    assert "только что всё изменилось" in stale.text
    answer = vyazma.send(f"{item}/edit", etag='"2"', **form_of(planners, period="2030-05"))
    assert answer.status_code == 303
    assert "май 2030" in vyazma.page(path).text
    stranger = visitor("coordinator@roslavl")
    assert not stranger.page(item).all("a", href=f"{item}/edit")
    no = Page(stranger.send(f"{item}/edit", **form_of(planners, period="2030-06")))
    assert no.status == 403


def test_an_amendment_is_read_beside_what_is_in_force(planners: Planners, visitor: Visitor) -> None:
    path = opened(planners, visitor, 2031)
    vyazma, office = visitor("coordinator@vyazma"), visitor(planners.secretary)
    item = proposed(planners, vyazma, path, period="2031-Q1")
    agree(planners, visitor, path)
    planners.approve(path.rpartition("/")[2])
    assert "Утверждён" in vyazma.page(path).text
    assert Page(office.send(f"{path}/amend", reason="")).status == 422
    assert office.send(f"{path}/amend", reason="Сроки сдвинулись").status_code == 303
    mended = vyazma.send(f"{item}/edit", **form_of(planners, period="2031-Q2"))
    assert mended.status_code == 303
    page = vyazma.page(f"{path}/versions/2")
    assert page.status == 200
    assert "I квартал 2031" in page.text
    assert "II квартал 2031" in page.text
    assert "Сроки сдвинулись" in page.text
    assert "Сроки сдвинулись" in vyazma.page(path).text
    assert office.send(f"{path}/drop-amendment").status_code == 303
    assert office.send(f"{path}/no-such-step").status_code == 404


# --- reports -------------------------------------------------------------------------------------


def test_a_report_is_entered_checked_and_given_back_or_accepted(
    planners: Planners, visitor: Visitor
) -> None:
    plan = planners.in_force()
    found = next(
        item
        for item in planners.items(plan["id"], status="planned")
        if item["planned_value"] is not None and item["responsible_member_id"] in owners(planners)
    )
    account = owners(planners)[found["responsible_member_id"]]
    visit, office = visitor(account), visitor(planners.secretary)
    item = f"/council/plan-items/{found['id']}"
    assert visit.page(item).one("a", href=f"{item}/report")
    assert visit.page(f"{item}/report").one("textarea", name="words")
    said = {"outcome": "partly", "words": "Провели в двух мастерских из трёх", "fact_value": "7"}
    wrong = Page(visit.send(f"{item}/report", **said))
    assert wrong.status == 422
    assert "почему выполнено не полностью" in wrong.text
    assert "Провели в двух мастерских" in wrong.html, "nothing typed is lost"
    sent = visit.send(f"{item}/report", **said, reason="Ремонт третьей", spent="1200,50")
    assert sent.status_code == 303
    page = office.page(item)
    assert "Отчёт на проверке" in page.text
    assert Page(office.send(f"{item}/return-report", reason="")).status == 422
    assert office.send(f"{item}/return-report", reason="Приложите список").status_code == 303
    assert "Приложите список" in visit.page(item).text
    assert visit.send(f"{item}/report", **said, reason="Ремонт третьей").status_code == 303
    assert office.send(f"{item}/accept-report").status_code == 303
    assert "Выполнено частично" in visit.page(item).text
    stranger = visitor(
        "coordinator@energoseti" if "energoseti" not in account else "coordinator@vyazma"
    )
    assert not stranger.page(item).all("a", href=f"{item}/report")
    told = stranger.page(f"{item}/report")
    assert "Отчитывается организация" in told.text


def owners(planners: Planners) -> dict[str, str]:
    """The coordinator's account of each member."""
    return {somebody.member_id: f"coordinator@{slug}" for slug, somebody in planners.people.items()}


def test_items_come_from_a_file_and_what_is_wrong_is_said_in_words(
    planners: Planners, visitor: Visitor
) -> None:
    path = opened(planners, visitor, 2032)
    visit = visitor("coordinator@vyazma")
    assert visit.page(path).all("a", href=f"/imports/plan-items?plan={path.rpartition('/')[2]}")
    form = visit.page(f"/imports/plan-items?plan={path.rpartition('/')[2]}")
    assert form.one("option", value=path.rpartition("/")[2], selected="")
    template = visit.client.get("/imports/plan-items/template.csv")
    assert "Мероприятие" in template.content.decode("utf-8-sig")
    row = "мастерские;Ярмарка профессий;II кв. 2032;nobody;Придут школьники"
    csv = f"Раздел;Мероприятие;Срок;Ответственный;Ожидаемый результат\n{row}\n"
    answer = visit.client.post(
        "/imports/plan-items",
        data={"csrf": visit.csrf, "plan_id": path.rpartition("/")[2]},
        files={"file": ("план.csv", csv.encode(), "text/csv")},
    )
    assert answer.status_code == 303, Page(answer).text
    told = eventually(
        lambda: "Участника с таким кодом нет" in visit.page(answer.headers["location"]).text
    )
    assert told
    missing = visit.client.post(
        "/imports/plan-items",
        data={"csrf": visit.csrf, "plan_id": ""},
        files={"file": ("план.csv", csv.encode(), "text/csv")},
    )
    assert "Выберите план." in Page(missing).text
