"""The council as people see it: who sits in it, what is proposed, when it meets."""

import pytest

from services.council.domain.parameters import PARAMETERS as COUNCILS
from services.membership.domain.decisions import PARAMETERS as MEMBERSHIPS
from services.portal.council import PARAMETERS
from tests.people import eventually
from tests.portal.conftest import Visitor
from tests.portal.council import Council, advice, council_of, done, meeting_with, open_meeting
from tests.portal.deeds import person
from tests.portal.platform import Page, Platform
from tests.portal.test_export_pages import rows

BASIS = "Решение совета № 1 от 2 февраля 2027"


@pytest.fixture(scope="module")
def council(platform: Platform) -> Council:
    """The council as it sits."""
    return council_of(platform)


# --- the place, the composition and the rules ----------------------------------------------------


def test_the_council_is_a_place_of_everybody_signed_in(
    visitor: Visitor, platform: Platform, council: Council
) -> None:
    page = visitor("finance@vyazma").page("/council")
    assert page.status == 200
    assert page.one("a", href="/council", class_="nav-link")
    assert not page.all("section", id="votes"), "who does not sit has no vote"
    assert visitor(council.head).page("/council").one("section", id="votes")
    visit = visitor("finance@vyazma")
    with platform.asleep("council"):
        asleep = visit.page("/council")
        assert (asleep.status, len(asleep.all("div", class_="asleep"))) == (200, 4)
        for path in ("composition", "meetings", "proposals", "decisions", "parameters"):
            page = visit.page(f"/council/{path}")
            assert page.status == 200
            assert page.all("div", class_="asleep")


def test_who_sits_is_told_by_name_for_whom_and_in_which_duty(
    visitor: Visitor, council: Council
) -> None:
    page = visitor("finance@vyazma").page("/council/composition")
    assert page.status == 200
    assert "руководитель" in page.text
    assert "Академия профессионального образования" in page.text
    assert "—, " not in page.text
    seat_id = council.members[council.head]
    assert page.one("a", href=f"/council/seats/{seat_id}")
    assert not page.all("a", href="/council/seats/new"), "the office gives seats"
    assert visitor("finance@vyazma").page("/council/composition?on=2026-01-01").status == 200
    assert visitor("finance@vyazma").page("/council/composition?on=nonsense").status == 200
    seat = visitor("finance@vyazma").page(f"/council/seats/{seat_id}")
    assert not seat.all("form", action=f"/council/seats/{seat_id}/vacate")


def test_the_secretary_gives_a_seat_and_vacates_it(
    visitor: Visitor, platform: Platform, council: Council
) -> None:
    secretary = visitor(council.secretary)
    member = person(platform, "coordinator@ministry")
    start = secretary.page("/council/seats/new")
    assert start.one("a", href=f"/council/seats/new/{member.member_id}")
    path = f"/council/seats/new/{member.member_id}"
    form = secretary.page(path)
    accounts = {each["email"]: each["person_id"] for each in member.items("/membership/accounts")}
    free = accounts["finance@ministry.demo"]
    assert form.all("option", value=free)
    empty = Page(secretary.send(path, duty="member", quota="authority", from_on="2027-02-02"))
    assert empty.status == 422
    assert empty.one("a", href="#basis")
    said = {"person_id": free, "quota": "authority", "duty": "member", "from_on": "2027-02-02"}
    twice = Page(secretary.send(path, **{**said, "duty": "head"}, basis=BASIS))
    assert twice.status == 409
    assert BASIS in twice.html
    past = Page(secretary.send(path, **{**said, "from_on": "2026-01-01"}, basis=BASIS))
    assert past.status == 422
    assert past.one("a", href="#from-on")
    with platform.asleep("council"):
        assert secretary.send(path, **said, basis=BASIS).status_code == 503
    given = secretary.send(path, **said, basis=BASIS)
    assert (given.status_code, given.headers["location"]) == (303, "/council/composition")
    [seat] = [
        each
        for each in person(platform, council.secretary).items("/council/seats", limit=100)
        if each["person_id"] == free
    ]
    here = f"/council/seats/{seat['id']}"
    eventually(
        lambda: "Баранова" in secretary.page(here).text or "М. И." in secretary.page(here).text
    )
    silent = Page(secretary.send(f"{here}/vacate", until_on="2027-02-05", reason=""))
    assert silent.status == 422
    assert silent.one("textarea", id="reason")["aria-invalid"] == "true"
    early = Page(secretary.send(f"{here}/vacate", until_on="2026-02-05", reason="Уволилась"))
    assert early.status == 422
    assert "Уволилась" in early.text
    over = secretary.send(f"{here}/vacate", until_on="2027-02-05", reason="Уволилась")
    assert over.status_code == 303
    assert "5 февраля 2027" in secretary.page(here).text
    refused = visitor("finance@vyazma").send(f"{here}/vacate", until_on="2027-02-04", reason="Так")
    assert refused.status_code == 403


def test_rules_are_shown_in_words_with_what_they_stand_on(visitor: Visitor) -> None:
    page = visitor("coordinator@vyazma").page("/council/parameters")
    assert "Уведомление о заседании, рабочих дней" in page.text
    assert "решает голос председательствующего" in page.text
    assert "Другое правило" not in page.text
    assert page.one("a", href="/council/proposals/new?decision_kind=set_parameter")


def test_every_rule_that_the_council_may_set_has_its_words() -> None:
    assert set(COUNCILS) | set(MEMBERSHIPS) == set(PARAMETERS)


@pytest.mark.parametrize(
    ("account", "path", "rows_least"),
    [
        ("finance@vyazma", "/council/composition.xlsx", 13),
        ("finance@vyazma", "/council/decisions.xlsx?status=executed", 1),
        ("finance@vyazma", "/council/proposals.xlsx", 1),
        ("finance@vyazma", "/council/meetings.xlsx", 1),
        ("admin@artel", "/members/applications.xlsx?state=submitted&q=Кардымовский", 2),
        ("admin@artel", "/members/cases.xlsx", 1),
    ],
)
def test_every_list_of_the_council_and_its_secretariat_is_a_file_too(
    visitor: Visitor, council: Council, account: str, path: str, rows_least: int
) -> None:
    assert council.members
    assert len(rows(visitor(account), path)) >= rows_least


# --- proposals -----------------------------------------------------------------------------------


def test_a_member_proposes_others_discuss_and_the_secretary_answers(
    visitor: Visitor, platform: Platform, council: Council
) -> None:
    author = visitor("coordinator@promsvar")
    form = author.page("/council/proposals/new?decision_kind=set_parameter")
    key = form.one("input", name="key")["value"]
    said = {
        "title": "О кворуме",
        "body": "Предлагаем поднять кворум.",
        "decision_kind": "set_parameter",
        "parameter": "council.quorum_percent",
        "value": "60",
        "key": key,
    }
    empty = Page(author.send("/council/proposals/new", **{**said, "body": ""}))
    assert empty.status == 422
    assert empty.one("input", id="title")["value"] == "О кворуме"
    wrong = Page(author.send("/council/proposals/new", **{**said, "value": "150"}))
    assert wrong.status in (409, 422)
    assert wrong.one("input", id="value")["aria-invalid"] == "true"
    with platform.asleep("council"):
        asleep = Page(author.send("/council/proposals/new", **said))
    assert (asleep.status, asleep.one("input", name="key")["value"]) == (503, key)
    sent = author.send("/council/proposals/new", **said)
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    again = author.send("/council/proposals/new", **said)
    assert again.headers["location"] == path, "the same form twice makes one proposal"

    other = visitor("finance@stankoservis")
    page = other.page(path)
    assert "Кворум: больше стольких процентов" in page.text
    assert "60 %" in page.text
    assert Page(other.send(f"{path}/remarks", words=" ")).status == 422
    assert other.send(f"{path}/remarks", words="Согласны.").status_code == 303
    assert "Согласны." in author.page(path).text
    assert "О кворуме" in visitor("coordinator@promsvar").page("/council/proposals?ours=1").text
    assert "О кворуме" not in author.page("/council/proposals?status=decided").text

    secretary = visitor(council.secretary)
    silent = Page(secretary.send(f"{path}/refuse", reason=""))
    assert silent.status == 422
    assert silent.one("textarea", id="refuse-words")["aria-invalid"] == "true"
    stale = secretary.send(f"{path}/refuse", reason="Рано.", etag='"99"')
    assert (stale.status_code, "Рано." in stale.text) == (412, True)
    assert secretary.send(f"{path}/refuse", reason="Рано.").status_code == 303
    over = author.page(path)
    assert "Рано." in over.text
    assert not over.all("form", action=f"{path}/withdraw")
    late = author.send(f"{path}/withdraw")
    assert late.status_code == 409
    assert Page(late).all("div", class_="alert alert-danger")


def test_a_proposal_is_taken_back_by_its_member_alone(visitor: Visitor, platform: Platform) -> None:
    author = person(platform, "coordinator@roslavl")
    made = done(author.post("/council/proposals", {"title": "О сайте", "body": "Нужен."}), 201)
    path = f"/council/proposals/{made['id']}"
    assert not visitor("coordinator@vyazma").page(path).all("form", action=f"{path}/withdraw")
    assert visitor("coordinator@roslavl").send(f"{path}/withdraw").status_code == 303
    assert "Участник отозвал" in visitor("coordinator@vyazma").page(path).text
    assert (
        visitor("finance@vyazma")
        .page("/council/proposals/new")
        .all("div", class_="alert alert-warning")
    )


# --- meetings ------------------------------------------------------------------------------------


def test_a_meeting_is_planned_with_its_agenda_and_called(
    visitor: Visitor, platform: Platform, council: Council
) -> None:
    secretary = visitor(council.secretary)
    said = {
        "kind": "regular",
        "form": "in_person",
        "starts_at": "2027-02-16T14:00",
        "place": "Смоленск, Ленина, 1",
    }
    for changes, field in (
        ({"starts_at": ""}, "starts-at"),
        ({"starts_at": "soon"}, "starts-at"),
        ({"starts_at": "2027-01-01T10:00"}, "starts-at"),
        ({"place": ""}, "place"),
        ({"form": "video", "place": ""}, "link"),
    ):
        page = Page(secretary.send("/council/meetings/new", **{**said, **changes}))
        assert page.status == 422, changes
        assert page.one("a", href=f"#{field}"), changes
    with platform.asleep("council"):
        assert secretary.send("/council/meetings/new", **said).status_code == 503
    made = secretary.send("/council/meetings/new", **said)
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    page = secretary.page(path)
    assert "вт, 16 февраля, 14:00" in page.text
    assert not page.all("form", action=f"{path}/announce"), "an empty agenda calls nobody"

    proposal = done(
        person(platform, "coordinator@safonovo").post(
            "/council/proposals",
            {"title": "О станках", "body": "Купить.", "draft_text": "Рекомендовать купить станки."},
        ),
        201,
    )
    add = f"{path}/items/new"
    waiting = secretary.page(add)
    assert waiting.one("a", href=f"{add}?proposal_id={proposal['id']}"), waiting.text
    filled = secretary.page(f"{add}?proposal_id={proposal['id']}")
    assert filled.one("input", id="title")["value"] == "О станках"
    item = {
        "proposal_id": proposal["id"],
        "title": "О станках",
        "kind": "decision",
        "decision_kind": "recommend",
        "force": "recommendation",
        "draft_text": "Рекомендовать купить станки.",
    }
    lacking = Page(secretary.send(add, **{**item, "title": "", "minutes": "x"}))
    assert lacking.status == 422
    assert lacking.one("input", name="proposal_id")["value"] == proposal["id"]
    assert {each["href"] for each in lacking.all("a")} >= {"#title", "#minutes"}
    wrong = Page(secretary.send(add, **{**item, "decision_kind": ""}))
    assert wrong.status == 422
    assert secretary.send(add, **item).status_code == 303
    info = {"title": "О разном", "kind": "info", "force": "recommendation", "minutes": "10"}
    assert secretary.send(add, **info).status_code == 303
    page = secretary.page(path)
    assert "Рекомендовать купить станки." in page.text
    [order] = page.all("input", name="item_ids")
    assert secretary.send(f"{path}/order", item_ids=order["value"]).status_code == 303
    assert secretary.page(path).text.index("О разном") < secretary.page(path).text.index(
        "О станках"
    )
    [off, _] = [each["action"] for each in page.all("form") if each["action"].endswith("/remove")]
    assert secretary.send(off).status_code == 303

    [at] = [
        each["action"]
        for each in secretary.page(path).all("form")
        if each["action"].endswith("/materials")
    ]
    paper = {"file": ("Расчёт.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")}
    laid = secretary.client.post(at, data={"csrf": secretary.csrf}, files=paper)
    assert laid.status_code == 303, laid.text
    none = secretary.client.post(at, data={"csrf": secretary.csrf}, files={})
    assert none.status_code == 422
    reader = visitor("finance@vyazma")
    [link] = [
        each["href"]
        for each in secretary.page(path).all("a")
        if each.get("href", "").endswith(".file")
    ]
    assert "Расчёт.pdf" in secretary.page(path).text
    assert secretary.client.get(link).content.startswith(b"%PDF")
    called = secretary.send(f"{path}/announce")
    assert called.status_code == 303, called.text
    assert "Совет созван" in reader.page(path).text
    assert reader.client.get(link).status_code == 200
    assert not secretary.page(path).all("a", href=add)
    fixed = secretary.page(add)
    assert fixed.all("div", class_="alert alert-info")
    assert secretary.send(f"{path}/no-such-step").status_code == 404


def test_a_meeting_is_moved_or_cancelled_with_words(
    visitor: Visitor, platform: Platform, council: Council
) -> None:
    secretary = visitor(council.secretary)
    made = meeting_with(platform, council, advice(), days=14)
    path = f"/council/meetings/{made['id']}"
    silent = Page(secretary.send(f"{path}/cancel", reason=" "))
    assert silent.status == 422
    assert silent.one("textarea", id="cancel-words")["aria-invalid"] == "true"
    done(person(platform, council.secretary).post(f"{path}/announce"))
    form = secretary.page(f"{path}/move")
    assert form.one("input", id="place")["value"] == "Смоленск, Ленина, 1"
    said = {"form": "in_person", "place": "Вязьма", "starts_at": "2027-01-01T10:00"}
    early = Page(secretary.send(f"{path}/move", **said))
    assert early.status == 422
    assert early.one("input", id="place")["value"] == "Вязьма"
    moved = secretary.send(
        f"{path}/move", **{**said, "starts_at": "2027-03-10T10:00"}, reason="Зал занят."
    )
    assert moved.status_code == 303, moved.text
    after = moved.headers["location"]
    assert after != path
    assert "Зал занят." in secretary.page(path).text
    assert secretary.page(path).one("a", href=after)
    assert secretary.send(f"{after}/cancel", reason="Отпуск.").status_code == 303
    assert "Отпуск." in visitor("finance@vyazma").page(after).text
    late = secretary.send(f"{after}/cancel", reason="Ещё раз.")
    assert late.status_code == 409
    refused = visitor("coordinator@safonovo").send(f"{path}/cancel", reason="Так")
    assert refused.status_code == 403


def test_members_register_and_the_quorum_is_seen_as_it_is_now(
    visitor: Visitor, platform: Platform, council: Council
) -> None:
    opened = open_meeting(platform, council, advice("О кадрах"))
    path = f"/council/meetings/{opened['id']}"
    head = visitor(council.head)
    page = head.page(path)
    count = len(council.members)
    assert f"кворум есть: {count} из {count}" in page.text
    assert page.all("form", action=f"{path}/leave")
    assert head.send(f"{path}/leave").status_code == 303
    assert f"кворум есть: {count - 1} из {count}" in head.page(path).text
    assert head.send(f"{path}/register", way="in_person").status_code == 303
    outsider = visitor("finance@vyazma").page(path)
    assert outsider.status == 200
    assert "Кто присутствует" not in outsider.text, "who came is known to the council"
    secretary = visitor(council.secretary)
    seat_id = council.members[council.head]
    assert secretary.send(f"{path}/leave", seat_id=seat_id).status_code == 303
    twice = secretary.send(f"{path}/leave", seat_id=seat_id)
    assert twice.status_code == 409
    assert Page(twice).all("div", class_="alert alert-danger")
    assert secretary.send(f"{path}/register", seat_id=seat_id, way="in_person").status_code == 303
    assert secretary.send(f"{path}/close").status_code == 303
    assert "Заседание закрыто" in head.page(path).text


def test_members_of_the_council_call_for_a_meeting_out_of_turn(
    visitor: Visitor, council: Council
) -> None:
    someone, other = (visitor(name) for name in list(council.members)[2:4])
    assert someone.send("/council/calls", reason=" ").status_code == 422
    assert someone.send("/council/calls", reason="Срочный вопрос.").status_code == 303
    page = other.page("/council/meetings")
    assert "Срочный вопрос." in page.text
    [support] = [each for each in page.all("form") if each.get("action", "").endswith("/support")]
    assert other.send(support["action"]).status_code == 303
    assert "поддержали 2 из" in someone.page("/council/meetings").text
    outsider = visitor("finance@vyazma").page("/council/meetings")
    assert "Срочный вопрос." not in outsider.text
