"""Ballots through HTTP: opened, voted in, closed; quorum, recusal, powers, weights, deadlines."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from services.council.domain.powers import DelegateHasNoVote
from services.council.domain.voting import MeetingIsNotOpen
from shared.identity import Role
from tests.council.chamber import refused
from tests.council.room import Room
from tests.harness import Running


@pytest_asyncio.fixture(loop_scope="session")
async def room(council: Running) -> Room:
    return await Room.of(council)


def counts(result: dict[str, Any]) -> tuple[int, int, int]:
    return result["votes_for"], result["against"], result["abstained"]


# --- opening -------------------------------------------------------------------------------------


async def test_a_ballot_is_opened_with_those_entitled_and_told_by_ids(room: Room) -> None:
    item = await room.item()
    answer = await room.start(item)
    assert answer.status_code == 201, answer.text
    ballot = answer.json()
    assert (ballot["status"], ballot["listed"], ballot["entitled"]) == ("open", 15, 15)
    assert ballot["question"] == "Одобрить предложение."
    assert ballot["result"] is None
    [told] = await room.service.told("council.ballot.opened.v1")
    assert str(room.chamber.people[3]) in told["body"]
    assert str(room.chamber.secretary) not in told["body"]


async def test_who_registers_after_the_opening_is_not_entitled(council: Running) -> None:
    room = await Room.of(council, present=10)
    ballot = await room.started()
    await room.register(10)
    assert refused(await room.vote(ballot, 10, "for")) == (409, "not-entitled")
    await room.leave(3)
    assert (await room.vote(ballot, 3, "for")).status_code == 200


async def test_without_a_quorum_no_ballot_is_opened_i5(council: Running) -> None:
    room = await Room.of(council, present=7)
    assert refused(await room.start()) == (409, "quorum-missing")
    await room.register(7)
    assert (await room.start()).status_code == 201


async def test_the_quorum_is_reckoned_anew_at_the_moment_of_each_vote_i5(council: Running) -> None:
    room = await Room.of(council, present=8)
    await room.started()
    await room.leave(0)
    assert refused(await room.start()) == (409, "quorum-missing")


async def test_a_ballot_is_opened_at_an_open_meeting_once_and_not_on_what_only_informs(
    room: Room,
) -> None:
    item = await room.item()
    await room.started(item)
    assert refused(await room.start(item)) == (409, "wrong-status")
    assert refused(await room.start(await room.item("info"))) == (409, "item-takes-no-vote")
    await room.set_status("closed")
    assert (await room.start()).json()["title"] == MeetingIsNotOpen.title()


async def test_the_secretary_and_who_chairs_open_and_close_and_nobody_else(room: Room) -> None:
    chamber, item = room.chamber, await room.item()
    path = f"/items/{item}/ballots"
    assert refused(await chamber.post(path, chamber.as_seated(5), is_secret=False)) == (
        403,
        "role-missing",
    )
    assert refused(await chamber.post(path, chamber.as_outsider(), is_secret=False)) == (
        403,
        "role-missing",
    )
    administrator = await chamber.post(path, chamber.as_administrator(), is_secret=False)
    assert refused(administrator) == (409, "secretary-seated")
    opened = await chamber.post(path, chamber.as_head(), is_secret=False)
    assert opened.status_code == 201
    close = f"/ballots/{opened.json()['id']}/close"
    assert refused(await chamber.post(close, chamber.as_seated(5))) == (403, "role-missing")


async def test_a_deputy_who_chairs_the_meeting_leads_the_ballot(room: Room) -> None:
    chamber = room.chamber
    await room.service.sql("UPDATE meetings SET chair_seat_id = $1", chamber.seat(1))
    answer = await chamber.post(
        f"/items/{await room.item()}/ballots", chamber.as_deputy(), is_secret=False
    )
    assert answer.status_code == 201, answer.text


async def test_a_closing_time_in_the_past_is_refused_beside_its_field(room: Room) -> None:
    answer = await room.start(closes_at=(room.now - timedelta(minutes=1)).isoformat())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"] == "body.closes_at"


# --- who sees ------------------------------------------------------------------------------------


async def test_a_ballot_is_for_those_who_sit_whatever_a_token_says(room: Room) -> None:
    ballot = await room.started()
    chamber = room.chamber
    outsider = chamber.as_outsider(Role.COUNCIL_MEMBER)
    for path in ("", "/roll", "/papers", "/dissents"):
        assert refused(await chamber.get(f"/ballots/{ballot}{path}", outsider)) == (
            403,
            "role-missing",
        )
    for path, body in (("vote", {"choice": "for"}), ("dissents", {"words": "Нет."})):
        answer = await chamber.post(f"/ballots/{ballot}/{path}", outsider, **body)
        assert refused(answer) == (403, "role-missing")


async def test_nobody_learns_the_result_before_the_close(room: Room) -> None:
    ballot = await room.started()
    await room.votes(ballot, "ffaffo")
    for headers in (room.chamber.as_secretary(), room.chamber.as_head()):
        answer = await room.chamber.get(f"/ballots/{ballot}", headers)
        shown = answer.json()
        assert (shown["result"], shown["cast"]) == (None, 6)
        for word in ("votes_for", "against", "abstained"):
            assert word not in answer.text
        for path in ("roll", "papers"):
            hidden = await room.chamber.get(f"/ballots/{ballot}/{path}", headers)
            assert refused(hidden) == (409, "wrong-status")
    assert await room.service.told("council.ballot.closed.v1") == []


async def test_what_waits_for_my_vote_is_listed_until_i_have_cast_it(room: Room) -> None:
    ballot = await room.started()
    chamber = room.chamber

    async def waiting(headers: dict[str, str]) -> list[str]:
        answer = await chamber.get("/ballots/waiting", headers)
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    assert await waiting(chamber.as_seated(4)) == [ballot]
    assert await waiting(chamber.as_secretary()) == []
    await room.vote(ballot, 4, "for")
    assert await waiting(chamber.as_seated(4)) == []
    await room.close(ballot)
    assert await waiting(chamber.as_seated(5)) == []


# --- counting ------------------------------------------------------------------------------------


async def test_who_was_silent_is_counted_as_abstaining_i5(room: Room) -> None:
    ballot = await room.started()
    await room.votes(ballot, "fffffffaa")
    result = await room.close(ballot)
    assert counts(result) == (7, 2, 6)
    assert (result["present"], result["recused"], result["counted"]) == (15, 0, 15)
    assert (result["outcome"], result["decision_id"]) == ("not_carried", None)


async def test_a_vote_in_an_open_ballot_may_be_changed_until_the_close(room: Room) -> None:
    ballot = await room.started()
    await room.votes(ballot, "ffffffff")
    changed = await room.vote(ballot, 0, "against")
    assert changed.json()["ballot"]["own"][0]["choice"] == "against"
    assert changed.json()["receipts"] == []
    assert counts(await room.close(ballot)) == (7, 1, 7)
    assert refused(await room.vote(ballot, 0, "for")) == (409, "wrong-status")
    answer = await room.chamber.post(f"/ballots/{ballot}/close")
    assert refused(answer) == (409, "wrong-status")


async def test_the_roll_says_after_the_close_how_each_voted(room: Room) -> None:
    ballot = await room.started()
    await room.votes(ballot, "fa")
    await room.close(ballot)
    lines = (await room.chamber.get(f"/ballots/{ballot}/roll")).json()["items"]
    found = {line["seat_id"]: (line["has_voted"], line["choice"]) for line in lines}
    assert len(found) == 15
    assert found[str(room.chamber.seat(0))] == (True, "for")
    assert found[str(room.chamber.seat(1))] == (True, "against")
    assert found[str(room.chamber.seat(2))] == (False, None)


async def test_at_a_tie_the_vote_of_the_chair_decides(council: Running) -> None:
    room = await Room.of(council, present=8)
    for choices, outcome in (("ffffaaaa", "carried"), ("afffaaaf", "not_carried")):
        ballot = await room.started()
        await room.votes(ballot, choices)
        result = await room.close(ballot)
        assert counts(result) == (4, 4, 0)
        assert result["outcome"] == outcome


async def test_an_exclusion_takes_two_thirds_and_its_delegate_stands_aside_r5_3(
    room: Room,
) -> None:
    accused = room.chamber.members[14]
    for yes, outcome in ((10, "carried"), (9, "not_carried")):
        item = await room.item("exclusion", decision_kind="exclude", subject_id=accused, ground="b")
        ballot = await room.started(item)
        assert refused(await room.vote(ballot, 14, "against")) == (409, "seat-recused")
        await room.votes(ballot, "f" * yes + "a" * (14 - yes))
        result = await room.close(ballot)
        assert (result["present"], result["recused"], result["counted"]) == (15, 1, 14)
        assert result["outcome"] == outcome


async def test_votes_weigh_what_the_council_has_set_for_their_group(room: Room) -> None:
    await set_parameter(room, "council.employer_weight", "3")
    ballot = await room.started()
    await room.votes(ballot, "aaaaaaaafffffff")  # seven employers against eight others
    result = await room.close(ballot)
    assert counts(result) == (21, 8, 0)
    assert result["outcome"] == "carried"


async def test_by_member_each_member_has_one_vote(room: Room) -> None:
    await set_parameter(room, "council.vote_unit", "member")
    answer = await room.start()
    assert (answer.json()["listed"], answer.json()["entitled"]) == (15, 15)


async def set_parameter(room: Room, name: str, value: str) -> None:
    decision = await room.decided(
        decision_kind="set_parameter", parameter=name, value=value, draft_text="Установить."
    )
    assert decision["status"] == "executed"


# --- recusal -------------------------------------------------------------------------------------


async def test_who_has_a_conflict_of_interest_stands_aside_and_it_is_on_the_register(
    room: Room,
) -> None:
    chamber, item = room.chamber, await room.item()
    ballot = await room.started(item)
    await room.votes(ballot, "ffffffff")
    answer = await chamber.post(
        f"/items/{item}/recusals", chamber.as_seated(2), reason="Мы поставляем это оборудование."
    )
    assert answer.status_code == 201, answer.text
    assert refused(await room.vote(ballot, 2, "for")) == (409, "seat-recused")
    again = await chamber.post(f"/items/{item}/recusals", chamber.as_seated(2), reason="Ещё раз.")
    assert refused(again) == (409, "seat-recused")
    result = await room.close(ballot)
    assert counts(result) == (7, 0, 7)
    assert (result["present"], result["recused"]) == (15, 1)
    [line] = (await chamber.get(f"/items/{item}/recusals")).json()["items"]
    assert line["seat_id"] == str(chamber.seat(2))
    late = await chamber.post(f"/items/{item}/recusals", chamber.as_seated(3), reason="Поздно.")
    assert late.status_code == 201  # the next ballot on this item goes without this seat
    await room.set_status("closed")
    over = await chamber.post(f"/items/{item}/recusals", chamber.as_seated(4), reason="Поздно.")
    assert refused(over) == (409, "wrong-status")


async def test_the_reason_of_a_recusal_stands_in_no_audit_row(room: Room) -> None:
    item = await room.item()
    reason = "Мой брат руководит этим заводом."
    await room.chamber.post(f"/items/{item}/recusals", room.chamber.as_seated(2), reason=reason)
    rows = await room.service.sql("SELECT * FROM audit WHERE action = 'seat.recused'")
    assert len(rows) == 1
    assert "брат" not in str(rows)


# --- written powers ------------------------------------------------------------------------------


def power(room: Room, giver: int, taker: int, **more: str) -> dict[str, str]:
    return {
        "from_seat_id": str(room.chamber.seat(giver)),
        "to_seat_id": str(room.chamber.seat(taker)),
        "number": "17",
        "given_on": room.chamber.day(-3),
        "valid_from": room.chamber.day(0),
        "valid_until": room.chamber.day(30),
        **more,
    }


async def test_a_delegate_votes_for_an_absent_one_by_a_written_power(council: Running) -> None:
    room = await Room.of(council, present=8)
    chamber = room.chamber
    given = await chamber.post("/powers", **power(room, 12, 3))
    assert given.status_code == 201, given.text
    ballot = await room.started()
    await room.votes(ballot, "ffffffff")
    seat = str(chamber.seat(12))
    assert refused(await room.vote(ballot, 4, "for", seat_id=seat)) == (409, "not-entitled")
    voted = await room.vote(ballot, 3, "against", seat_id=seat)
    assert [own["has_voted"] for own in voted.json()["ballot"]["own"]] == [True, True]
    assert refused(await room.vote(ballot, 12, "for")) == (409, "not-entitled")
    result = await room.close(ballot)
    assert counts(result) == (8, 1, 0)
    assert result["present"] == 9


async def test_a_power_makes_no_chain_is_for_one_and_is_taken_back(room: Room) -> None:
    chamber = room.chamber
    own = chamber.as_seated(12)
    given = await chamber.post("/powers", own, **power(room, 12, 3))
    assert given.status_code == 201, given.text

    async def refusal(giver: int, taker: int, **more: str) -> tuple[int, str]:
        return refused(await chamber.post("/powers", **power(room, giver, taker, **more)))

    assert await refusal(3, 5) == (409, "power-chain")
    assert await refusal(5, 12) == (409, "power-chain")
    assert await refusal(12, 5) == (409, "power-given")
    assert await refusal(5, 3) == (409, "delegate-has-enough")
    assert await refusal(5, 5) == (422, "invalid")
    assert await refusal(5, 6, valid_until=chamber.day(-1)) == (422, "invalid")
    assert await refusal(5, 6, given_on=chamber.day(1)) == (422, "invalid")
    secretary = power(room, 5, 6, to_seat_id=str(chamber.seats[chamber.secretary]))
    voteless = await chamber.post("/powers", **secretary)
    assert voteless.json()["detail"] == DelegateHasNoVote.title()
    answer = await chamber.post("/powers", own, **power(room, 5, 6))
    assert refused(answer) == (403, "role-missing")
    revoke = f"/powers/{given.json()['id']}/revoke"
    assert refused(await chamber.post(revoke, chamber.as_seated(3))) == (403, "role-missing")
    assert (await chamber.post(revoke, own)).json()["revoked_at"] is not None
    assert refused(await chamber.post(revoke, own)) == (409, "power-over")
    assert (await chamber.post("/powers", own, **power(room, 12, 5))).status_code == 201
    listed = await chamber.get("/powers", on=chamber.day(0))
    assert [each["to_seat_id"] for each in listed.json()["items"]] == [str(chamber.seat(5))]


# --- absentee ballots and deadlines --------------------------------------------------------------


async def test_an_absentee_ballot_runs_to_its_end_and_is_closed_by_itself(council: Running) -> None:
    room = await Room.of(council, present=0, form="absentee")
    ballot = await room.started()
    await room.votes(ballot, "ffffffffa")
    early = await room.chamber.post(f"/ballots/{ballot}/close")
    assert refused(early) == (409, "wrong-status")
    assert await council.due() == 0
    council.clock.pass_(days=5)
    assert refused(await room.vote(ballot, 10, "for")) == (409, "wrong-status")
    assert await council.due() >= 1
    result = (await room.chamber.get(f"/ballots/{ballot}")).json()["result"]
    assert counts(result) == (8, 1, 0)
    assert (result["present"], result["counted"], result["outcome"]) == (9, 9, "carried")


async def test_an_absentee_ballot_in_which_too_few_voted_comes_to_nothing_i5(
    council: Running,
) -> None:
    room = await Room.of(council, present=0, form="absentee")
    ballot = await room.started()
    await room.votes(ballot, "fffffff")
    council.clock.pass_(days=5)
    await council.due()
    result = (await room.chamber.get(f"/ballots/{ballot}")).json()["result"]
    assert (result["outcome"], result["decision_id"]) == ("no_quorum", None)


async def test_an_absentee_ballot_is_closed_by_hand_once_everybody_has_voted(
    council: Running,
) -> None:
    room = await Room.of(council, present=0, form="absentee")
    ballot = await room.started()
    await room.votes(ballot, "f" * 15)
    assert (await room.close(ballot))["outcome"] == "carried"


# --- dissenting opinions -------------------------------------------------------------------------


async def test_a_dissenting_opinion_is_filed_once_within_three_working_days(room: Room) -> None:
    chamber = room.chamber
    ballot = await room.started()
    path = f"/ballots/{ballot}/dissents"
    words = {"words": "Решение не обеспечено деньгами."}
    assert refused(await chamber.post(path, chamber.as_seated(3), **words)) == (409, "wrong-status")
    await room.votes(ballot, "fffafffffff")
    await room.close(ballot)
    filed = await chamber.post(path, chamber.as_seated(3), **words)
    assert filed.status_code == 201, filed.text
    assert filed.json()["items"][0]["seat_id"] == str(chamber.seat(3))
    again = await chamber.post(path, chamber.as_seated(3), **words)
    assert refused(again) == (409, "dissent-filed")
    secretary = await chamber.post(path, chamber.as_secretary(), **words)
    assert refused(secretary) == (409, "not-entitled")
    room.service.clock.pass_(days=14)
    late = await chamber.post(path, chamber.as_seated(4), **words)
    assert refused(late) == (409, "dissent-late")


# --- what the database keeps ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ballots SET votes_for = 0",
        "UPDATE votes SET choice = 'against'",
        "DELETE FROM votes",
        "UPDATE ballot_voters SET is_recused = true",
        "UPDATE dissents SET words = ''",
    ],
)
async def test_nobody_changes_a_closed_ballot_whoever_asks(room: Room, statement: str) -> None:
    ballot = await room.started()
    await room.votes(ballot, "ffffffff")
    await room.close(ballot)
    with pytest.raises(asyncpg.RestrictViolationError):
        await room.service.sql(statement)


async def test_the_database_takes_no_count_that_does_not_add_up_i5(room: Room) -> None:
    await room.started()
    with pytest.raises(asyncpg.CheckViolationError):
        await room.service.sql(
            "UPDATE ballots SET closed_at = opened_at, present = 9, recused = 0, counted = 9,"
            " votes_for = 4, against = 4, abstained = 0, outcome = 'carried'"
        )
