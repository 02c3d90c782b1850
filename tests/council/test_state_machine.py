"""Joining, leaving, seats, proposals, cases and meetings at random, on a real PostgreSQL.

What always holds is looked at after each step: I1, I2, I3, I5 and I6.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contracts.membership import (
    ApplicationChecked,
    CaseAnswered,
    CaseClosed,
    CaseOpened,
    MemberJoined,
    MemberWithdrawn,
    RolesGranted,
)
from services.council import subscribers
from shared.clock import now
from shared.database import Cause
from shared.identity import Role
from shared.ids import new_id
from tests.council.chamber import ADVICE, INFO, Chamber
from tests.council.conftest import EMPTY
from tests.harness import Moment, Running, Servers, running
from tests.membership.test_state_machine import connect

KINDS = ("authority", "college", "university", "employer")
MOODS = ("fffff", "ffffa", "ffff-", "ffao-", "aafo-", "aaaa")
"""How those who are there vote, one after another, and again from the beginning."""
LETTERS = {"f": "for", "a": "against", "o": "abstain"}


class Sittings(RuleBasedStateMachine):
    """A council about which everything changes, and which meets now and then."""

    service: Running
    run: Callable[[Awaitable[Any]], Any]
    own: asyncpg.Connection
    happened: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.members: dict[UUID, UUID] = {}
        """Everybody who ever took part, with a coordinator of each."""
        self.gone: set[UUID] = set()
        self.cases: list[CaseOpened] = []
        self.proposals: list[str] = []

    @initialize()
    def lay(self) -> None:
        """Fifteen members with a council of theirs."""
        self.run(self.own.execute(EMPTY))
        self.service.clock.set(now())
        self.chamber = self.run(Chamber(self.service).lay())
        self.members = dict(zip(self.chamber.members, self.chamber.people, strict=True))

    def ask(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        """Asks, as the secretary unless told otherwise, and is never answered with a fault."""
        answer: httpx.Response = self.run(self.chamber.post(path, headers, **body))
        assert answer.status_code < 500, answer.text
        return answer

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """What the database says, past all rights."""
        found: list[Any] = self.run(self.own.fetch(statement, *values))
        return found

    def hear(self, handler: Callable[[Any, Any], Awaitable[None]], event: Any) -> None:
        """The council hears a fact."""

        async def take() -> None:
            database = self.service.runtime.database
            async with database.transaction(cause=Cause(new_id(), new_id())) as tx:
                await handler(event, tx)

        self.run(take())

    def member(self, which: int) -> UUID:
        """One of those who ever took part."""
        return list(self.members)[which % len(self.members)]

    def of(self, member_id: UUID, *roles: Role) -> dict[str, str]:
        """The headers of a member's coordinator."""
        roles = roles or (Role.COORDINATOR,)
        return self.service.as_(member_id, *roles, person_id=self.members[member_id])

    # --- who takes part, and who sits ---

    @rule(kind=st.sampled_from(KINDS))
    def join(self, kind: str) -> None:
        """Somebody joins."""
        member_id, person_id = new_id(), new_id()
        joined = MemberJoined(
            member_id=member_id,
            slug=f"m{member_id.hex[:12]}",
            kind=kind,
            is_state=False,
            vat_regime="general",
            joined_on=self.chamber.today,
        )
        granted = RolesGranted(person_id=person_id, member_id=member_id, roles=("coordinator",))
        self.hear(subscribers.on_member_joined, joined)
        self.hear(subscribers.on_roles_granted, granted)
        self.members[member_id] = person_id

    @rule(which=st.integers(0, 30))
    def leave(self, which: int) -> None:
        """I2: whoever leaves has left, whatever is open with the council."""
        member_id = self.member(which)
        if member_id in self.gone or member_id == self.chamber.members[0] or len(self.gone) > 5:
            return
        left = MemberWithdrawn(member_id=member_id, withdrawn_on=self.chamber.today)
        self.hear(subscribers.on_member_withdrawn, left)
        self.gone.add(member_id)
        self.happened["left"] += 1

    @rule(which=st.integers(0, 30), duty=st.sampled_from(["member", "deputy", "head"]))
    def take_seat(self, which: int, duty: str) -> None:
        """Somebody takes a seat, where there is one to take."""
        member_id = self.member(which)
        answer = self.ask(
            "/seats",
            person_id=str(self.members[member_id]),
            member_id=str(member_id),
            quota="college",
            duty=duty,
            from_on=self.chamber.day(0),
            basis="Решение",
        )
        assert answer.status_code in {201, 409}, answer.text
        if member_id in self.gone:
            assert answer.json()["code"] == "member-takes-no-part"

    @rule(which=st.integers(0, 30), days=st.integers(0, 3))
    def vacate(self, which: int, days: int) -> None:
        """Somebody of the council leaves it."""
        seats = self.rows("SELECT id FROM seats WHERE duty = 'member' ORDER BY id")
        seat_id = seats[which % len(seats)]["id"]
        body = {"until_on": self.chamber.day(days), "reason": "Перевод"}
        assert self.ask(f"/seats/{seat_id}/vacate", **body).status_code in {200, 409}

    @rule(days=st.integers(1, 5))
    def pass_days(self, days: int) -> None:
        """Time passes, and what falls due is done."""
        self.service.clock.pass_(days=days)
        self.run(self.service.due())

    # --- what comes to the council ---

    @rule(which=st.integers(0, 30))
    def propose(self, which: int) -> None:
        """I6: any member that takes part puts a proposal, whether it sits or not."""
        member_id = self.member(which)
        answer = self.ask("/proposals", self.of(member_id), title="Сетка", body="Общая сетка")
        assert answer.status_code == (409 if member_id in self.gone else 201), answer.text
        if answer.status_code == 201:
            self.proposals.append(answer.json()["id"])

    @precondition(lambda self: self.proposals)
    @rule(which=st.integers(0, 30), step=st.sampled_from(["refuse", "withdraw"]))
    def answer_proposal(self, which: int, step: str) -> None:
        """The secretary refuses one, or its member takes it back."""
        path = f"/proposals/{self.proposals[which % len(self.proposals)]}"
        if step == "refuse":
            answer = self.ask(f"{path}/refuse", reason="Не наш вопрос")
        else:
            proposal = self.run(self.chamber.get(path)).json()
            answer = self.ask(f"{path}/withdraw", self.of(UUID(proposal["member_id"])))
        assert answer.status_code in {200, 409}, answer.text

    @rule()
    def check_application(self) -> None:
        """An application was found in order."""
        checked = ApplicationChecked(application_id=new_id(), kind="employer")
        self.hear(subscribers.on_application_checked, checked)

    @rule(which=st.integers(1, 30), ground=st.sampled_from(["a", "b"]), is_answered=st.booleans())
    def open_case(self, which: int, ground: str, is_answered: bool) -> None:
        """A case about a member is opened, and answered perhaps."""
        member_id = self.member(which)
        if member_id in self.gone:
            return
        case = CaseOpened(
            case_id=new_id(),
            member_id=member_id,
            ground=ground,
            answer_until_on=self.chamber.today + timedelta(days=14),
        )
        self.hear(subscribers.on_case_opened, case)
        self.cases.append(case)
        if is_answered:
            answered = CaseAnswered(case_id=case.case_id, member_id=member_id)
            self.hear(subscribers.on_case_answered, answered)

    @precondition(lambda self: self.cases)
    @rule(which=st.integers(0, 30))
    def drop_case(self, which: int) -> None:
        """A case is dropped."""
        case = self.cases[which % len(self.cases)]
        closed = CaseClosed(case_id=case.case_id, member_id=case.member_id)
        self.hear(subscribers.on_case_closed, closed)

    # --- a meeting ---

    @rule(
        there=st.sampled_from([16, 12, 9, 20]),
        letters=st.sampled_from(MOODS),
        leaving=st.integers(0, 3),
        aside=st.booleans(),
        whom=st.none() | st.integers(1, 30),
    )
    def meet(self, there: int, letters: str, leaving: int, aside: bool, whom: int | None) -> None:
        """Most come, and there is something to decide."""
        self.check_application()
        if whom is not None:
            self.open_case(whom, "b", is_answered=True)
        self._meet(there, letters, leaving=leaving, aside=aside)

    @rule(there=st.integers(0, 7))
    def meet_in_vain(self, there: int) -> None:
        """Few come, and the meeting takes place another time, if at all."""
        self._meet(there, "f", leaving=0, aside=False)

    def _meet(self, there: int, letters: str, *, leaving: int, aside: bool) -> None:
        """The council is called, gathers as far as it does, votes on everything, and parts."""
        meeting_id = self.run(self.chamber.planned(INFO, ADVICE))
        self._table(meeting_id)
        assert self.ask(f"/meetings/{meeting_id}/announce").status_code == 200
        starts_at = self.run(self.chamber.get(f"/meetings/{meeting_id}")).json()["starts_at"]
        self.service.clock.set(datetime.fromisoformat(starts_at))
        self.run(self.service.due())
        present = self._register(meeting_id, there)
        chair = present[0]["id"] if present else None
        opened = self.ask(f"/meetings/{meeting_id}/open", chair_seat_id=chair and str(chair))
        self.happened[f"meeting {opened.json().get('status')}"] += 1
        if opened.json().get("status") == "no_quorum":
            self.ask(f"/meetings/{meeting_id}/move", **self.chamber.call(8), reason="Нет кворума")
            return
        if opened.status_code != 200:
            self.ask(f"/meetings/{meeting_id}/cancel", reason="Некому вести")
            return
        for seat in present[1 : 1 + leaving]:
            self.ask(f"/meetings/{meeting_id}/leave", seat_id=str(seat["id"]))
        for item in opened.json()["items"]:
            self._vote(item, present, letters, aside=aside)
        closed = self.ask(f"/meetings/{meeting_id}/close")
        assert closed.status_code == 200, closed.text

    def _table(self, meeting_id: str) -> None:
        """What waits comes to the agenda, as far as it is ready."""
        path = f"/meetings/{meeting_id}/items"
        for matter in self.run(self.chamber.get("/matters")).json()["items"]:
            is_case = matter["kind"] == "case"
            item = {
                "title": "Об участнике",
                "kind": "exclusion" if is_case else "decision",
                "decision_kind": "exclude" if is_case else "admit",
                "matter_id": matter["id"],
            }
            self.happened[f"table {self.ask(path, **item).status_code}"] += 1
        for proposal_id in self.proposals:
            self.ask(path, **ADVICE, proposal_id=proposal_id)

    def _register(self, meeting_id: str, there: int) -> list[Any]:
        seats = self.rows(
            "SELECT * FROM seats WHERE from_on <= $1 AND (until_on IS NULL OR until_on >= $1)"
            " AND has_vote ORDER BY id",
            self.chamber.today,
        )
        chosen = seats[:there]
        for seat in chosen:
            body = {"way": "in_person", "seat_id": str(seat["id"])}
            assert self.ask(f"/meetings/{meeting_id}/register", **body).status_code == 200
        return chosen

    def _vote(self, item: dict[str, Any], present: list[Any], letters: str, *, aside: bool) -> None:
        ballot = self.ask(f"/items/{item['id']}/ballots", is_secret=False)
        if ballot.status_code != 201:
            self.happened[f"ballot {ballot.json()['code']}"] += 1
            return
        ballot_id = ballot.json()["id"]
        for place, seat in enumerate(present):
            headers = self.service.as_(
                seat["member_id"], Role.COUNCIL_MEMBER, person_id=seat["person_id"]
            )
            if aside and place == 1:
                self.ask(f"/items/{item['id']}/recusals", headers, reason="Родня")
            letter = letters[place % len(letters)]
            if letter in LETTERS:
                self.ask(f"/ballots/{ballot_id}/vote", headers, choice=LETTERS[letter])
        closed = self.ask(f"/ballots/{ballot_id}/close")
        assert closed.status_code == 200, closed.text
        self.happened[f"{item['decision_kind']} {closed.json()['result']['outcome']}"] += 1

    # --- what always holds ---

    @invariant()
    def i1_only_members_are_party_to_anything(self) -> None:
        """I1: every seat, duty, decision and addressee is a member's, none the cluster's."""
        if not self.members:
            return
        assert not self.rows(
            "SELECT FROM (SELECT member_id FROM seats UNION SELECT member_id FROM proposals"
            " UNION SELECT unnest(addressee_ids) FROM items"
            " UNION SELECT responsible_member_id FROM items WHERE responsible_member_id IS NOT NULL)"
            " AS named WHERE member_id NOT IN (SELECT id FROM members)"
        )

    @invariant()
    def nobody_sits_for_who_has_left_and_duties_are_held_once(self) -> None:
        """R4.2, I2: leaving is held up by nothing, and vacates the seat that day."""
        if not self.members:
            return
        assert not self.rows(
            "SELECT FROM seats s JOIN members m ON m.id = s.member_id WHERE m.withdrawn_on IS NOT NULL"
            " AND (s.until_on IS NULL OR s.until_on >= m.withdrawn_on)"
        )
        [duties] = self.rows(
            "SELECT count(*) FILTER (WHERE duty = 'head') AS heads, count(*) AS seats,"
            " count(DISTINCT person_id) AS people FROM seats"
            " WHERE from_on <= $1 AND (until_on IS NULL OR until_on >= $1)",
            self.chamber.today,
        )
        assert duties["heads"] <= 1
        assert duties["seats"] == duties["people"]

    @invariant()
    def i3_an_exclusion_stands_on_a_case_after_its_notice(self) -> None:
        """I3: on its ground, about its member, not before the member had its say."""
        if not self.members:
            return
        for row in self.rows(
            "SELECT d.subject_id, d.ground, d.adopted_on, m.member_id, m.ground AS of_case,"
            " m.ready_on FROM decisions d JOIN items i ON i.id = d.item_id"
            " LEFT JOIN matters m ON m.id = i.matter_id WHERE d.kind = 'exclude'"
        ):
            assert (row["subject_id"], row["ground"]) == (row["member_id"], row["of_case"])
            assert row["adopted_on"] >= row["ready_on"]

    @invariant()
    def i5_what_was_decided_had_a_quorum_and_its_votes_add_up(self) -> None:
        """I5: for + against + abstain = present - recused, and more than half were there."""
        if not self.members:
            return
        for row in self.rows(
            "SELECT b.*, d.id AS decision_id FROM ballots b LEFT JOIN decisions d"
            " ON d.ballot_id = b.id WHERE b.closed_at IS NOT NULL"
        ):
            votes = row["votes_for"] + row["against"] + row["abstained"]
            assert votes == row["present"] - row["recused"]
            has_quorum = row["present"] * 100 > row["quorum_percent"] * row["listed"]
            assert has_quorum or row["decision_id"] is None
            assert (row["outcome"] == "carried") == (row["decision_id"] is not None)
        for row in self.rows("SELECT * FROM meetings WHERE opened_at IS NOT NULL"):
            assert row["seats_present"] * 2 > row["seats_total"]

    @invariant()
    def i6_a_proposal_is_answered_and_a_refusal_keeps_its_reason(self) -> None:
        """I6: what is tabled stands on an agenda, and nothing is refused without a word."""
        if not self.members:
            return
        assert not self.rows(
            "SELECT FROM proposals p WHERE (status = 'refused' AND reason IS NULL)"
            " OR (status IN ('tabled', 'decided')"
            "  AND NOT EXISTS (SELECT FROM items WHERE proposal_id = p.id))"
        )

    @invariant()
    def numbers_have_no_gap(self) -> None:
        """Meetings that took place are numbered from 1 in each year."""
        if not self.members:
            return
        for row in self.rows(
            "SELECT count(*) AS count, max(number) AS last FROM meetings"
            " WHERE number IS NOT NULL GROUP BY year"
        ):
            assert row["count"] == row["last"]


@contextmanager
def sittings(servers: Servers) -> Iterator[type[Sittings]]:
    """The machine, on a service and a loop of its own."""
    with asyncio.Runner() as runner:
        context = running(servers, "council", Moment(), requests_per_10_seconds=1_000_000)
        service = runner.run(context.__aenter__())
        own = runner.run(connect(service))
        try:
            yield type(
                "Sittings",
                (Sittings,),
                {
                    "service": service,
                    "own": own,
                    "run": staticmethod(runner.run),
                    "happened": Counter[str](),
                },
            )
        finally:
            runner.run(own.close())
            runner.run(context.__aexit__(None, None, None))


def test_i1_i2_i3_i5_i6_hold_whatever_members_and_the_council_do(servers: Servers) -> None:
    with sittings(servers) as machine:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=14,
                stateful_step_count=15,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        happened = machine.happened
    needed = {"left", "meeting open", "meeting no_quorum", "exclude carried", "admit carried"}
    assert needed <= happened.keys(), f"the machine never came that far: {happened}"
