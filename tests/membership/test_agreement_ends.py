"""How agreements go on and end: prolonged unless one says no, ended by notice, reminded of in time."""

import json
from datetime import date
from typing import Any

import pytest

from services.membership.domain.agreement_ends import (
    AgreementIsNotActive,
    Course,
    NoNoticeIsAgreed,
    NothingIsProlonged,
    NoticeIsTooShort,
    NoticeWasGiven,
    TooLateToSayNo,
    decline,
    ended_by_notice,
    months_after,
    prolonged_to,
    reminder_due,
    say_no_until,
)
from services.membership.domain.agreements import Prolongation
from services.membership.domain.members import Member
from shared.ids import new_id
from shared.refusal import Invalid
from tests.membership.cluster import Cluster

PROLONGED = "membership.agreement.prolonged.v1"
DECLINED = "membership.agreement.prolongation_declined.v1"
NOTICE = "membership.agreement.notice_given.v1"
SOON = "membership.agreement.ending_soon.v1"
ENDED = "membership.agreement.ended.v1"
GOES_ON = {"prolongation": {"months": 12, "refusal_days": 10}}
LAST = date(2027, 8, 31)


def course(**other: Any) -> Course:
    """A year's agreement that goes on by a year, and may be ended 30 days ahead."""
    facts = {
        "valid_from": date(2026, 9, 1),
        "last_on": LAST,
        "prolongation": Prolongation(12, 30),
        "notice_days": 30,
        "is_declined": False,
        "is_noticed": False,
        **other,
    }
    return Course(**facts)


async def told(cluster: Cluster, *subjects: str) -> list[dict[str, Any]]:
    """What was told under these subjects."""
    return [json.loads(row["body"]) for row in await cluster.service.told(*subjects)]


# --- the rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2027, 8, 31), 12, date(2028, 8, 31)),
        (date(2027, 2, 28), 12, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 8, 30), 6, date(2028, 2, 29)),
        (date(2027, 12, 15), 1, date(2028, 1, 15)),
        (date(2027, 11, 30), 1, date(2027, 12, 31)),
    ],
)
def test_a_term_goes_on_by_whole_months(day: date, months: int, end: date) -> None:
    assert months_after(day, months) == end


def test_no_is_said_up_to_a_day_and_not_after_it() -> None:
    assert say_no_until(course()) == date(2027, 8, 1)
    decline(course(), date(2027, 8, 1))
    with pytest.raises(TooLateToSayNo):
        decline(course(), date(2027, 8, 2))
    for nothing in ({"prolongation": None}, {"is_declined": True}, {"is_noticed": True}):
        assert say_no_until(course(**nothing)) is None
        with pytest.raises(NothingIsProlonged):
            decline(course(**nothing), date(2027, 7, 1))


def test_a_term_goes_on_from_the_day_on_that_nobody_can_say_no() -> None:
    parties = [Member(new_id(), None, 1), Member(new_id(), None, 1)]
    assert prolonged_to(course(), parties, date(2027, 8, 1)) is None
    assert prolonged_to(course(), parties, date(2027, 8, 2)) == date(2028, 8, 31)
    assert prolonged_to(course(), parties, date(2027, 9, 1)) is None, "it has ended by then"
    assert prolonged_to(course(is_declined=True), parties, date(2027, 8, 2)) is None
    old = course(valid_from=date(1998, 1, 1))
    assert prolonged_to(old, parties, date(2027, 8, 2)) is None, "30 years in all"


def test_r5_1_r5_3_no_further_term_with_one_who_leaves_or_is_suspended() -> None:
    stays = Member(new_id(), None, 1)
    leaves = Member(new_id(), date(2027, 9, 1), 1)
    later = Member(new_id(), date(2027, 9, 2), 1)
    suspended = Member(new_id(), None, 1, suspended_on=date(2027, 7, 1))
    day = date(2027, 8, 2)
    assert prolonged_to(course(), [stays, leaves], day) is None
    assert prolonged_to(course(), [stays, suspended], day) is None
    assert prolonged_to(course(), [stays, later], day) == date(2028, 8, 31)


def test_notice_ends_an_agreement_as_long_ahead_as_was_agreed() -> None:
    today = date(2027, 3, 1)
    assert ended_by_notice(course(), None, today) == date(2027, 3, 31)
    assert ended_by_notice(course(), date(2027, 5, 1), today) == date(2027, 5, 1)
    assert ended_by_notice(course(notice_days=0), None, today) == date(2027, 3, 2)
    with pytest.raises(NoticeIsTooShort):
        ended_by_notice(course(), date(2027, 3, 30), today)
    with pytest.raises(Invalid):
        ended_by_notice(course(), date(2027, 9, 2), today)
    with pytest.raises(NoNoticeIsAgreed):
        ended_by_notice(course(notice_days=None), None, today)
    with pytest.raises(NoticeWasGiven):
        ended_by_notice(course(is_noticed=True), None, today)


def test_the_nearest_reminder_that_has_come_is_due() -> None:
    plain = course(prolongation=None)
    for day, due in ((31, 0), (30, 0), (24, 7), (1, 30)):
        expected = {0: 7, 7: 7, 30: 30}[due]
        assert reminder_due(plain, (30, 7), date(2027, 8, day)) == expected
    assert reminder_due(plain, (30, 7), date(2027, 7, 31)) is None
    assert reminder_due(course(), (30, 7), date(2027, 7, 25)) == 7, "before the last day to say no"
    assert reminder_due(course(), (30, 7), date(2027, 8, 2)) is None


# --- going on ------------------------------------------------------------------------------------


async def test_nobody_says_no_and_the_agreement_goes_on_once(cluster: Cluster) -> None:
    agreement_id = await cluster.active(valid_to=cluster.day(40), **GOES_ON)
    path = f"/agreements/{agreement_id}"
    seen = (await cluster.get(path, cluster.as_firm())).json()
    assert seen["prolongation"] == {
        "months": 12,
        "refusal_days": 10,
        "say_no_until_on": cluster.day(30),
    }
    cluster.service.clock.pass_(days=30)
    await cluster.service.due()
    assert await told(cluster, PROLONGED) == []
    cluster.service.clock.pass_(days=1)
    while await cluster.service.due():
        pass
    [event] = await told(cluster, PROLONGED)
    after = (await cluster.get(path, cluster.as_firm())).json()
    assert event["valid_to"] == after["valid_to"] > seen["valid_to"]
    assert after["agreed_to"] == seen["valid_to"]
    assert (after["status"], after["version"]) == ("active", seen["version"] + 1)
    assert after["prolongation"]["say_no_until_on"] > cluster.day(0)


async def test_one_says_no_in_time_and_the_agreement_ends_with_its_term(cluster: Cluster) -> None:
    agreement_id = await cluster.active(valid_to=cluster.day(40), **GOES_ON)
    path = f"/agreements/{agreement_id}"
    said = await cluster.post(f"{path}/decline-prolongation", cluster.as_college())
    assert said.status_code == 200, said.text
    assert said.json()["declined_by"] == str(cluster.college)
    assert said.json()["ends_on"] == cluster.day(41)
    [event] = await told(cluster, DECLINED)
    assert event["by_id"] == str(cluster.college)
    again = await cluster.post(f"{path}/decline-prolongation", cluster.as_firm())
    assert (again.status_code, again.json()["code"]) == (409, "not-prolonged")
    cluster.service.clock.pass_(days=41)
    while await cluster.service.due():
        pass
    assert await told(cluster, PROLONGED) == []
    assert [each["ended_on"] for each in await told(cluster, ENDED)] == [cluster.day(0)]


async def test_it_is_too_late_to_say_no_when_the_day_has_passed(cluster: Cluster) -> None:
    agreement_id = await cluster.active(valid_to=cluster.day(40), **GOES_ON)
    cluster.service.clock.pass_(days=31)
    late = await cluster.post(
        f"/agreements/{agreement_id}/decline-prolongation", cluster.as_college()
    )
    assert (late.status_code, late.json()["code"]) == (409, "too-late-to-say-no")


async def test_r5_1_with_one_who_leaves_there_is_no_further_term(cluster: Cluster) -> None:
    await cluster.active(valid_to=cluster.day(40), **GOES_ON)
    await cluster.post(
        f"/members/{cluster.college}/withdraw", cluster.as_college(), effective_on=cluster.day(35)
    )
    cluster.service.clock.pass_(days=31)
    for _ in range(3):
        await cluster.service.due()
    assert await told(cluster, PROLONGED) == []


# --- ending by notice ----------------------------------------------------------------------------


async def test_notice_ends_an_agreement_on_its_day_without_anybodys_consent(
    cluster: Cluster,
) -> None:
    agreement_id = await cluster.active(notice_days=30)
    path = f"/agreements/{agreement_id}"
    early = await cluster.post(
        f"{path}/end", cluster.as_college(), ends_on=cluster.day(29), reason="x"
    )
    assert early.status_code == 422
    assert early.json()["errors"][0]["at"] == "body.ends_on"
    given = await cluster.post(f"{path}/end", cluster.as_college(), reason="Ремонт мастерской")
    assert given.status_code == 200, given.text
    seen = given.json()
    assert (seen["status"], seen["ends_on"]) == ("active", cluster.day(30))
    assert seen["noticed_by"] == str(cluster.college)
    assert seen["valid_to"] == cluster.day(29)
    [event] = await told(cluster, NOTICE)
    assert (event["ends_on"], event["by_id"]) == (cluster.day(30), str(cluster.college))
    assert "Ремонт" not in json.dumps(event, ensure_ascii=False)
    [noted] = await cluster.service.sql(
        "SELECT reason FROM audit WHERE action LIKE '%notice_given'"
    )
    assert noted["reason"] == "Ремонт мастерской"
    again = await cluster.post(f"{path}/end", cluster.as_firm(), reason="x")
    assert (again.status_code, again.json()["code"]) == (409, "wrong-status")
    cluster.service.clock.pass_(days=30)
    assert (await cluster.get(path, cluster.as_firm())).json()["status"] == "ended"
    while await cluster.service.due():
        pass
    assert [each["ended_on"] for each in await told(cluster, ENDED)] == [cluster.day(0)]


async def test_without_a_notice_agreed_an_agreement_binds_to_its_last_day(cluster: Cluster) -> None:
    agreement_id = await cluster.active()
    refused = await cluster.post(
        f"/agreements/{agreement_id}/end", cluster.as_college(), reason="x"
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "no-notice-agreed")


@pytest.mark.parametrize("step", ["end", "decline-prolongation"])
async def test_only_what_binds_is_ended_and_only_by_its_parties(
    cluster: Cluster, step: str
) -> None:
    made = (await cluster.make(notice_days=30, **GOES_ON)).json()
    path = f"/agreements/{made['id']}/{step}"
    body = {"reason": "нет"} if step == "end" else {}
    unsigned = await cluster.post(path, cluster.as_firm(), **body)
    assert (unsigned.status_code, unsigned.json()["code"]) == (409, AgreementIsNotActive.code)
    assert (await cluster.post(path, cluster.as_university(), **body)).status_code == 404
    await cluster.post(f"/agreements/{made['id']}/sign", cluster.as_college())
    stale = await cluster.post(path, {**cluster.as_firm(), "If-Match": '"1"'}, **body)
    assert stale.status_code == 412


# --- reminders -----------------------------------------------------------------------------------


async def test_the_parties_are_reminded_once_for_each_day_that_was_agreed(cluster: Cluster) -> None:
    agreement_id = await cluster.active(valid_to=cluster.day(40), reminder_days=[20, 5])
    await cluster.service.due()
    assert await told(cluster, SOON) == []
    for days, left in ((20, [20]), (1, [20]), (14, [20, 5]), (4, [20, 5])):
        cluster.service.clock.pass_(days=days)
        for _ in range(3):
            await cluster.service.due()
        assert [each["days_left"] for each in await told(cluster, SOON)] == left
    [first, _] = await told(cluster, SOON)
    assert first["agreement_id"] == agreement_id
    assert set(first["party_ids"]) == {str(cluster.firm), str(cluster.college)}
    assert first["say_no_until_on"] is None


async def test_who_may_still_say_no_is_reminded_before_that_day(cluster: Cluster) -> None:
    await cluster.active(valid_to=cluster.day(40), reminder_days=[5], **GOES_ON)
    cluster.service.clock.pass_(days=25)
    until = cluster.day(5)
    while await cluster.service.due():
        pass
    [event] = await told(cluster, SOON)
    assert (event["days_left"], event["say_no_until_on"]) == (15, until)


async def test_nobody_is_reminded_of_a_day_before_the_agreement_was_signed(
    cluster: Cluster,
) -> None:
    await cluster.active(valid_to=cluster.day(3))
    cluster.service.clock.pass_(days=1)
    await cluster.service.due()
    assert await told(cluster, SOON) == []
