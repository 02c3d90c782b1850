"""The inbox: whom a fact concerns, what waits, and what settles it."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts import council, finance, membership, workshops
from contracts.event import Event
from services.notices.domain.kinds import RULES, Kind
from shared.ids import new_id
from tests.notices.facts import API, Known


async def test_a_request_waits_at_the_owners_approver_with_what_to_do(known: Known) -> None:
    booking_id = await known.request()
    [item] = await known.inbox(known.approver)
    assert (item["kind"], item["place"], item["about_id"]) == (
        "booking_requested",
        "booking",
        str(booking_id),
    )
    assert item["is_waiting"] is True
    assert item["deed"] == "Answer the request"
    assert item["member_id"] == str(known.college)
    assert item["facts"]["booker_id"] == str(known.firm)
    assert item["sentence"].startswith("{booker_id} asks for your workshop")
    assert await known.inbox(known.coordinator) == []
    assert (await known.get(known.approver, "/notices/counts")).json() == {
        "unread": 1,
        "waiting": 1,
    }


async def test_the_inbox_speaks_the_language_that_is_asked_for(known: Known) -> None:
    await known.request()
    [item] = await known.inbox(known.approver, language="ru")
    assert item["deed"] == "Ответить на запрос"
    assert item["sentence"].startswith("{booker_id} просит вашу мастерскую")
    assert (await known.get(known.approver, "/notices", language="fr")).status_code == 422


async def test_a_request_that_was_answered_waits_for_nobody(known: Known) -> None:
    second = new_id()
    await known.grant(second, known.college, "approver")
    booking_id = await known.request()
    assert await known.kinds(second, waiting=True) == ["booking_requested"]
    await known.confirm(booking_id)
    for person_id in (known.approver, second):
        assert await known.inbox(person_id, waiting=True) == []
        [item] = await known.inbox(person_id)
        assert item["settled_at"] is not None
        assert (await known.get(person_id, "/notices/counts")).json()["unread"] == 0
    assert await known.kinds(known.coordinator) == ["booking_confirmed"]


async def test_a_booking_without_a_request_is_told_to_both_sides(known: Known) -> None:
    await known.confirm(new_id())
    assert await known.kinds(known.approver) == ["booking_received"]
    assert await known.kinds(known.coordinator) == ["booking_confirmed"]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("BookingDeclined", {"coordinator": ["booking_declined"], "approver": []}),
        (
            "BookingLapsed",
            {"coordinator": ["booking_lapsed"], "approver": ["booking_unanswered"]},
        ),
    ],
)
async def test_what_became_of_a_request_is_told_to_those_whom_it_concerns(
    known: Known, event: str, told: dict[str, list[str]]
) -> None:
    booking_id = await known.request()
    kind: Any = getattr(workshops, event)
    sides = {"booking_id": booking_id, "owner_id": known.college, "booker_id": known.firm}
    await known.hear(kind(**sides, workshop_id=new_id()))
    assert await known.kinds(known.coordinator) == told["coordinator"]
    assert await known.kinds(known.approver, waiting=True) == []
    assert await known.kinds(known.approver, unread=True) == told["approver"]


@pytest.mark.parametrize(
    ("by", "whom", "kind"),
    [
        ("owner", "coordinator", "booking_cancelled_by_owner"),
        ("booker", "approver", "booking_cancelled_by_booker"),
    ],
)
async def test_a_cancellation_is_told_to_the_other_side(
    known: Known, by: Any, whom: str, kind: str
) -> None:
    await known.hear(
        workshops.BookingCancelled(
            booking_id=new_id(),
            workshop_id=new_id(),
            owner_id=known.college,
            booker_id=known.firm,
            by=by,
        )
    )
    others = {"coordinator", "approver"} - {whom}
    assert await known.kinds(getattr(known, whom)) == [kind]
    assert await known.kinds(getattr(known, others.pop())) == []


async def test_where_nobody_has_the_role_the_coordinator_is_told(known: Known) -> None:
    await known.grant(known.treasurer, known.firm)
    await known.hear(
        finance.ObligationIncurred(
            obligation_id=new_id(),
            debtor_id=known.firm,
            creditor_id=known.college,
            amount_kopecks=164_700,
            vat_kopecks=29_700,
            basis_kind="booking",
            basis_id=new_id(),
            incurred_on=date(2026, 9, 1),
        )
    )
    assert await known.kinds(known.coordinator) == ["obligation_incurred"]


async def test_who_takes_a_role_over_is_told_what_waits_for_it(known: Known) -> None:
    await known.request()
    newcomer = new_id()
    await known.grant(newcomer, known.college, "approver")
    assert await known.kinds(newcomer) == ["booking_requested"]
    await known.grant(newcomer, known.college, "approver", "finance")
    assert await known.kinds(newcomer, waiting=True) == ["booking_requested"]


async def test_who_gives_a_role_up_is_asked_for_nothing_more(known: Known) -> None:
    await known.request()
    await known.grant(known.approver, known.college, "auditor")
    assert await known.inbox(known.approver, waiting=True) == []
    assert "roles_changed" in await known.kinds(known.approver)


async def test_who_acts_for_a_member_no_longer_sees_none_of_its_notices(known: Known) -> None:
    await known.request()
    await known.grant(known.approver, known.college)
    assert await known.inbox(known.approver) == []


async def test_the_secretary_is_told_of_applications_and_before_there_is_one_administrators(
    known: Known,
) -> None:
    def submitted() -> membership.ApplicationSubmitted:
        return membership.ApplicationSubmitted(
            application_id=new_id(), kind="employer", submitted_at=known.service.clock()
        )

    await known.hear(submitted())
    assert await known.kinds(known.administrator) == ["application_submitted"]
    await known.grant(known.secretary, known.stranger, "council_secretary")
    assert await known.kinds(known.secretary) == ["application_submitted"]
    event = submitted()
    await known.hear(event)
    assert len(await known.inbox(known.administrator)) == 1
    assert len(await known.inbox(known.secretary)) == 2
    checked = membership.ApplicationChecked(application_id=event.application_id, kind="employer")
    await known.hear(checked)
    assert sorted(await known.kinds(known.secretary, waiting=True)) == [
        "application_checked",
        "application_submitted",
    ]
    await known.grant(known.secretary, known.stranger)
    assert await known.inbox(known.secretary, waiting=True) == []


async def test_r5_3_a_case_waits_for_the_members_answer_until_its_last_day(known: Known) -> None:
    today = known.service.clock().date()
    case_id = new_id()
    await known.hear(
        membership.CaseOpened(
            case_id=case_id,
            member_id=known.firm,
            ground="b",
            answer_until_on=today + timedelta(days=14),
        )
    )
    [item] = await known.inbox(known.coordinator)
    assert (item["kind"], item["is_waiting"]) == ("case_opened", True)
    assert len(await known.mailings("reminder")) == 2
    await known.hear(membership.CaseAnswered(case_id=case_id, member_id=known.firm))
    assert await known.inbox(known.coordinator, waiting=True) == []
    assert await known.kinds(known.administrator) == ["case_answered"]
    await known.hear(membership.CaseClosed(case_id=case_id, member_id=known.firm))
    assert await known.inbox(known.administrator, waiting=True) == []
    assert await known.kinds(known.coordinator, unread=True) == ["case_closed"]


async def test_what_waits_ends_with_its_time(known: Known) -> None:
    await known.request()
    known.service.clock.pass_(days=2, minutes=1)
    [item] = await known.inbox(known.approver)
    assert item["is_waiting"] is False
    assert (await known.get(known.approver, "/notices/counts")).json()["waiting"] == 0


async def test_an_agreement_waits_for_the_signature_of_the_other_party(known: Known) -> None:
    await known.grant(known.approver, known.college, "approver", "coordinator")
    agreement_id = new_id()
    terms = {
        "agreement_id": agreement_id,
        "kind": "services",
        "party_ids": (known.college, known.firm),
        "valid_from": date(2026, 12, 1),
        "valid_to": date(2027, 12, 1),
    }
    made = membership.AgreementMade.model_validate({**terms, "maker_id": known.college})
    await known.hear(made)
    assert await known.kinds(known.coordinator, waiting=True) == ["agreement_to_sign"]
    assert "agreement_to_sign" not in await known.kinds(known.approver)
    await known.hear(membership.AgreementActivated.model_validate(terms))
    assert await known.kinds(known.coordinator, waiting=True) == []
    assert "agreement_active" in await known.kinds(known.approver)
    await known.hear(
        membership.AgreementEnded(agreement_id=agreement_id, ended_on=date(2027, 12, 2))
    )
    assert (await known.kinds(known.coordinator))[0] == "agreement_ended"


async def test_r5_1_who_has_an_agreement_with_a_leaving_member_is_told(known: Known) -> None:
    await known.activate(known.college, known.firm)
    await known.hear(
        membership.WithdrawalAnnounced(
            member_id=known.college,
            effective_on=date(2027, 3, 1),
            announced_at=known.service.clock(),
        )
    )
    assert (await known.kinds(known.coordinator))[0] == "partner_leaves"
    outsider = new_id()
    await known.grant(outsider, known.stranger, "coordinator")
    await known.hear(
        membership.MemberWithdrawn(member_id=known.college, withdrawn_on=date(2027, 3, 1))
    )
    assert (await known.kinds(known.coordinator))[0] == "partner_left"
    assert await known.inbox(outsider) == []


ABOUT_THE_FIRM: dict[str, Any] = {
    "member_suspended": lambda known: membership.MemberSuspended(
        member_id=known.firm,
        decision_id=new_id(),
        suspended_on=date(2026, 12, 1),
        suspended_until=None,
    ),
    "member_restored": lambda known: membership.MemberRestored(
        member_id=known.firm, restored_on=date(2026, 12, 1)
    ),
    "member_excluded": lambda known: membership.MemberExcluded(
        member_id=known.firm, decision_id=new_id(), ground="a", excluded_on=date(2026, 12, 1)
    ),
    "decision_adopted": lambda known: council.DecisionAdopted(
        decision_id=new_id(),
        meeting_id=None,
        item_id=None,
        kind="recommend",
        force="recommendation",
        subject_id=None,
        addressee_ids=(known.firm,),
        due_on=None,
        ground=None,
        parameter=None,
        value=None,
        adopted_on=date(2026, 12, 1),
    ),
    "seat_taken": lambda known: council.SeatTaken(
        seat_id=new_id(),
        person_id=known.coordinator,
        member_id=known.firm,
        duty="member",
        from_on=date(2026, 12, 1),
        until_on=None,
    ),
}


@pytest.mark.parametrize("kind", sorted(ABOUT_THE_FIRM))
async def test_what_concerns_a_member_is_told_to_its_coordinator(known: Known, kind: str) -> None:
    event: Event = ABOUT_THE_FIRM[kind](known)
    await known.hear(event)
    assert await known.kinds(known.coordinator) == [kind]
    assert await known.inbox(known.approver) == []


async def test_those_who_are_called_to_a_meeting_hear_what_becomes_of_it(known: Known) -> None:
    meeting_id, later_id, person_id = new_id(), new_id(), new_id()
    starts_at = known.service.clock() + timedelta(days=9)
    called = {"person_ids": (person_id, known.coordinator)}
    await known.hear(
        council.MeetingAnnounced(
            meeting_id=meeting_id,
            kind="regular",
            form="video",
            starts_at=starts_at,
            absentee_until=None,
            **called,
        )
    )
    assert await known.kinds(person_id) == await known.kinds(known.coordinator)
    await known.hear(
        council.MeetingMoved(
            meeting_id=meeting_id, successor_id=later_id, starts_at=starts_at, **called
        )
    )
    assert await known.kinds(person_id, unread=True) == ["meeting_moved"]
    await known.hear(council.MeetingCancelled(meeting_id=later_id, **called))
    assert await known.kinds(person_id, unread=True) == ["meeting_cancelled"]


async def test_those_who_may_vote_are_told_and_nobody_is_reminded(known: Known) -> None:
    ballot = {"ballot_id": new_id(), "meeting_id": new_id(), "item_id": new_id()}
    now = known.service.clock()
    await known.hear(
        council.BallotOpened(
            **ballot,
            is_secret=True,
            opened_at=now,
            closes_at=now + timedelta(days=5),
            voter_ids=(known.coordinator,),
        )
    )
    assert await known.kinds(known.coordinator, unread=True) == ["ballot_opened"]
    assert [row["purpose"] for row in await known.mailings(of=known.coordinator)] == ["notice"]
    await known.hear(
        council.BallotClosed(
            **ballot,
            outcome="carried",
            votes_for=1,
            against=0,
            abstained=0,
            closed_at=now,
        )
    )
    assert await known.inbox(known.coordinator, unread=True) == []


async def test_r5_1_a_proposal_waits_for_the_secretary_and_its_author_hears_of_it(
    known: Known,
) -> None:
    await known.grant(known.secretary, known.stranger, "council_secretary")

    async def submit() -> dict[str, Any]:
        proposal = {"proposal_id": new_id(), "member_id": known.firm}
        author = {**proposal, "person_id": known.coordinator}
        event = council.ProposalSubmitted(**author, submitted_at=known.service.clock())
        await known.hear(event)
        assert await known.kinds(known.secretary, waiting=True) == ["proposal_submitted"]
        return author

    author = await submit()
    await known.hear(council.ProposalTabled(**author, meeting_id=new_id(), item_id=new_id()))
    assert await known.kinds(known.coordinator) == ["proposal_tabled"]
    await known.hear(council.ProposalRefused(**await submit()))
    assert (await known.kinds(known.coordinator))[0] == "proposal_refused"
    author = await submit()
    await known.hear(
        council.ProposalWithdrawn(proposal_id=author["proposal_id"], member_id=author["member_id"])
    )
    assert await known.inbox(known.secretary, waiting=True) == []


async def test_what_was_told_to_one_id_of_a_person_is_the_others_to_read(known: Known) -> None:
    other = new_id()
    await known.request()
    await known.confirm(new_id())
    await known.hear(membership.PersonsMerged(kept_id=other, merged_id=known.approver))
    assert await known.inbox(known.approver) == []
    assert sorted(await known.kinds(other)) == ["booking_received", "booking_requested"]
    assert {row["purpose"] for row in await known.mailings(of=other)} >= {"notice", "digest"}
    assert await known.mailings(of=known.approver) == []
    await known.request()
    assert len(await known.inbox(other, waiting=True)) == 2


async def test_a_decision_that_failed_is_told_to_the_councils_head_and_secretary(
    known: Known,
) -> None:
    await known.grant(known.secretary, known.stranger, "council_head")
    await known.hear(membership.DecisionFailed(decision_id=new_id(), reason_code="case-is-closed"))
    assert await known.kinds(known.secretary) == ["decision_failed"]


async def test_a_new_member_is_told_to_the_others_quietly(known: Known) -> None:
    await known.hear(
        membership.MemberJoined(
            member_id=new_id(),
            slug="newcomer",
            kind="employer",
            is_state=False,
            vat_regime="general",
            joined_on=date(2026, 12, 1),
        )
    )
    assert await known.kinds(known.coordinator) == ["member_joined"]
    assert await known.mailings() == []


async def test_what_is_heard_again_long_after_is_no_news(known: Known) -> None:
    """A service that is rebuilt hears everything again; only what waits is put before people."""
    long_ago = known.service.clock() - timedelta(days=3)
    await known.confirm(new_id(), long_ago)
    assert await known.inbox(known.coordinator) == []
    due_at = known.service.clock() + timedelta(days=1)
    await known.request(long_ago, answer_due_at=due_at)
    assert await known.kinds(known.approver) == ["booking_requested"]
    assert await known.mailings("notice") == []


async def test_a_notice_is_read_once_and_by_its_owner_alone(known: Known) -> None:
    await known.confirm(new_id())
    [item] = await known.inbox(known.coordinator)
    path = f"/notices/{item['id']}"
    assert (await known.get(known.approver, path)).status_code == 404
    assert (await known.post(known.approver, f"{path}/read")).status_code == 404
    assert (await known.get(known.coordinator, path)).json()["read_at"] is None
    first = (await known.post(known.coordinator, f"{path}/read")).json()["read_at"]
    assert first is not None
    assert (await known.post(known.coordinator, f"{path}/read")).json()["read_at"] == first
    assert await known.inbox(known.coordinator, unread=True) == []


async def test_everything_is_read_at_once_and_what_waits_goes_on_waiting(known: Known) -> None:
    await known.request()
    await known.confirm(new_id())
    answer = await known.post(known.approver, "/notices/read-all")
    assert answer.json() == {"unread": 0, "waiting": 1}
    assert len(await known.inbox(known.approver, unread=True)) == 0


async def test_every_change_of_an_inbox_is_told_to_open_pages(known: Known) -> None:
    before = len(await known.service.told("notices.inbox.changed.v1"))
    booking_id = await known.request()
    await known.decline(booking_id)
    told = await known.service.told("notices.inbox.changed.v1")
    people = [row["aggregate_id"] for row in told[before:]]
    assert people == [known.approver, known.approver, known.coordinator]
    assert str(known.firm) not in "".join(row["body"] for row in told)


async def test_pages_of_the_inbox_follow_each_other(known: Known) -> None:
    for _ in range(3):
        await known.confirm(new_id())
    first = (await known.get(known.coordinator, "/notices", limit=2)).json()
    rest = (
        await known.get(known.coordinator, "/notices", limit=2, cursor=first["next_cursor"])
    ).json()
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert len(set(ids)) == 3
    assert ids == sorted(ids, reverse=True)
    assert rest["next_cursor"] is None


def test_what_is_to_do_names_it_and_what_is_not_asks_nothing() -> None:
    to_do = {kind for kind, rule in RULES.items() if rule.is_to_do}
    assert to_do == {
        Kind.BOOKING_REQUESTED,
        Kind.AGREEMENT_TO_SIGN,
        Kind.APPLICATION_SUBMITTED,
        Kind.APPLICATION_CHECKED,
        Kind.CASE_OPENED,
        Kind.CASE_ANSWERED,
        Kind.PROPOSAL_SUBMITTED,
    }
    assert RULES.keys() == set(Kind)


async def test_who_is_erased_is_told_nothing_and_nothing_that_was_told_stays(
    known: Known,
) -> None:
    await known.request()
    await known.confirm(new_id())
    await known.service.client.put(
        f"{API}/preferences",
        headers=known.as_(known.coordinator),
        json={"language": "en", "digest_hour": 9, "groups": []},
    )
    done = await known.get(known.coordinator, "/deeds")
    assert (done.status_code, done.json()["next_cursor"]) == (200, None)
    await known.grant(known.coordinator, known.firm)
    gone = membership.PersonErased(person_id=known.coordinator, erased_at=known.service.clock())
    await known.hear(gone)
    await known.confirm(new_id())
    for table in ("notices", "mailings", "preferences", "roles"):
        rows = await known.service.sql(
            f"SELECT FROM {table} WHERE person_id = $1", known.coordinator
        )
        assert rows == [], table
    assert await known.kinds(known.approver), "others keep theirs"
