"""How members leave or are excluded, what stays open, and the log that tells it."""

from typing import Any

from services.portal.pages.leaving import changes_of
from services.portal.words import Words
from tests.people import eventually
from tests.portal.conftest import Visitor
from tests.portal.deeds import agreement_with, decide, later, person, use
from tests.portal.platform import Page, Platform, Visit

EVIDENCE = "Полгода не отвечает на заявки."
ENGLISH = Words("en")


def opened(visit: Visit, member_id: str, **changes: str) -> str:
    """The path of a case that the secretariat has opened."""
    said = {"ground": "b", "initiative": "head", "evidence": EVIDENCE, **changes}
    answer = visit.send(f"/members/{member_id}/cases/new", **said)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def member(platform: Platform, slug: str) -> str:
    return person(platform, f"coordinator@{slug}").member_id


# --- exclusion -----------------------------------------------------------------------------------


def test_a_case_is_opened_answered_and_decided_with_due_process(
    platform: Platform, visitor: Visitor
) -> None:
    admin, concerned = visitor("admin@artel"), visitor("coordinator@dneprochem")
    member_id = member(platform, "dneprochem")
    assert admin.page(f"/members/{member_id}").one("a", href=f"/members/{member_id}/cases/new")
    path = opened(admin, member_id)
    page = concerned.page(path)
    assert EVIDENCE in page.text
    assert "Срок на ответ" in page.text
    assert page.one("form", action=f"{path}/answer")
    assert not page.all("form", action=f"{path}/close"), "the member does not drop it"
    own = concerned.page(f"/members/{member_id}")
    assert own.one("a", href=path)
    assert not visitor("coordinator@vyazma").page(f"/members/{member_id}").all("a", href=path)

    silent = Page(concerned.send(f"{path}/answer", answer=" "))
    assert silent.status == 422
    assert silent.one("textarea", id="answer-words")["aria-invalid"] == "true"
    stale = concerned.send(f"{path}/answer", answer="Отвечали каждый раз.", etag='"7"')
    assert stale.status_code == 412
    assert "Отвечали каждый раз." in stale.text, "what was typed stays"
    assert concerned.send(f"{path}/answer", answer="Отвечали каждый раз.").status_code == 303
    answered = concerned.page(path)
    assert "Отвечали каждый раз." in answered.text
    assert not answered.all("form", action=f"{path}/answer"), "an answer is given once"
    assert "Ждёт решения совета" in admin.page("/members/cases").text

    decide(platform, "suspend", member_id, ground="b")
    eventually(lambda: "не берёт на себя нового" in concerned.page(path).text)
    assert "не берёт на себя нового" in admin.page(f"/members/{member_id}").text
    decide(platform, "exclude", member_id, ground="b")
    eventually(lambda: "Исключён" in admin.page(path).text)
    card = admin.page(f"/members/{member_id}")
    assert "Исключён решением совета" in card.text
    assert not card.all("a", href=f"/members/{member_id}/cases/new")


def test_a_case_that_lacks_something_keeps_what_was_typed(
    platform: Platform, visitor: Visitor
) -> None:
    admin, member_id = visitor("admin@artel"), member(platform, "roslavl")
    path = f"/members/{member_id}/cases/new"
    assert admin.page(path).all("option", value=member(platform, "vyazma"))
    for said, field in (
        ({"ground": "", "initiative": "head", "evidence": EVIDENCE}, "ground"),
        ({"ground": "a", "initiative": "head", "evidence": ""}, "evidence"),
        ({"ground": "a", "initiative": "member", "evidence": EVIDENCE}, "initiator-id"),
        (
            {
                "ground": "a",
                "initiative": "head",
                "evidence": EVIDENCE,
                "answer_until_on": "2027-02-03",
            },
            "answer-until-on",
        ),
        ({"ground": "z", "initiative": "head", "evidence": EVIDENCE}, "ground"),
    ):
        page = Page(admin.send(path, **said))
        assert page.status == 422
        assert page.one("a", href=f"#{field}"), said
        assert said["evidence"] in page.text
    with platform.asleep("membership"):
        asleep = admin.send(path, ground="a", initiative="head", evidence=EVIDENCE)
    assert asleep.status_code == 503
    opened(admin, member_id, initiative="member", initiator_id=member(platform, "vyazma"))
    again = admin.send(path, ground="b", initiative="head", evidence="Другое.")
    assert again.status_code == 409
    assert "Другое." in again.text


def test_a_case_is_dropped_with_a_reason_and_nothing_follows(
    platform: Platform, visitor: Visitor
) -> None:
    admin, member_id = visitor("admin@artel"), member(platform, "safonovo")
    path = opened(admin, member_id)
    assert admin.send(f"{path}/close", reason="").status_code == 422
    with platform.asleep("membership"):
        assert admin.send(f"{path}/close", reason="Разобрались.").status_code == 503
    assert admin.send(f"{path}/close", reason="Разобрались.").status_code == 303
    over = admin.page(path)
    assert "Дело прекращено" in over.text
    assert not over.all("form", action=f"{path}/close")
    log = visitor("coordinator@safonovo").page(f"/members/{member_id}/log")
    assert "Разобрались." in log.text
    late = admin.send(f"{path}/close", reason="Ещё раз.")
    assert late.status_code == 409
    assert Page(late).all("div", class_="alert alert-danger")


def test_cases_of_others_are_not_there_and_their_list_is_empty(
    platform: Platform, visitor: Visitor
) -> None:
    path = opened(visitor("admin@artel"), member(platform, "smolgrad"))
    seated, other = visitor("coordinator@promsvar"), visitor("finance@promsvar")
    assert seated.page(path).status == 200, "who decides on it has the file before them"
    assert other.page(path).status == 404
    assert other.page("/members/cases").all("div", class_="empty empty-part")
    refused = other.send(f"{path}/close", reason="Просто так.")
    assert refused.status_code == 403
    assert other.send(
        f"/members/{member(platform, 'smolgrad')}/cases/new",
        ground="a",
        initiative="head",
        evidence=EVIDENCE,
    ).status_code in (403, 404)
    with platform.asleep("membership"):
        assert other.page("/members/cases").all("div", class_="asleep")


# --- leaving -------------------------------------------------------------------------------------


def test_a_member_gives_notice_and_sees_what_lives_on(platform: Platform, visitor: Visitor) -> None:
    member_id = member(platform, "stankoservis")
    booker, owner = (
        person(platform, "coordinator@stankoservis"),
        person(platform, "coordinator@smolapo"),
    )
    use(booker, owner, "Станки с ЧПУ", later(5), workplaces=2)
    asked = booker.book(booker.ask("Станки с ЧПУ", later(8), 95, workplaces=2))
    assert asked.status_code == 201, asked.text
    visit = visitor("coordinator@stankoservis")
    path = f"/members/{member_id}"
    eventually(lambda: "Мы должны" in visit.page(f"{path}/open-matters").text)
    eventually(lambda: "Станки с ЧПУ" in visit.page(f"{path}/open-matters").text)
    matters = visit.page(f"{path}/open-matters")
    assert matters.all("a", href=f"/bookings/{asked.json()['id']}")
    with platform.asleep("workshops", "finance"):
        assert visit.page(f"{path}/open-matters").status == 200, "by its kind alone"

    assert visit.page(path).one("a", href=f"{path}/withdraw")
    form = visit.page(f"{path}/withdraw")
    etag = form.one("input", name="etag")["value"]
    for day in ("", "2027-01-01", "2040-01-01", "yesterday"):
        page = Page(visit.send(f"{path}/withdraw", effective_on=day))
        assert page.status == 422
        assert page.one("input", id="effective-on")["aria-invalid"] == "true"
    stale = visit.send(f"{path}/withdraw", effective_on="2027-06-30", etag='"9"')
    assert stale.status_code == 412
    assert 'value="2027-06-30"' in stale.text
    with platform.asleep("membership"):
        asleep = visit.send(f"{path}/withdraw", effective_on="2027-06-30")
    assert asleep.status_code == 503
    done = visit.send(f"{path}/withdraw", effective_on="2027-06-30", etag=etag)
    assert (done.status_code, done.headers["location"]) == (303, path)
    assert "30 июня 2027" in visit.page(path).text
    after = visit.page(f"{path}/withdraw")
    assert not after.all("form", action=f"{path}/withdraw"), "notice is given once"
    again = visit.send(f"{path}/withdraw", effective_on="2027-07-30")
    assert again.status_code == 409
    log = visit.page(f"{path}/log")
    assert "Подано уведомление о выходе" in log.text
    assert "30.06.2027" in log.text
    assert "Анна" not in log.text
    assert "А." in log.text, "a coordinator sees who did it"


def test_what_is_open_with_others_and_their_log_are_not_ours_to_see(
    platform: Platform, visitor: Visitor
) -> None:
    other = member(platform, "energoseti")
    visit = visitor("coordinator@vyazma")
    for page in ("withdraw", "open-matters", "log"):
        assert visit.page(f"/members/{other}/{page}").status == 404
    assert visit.send(f"/members/{other}/withdraw", effective_on="2027-06-30").status_code == 404


def test_who_reads_but_does_not_decide_is_told_who_gives_notice(
    platform: Platform, visitor: Visitor
) -> None:
    own = member(platform, "vyazma")
    visit = visitor("finance@vyazma")
    page = visit.page(f"/members/{own}/withdraw")
    assert page.status == 200
    assert not page.all("form", action=f"/members/{own}/withdraw")
    assert visit.page(f"/members/{own}/log").status == 200
    empty = visit.page(f"/members/{own}/open-matters")
    assert empty.status == 200


def test_the_log_tells_agreements_and_roles_in_words(platform: Platform, visitor: Visitor) -> None:
    agreement_with(
        person(platform, "coordinator@university"), person(platform, "coordinator@vyazma")
    )
    own = member(platform, "university")
    page = visitor("coordinator@university").page(f"/members/{own}/log")
    assert "Соглашение составлено" in page.text
    assert "31.08.2027" in page.text


def test_the_secretariat_notes_that_a_member_is_no_more(
    platform: Platform, visitor: Visitor
) -> None:
    admin, gone = visitor("admin@artel"), member(platform, "aviapribor")
    path = f"/members/{gone}/end"
    heir = member(platform, "promsvar")
    for said, field in (
        ({"kind": "", "reason": "Запись в реестре"}, "kind"),
        ({"kind": "liquidated", "reason": ""}, "reason"),
        ({"kind": "reorganised", "reason": "Запись"}, "successor-id"),
        ({"kind": "reorganised", "reason": "Запись", "successor_id": gone}, "successor-id"),
    ):
        page = Page(admin.send(path, **said))
        assert page.status == 422
        assert page.one("a", href=f"#{field}"), said
    with platform.asleep("membership"):
        assert admin.send(path, kind="liquidated", reason="Запись").status_code == 503
    done = admin.send(path, kind="reorganised", reason="Запись от 1 февраля", successor_id=heir)
    assert (done.status_code, done.headers["location"]) == (303, f"/members/{gone}")
    card = admin.page(f"/members/{gone}")
    assert "Реорганизован" in card.text
    assert card.one("a", href=f"/members/{heir}")
    assert not admin.page(path).all("form", action=path)
    over = admin.send(path, kind="liquidated", reason="Ещё раз")
    assert over.status_code == 409
    refused = visitor("coordinator@vyazma")
    assert refused.send(f"/members/{heir}/end", kind="liquidated", reason="Нет").status_code == 403


# --- words of the log ----------------------------------------------------------------------------


def test_a_change_is_told_by_names_and_never_by_ids() -> None:
    members: dict[str, Any] = {"m1": {"id": "m1", "name": "Колледж"}}
    line = {
        "action": "member.withdrawn",
        "before": {"status": "active", "leaving_on": None, "decision_id": "d1"},
        "after": {"status": "withdrawn", "leaving_on": "2027-06-30", "successor_id": "m1"},
    }
    told = changes_of(line, ENGLISH, members, {})
    assert told == [
        ("State", "takes part", "has left"),
        ("Takes no part from", "—", "30.06.2027"),
        ("Who goes on for it", "—", "Колледж"),
    ]
    roles = {
        "action": "roles.granted",
        "before": {"roles": []},
        "after": {"roles": ["finance", "unheard-of"]},
    }
    assert changes_of(roles, ENGLISH, members, {}) == [("Roles", "—", "finance")]
    signed = {"action": "agreement.activated", "before": {}, "after": {"status": "active"}}
    assert changes_of(signed, ENGLISH, members, {}) == [("State", "—", "in force")]
    assert changes_of({"action": "x", "before": None, "after": ["x"]}, ENGLISH, members, {}) == []
