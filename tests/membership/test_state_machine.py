"""Joining, leaving and excluding at random on a real PostgreSQL; I1, I2, I3 and I7 after each step."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
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

from shared.clock import now
from shared.identity import Role
from shared.russia.identifiers import check_inn, check_ogrn, check_ogrnip
from tests.harness import Moment, Running, Servers, running
from tests.membership.cluster import Cluster
from tests.membership.conftest import EMPTY
from tests.membership.newcomers import ACCOUNT, Newcomers

SLUGS = ("vyazma", "roslavl", "obraztsov", "safonovo")
DONE = {200, 201}


class Life(RuleBasedStateMachine):
    """A cluster in which organisations apply, join, leave and are excluded, in any order."""

    service: Running
    run: Callable[[Awaitable[Any]], Any]
    own: asyncpg.Connection
    happened: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.applications: list[str] = []
        self.members: list[UUID] = []
        self.cases: list[dict[str, Any]] = []
        self.coordinators: dict[UUID, UUID] = {}
        self.lived: set[str] = set()

    @initialize()
    def lay(self) -> None:
        """Three members, two of which have an agreement; and two that are on the way."""
        self.run(self.own.execute(EMPTY))
        self.service.clock.set(now())
        self.cluster = self.run(Cluster(self.service).lay())
        self.newcomers = Newcomers(self.cluster)
        self.members = [self.cluster.college, self.cluster.university, self.cluster.firm]
        people = (self.cluster.people[name] for name in ("college", "university", "firm"))
        self.coordinators = dict(zip(self.members, people, strict=True))
        self.applications = [
            self.run(self.newcomers.admitted("roslavl")),
            self.run(self.newcomers.checked("vyazma")),
        ]
        self.lived = {self.run(self.cluster.active())}

    def ask(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        """Asks, and is never answered with a fault."""
        answer: httpx.Response = self.run(self.cluster.post(path, headers, **body))
        assert answer.status_code < 500, answer.text
        return answer

    def of(self, member_id: UUID) -> dict[str, str]:
        """The headers of a member's coordinator."""
        person_id = self.coordinators[member_id]
        return self.service.as_(member_id, Role.COORDINATOR, person_id=person_id)

    def status(self, member_id: UUID) -> str:
        """Where the member stands today."""
        card = self.run(self.cluster.get(f"/members/{member_id}")).json()
        word: str = card["status"]
        return word

    # --- joining ---

    @rule(slug=st.sampled_from(SLUGS))
    def apply(self, slug: str) -> None:
        """A stranger applies and confirms the address."""
        self.applications.append(self.run(self.newcomers.submitted(slug)))

    @precondition(lambda self: self.applications)
    @rule(
        which=st.integers(0, 20),
        step=st.sampled_from(["check", "put-on-agenda", "return", "reject", "admit", "sign"]),
    )
    def decide_at_the_desk(self, which: int, step: str) -> None:
        """The secretary does what comes to mind; the status decides whether it is taken."""
        application_id = self.applications[which % len(self.applications)]
        if step in {"admit", "sign"}:
            {"admit": self.admit, "sign": self.sign}[step](which)
            return
        body = {"reason": "Так вышло."} if step in {"return", "reject"} else {}
        answer = self.run(self.newcomers.step(application_id, step, **body))
        assert answer.status_code in {200, 409}, answer.text

    def admit(self, which: int) -> None:
        """The council admits whom it likes; only the checked are."""
        application_id = self.applications[which % len(self.applications)]
        before = self._application(application_id)["status"]
        why = self.run(self.newcomers.decide("admit", application_id))
        assert (why is None) == (before in {"checked", "on_agenda"}), (why, before)

    def sign(self, which: int) -> None:
        """An admitted applicant signs, and is a member unless one of its numbers is."""
        application_id = self.applications[which % len(self.applications)]
        if self._application(application_id)["status"] != "admitted":
            return
        signed = self.run(self.newcomers.sign(application_id))
        assert signed.status_code in {200, 409}, signed.text
        if signed.status_code == 200:
            member_id = UUID(signed.json()["member_id"])
            self.members.append(member_id)
            self.happened["joined"] += 1
            token = self.run(self.newcomers.token("open_account", member_id))
            opened = self.ask("/applications/open-account", token=token, **ACCOUNT)
            assert opened.status_code == 201, opened.text
            self.coordinators[member_id] = UUID(opened.json()["person_id"])

    @precondition(lambda self: self.applications)
    @rule(which=st.integers(0, 20))
    def go_on(self, which: int) -> None:
        """An application takes the step that comes next, as most do."""
        application_id = self.applications[which % len(self.applications)]
        status = self._application(application_id)["status"]
        if status == "submitted":
            self.run(self.newcomers.step(application_id, "check"))
        elif status in {"checked", "on_agenda"}:
            self.admit(which)
        else:
            self.sign(which)

    def _application(self, application_id: str) -> dict[str, Any]:
        path = f"/applications/{application_id}"
        seen = self.run(self.cluster.get(path, self.newcomers.as_secretary()))
        body: dict[str, Any] = seen.json()
        return body

    # --- leaving ---

    @rule(which=st.integers(0, 20), days=st.integers(-2, 12))
    def withdraw(self, which: int, days: int) -> None:
        """I2: notice for today or later is taken at once, whatever is open, and needs nobody."""
        member_id = self.members[which % len(self.members)]
        before = self.status(member_id)
        day = self.cluster.day(days)
        answer = self.ask(f"/members/{member_id}/withdraw", self.of(member_id), effective_on=day)
        if days < 0:
            assert answer.status_code == 422
        elif before == "active":
            assert answer.status_code == 200, answer.text
            assert answer.json()["leaving_on"] == day
            self.happened["left"] += 1
        else:
            assert answer.status_code in {200, 409}

    @rule(days=st.integers(1, 9))
    def pass_days(self, days: int) -> None:
        """Time passes, and what falls due is done."""
        self.service.clock.pass_(days=days)
        self.run(self.service.due())

    # --- excluding ---

    @rule(which=st.integers(0, 20), ground=st.sampled_from(["a", "b"]), is_answered=st.booleans())
    def open_case(self, which: int, ground: str, is_answered: bool) -> None:
        """The secretary opens a case about one who takes part, and who may answer at once."""
        member_id = self.members[which % len(self.members)]
        before = self.status(member_id)
        answer = self.ask(
            f"/members/{member_id}/cases",
            self.newcomers.as_secretary(),
            ground=ground,
            initiative="head",
            evidence="Срывает занятия.",
        )
        assert answer.status_code in {201, 409}, answer.text
        if before == "withdrawn":
            assert answer.status_code == 409
        if answer.status_code == 201:
            self.cases.append(answer.json())
            if is_answered:
                self.answer_case(len(self.cases) - 1)

    @precondition(lambda self: self.cases)
    @rule(which=st.integers(0, 20))
    def answer_case(self, which: int) -> None:
        """A member answers what it is accused of."""
        case = self.cases[which % len(self.cases)]
        member_id = UUID(case["member_id"])
        answer = self.ask(f"/cases/{case['id']}/answer", self.of(member_id), answer="Исправимся.")
        assert answer.status_code in {200, 409}

    @precondition(lambda self: self.cases)
    @rule(which=st.integers(0, 20))
    def close_case(self, which: int) -> None:
        """The secretary drops a case."""
        case = self.cases[which % len(self.cases)]
        secretary = self.newcomers.as_secretary()
        answer = self.ask(f"/cases/{case['id']}/close", secretary, reason="Исправился.")
        assert answer.status_code in {200, 409}

    @rule(
        which=st.integers(0, 20),
        ground=st.sampled_from(["a", "b", "c", None]),
        kind=st.sampled_from(["exclude", "exclude", "suspend"]),
    )
    def decide_against(self, which: int, ground: str | None, kind: str) -> None:
        """I3: the council excludes only on the case's ground and after the notice step."""
        self._decide(self.members[which % len(self.members)], ground, kind)

    @precondition(lambda self: self.cases)
    @rule(
        which=st.integers(-2, 20),
        is_on_its_ground=st.sampled_from([True, True, True, False]),
        kind=st.sampled_from(["exclude", "exclude", "suspend"]),
    )
    def decide_on_a_case(self, which: int, is_on_its_ground: bool, kind: str) -> None:
        """The same, about a member against which there is, or was, a case."""
        case = self.cases[which % len(self.cases)]
        other = {"a": "b", "b": "a"}[case["ground"]]
        ground = case["ground"] if is_on_its_ground else other
        self._decide(UUID(case["member_id"]), ground, kind)

    def _decide(self, member_id: UUID, ground: str | None, kind: str) -> None:
        open_cases = self.run(
            self.own.fetch(
                "SELECT * FROM cases WHERE member_id = $1 AND closed_at IS NULL", member_id
            )
        )
        takes_part = self.status(member_id) != "withdrawn"
        may = takes_part and any(
            found["ground"] == ground
            and (
                kind == "suspend"
                or found["answered_at"] is not None
                or self.cluster.today > found["answer_until_on"]
            )
            for found in open_cases
        )
        why = self.run(self.newcomers.decide(kind, member_id, ground=ground))
        assert (why is None) == may, why
        self.happened[f"{kind}: {why}"] += 1

    @rule(one=st.integers(0, 20), other=st.integers(0, 20))
    def agree(self, one: int, other: int) -> None:
        """Two agree, which is taken only where both take part and neither is suspended."""
        maker, party = (self.members[which % len(self.members)] for which in (one, other))
        made = self.ask(
            "/agreements",
            self.of(maker),
            kind="services",
            party_ids=[str(maker), str(party)],
            valid_from=self.cluster.day(0),
            valid_to=self.cluster.day(400),
            subject="Услуги мастерских",
        )
        if maker == party:
            assert made.status_code == 422  # I1: two different members
        elif "withdrawn" in {self.status(maker), self.status(party)}:
            assert made.status_code == 409
        elif made.status_code == 201:
            signed = self.ask(f"/agreements/{made.json()['id']}/sign", self.of(party))
            assert signed.status_code == 200, signed.text
            self.lived.add(made.json()["id"])

    # --- what always holds ---

    def told(self, name: str) -> list[Any]:
        """The facts of that name, in order."""
        rows: list[Any] = self.run(
            self.own.fetch(
                "SELECT aggregate_id FROM outbox WHERE subject = $1 ORDER BY seq",
                f"membership.{name}.v1",
            )
        )
        return rows

    @invariant()
    def i1_only_members_with_numbers_are_parties(self) -> None:
        """I1: every party is a member, and every member is in the registers."""
        if not self.members:
            return
        rows = self.run(
            self.own.fetch(
                "SELECT p.agreement_id, count(DISTINCT m.id) AS members FROM agreement_parties p"
                " LEFT JOIN members m ON m.id = p.member_id GROUP BY 1"
            )
        )
        assert all(row["members"] == 2 for row in rows)

    @invariant()
    def i2_leaving_asks_nobody_and_ends_nothing_that_binds(self) -> None:
        """I2: the day is not before the notice, and what was agreed stands and stays visible."""
        if not self.members:
            return
        late = self.run(
            self.own.fetch(
                "SELECT FROM audit WHERE action = 'withdrawal.announced'"
                " AND (after ->> 'leaving_on')::date < (at AT TIME ZONE 'Europe/Moscow')::date"
            )
        )
        assert late == []
        alive = self.run(
            self.own.fetch(
                "SELECT id::text FROM agreements WHERE activated_at IS NOT NULL AND ended_at IS NULL"
            )
        )
        assert {row["id"] for row in alive} == self.lived

    @invariant()
    def i3_nobody_is_excluded_without_ground_decision_and_notice(self) -> None:
        """I3: behind each exclusion stand a ground, a decision and a completed notice."""
        if not self.members:
            return
        rows = self.run(
            self.own.fetch(
                "SELECT m.id, m.exclusion_ground, m.end_decision_id, c.ground, d.reason_code,"
                " c.answered_at IS NOT NULL OR"
                "  (c.closed_at AT TIME ZONE 'Europe/Moscow')::date > c.answer_until_on AS noticed"
                " FROM members m LEFT JOIN cases c ON c.member_id = m.id"
                "  AND c.decision_id = m.end_decision_id"
                " LEFT JOIN decisions d ON d.decision_id = m.end_decision_id"
                "  AND d.kind = 'exclude' WHERE m.end_kind = 'excluded'"
            )
        )
        for row in rows:
            assert row["exclusion_ground"] in {"a", "b"}
            assert row["ground"] == row["exclusion_ground"]
            assert row["noticed"]
            assert row["end_decision_id"] is not None
            assert row["reason_code"] is None
        told = self.told("member.excluded")
        assert len(told) == len(rows)

    @invariant()
    def i7_numbers_are_right_and_nobody_takes_part_twice(self) -> None:
        """I7: the keys of all numbers are right; (INN, KPP) is unique among those that take part."""
        if not self.members:
            return
        rows = self.run(self.own.fetch("SELECT inn, kpp, ogrn, withdrawn_at FROM members"))
        for row in rows:
            check_inn(row["inn"])
            (check_ogrnip if len(row["ogrn"]) == 15 else check_ogrn)(row["ogrn"])
        taking_part = [(row["inn"], row["kpp"]) for row in rows if row["withdrawn_at"] is None]
        assert len(taking_part) == len(set(taking_part))

    @invariant()
    def every_end_is_told_once(self) -> None:
        """Whoever has left was told of once, whatever the reason."""
        if not self.members:
            return
        told = self.told("member.withdrawn")
        gone = self.run(self.own.fetch("SELECT id FROM members WHERE withdrawn_at IS NOT NULL"))
        assert sorted(row["aggregate_id"] for row in told) == sorted(row["id"] for row in gone)


async def connect(service: Running) -> asyncpg.Connection:
    """A connection past all rights, kept: the machine looks after each step."""
    postgres = service.servers.postgres
    return await asyncpg.connect(postgres.url("artel", postgres.password, service.database_name))


@contextmanager
def a_life(servers: Servers) -> Iterator[type[Life]]:
    """The machine, on a service and a loop of its own."""
    with asyncio.Runner() as runner:
        context = running(servers, "membership", Moment())
        service = runner.run(context.__aenter__())
        own = runner.run(connect(service))
        try:
            yield type(
                "Life",
                (Life,),
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


def test_i1_i2_i3_i7_hold_whatever_members_the_secretary_and_the_council_do(
    servers: Servers,
) -> None:
    with a_life(servers) as life:
        run_state_machine_as_test(
            life,
            settings=settings(
                max_examples=30,
                stateful_step_count=30,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        happened = life.happened
    needed = {"joined", "left", "exclude: None"}
    assert needed <= happened.keys(), f"the machine never came that far: {happened}"
