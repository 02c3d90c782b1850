"""Minutes: names and words by the secretary, exact bytes signed by two, numbers, extracts, corrections."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from services.council.domain import minutes as domain
from services.council.domain.minutes import (
    AgendaItem,
    Attendee,
    Held,
    ItemTexts,
    MeetingIsNotOver,
    Minutes,
    MinutesAreFixed,
    MinutesAreNotFixed,
    MinutesAreNotSigned,
    MinutesStatus,
    SigningIsForTwo,
    TextsAreWrong,
    Vote,
)
from shared.identity import Role
from shared.ids import new_id
from tests.council.chamber import refused
from tests.council.desk import PRESENT, Desk
from tests.council.room import Room
from tests.harness import Running
from tests.shared.papers.samples import text_of_docx, text_of_pdf


@pytest_asyncio.fixture(loop_scope="session")
async def desk(council: Running) -> Desk:
    return await Desk(await Room.of(council, present=PRESENT)).lay()


# --- drafting ------------------------------------------------------------------------------------


async def test_minutes_are_drafted_once_and_of_a_meeting_that_is_over(desk: Desk) -> None:
    await desk.drafted()
    again = await desk.chamber.post(f"/meetings/{desk.room.meeting}/minutes")
    assert refused(again) == (409, "minutes-made")
    meeting = await desk.room.open(number=2)
    early = await desk.chamber.post(f"/meetings/{meeting}/minutes")
    assert early.json()["title"] == MeetingIsNotOver.title()
    seated = await desk.chamber.post(f"/meetings/{meeting}/minutes", desk.chamber.as_seated(4))
    assert refused(seated) == (403, "role-missing")


async def test_a_draft_names_those_who_were_there_and_items_of_the_agenda_alone(desk: Desk) -> None:
    await desk.drafted()
    path = f"/minutes/{desk.id}"
    draft = (await desk.chamber.get(path)).json()
    assert len(draft["seat_ids"]) == PRESENT
    assert draft["item_ids"] == desk.items
    absent = {"seat_id": str(desk.chamber.seat(12)), "name": "Отсутствовал"}
    strange = {"item_id": str(new_id()), "heard": "Ничего."}
    for field, wrong in (
        ("attendees", [absent]),
        ("attendees", desk.texts()["attendees"][:1] * 2),
        ("items", [strange]),
    ):
        answer = await desk.chamber.put(path, **desk.texts(**{field: wrong}))
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["at"] == f"body.{field}"


async def test_two_secretaries_do_not_overwrite_each_other(desk: Desk) -> None:
    await desk.written()
    stale = {**desk.chamber.as_secretary(), "If-Match": '"1"'}
    answer = await desk.chamber.put(f"/minutes/{desk.id}", stale, **desk.texts())
    assert refused(answer) == (412, "changed-meanwhile")


async def test_minutes_are_fixed_only_when_every_name_and_word_is_there(desk: Desk) -> None:
    await desk.drafted()
    path = f"/minutes/{desk.id}"
    missing = await desk.chamber.post(f"{path}/fix")
    assert refused(missing) == (409, "minutes-incomplete")
    assert set(missing.json()["missing"]) == {"chair", "secretary", "attendees", "items"}
    await desk.chamber.put(path, **desk.texts(attendees=desk.texts()["attendees"][1:]))
    missing = await desk.chamber.post(f"{path}/fix")
    assert missing.json()["missing"] == {"attendees": [str(desk.chamber.seat(0))]}


async def test_a_draft_can_be_read_as_a_document_and_says_that_it_is_one(desk: Desk) -> None:
    await desk.written()
    assert "ПРОЕКТ" in text_of_pdf(await desk.content())
    assert "ПРОЕКТ" in text_of_docx(await desk.content("document.docx"))


# --- the document --------------------------------------------------------------------------------


@pytest.mark.parametrize("made_as", ["pdf", "docx"])
async def test_the_document_says_in_the_usual_form_what_was_heard_said_and_decided(
    desk: Desk, made_as: str
) -> None:
    await desk.fixed()
    content = await desk.content(f"document.{made_as}")
    read = text_of_pdf if made_as == "pdf" else text_of_docx
    text = " ".join(read(content).replace("\N{NO-BREAK SPACE}", " ").split())
    for words in (
        "ПРОТОКОЛ",
        "заседания",
        f"№ 1-{desk.chamber.today.year}",
        "Председательствующий — Смирнов А. А.",
        "Секретарь — Ёлкина Е. Е.",
        "Присутствовали 9 из 15 членов совета",
        "Участник 9",
        "Приглашённые: Гостев Г. Г., эксперт",
        "Кворум имеется.",
        "ПОВЕСТКА ДНЯ",
        "СЛУШАЛИ:",
        "Смирнова А. А. о календаре.",
        "ВЫСТУПИЛИ:",
        "РЕШИЛИ:",
        "1.1. Вести общий календарь мастерских.",
        "(рекомендация, п. 4.2 Положения)",
        "Ответственный: Вяземский политехнический техникум.",
        "Голосовали: за — 8, против — 1, воздержались — 0.",
        "Особое мнение (Участник 9): Рано: нет людей.",
        "Отчёт за квартал.",
    ):
        assert words in text, words


async def test_words_of_people_stay_words_in_the_document(desk: Desk) -> None:
    """Neither Typst nor jinja runs what somebody wrote."""
    await desk.drafted()
    texts = desk.texts(chair="#import {{ 7*7 }} *Смирнов*")
    await desk.chamber.put(f"/minutes/{desk.id}", **texts)
    await desk.chamber.post(f"/minutes/{desk.id}/fix")
    for path, read in (("document.pdf", text_of_pdf), ("document.docx", text_of_docx)):
        text = " ".join(read(await desk.content(path)).split())
        assert "#import {{ 7*7 }} *Смирнов*" in text


# --- signing -------------------------------------------------------------------------------------


async def test_secretary_then_chair_sign_the_exact_bytes_that_were_read(desk: Desk) -> None:
    fixed = await desk.fixed()
    chamber, path = desk.chamber, f"/minutes/{desk.id}/sign"
    assert fixed["waits_for"][0] == str(chamber.seats[chamber.secretary])
    body = {"sha256": fixed["sha256"]}
    stranger = await chamber.post(path, chamber.as_seated(4), **body)
    assert (stranger.status_code, stranger.json()["title"]) == (403, SigningIsForTwo.title())
    assert refused(await chamber.post(path, chamber.as_head(), **body)) == (
        409,
        "others-sign-first",
    )
    wrong = await chamber.post(path, sha256="0" * 64)
    assert refused(wrong) == (409, "signed-text-differs")
    first = await chamber.post(path, **body)
    assert first.json()["status"] == "fixed"
    second = await chamber.post(path, chamber.as_head(), **body)
    assert second.json()["status"] == "signed"
    assert len(second.json()["signatures"]) == 2
    again = await chamber.post(path, chamber.as_head(), **body)
    assert refused(again) == (409, "wrong-status")
    assert await chamber.told("minutes.signed") == ["minutes.signed"]


async def test_the_bytes_that_are_signed_are_those_that_are_given_out(desk: Desk) -> None:
    import hashlib

    signed = await desk.signed()
    assert hashlib.sha256(await desk.content()).hexdigest() == signed["sha256"]


async def test_fixed_minutes_may_be_taken_back_until_somebody_has_signed(desk: Desk) -> None:
    fixed = await desk.fixed()
    chamber, path = desk.chamber, f"/minutes/{desk.id}"
    assert refused(await chamber.put(path, **desk.texts())) == (409, "wrong-status")
    assert refused(await chamber.post(f"{path}/publish")) == (409, "wrong-status")
    reopened = await chamber.post(f"{path}/reopen")
    assert (reopened.json()["status"], reopened.json()["number"]) == ("draft", 1)
    assert refused(await chamber.post(f"{path}/reopen")) == (409, "wrong-status")
    assert refused(await chamber.post(f"{path}/sign", sha256=fixed["sha256"])) == (
        409,
        "wrong-status",
    )
    again = await chamber.post(f"{path}/fix")
    assert again.json()["number"] == 1
    await chamber.post(f"{path}/sign", sha256=again.json()["sha256"])
    assert refused(await chamber.post(f"{path}/reopen")) == (409, "minutes-signed")


async def test_who_led_the_meeting_signs_though_others_sit_there_by_now(desk: Desk) -> None:
    fixed = await desk.fixed()
    chamber = desk.chamber
    vacated = await chamber.post(
        f"/seats/{chamber.seat(0)}/vacate", until_on=chamber.day(0), reason="Перевод"
    )
    assert vacated.status_code == 200, vacated.text
    desk.room.service.clock.pass_(days=1)
    body = {"sha256": fixed["sha256"]}
    await chamber.post(f"/minutes/{desk.id}/sign", **body)
    answer = await chamber.post(f"/minutes/{desk.id}/sign", chamber.as_head(), **body)
    assert (answer.status_code, answer.json()["status"]) == (200, "signed"), answer.text


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE minutes SET texts = '{}'",
        "UPDATE minutes SET document = '{}'",
        "UPDATE minutes SET number = 77",
        "UPDATE minutes SET status = 'draft', document = NULL, signing_id = NULL, signed_at = NULL",
        "UPDATE minutes SET signed_at = signed_at + interval '1 day'",
        "DELETE FROM minutes",
        "UPDATE files SET content = 'x'",
        "DELETE FROM signatures",
    ],
)
async def test_signed_minutes_never_change_whoever_asks(desk: Desk, statement: str) -> None:
    await desk.signed()
    with pytest.raises(asyncpg.RestrictViolationError):
        await desk.room.service.sql(statement)


# --- reading, extracts, corrections --------------------------------------------------------------


async def test_members_read_minutes_once_they_are_published(desk: Desk) -> None:
    await desk.signed()
    chamber = desk.chamber
    stranger = chamber.service.as_(new_id(), Role.COORDINATOR)
    for path in ("", "/document.pdf", "/document.docx"):
        hidden = await chamber.get(f"/minutes/{desk.id}{path}", stranger)
        assert refused(hidden) == (403, "role-missing")
    assert refused(await chamber.get("/minutes", stranger)) == (403, "role-missing")
    assert (await chamber.get("/minutes", stranger, is_published=True)).json()["items"] == []
    published = await chamber.post(f"/minutes/{desk.id}/publish")
    assert published.json()["status"] == "published"
    assert refused(await chamber.post(f"/minutes/{desk.id}/publish")) == (409, "wrong-status")
    listed = (await chamber.get("/minutes", stranger, is_published=True)).json()["items"]
    assert [each["id"] for each in listed] == [desk.id]
    assert (await chamber.get(f"/minutes/{desk.id}/document.pdf", stranger)).status_code == 200
    assert await chamber.told("minutes.published") == ["minutes.published"]


async def test_an_extract_says_what_was_decided_on_one_item_and_is_the_same_again(
    desk: Desk,
) -> None:
    await desk.fixed()
    path = f"extracts/{desk.items[0]}/document"
    early = await desk.chamber.get(f"/minutes/{desk.id}/{path}.pdf")
    assert refused(early) == (409, "wrong-status")
    sha256 = (await desk.chamber.get(f"/minutes/{desk.id}")).json()["sha256"]
    for headers in (desk.chamber.as_secretary(), desk.chamber.as_head()):
        await desk.chamber.post(f"/minutes/{desk.id}/sign", headers, sha256=sha256)
    content = await desk.content(f"{path}.pdf")
    text = " ".join(text_of_pdf(content).split())
    assert "ВЫПИСКА ИЗ ПРОТОКОЛА" in text
    assert "1.1. Вести общий календарь мастерских." in text
    assert "Отчёт за квартал." not in text
    assert sha256 in text.replace(" ", "")
    assert await desk.content(f"{path}.pdf") == content
    assert "ВЫПИСКА" in text_of_docx(await desk.content(f"{path}.docx"))
    nothing = await desk.chamber.get(f"/minutes/{desk.id}/extracts/{new_id()}/document.pdf")
    assert refused(nothing) == (404, "not-found")


async def test_an_error_is_mended_by_new_minutes_that_take_the_place_of_the_old(
    desk: Desk,
) -> None:
    chamber = desk.chamber
    await desk.drafted()
    early = await chamber.post(f"/minutes/{desk.id}/correct", reason="Опечатка.")
    assert refused(early) == (409, "wrong-status")
    await chamber.put(f"/minutes/{desk.id}", **desk.texts())
    sha256 = (await chamber.post(f"/minutes/{desk.id}/fix")).json()["sha256"]
    for headers in (chamber.as_secretary(), chamber.as_head()):
        await chamber.post(f"/minutes/{desk.id}/sign", headers, sha256=sha256)
    before = await desk.content()
    made = await chamber.post(f"/minutes/{desk.id}/correct", reason="Опечатка в фамилии.")
    assert made.status_code == 201, made.text
    new = made.json()
    assert (new["corrects_id"], new["number"], new["status"]) == (desk.id, None, "draft")
    assert new["texts"]["chair"] == "Смирнов А. А."
    twice = await chamber.post(f"/minutes/{desk.id}/correct", reason="Ещё раз.")
    assert refused(twice) == (409, "minutes-corrected")
    fixed = (await chamber.post(f"/minutes/{new['id']}/fix")).json()
    assert fixed["number"] == 2
    text = " ".join(text_of_pdf(await desk.content(of=new["id"])).split())
    assert f"Взамен протокола № 1-{chamber.today.year}." in text
    assert await desk.content() == before
    old = (await chamber.get(f"/minutes/{desk.id}")).json()
    assert old["corrected_by_id"] == new["id"]


async def test_numbers_of_minutes_have_no_gaps_whatever_is_given_up(desk: Desk) -> None:
    fixed = await desk.fixed()
    await desk.chamber.post(f"/minutes/{desk.id}/reopen")
    await desk.room.open(number=2)
    for place in range(PRESENT):
        await desk.room.register(place)
    other = await Desk(desk.room).lay()
    assert (fixed["number"], (await other.fixed())["number"]) == (1, 2)
    assert (await desk.chamber.post(f"/minutes/{desk.id}/fix")).json()["number"] == 1


async def test_minutes_that_are_not_signed_in_five_working_days_are_overdue(desk: Desk) -> None:
    await desk.drafted()
    draft = (await desk.chamber.get(f"/minutes/{desk.id}")).json()
    assert not draft["is_overdue"]
    desk.room.service.clock.set(
        datetime.combine(
            date.fromisoformat(draft["due_on"]) + timedelta(days=1), datetime.min.time(), UTC
        )
        + timedelta(hours=9)
    )
    assert (await desk.chamber.get(f"/minutes/{desk.id}")).json()["is_overdue"]


async def test_names_and_words_of_minutes_stand_in_no_event_and_no_audit_row(desk: Desk) -> None:
    await desk.signed()
    kept = str(await desk.room.service.sql("SELECT * FROM audit")) + str(
        await desk.room.service.told()
    )
    for words in ("Смирнов", "Участник", "календар", "Рано"):
        assert words not in kept


# --- the steps and the wording, as plain functions -------------------------------------------------------------


def test_each_step_of_minutes_follows_the_one_before() -> None:
    def at(status: MinutesStatus) -> Minutes:
        return Minutes(id=UUID(int=1), meeting_id=UUID(int=2), status=status, version=1)

    draft, fixed, signed, published = map(at, MinutesStatus)
    domain.require_draft(draft)
    domain.require_fixed(fixed)
    domain.require_signed(published)
    domain.require_may_publish(signed)
    for step, wrong, refusal in (
        (domain.require_draft, fixed, MinutesAreFixed),
        (domain.require_fixed, draft, MinutesAreNotFixed),
        (domain.require_fixed, signed, MinutesAreNotFixed),
        (domain.require_signed, fixed, MinutesAreNotSigned),
        (domain.require_may_publish, published, MinutesAreNotSigned),
    ):
        with pytest.raises(refusal):
            step(wrong)


def test_texts_name_nobody_twice_and_nothing_that_was_not_there() -> None:
    name = Attendee(seat_id=UUID(int=1), name="Смирнов")
    words = ItemTexts(item_id=UUID(int=2), heard="Отчёт.")
    here, agenda = {UUID(int=1)}, {UUID(int=2)}
    domain.check_texts(replace(domain.NO_TEXTS, attendees=(name,), items=(words,)), here, agenda)
    for wrong in (
        replace(domain.NO_TEXTS, attendees=(name, name)),
        replace(domain.NO_TEXTS, items=(words, words)),
        replace(domain.NO_TEXTS, attendees=(replace(name, seat_id=UUID(int=9)),)),
    ):
        with pytest.raises(TextsAreWrong):
            domain.check_texts(wrong, here, agenda)


def held(**more: Any) -> Held:
    vote = Vote(
        question="Исключить.",
        is_secret=True,
        outcome="carried",
        votes_for=10,
        against=3,
        abstained=1,
        recused=1,
        decision_number="7-2026",
        force="binding",
        clause="R5.3",
        due_on=date(2026, 12, 1),
        dissents=(),
    )
    item = AgendaItem(id=UUID(int=1), position=2, title="Об исключении", votes=(vote,))
    values = {
        "held_on": date(2026, 11, 5),
        "form": "absentee",
        "place": None,
        "listed": 15,
        "items": (item,),
        "corrects": None,
        **more,
    }
    return Held(**values)


def test_a_decision_is_worded_with_number_force_and_clause() -> None:
    data: Any = domain.document_data(held(), domain.NO_TEXTS, "4-2026")
    assert (data["date"], data["form"]) == ("5 ноября 2026 г.", "заочное голосование")
    [vote] = data["items"][0]["votes"]
    assert vote["number"] == "2.1"
    assert vote["result"] == "Решение принято, № 7-2026 (обязательное, п. 5.3 Положения)."
    assert vote["counts"] == "Голосовали тайно: за — 10, против — 3, воздержались — 1."
    assert vote["recused"] == "Не участвовали из-за конфликта интересов: 1."
    assert vote["due"] == "Срок: 01.12.2026."


def test_what_was_not_carried_and_what_had_no_quorum_are_worded_apart() -> None:
    [item] = held().items
    for outcome, words in (
        ("not_carried", "Решение не принято."),
        ("no_quorum", "Решение не принято: "),
    ):
        vote = replace(item.votes[0], outcome=outcome, decision_number=None)
        data: Any = domain.document_data(
            held(items=(replace(item, votes=(vote,)),)), domain.NO_TEXTS, None
        )
        assert data["items"][0]["votes"][0]["result"].startswith(words)
        assert data["items"][0]["votes"][0]["due"] == ""
