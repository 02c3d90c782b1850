"""The ledger keeps itself: what the database refuses, whoever is connected (I1, V5).

Everything is tried by the service's own role, by the owner of the database, by the superuser, and
by the superuser in a session that calls itself a replica, in which common triggers sleep.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from shared.ids import new_id
from tests.finance.facts import FREE, Known
from tests.harness import Moment, Running, Servers, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLES = ("members", "obligations", "accounts", "entries", "postings", "reversals")
SERVICE, OWNER, SUPERUSER, REPLICA = "service", "owner", "superuser", "superuser as a replica"
WITH_FOREIGN_KEYS = (SERVICE, OWNER, SUPERUSER)
"""A replica's session trusts that references were checked where the rows came from."""

Sessions = Mapping[str, Any]


@dataclass(frozen=True)
class Laid:
    """What stands in the ledger, and the ids of what is tried."""

    known: Known
    sessions: Sessions
    old: UUID
    free: UUID
    entry: UUID
    claim: UUID
    debt: UUID
    strange: UUID
    counter_claim: UUID
    counter_debt: UUID
    new: UUID
    new_entry: UUID

    async def refuses(
        self,
        words: str,
        *statements: str,
        sessions: tuple[str, ...] = (*WITH_FOREIGN_KEYS, REPLICA),
    ) -> None:
        """Nobody can commit these statements; the refusal says these words."""
        for name in sessions:
            with pytest.raises(asyncpg.PostgresError) as refused:
                await self.run(name, *statements)
            said = f"{refused.value} {refused.value.as_dict().get('constraint_name', '')}"
            assert words in said, f"{name}: {said}"

    async def run(self, name: str, *statements: str) -> None:
        """Runs them in one transaction and checks what is checked at its commit; keeps nothing."""
        session = self.sessions[name]
        transaction = session.transaction()
        await transaction.start()
        try:
            for statement in statements:
                await session.execute(statement)
            await session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        finally:
            await transaction.rollback()

    def obligation(self, kopecks: int = 100, **changes: Any) -> str:
        """A new obligation of the firm to the college."""
        row = {
            "id": self.new,
            "debtor_id": self.known.firm,
            "creditor_id": self.known.college,
            "net_kopecks": kopecks,
            "vat_kopecks": 0,
            "amount_kopecks": kopecks,
            "vat_reason": "",
            "basis_kind": "booking",
            "basis_id": self.new,
            "incurred_on": "2026-09-01",
            "recorded_at": "2026-09-01T12:00:00Z",
            **changes,
        }
        return _insert("obligations", row)

    def entry_of(self, obligation: UUID, kind: str = "incurred", **more: Any) -> str:
        """A new entry."""
        row = {"id": self.new_entry, "obligation_id": obligation, "kind": kind}
        return _insert("entries", {**row, "made_at": "2026-09-01T12:00:00Z", **more})

    def legs(self, *legs: tuple[UUID, int], entry: UUID | None = None) -> str:
        """Postings of an entry, the new one unless told otherwise."""
        values = ", ".join(
            f"('{entry or self.new_entry}', '{account}', {amount})" for account, amount in legs
        )
        return f"INSERT INTO public.postings VALUES {values}"

    def reversal(self, obligation: UUID, entry: UUID) -> str:
        """A reversal."""
        row = {"obligation_id": obligation, "entry_id": entry, "reason": "", "reversed_by": entry}
        return _insert("reversals", {**row, "reversed_at": "2026-09-01T12:00:00Z"})

    def account(self, member_id: UUID | None, counterparty_id: UUID | None, kind: str) -> str:
        """A new account."""
        row = {"id": self.new, "member_id": member_id, "counterparty_id": counterparty_id}
        return _insert("accounts", {**row, "kind": kind})


def _insert(table: str, row: Mapping[str, Any]) -> str:
    values = ("NULL" if value is None else f"'{value}'" for value in row.values())
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(values)})"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def laid(servers: Servers) -> AsyncIterator[Laid]:
    """One database for all tests here: none of them can leave a trace in it."""
    async with running(servers, "finance", Moment()) as service:
        sessions = await _sessions(servers, service.database_name)
        yield await _lay(service, sessions)
        for session in sessions.values():
            await session.close()


async def _sessions(servers: Servers, database: str) -> Sessions:
    admin = servers.postgres.url("artel", servers.postgres.password, database)
    opened = {
        SERVICE: await asyncpg.connect(servers.runtime_url("finance", database)),
        OWNER: await asyncpg.connect(servers.owner_url("finance", database)),
        SUPERUSER: await asyncpg.connect(admin),
        REPLICA: await asyncpg.connect(admin),
    }
    await opened[REPLICA].execute("SET session_replication_role = replica")
    return opened


async def _lay(finance: Running, sessions: Sessions) -> Laid:
    known = await Known(finance).lay()
    old, free = await known.charge(), await known.charge(**FREE)
    await known.charge(booker_id=known.college, owner_id=known.firm)
    await known.charge(booker_id=known.stranger)
    accounts = {
        (row["member_id"], row["counterparty_id"], row["kind"]): row["id"]
        for row in await finance.sql("SELECT * FROM accounts")
    }
    (entry,) = await finance.sql("SELECT id FROM entries WHERE obligation_id = $1", old)
    return Laid(
        known=known,
        sessions=sessions,
        old=old,
        free=free,
        entry=entry["id"],
        claim=accounts[known.college, known.firm, "receivable"],
        debt=accounts[known.firm, known.college, "payable"],
        strange=accounts[known.stranger, known.college, "payable"],
        counter_claim=accounts[known.firm, known.college, "receivable"],
        counter_debt=accounts[known.college, known.firm, "payable"],
        new=new_id(),
        new_entry=new_id(),
    )


# --- what is written stays ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "UPDATE {table} SET {column} = {column} WHERE false",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
    ],
    ids=["update", "update of no row", "delete", "truncate"],
)
async def test_what_is_written_is_never_changed_or_deleted(laid: Laid, statement: str) -> None:
    for table in TABLES:
        columns = {"postings": "amount_kopecks", "reversals": "reason"}
        asked = statement.format(table=table, column=columns.get(table, "id"))
        await laid.refuses("permission denied", asked, sessions=(SERVICE,))
        stays = "is written once and never changed"
        await laid.refuses(stays, asked, sessions=(OWNER, SUPERUSER, REPLICA))


async def test_an_insert_cannot_turn_into_a_change(laid: Laid) -> None:
    asked = (
        f"{laid.legs((laid.claim, 1), entry=laid.entry)}"
        " ON CONFLICT (entry_id, account_id) DO UPDATE SET amount_kopecks = 1"
    )
    await laid.refuses("permission denied", asked, sessions=(SERVICE,))
    await laid.refuses("never changed", asked, sessions=(OWNER, SUPERUSER, REPLICA))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE postings DISABLE TRIGGER ALL",
        "DROP TABLE reversals",
        "DROP TRIGGER an_entry_balances ON entries",
        "CREATE OR REPLACE FUNCTION refuse(reason text) RETURNS void LANGUAGE sql AS ''",
        "SET session_replication_role = replica",
        "CREATE TABLE purse (id uuid)",
    ],
)
async def test_the_service_cannot_loosen_the_rules(laid: Laid, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await laid.run(SERVICE, statement)


# --- V5: an entry balances ---------------------------------------------------------------------


async def test_a_whole_entry_is_taken_from_everybody_who_may_write(laid: Laid) -> None:
    """Without this the refusals below could be those of a slip of the pen."""
    for name in laid.sessions:
        await laid.run(
            name,
            laid.obligation(),
            laid.entry_of(laid.new),
            laid.legs((laid.claim, 100), (laid.debt, -100)),
        )
        await laid.run(
            name,
            laid.reversal(laid.old, laid.new_entry),
            laid.entry_of(laid.old, "reversed"),
            laid.legs((laid.claim, -164_700), (laid.debt, 164_700)),
        )
        await laid.run(name, laid.obligation(0))


@pytest.mark.parametrize("kopecks", [99, 101, 200, 1])
async def test_v5_an_entry_that_does_not_sum_to_zero_is_refused(laid: Laid, kopecks: int) -> None:
    await laid.refuses(
        "an entry sums to zero",
        laid.obligation(),
        laid.entry_of(laid.new),
        laid.legs((laid.claim, 100), (laid.debt, -kopecks)),
    )


async def test_v5_an_entry_of_one_leg_or_none_is_refused(laid: Laid) -> None:
    entry = (laid.obligation(), laid.entry_of(laid.new))
    await laid.refuses("at least two postings", *entry, laid.legs((laid.claim, 100)))
    await laid.refuses("at least two postings", *entry)


async def test_a_posting_of_nothing_is_refused(laid: Laid) -> None:
    await laid.refuses(
        "a_posting_is_of_something",
        laid.obligation(),
        laid.entry_of(laid.new),
        laid.legs((laid.claim, 0), (laid.debt, 0)),
    )


@pytest.mark.parametrize("kopecks", [50, 101, -100])
async def test_an_entry_of_another_amount_than_its_obligation_is_refused(
    laid: Laid, kopecks: int
) -> None:
    await laid.refuses(
        "an entry is of its obligation's amount",
        laid.obligation(),
        laid.entry_of(laid.new),
        laid.legs((laid.claim, kopecks), (laid.debt, -kopecks)),
    )


async def test_a_use_of_0_kopecks_takes_no_entry(laid: Laid) -> None:
    for kind in ("incurred", "reversed"):
        entry = laid.entry_of(laid.free, kind)
        await laid.refuses("at least two postings", entry)
        legs = laid.legs((laid.claim, 1), (laid.debt, -1))
        await laid.refuses("an entry is of its obligation's amount", entry, legs)


async def test_an_obligation_without_its_entry_is_refused(laid: Laid) -> None:
    await laid.refuses("an obligation stands in the ledger", laid.obligation())


async def test_an_obligation_is_entered_once(laid: Laid) -> None:
    await laid.refuses("incurred_once_and_reversed_once", laid.entry_of(laid.old))


async def test_an_old_entry_takes_no_further_posting(laid: Laid) -> None:
    late = ((laid.counter_claim, 5), (laid.counter_debt, -5))
    await laid.refuses("only in the transaction that makes it", laid.legs(*late, entry=laid.entry))


async def test_nobody_can_say_that_an_old_entry_is_of_this_transaction(laid: Laid) -> None:
    """Neither by lying about it beforehand, nor by a table of the same name put before it."""
    for session in laid.sessions.values():
        transaction = session.transaction()
        await transaction.start()
        await session.execute(laid.obligation())
        await session.execute(laid.entry_of(laid.new, made_in="999999999"))
        is_true = await session.fetchval(
            "SELECT made_in = pg_current_xact_id() FROM entries WHERE id = $1", laid.new_entry
        )
        await transaction.rollback()
        assert is_true
    await laid.refuses(
        "only in the transaction that makes it",
        "CREATE TEMP TABLE obligations AS SELECT * FROM public.obligations",
        "CREATE TEMP TABLE entries AS SELECT id, obligation_id, kind, made_at,"
        " pg_current_xact_id() AS made_in FROM public.entries",
        laid.legs((laid.counter_claim, 5), (laid.counter_debt, -5), entry=laid.entry),
        sessions=(SERVICE, SUPERUSER, REPLICA),
    )


async def test_an_entry_that_was_checked_early_takes_nothing_more(laid: Laid) -> None:
    await laid.refuses(
        "an account of its obligation's two members",
        laid.obligation(),
        laid.entry_of(laid.new),
        laid.legs((laid.claim, 100), (laid.debt, -100)),
        "SET CONSTRAINTS ALL IMMEDIATE",
        laid.legs((laid.counter_claim, 5), (laid.counter_debt, -5)),
    )


# --- reversals ---------------------------------------------------------------------------------


async def test_an_entry_that_reverses_needs_its_reversal(laid: Laid) -> None:
    await laid.refuses(
        "an entry that reverses has its reversal",
        laid.entry_of(laid.old, "reversed"),
        laid.legs((laid.claim, -164_700), (laid.debt, 164_700)),
    )


async def test_a_reversal_needs_its_own_entry(laid: Laid) -> None:
    await laid.refuses("a reversal has its own entry", laid.reversal(laid.old, laid.entry))
    await laid.refuses("a reversal has its own entry", laid.reversal(laid.free, laid.entry))
    await laid.refuses(
        "reversals_entry_id_fkey",
        laid.reversal(laid.old, laid.new_entry),
        sessions=WITH_FOREIGN_KEYS,
    )


# --- I1: an account is always one member's with another ----------------------------------------


async def test_i1_no_account_can_be_anybodys_but_a_members(laid: Laid) -> None:
    firm, cluster = laid.known.firm, new_id()
    for kind in ("receivable", "payable"):
        for sides in ((None, firm), (firm, None), (None, None)):
            await laid.refuses("violates not-null", laid.account(*sides, kind))
        for sides in ((cluster, firm), (firm, cluster)):
            await laid.refuses(
                "violates foreign key", laid.account(*sides, kind), sessions=WITH_FOREIGN_KEYS
            )
        await laid.refuses("between_two_members", laid.account(firm, firm, kind))
    await laid.refuses("accounts_kind_check", laid.account(firm, laid.known.stranger, "purse"))


async def test_i1_nobody_but_a_member_owes_or_is_owed(laid: Laid) -> None:
    cluster, entry = new_id(), laid.entry_of(laid.new)
    for side in ("debtor_id", "creditor_id"):
        await laid.refuses("violates not-null", laid.obligation(**{side: None}))
        await laid.refuses(
            "violates foreign key",
            laid.obligation(**{side: cluster}),
            entry,
            sessions=WITH_FOREIGN_KEYS,
        )
    await laid.refuses("nobody_owes_himself", laid.obligation(creditor_id=laid.known.firm))


async def test_i1_a_posting_on_the_account_of_a_third_is_refused(laid: Laid) -> None:
    for debt in (laid.strange, laid.counter_debt):
        await laid.refuses(
            "an account of its obligation's two members",
            laid.obligation(),
            laid.entry_of(laid.new),
            laid.legs((laid.claim, 100), (debt, -100)),
        )


async def test_an_account_is_there_once(laid: Laid) -> None:
    account = laid.account(laid.known.college, laid.known.firm, "receivable")
    await laid.refuses("one_account_for_each_purpose", account)


# --- sums --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("net_and_vat_are_the_amount", {"amount_kopecks": 101}),
        ("net_kopecks_check", {"net_kopecks": -1, "amount_kopecks": -1}),
        ("vat_kopecks_check", {"vat_kopecks": -1, "amount_kopecks": 99, "vat_rate_percent": 22}),
        ("no_vat_without_a_rate", {"vat_kopecks": 22, "amount_kopecks": 122}),
        ("vat_rate_percent_check", {"vat_rate_percent": 101}),
    ],
)
async def test_sums_that_contradict_one_another_are_refused(
    laid: Laid, words: str, changes: dict[str, int]
) -> None:
    await laid.refuses(words, laid.obligation(**changes))


async def test_a_basis_is_charged_once(laid: Laid) -> None:
    (row,) = await laid.known.service.sql(
        "SELECT basis_id FROM obligations WHERE id = $1", laid.old
    )
    await laid.refuses("a_basis_is_charged_once", laid.obligation(basis_id=row["basis_id"]))
