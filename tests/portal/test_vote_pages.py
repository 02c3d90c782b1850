"""Votes as people see them: open and secret, standing aside, powers, and what was decided."""

from datetime import timedelta
from typing import Any

import pytest

from tests.people import eventually
from tests.portal.conftest import Visitor
from tests.portal.council import Council, advice, council_of, done, open_meeting
from tests.portal.deeds import person
from tests.portal.platform import Page, Platform, Visit


@pytest.fixture(scope="module")
def council(platform: Platform) -> Council:
    """The council as it sits."""
    return council_of(platform)


@pytest.fixture(scope="module")
def meeting(platform: Platform, council: Council) -> dict[str, Any]:
    """A meeting under way, with an item for each kind of vote."""
    firm = person(platform, "coordinator@stankoservis")
    assigned = advice(
        "Об отчёте",
        responsible_member_id=firm.member_id,
        due_on=f"{platform.clock() + timedelta(days=60):%Y-%m-%d}",
    )
    rule = {
        "title": "О протоколе",
        "kind": "decision",
        "decision_kind": "set_parameter",
        "parameter": "council.minutes_working_days",
        "value": "6",
        "draft_text": "Составлять протокол за шесть рабочих дней.",
    }
    return open_meeting(
        platform, council, advice("О мастерских"), advice("О тайном"), assigned, rule
    )


def ballot_on(
    platform: Platform, council: Council, meeting: dict[str, Any], place: int, **more: Any
) -> str:
    """The path of a vote that is opened on an item."""
    item = meeting["items"][place]
    secretary = person(platform, council.secretary)
    opened = done(
        secretary.post(f"/council/items/{item['id']}/ballots", {"is_secret": False, **more}), 201
    )
    return f"/council/ballots/{opened['id']}"


def all_vote(platform: Platform, council: Council, path: str, choice: str = "for") -> None:
    """Everybody who has not voted yet does."""
    for account in council.members:
        person(platform, account).post(f"{path}/vote", {"choice": choice})


# --- open and secret -----------------------------------------------------------------------------


def test_an_open_vote_waits_on_today_is_cast_changed_and_hidden_until_the_close(
    visitor: Visitor, platform: Platform, council: Council, meeting: dict[str, Any]
) -> None:
    secretary, head = visitor(council.secretary), visitor(council.head)
    path = f"/council/meetings/{meeting['id']}"
    item = meeting["items"][0]["id"]
    assert secretary.page(path).one("form", action=f"{path}/items/{item}/vote")
    opened = secretary.send(f"{path}/items/{item}/vote")
    assert opened.status_code == 303, opened.text
    ballot = opened.headers["location"]
    assert head.page("/").one("section", id="votes")
    assert head.page("/").one("a", href=ballot, class_="btn btn-primary")
    assert head.part("/?part=votes").one("a", href=ballot, class_="btn btn-primary")

    assert Page(head.send(f"{ballot}/vote", choice="maybe")).status == 422
    assert head.send(f"{ballot}/vote", choice="against").status_code == 303
    page = head.page(ballot)
    assert "Сейчас: Против" in page.text
    assert head.send(f"{ballot}/vote", choice="for").status_code == 303
    assert "Сейчас: За" in head.page(ballot).text
    assert not head.page("/").all("a", href=ballot, class_="btn btn-primary"), "it waits no more"
    secretary_sees = secretary.page(ballot)
    assert "Итоги скрыты до закрытия" in secretary_sees.text
    assert "Подано голосов: 1 из" in secretary_sees.text
    assert "Кто участвовал" not in secretary_sees.text

    all_vote(platform, council, ballot)
    with platform.asleep("council"):
        assert secretary.send(f"{ballot}/close").status_code == 503
    assert secretary.send(f"{ballot}/close").status_code == 303
    after = head.page(ballot)
    assert "Принято" in after.text
    assert "Кто участвовал" in after.text
    late = head.send(f"{ballot}/vote", choice="for")
    assert late.status_code == 409
    assert Page(late).all("div", class_="alert alert-danger")
    silent = Page(head.send(f"{ballot}/dissent", words=""))
    assert silent.status == 422
    assert silent.one("textarea", id="dissent-words")["aria-invalid"] == "true"
    assert head.send(f"{ballot}/dissent", words="Считаю иначе.").status_code == 303
    assert "Считаю иначе." in secretary.page(ballot).text
    twice = head.send(f"{ballot}/dissent", words="Ещё раз.")
    assert (twice.status_code, "Ещё раз." in twice.text) == (409, True)


def test_a_secret_vote_gives_a_receipt_once_by_which_the_paper_is_found(
    visitor: Visitor, platform: Platform, council: Council, meeting: dict[str, Any]
) -> None:
    ballot = ballot_on(platform, council, meeting, 1, is_secret=True)
    voter = visitor(council.head)
    assert "тайное" in voter.page(ballot).text
    cast = voter.send(f"{ballot}/vote", choice="against")
    assert cast.status_code == 200
    page = Page(cast)
    [_] = page.all("code", class_="receipt")
    receipt = cast.text.split('<code class="receipt">')[1].split("<")[0]
    assert receipt not in voter.page(ballot).html, "it is shown once"
    assert "это окончательно" in voter.page(ballot).text
    again = voter.send(f"{ballot}/vote", choice="for")
    assert again.status_code == 409
    all_vote(platform, council, ballot)
    secretary = visitor(council.secretary)
    assert "Бюллетени" not in secretary.page(ballot).text
    assert secretary.send(f"{ballot}/close").status_code == 303
    after = secretary.page(ballot)
    assert receipt in after.html
    assert "голос подан" in after.text
    assert ": Против" not in after.text, "nobody learns whose paper it is"


def test_who_stands_aside_is_on_the_register_and_votes_no_more(
    visitor: Visitor, platform: Platform, council: Council, meeting: dict[str, Any]
) -> None:
    ballot = ballot_on(platform, council, meeting, 2)
    account = "coordinator@stankoservis"
    visit = visitor(account)
    silent = Page(visit.send(f"{ballot}/recuse", reason=" "))
    assert silent.status == 422
    assert silent.one("textarea", id="recuse-words")["aria-invalid"] == "true"
    assert visit.send(f"{ballot}/recuse", reason="Речь о нашем отчёте.").status_code == 303
    page = visit.page(ballot)
    assert "Речь о нашем отчёте." in page.text
    assert not page.all("button", name="choice")
    refused = visit.send(f"{ballot}/vote", choice="for")
    assert refused.status_code == 409
    all_vote(platform, council, ballot)
    assert visitor(council.secretary).send(f"{ballot}/close").status_code == 303


def test_a_ballot_is_not_there_for_those_who_do_not_sit(
    visitor: Visitor, platform: Platform, council: Council, meeting: dict[str, Any]
) -> None:
    found = person(platform, council.secretary).items("/council/ballots")
    visit = visitor("finance@vyazma")
    page = visit.page(f"/council/ballots/{found[0]['id']}")
    assert page.status in (403, 404)
    assert visit.page(f"/council/meetings/{meeting['id']}").status == 200


# --- written powers ------------------------------------------------------------------------------


def test_a_written_power_is_registered_by_the_giver_and_taken_back(
    visitor: Visitor, platform: Platform, council: Council
) -> None:
    giver, taker = list(council.members)[4:6]
    visit = visitor(giver)
    today = platform.clock()
    said = {
        "from_seat_id": council.members[giver],
        "to_seat_id": council.members[taker],
        "number": "17",
        "given_on": f"{today:%Y-%m-%d}",
        "valid_from": f"{today:%Y-%m-%d}",
        "valid_until": f"{today + timedelta(days=20):%Y-%m-%d}",
    }
    page = visit.page("/council/powers")
    assert len(page.all("option", value=council.members[giver])) == 2
    empty = Page(visit.send("/council/powers", **{**said, "number": ""}))
    assert empty.status == 422
    assert empty.one("input", id="number")["aria-invalid"] == "true"
    own = Page(visit.send("/council/powers", **{**said, "to_seat_id": council.members[giver]}))
    assert own.status in (409, 422)
    assert own.one("input", id="number")["value"] == "17"
    with platform.asleep("council"):
        assert visit.send("/council/powers", **said).status_code == 503
    assert visit.send("/council/powers", **said).status_code == 303
    shown = visit.page("/council/powers")
    [revoke] = [each for each in shown.all("form") if each["action"].endswith("/revoke")]
    assert visit.send(revoke["action"]).status_code == 303
    assert "отозвана" in visit.page("/council/powers").text
    again = visit.send(revoke["action"])
    assert again.status_code == 409
    assert Page(again).all("div", class_="alert alert-danger")


# --- decisions -----------------------------------------------------------------------------------


def test_a_decision_is_carried_out_and_the_rule_stands_on_it(
    visitor: Visitor, platform: Platform, council: Council, meeting: dict[str, Any]
) -> None:
    ballot = ballot_on(platform, council, meeting, 3)
    all_vote(platform, council, ballot)
    assert visitor(council.secretary).send(f"{ballot}/close").status_code == 303
    visit = visitor("finance@vyazma")
    page = eventually(lambda: _decision(visit, "шесть рабочих дней"))
    eventually(lambda: "Исполнено" in visit.page(page).text)
    assert "Срок для протокола, рабочих дней: 6" in visit.page(page).text
    rules = visit.page("/council/parameters")
    assert rules.all("a", href=page)
    listed = visit.page("/council/decisions?kind=set_parameter&status=executed")
    assert listed.one("a", href=page)
    assert not visit.page("/council/decisions?year=2001").all("a", href=page)
    assert visit.page("/council/decisions?status=nonsense&year=abc&kind=x").status == 200


def _decision(visit: Visit, words: str) -> str | None:
    """The path of the decision that says this."""
    for each in visit.page("/council/decisions").elements:
        tag, attributes = each
        path = attributes.get("href", "")
        if tag == "a" and path.startswith("/council/decisions/") and words in visit.page(path).text:
            return path
    return None


def test_the_one_responsible_reports_and_the_office_answers(
    visitor: Visitor, council: Council
) -> None:
    firm, secretary = visitor("coordinator@stankoservis"), visitor(council.secretary)
    page = _decision(firm, "об отчёте")
    assert page is not None
    assert firm.page("/council").all("a", href=page), "it stands among what we carry out"
    assert not visitor("finance@vyazma").page(page).all("form", action=f"{page}/report")
    assert firm.send(f"{page}/start").status_code == 303
    assert not firm.page(page).all("form", action=f"{page}/start"), "it is under way"
    silent = Page(firm.send(f"{page}/report", words=""))
    assert silent.status == 422
    assert silent.one("textarea", id="report-words")["aria-invalid"] == "true"
    assert firm.send(f"{page}/report", words="Подготовили черновик.").status_code == 303
    assert "Подготовили черновик." in secretary.page(page).text
    lacking = Page(secretary.send(f"{page}/return", reason=" "))
    assert lacking.status == 422
    assert secretary.send(f"{page}/return", reason="Нет приложений.").status_code == 303
    assert "Нет приложений." in firm.page(page).text
    stale = firm.send(f"{page}/report", words="Готово.", etag='"77"')
    assert (stale.status_code, "Готово." in stale.text) == (412, True)
    assert firm.send(f"{page}/report", words="Готово.").status_code == 303
    assert secretary.send(f"{page}/accept").status_code == 303
    assert "Отчёт принят" in firm.page(page).text
    late = firm.send(f"{page}/report", words="Ещё.")
    assert late.status_code == 409
    assert Page(late).all("div", class_="alert alert-danger")
    assert firm.send(f"{page}/no-such-step").status_code == 404


# --- minutes -------------------------------------------------------------------------------------


def test_minutes_are_written_signed_by_two_published_and_excerpted(
    visitor: Visitor, platform: Platform, council: Council, meeting: dict[str, Any]
) -> None:
    secretary, head = visitor(council.secretary), visitor(council.head)
    at = f"/council/meetings/{meeting['id']}"
    early = secretary.send(f"{at}/minutes")
    assert early.status_code == 409, "the meeting is not over"
    assert secretary.send(f"{at}/close").status_code == 303
    made = secretary.send(f"{at}/minutes")
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    assert secretary.send(f"{at}/minutes").headers["location"] == path, "there is one draft"
    page = secretary.page(path)
    names = [each for each in page.all("input") if each.get("name", "").startswith("name.")]
    assert len(names) == len(council.members)
    assert all(each["value"] for each in names), "names that are known are filled in"
    lacking = secretary.send(f"{path}/fix")
    assert lacking.status_code == 409
    assert Page(lacking).all("div", class_="alert alert-danger")
    said = {
        each["name"]: each.get("value", "")
        for each in page.all("input")
        if each.get("name", "csrf") != "csrf"
    }
    said |= {
        each["name"]: f"Слушали {place}"
        for place, each in enumerate(page.all("textarea"))
        if each["name"].startswith("heard.")
    }
    stale = secretary.send(path, **{**said, "etag": '"99"'})
    assert (stale.status_code, "Слушали" in stale.text) == (412, True)
    with platform.asleep("council"):
        assert secretary.send(path, **said).status_code == 503
    assert secretary.send(path, **said).status_code == 303
    assert "Слушали" in secretary.page(path).html
    assert secretary.send(f"{path}/fix").status_code == 303
    fixed = secretary.page(path)
    assert "за 2027 год" in fixed.text
    sha256 = fixed.one("input", name="sha256")["value"]
    assert not head.page(path).all("form", action=f"{path}/sign"), "the secretary signs first"
    other = secretary.send(f"{path}/sign", sha256="0" * 64)
    assert other.status_code in (409, 422)
    assert secretary.send(f"{path}/sign", sha256=sha256).status_code == 303
    assert head.send(f"{path}/sign", sha256=sha256).status_code == 303
    outsider = visitor("finance@vyazma")
    assert outsider.page(path).status in (403, 404)
    assert secretary.send(f"{path}/publish").status_code == 303
    assert outsider.page(path).status == 200
    assert outsider.page(at).all("a", href=path)
    item = meeting["items"][0]["id"]
    for ending, begins in (("pdf", b"%PDF"), ("docx", b"PK")):
        for paper in (f"{path}/document", f"{path}/extracts/{item}/document"):
            answer = outsider.client.get(f"{paper}.{ending}")
            assert answer.status_code == 200, answer.text
            assert answer.content.startswith(begins)
            assert "attachment" in answer.headers["content-disposition"]
    assert outsider.client.get(f"{path}/document.exe").status_code == 404
    silent = Page(secretary.send(f"{path}/correct", reason=" "))
    assert silent.status == 422
    corrected = secretary.send(f"{path}/correct", reason="Опечатка в имени.")
    assert corrected.status_code == 303, corrected.text
    assert "Опечатка в имени." in secretary.page(corrected.headers["location"]).text
