"""What finance hears takes effect once, on a real PostgreSQL."""

import pytest

from contracts.membership import DemoLaid
from shared.ids import new_id
from shared.inbox import TRIES_MAX
from tests.finance.facts import FREE, Known, completed, joined
from tests.harness import Moment, Running, Servers, running, until

LEDGER = """
SELECT o.id, o.debtor_id, o.creditor_id, o.amount_kopecks, o.vat_kopecks, o.net_kopecks,
       o.vat_rate_percent, o.vat_reason, o.basis_kind, o.basis_id, o.agreement_id, o.incurred_on,
       e.id AS entry_id, e.kind AS entry_kind, a.id AS account_id, a.member_id, a.counterparty_id,
       a.kind AS account_kind, p.amount_kopecks AS posted_kopecks
FROM obligations o LEFT JOIN entries e ON e.obligation_id = o.id
LEFT JOIN postings p ON p.entry_id = e.id LEFT JOIN accounts a ON a.id = p.account_id
ORDER BY o.id, e.id, p.amount_kopecks DESC
"""
OWN_EVENTS = "SELECT event_id, subject, body, causation_id FROM outbox ORDER BY seq"


@pytest.fixture
async def known(finance: Running) -> Known:
    return await Known(finance).lay()


async def test_a_completed_booking_is_owed_by_the_booker_to_the_owner(known: Known) -> None:
    event = completed(booker_id=known.firm, owner_id=known.college)
    await known.hear(event)

    claim, debt = await known.service.sql(LEDGER)
    assert (claim["debtor_id"], claim["creditor_id"]) == (known.firm, known.college)
    for name in ("amount_kopecks", "vat_kopecks", "net_kopecks", "vat_rate_percent", "vat_reason"):
        assert claim[name] == getattr(event, name)
    assert (claim["basis_kind"], claim["basis_id"]) == ("booking", event.booking_id)
    assert claim["agreement_id"] == event.agreement_id
    assert claim["incurred_on"].isoformat() == "2026-09-01"
    sides = ("account_kind", "member_id", "counterparty_id", "posted_kopecks")
    assert [claim[side] for side in sides] == ["receivable", known.college, known.firm, 164_700]
    assert [debt[side] for side in sides] == ["payable", known.firm, known.college, -164_700]
    assert claim["entry_id"] == debt["entry_id"]


async def test_what_is_owed_is_told_and_noted_with_its_cause(known: Known) -> None:
    event_id = new_id()
    event = completed(booker_id=known.firm, owner_id=known.college)
    await known.hear(event, event_id)

    (told,) = await known.service.told("finance.obligation.incurred.v1")
    (noted,) = await known.service.sql("SELECT * FROM audit")
    (kept,) = await known.service.sql("SELECT id FROM obligations")
    assert told["causation_id"] == event_id
    assert told["aggregate_id"] == noted["object_id"] == kept["id"]
    assert noted["event_id"] == told["event_id"]
    assert noted["action"] == "obligation.incurred"


async def test_however_often_a_booking_is_told_it_is_charged_once(known: Known) -> None:
    event, event_id = completed(booker_id=known.firm, owner_id=known.college), new_id()
    for _ in range(3):
        await known.hear(event, event_id)

    assert len(await known.service.sql(LEDGER)) == 2
    assert len(await known.service.told()) == 1
    assert not await known.service.sql("SELECT * FROM parked")


async def test_a_second_charge_for_one_booking_is_parked_and_given_up(
    known: Known, clock: Moment
) -> None:
    event = completed(booker_id=known.firm, owner_id=known.college)
    await known.hear(event)
    await known.hear(event.model_copy(update={"net_kopecks": 1, "amount_kopecks": 29_701}))
    for _ in range(TRIES_MAX):
        clock.pass_(minutes=10)
        await known.service.runtime.inbox.retry_due()

    (parked,) = await known.service.sql("SELECT * FROM parked")
    assert parked["given_up_at"] is not None
    assert "a_basis_is_charged_once" in parked["error"]
    assert [row["amount_kopecks"] for row in await known.service.sql(LEDGER)] == [164_700] * 2


async def test_sums_that_contradict_one_another_are_parked_and_nothing_is_charged(
    known: Known,
) -> None:
    await known.hear(
        completed(booker_id=known.firm, owner_id=known.college, amount_kopecks=164_701)
    )

    (parked,) = await known.service.sql("SELECT * FROM parked")
    assert "Net and VAT are not the amount" in parked["error"]
    assert not await known.service.sql("SELECT * FROM obligations")


async def test_replayed_into_an_empty_database_an_event_gives_the_same_ids(
    servers: Servers, clock: Moment
) -> None:
    """Nobody's link breaks, and whoever heard of it before takes it for the same (issue 2)."""
    firm, college = new_id(), new_id()
    heard = [
        (completed(booker_id=firm, owner_id=college), new_id()),
        (completed(booker_id=firm, owner_id=college), new_id()),
        (completed(booker_id=college, owner_id=firm), new_id()),
        (completed(booker_id=firm, owner_id=college, **FREE), new_id()),
    ]
    kept = []
    for order in (heard, list(reversed(heard))):
        async with running(servers, "finance", clock) as service:
            known = Known(service)
            for member_id in (firm, college):
                await known.hear(joined(member_id))
            for event, event_id in order:
                await known.hear(event, event_id)
            told = await service.sql(OWN_EVENTS)
            kept.append(
                (
                    [dict(row) for row in await service.sql(LEDGER)],
                    {row["event_id"]: dict(row) for row in told},
                )
            )

    assert len(kept[0][0]) == 7
    assert len(kept[0][1]) == 4
    assert kept[0] == kept[1]


async def test_a_charge_waits_for_a_member_who_is_not_known_yet(
    known: Known, clock: Moment
) -> None:
    newcomer = new_id()
    await known.hear(completed(booker_id=newcomer, owner_id=known.college))
    await known.hear(completed(booker_id=known.firm, owner_id=known.college))

    (parked,) = await known.service.sql("SELECT * FROM parked")
    assert parked["given_up_at"] is None
    assert [row["debtor_id"] for row in await known.service.sql(LEDGER)] == [known.firm] * 2

    await known.hear(joined(newcomer))
    assert await known.service.runtime.inbox.retry_due() == 0, "its time has not come"
    clock.pass_(seconds=2)
    assert await known.service.runtime.inbox.retry_due() == 1

    assert not await known.service.sql("SELECT * FROM parked")
    debtors = {row["debtor_id"] for row in await known.service.sql(LEDGER)}
    assert debtors == {known.firm, newcomer}


async def test_who_uses_his_own_workshop_owes_nothing(known: Known) -> None:
    await known.hear(completed(booker_id=known.college, owner_id=known.college, agreement_id=None))

    assert not await known.service.sql("SELECT * FROM obligations")
    assert not await known.service.told()
    assert not await known.service.sql("SELECT * FROM parked")


async def test_a_free_use_is_kept_and_told_but_enters_no_account(known: Known) -> None:
    event = completed(booker_id=known.firm, owner_id=known.college, **FREE)
    await known.hear(event)

    (kept,) = await known.service.sql(LEDGER)
    assert (kept["amount_kopecks"], kept["basis_id"]) == (0, event.booking_id)
    assert (kept["debtor_id"], kept["creditor_id"]) == (known.firm, known.college)
    assert kept["entry_id"] is None
    assert not await known.service.sql("SELECT * FROM accounts")
    assert [row["subject"] for row in await known.service.told()] == ["finance.use.recorded.v1"]


async def test_two_obligations_of_a_pair_stand_on_the_same_two_accounts(known: Known) -> None:
    await known.charge()
    await known.charge()
    await known.charge(booker_id=known.college, owner_id=known.firm)

    accounts = await known.service.sql("SELECT member_id, counterparty_id, kind FROM accounts")
    assert {tuple(row) for row in accounts} == {
        (known.college, known.firm, "receivable"),
        (known.firm, known.college, "payable"),
        (known.firm, known.college, "receivable"),
        (known.college, known.firm, "payable"),
    }
    assert len(accounts) == 4


async def test_a_member_told_twice_is_one_member(known: Known) -> None:
    await known.hear(joined(known.firm))

    assert len(await known.service.sql("SELECT * FROM members")) == 3
    assert not await known.service.sql("SELECT * FROM parked")


async def test_in_demo_mode_finance_is_ready_once_all_demo_members_are_known(
    servers: Servers, clock: Moment
) -> None:
    async with running(servers, "finance", clock, demo=True) as service:
        waiting = await service.client.get("/api/finance/health/ready")
        await Known(service).hear(DemoLaid(demo_id=new_id()))

        async def is_ready() -> bool:
            return (await service.client.get("/api/finance/health/ready")).status_code == 200

        assert waiting.status_code == 503
        assert waiting.json()["missing"] == ["demo-heard"]
        await until(is_ready)
