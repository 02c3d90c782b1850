"""The rules of what members owe one another, as tables; and V5 for any history of the ledger."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.finance.domain import (
    Account,
    AccountKind,
    AlreadyReversed,
    EntryKind,
    FreeUse,
    Incurred,
    NothingIsOwed,
    Obligation,
    OnlyTheCreditor,
    Posting,
    Status,
    Sums,
    Use,
    owed_for,
    postings_for,
    reverse,
)
from shared.refusal import RoleIsMissing, WrongStatus

FIRM, COLLEGE, STRANGER = (UUID(int=number) for number in (1, 2, 3))
SUMS = Sums(
    net_kopecks=135_000,
    vat_kopecks=29_700,
    amount_kopecks=164_700,
    vat_rate_percent=22,
    vat_reason="НДС 22 %",
)
NOTHING = replace(SUMS, net_kopecks=0, vat_kopecks=0, amount_kopecks=0, vat_rate_percent=None)


def use(sums: Sums = SUMS, **changes: Any) -> Use:
    facts: dict[str, Any] = {
        "owner_id": COLLEGE,
        "booker_id": FIRM,
        "used_at": datetime(2026, 9, 1, 9, tzinfo=UTC),
        "sums": sums,
    }
    return Use(**{**facts, **changes})


def obligation(**changes: Any) -> Obligation:
    facts = {"debtor_id": FIRM, "creditor_id": COLLEGE, "amount_kopecks": 164_700}
    return Obligation(**{"is_reversed": False, **facts, **changes})


def test_the_booker_owes_the_owner_what_was_charged() -> None:
    owed = owed_for(use())

    assert isinstance(owed, Incurred)
    assert (owed.debtor_id, owed.creditor_id, owed.sums) == (FIRM, COLLEGE, SUMS)
    assert owed.incurred_on == date(2026, 9, 1)


def test_a_use_of_0_kopecks_is_a_free_use() -> None:
    owed = owed_for(use(NOTHING))

    assert isinstance(owed, FreeUse)
    assert (owed.debtor_id, owed.creditor_id, owed.sums) == (FIRM, COLLEGE, NOTHING)


@pytest.mark.parametrize("sums", [SUMS, NOTHING], ids=["priced", "free"])
def test_nobody_owes_himself(sums: Sums) -> None:
    assert owed_for(use(sums, booker_id=COLLEGE)) is None


@pytest.mark.parametrize(
    ("used_at", "incurred_on"),
    [
        (datetime(2026, 8, 31, 20, 59, tzinfo=UTC), date(2026, 8, 31)),
        (datetime(2026, 8, 31, 21, 0, tzinfo=UTC), date(2026, 9, 1)),
        (datetime(2025, 12, 31, 21, 0, tzinfo=UTC), date(2026, 1, 1)),
    ],
    ids=["before Moscow's midnight", "at Moscow's midnight", "at Moscow's new year (I24)"],
)
def test_the_date_of_an_obligation_is_the_moscow_date_of_the_use(
    used_at: datetime, incurred_on: date
) -> None:
    owed = owed_for(use(used_at=used_at))

    assert owed is not None
    assert owed.incurred_on == incurred_on


@pytest.mark.parametrize(
    "sums",
    [
        replace(SUMS, amount_kopecks=164_701),
        replace(SUMS, net_kopecks=-29_700, amount_kopecks=0),
        replace(SUMS, vat_kopecks=-1, amount_kopecks=134_999),
        replace(SUMS, vat_rate_percent=None),
    ],
    ids=["more than net and VAT", "a negative net", "a negative VAT", "VAT without a rate"],
)
@pytest.mark.parametrize("booker_id", [FIRM, COLLEGE])
def test_sums_that_contradict_one_another_are_a_fault(sums: Sums, booker_id: UUID) -> None:
    with pytest.raises(ValueError):
        owed_for(use(sums, booker_id=booker_id))


def test_an_entry_debits_the_claim_and_credits_the_debt() -> None:
    postings = postings_for(
        EntryKind.INCURRED, debtor_id=FIRM, creditor_id=COLLEGE, amount_kopecks=100
    )

    assert postings == (
        Posting(Account(COLLEGE, FIRM, AccountKind.RECEIVABLE), 100),
        Posting(Account(FIRM, COLLEGE, AccountKind.PAYABLE), -100),
    )


def test_a_reversal_is_an_entry_with_the_opposite_postings() -> None:
    incurred = postings_for(
        EntryKind.INCURRED, debtor_id=FIRM, creditor_id=COLLEGE, amount_kopecks=164_700
    )
    undone = reverse(obligation(), by=COLLEGE)

    assert undone == tuple(Posting(leg.account, -leg.amount_kopecks) for leg in incurred)


@pytest.mark.parametrize("by", [FIRM, STRANGER])
@pytest.mark.parametrize("changes", [{}, {"is_reversed": True}, {"amount_kopecks": 0}])
def test_only_the_creditor_takes_an_obligation_back(by: UUID, changes: dict[str, Any]) -> None:
    with pytest.raises(OnlyTheCreditor) as refused:
        reverse(obligation(**changes), by=by)

    assert isinstance(refused.value, RoleIsMissing)
    assert (refused.value.status, refused.value.code) == (403, "only-the-creditor")


def test_an_obligation_is_taken_back_once() -> None:
    with pytest.raises(AlreadyReversed) as refused:
        reverse(obligation(is_reversed=True), by=COLLEGE)

    assert isinstance(refused.value, WrongStatus)
    assert (refused.value.status, refused.value.code) == (409, "wrong-status")


def test_a_free_use_has_nothing_to_take_back() -> None:
    with pytest.raises(NothingIsOwed) as refused:
        reverse(obligation(amount_kopecks=0), by=COLLEGE)

    assert (refused.value.status, refused.value.code) == (409, "nothing-owed")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status.INCURRED),
        ({"is_reversed": True}, Status.REVERSED),
        ({"amount_kopecks": 0}, Status.FREE),
    ],
)
def test_an_obligation_is_incurred_reversed_or_free(
    changes: dict[str, Any], status: Status
) -> None:
    assert obligation(**changes).status is status


MEMBERS = st.sampled_from([UUID(int=number) for number in range(1, 5)])
USES = st.builds(
    lambda booker, owner, net, vat: use(
        Sums(
            net_kopecks=net,
            vat_kopecks=vat,
            amount_kopecks=net + vat,
            vat_rate_percent=22,
            vat_reason="",
        ),
        booker_id=booker,
        owner_id=owner,
    ),
    MEMBERS,
    MEMBERS,
    st.integers(0, 10**12),
    st.integers(0, 10**12),
)
REVERSALS = st.tuples(st.integers(0, 30), MEMBERS)
HISTORIES = st.lists(st.one_of(USES, REVERSALS), max_size=40)


@given(HISTORIES)
def test_v5_after_any_history_each_entry_and_each_pair_sums_to_zero(
    history: list[Use | tuple[int, UUID]],
) -> None:
    """I1 besides: nobody but the two members of a pair has an account in it."""
    obligations: list[Obligation] = []
    entries: list[tuple[Posting, ...]] = []
    for step in history:
        if isinstance(step, Use):
            owed = owed_for(step)
            if owed is not None:
                obligations.append(_standing(owed))
            if isinstance(owed, Incurred):
                entries.append(_entered(owed))
        elif step[0] < len(obligations):
            place, by = step
            try:
                entries.append(reverse(obligations[place], by=by))
            except (OnlyTheCreditor, NothingIsOwed, AlreadyReversed):
                continue
            obligations[place] = replace(obligations[place], is_reversed=True)

    balances: Counter[Account] = Counter()
    pairs: Counter[frozenset[UUID]] = Counter()
    for entry in entries:
        assert sum(leg.amount_kopecks for leg in entry) == 0
        for leg in entry:
            balances[leg.account] += leg.amount_kopecks
            pairs[frozenset({leg.account.member_id, leg.account.counterparty_id})] += (
                leg.amount_kopecks
            )
    assert all(len(pair) == 2 and total == 0 for pair, total in pairs.items())
    for account, balance in balances.items():
        assert balance == _still_owed(account, obligations)


def _standing(owed: Incurred | FreeUse) -> Obligation:
    return obligation(
        debtor_id=owed.debtor_id,
        creditor_id=owed.creditor_id,
        amount_kopecks=owed.sums.amount_kopecks,
    )


def _entered(owed: Incurred) -> tuple[Posting, ...]:
    return postings_for(
        EntryKind.INCURRED,
        debtor_id=owed.debtor_id,
        creditor_id=owed.creditor_id,
        amount_kopecks=owed.sums.amount_kopecks,
    )


def _still_owed(account: Account, obligations: list[Obligation]) -> int:
    """What stands on the account, counted from the obligations alone."""
    is_claim = account.kind is AccountKind.RECEIVABLE
    creditor = account.member_id if is_claim else account.counterparty_id
    debtor = account.counterparty_id if is_claim else account.member_id
    total = sum(
        kept.amount_kopecks
        for kept in obligations
        if (kept.debtor_id, kept.creditor_id) == (debtor, creditor) and not kept.is_reversed
    )
    return total if is_claim else -total
