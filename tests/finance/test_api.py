"""Finance through HTTP, on a real PostgreSQL."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from shared.identity import Role
from shared.ids import new_id
from tests.finance.facts import FREE, Known, of_amount
from tests.harness import Moment, Running, Servers, running

READERS = (Role.COORDINATOR, Role.APPROVER, Role.FINANCE, Role.AUDITOR)
OBLIGATIONS = "/api/finance/obligations"
BALANCES = "/api/finance/balances"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(servers: Servers) -> AsyncIterator[Running]:
    """One for all tests here: each has members of its own, who see nothing of the others'."""
    async with running(servers, "finance", Moment()) as finance:
        yield finance


@pytest_asyncio.fixture(loop_scope="module")
async def known(service: Running) -> Known:
    return await Known(service).lay()


async def get(
    known: Known, path: str, member_id: UUID | None, role: Role = Role.FINANCE, **query: Any
) -> httpx.Response:
    headers = known.service.as_(member_id, role)
    return await known.service.client.get(path, params=query, headers=headers)


async def ids(known: Known, member_id: UUID | None, **query: Any) -> list[str]:
    answer = await get(known, OBLIGATIONS, member_id, **query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def reverse(
    known: Known,
    obligation_id: UUID | str,
    member_id: UUID | None = None,
    role: Role = Role.FINANCE,
    *,
    key: str | None = None,
    **body: Any,
) -> httpx.Response:
    headers = known.service.as_(member_id or known.college, role)
    if key:
        headers["Idempotency-Key"] = key
    return await known.service.client.post(
        f"{OBLIGATIONS}/{obligation_id}/reverse",
        json=body or {"reason": "Ошибка в счёте"},
        headers=headers,
    )


async def entries(known: Known, obligation_id: UUID) -> int:
    rows = await known.service.sql("SELECT id FROM entries WHERE obligation_id = $1", obligation_id)
    return len(rows)


async def reversals(known: Known, obligation_id: UUID) -> list[Any]:
    """The reversal of the obligation, if any; never one without having been told just once."""
    rows = await known.service.sql(
        "SELECT r.*, t.body FROM reversals r FULL JOIN outbox t ON t.aggregate_id = r.obligation_id"
        " WHERE (t.subject IS NULL OR t.subject = 'finance.obligation.reversed.v1')"
        " AND $1 IN (r.obligation_id, t.aggregate_id)",
        obligation_id,
    )
    assert all(row["obligation_id"] and row["body"] for row in rows)
    return list(rows)


async def balances(known: Known, member_id: UUID) -> dict[str, tuple[int, int]]:
    answer = await get(known, BALANCES, member_id)
    return {
        item["counterparty_id"]: (item["is_owed_kopecks"], item["owes_kopecks"])
        for item in answer.json()["items"]
    }


# --- what either side sees ---------------------------------------------------------------------


async def test_both_sides_see_what_is_owed(known: Known) -> None:
    booking_id, agreement_id = new_id(), new_id()
    obligation_id = await known.charge(booking_id=booking_id, agreement_id=agreement_id)

    for member_id in (known.firm, known.college):
        listed = await get(known, OBLIGATIONS, member_id)
        read = await get(known, f"{OBLIGATIONS}/{obligation_id}", member_id)
        assert listed.json() == {"items": [read.json()], "next_cursor": None}
        assert read.json() == {
            "id": str(obligation_id),
            "status": "incurred",
            "debtor_id": str(known.firm),
            "creditor_id": str(known.college),
            "amount_kopecks": 164_700,
            "vat_kopecks": 29_700,
            "vat_rate": 22,
            "vat_reason": "НДС 22 %",
            "net_kopecks": 135_000,
            "basis": {"kind": "booking", "id": str(booking_id)},
            "agreement_id": str(agreement_id),
            "incurred_on": "2026-09-01",
            "reversed_at": None,
            "reversal_reason": None,
        }


async def test_a_use_of_0_kopecks_is_shown_to_both_as_free(known: Known) -> None:
    obligation_id = await known.charge(**FREE, vat_reason="Сетевая форма")

    for member_id in (known.firm, known.college):
        (item,) = (await get(known, OBLIGATIONS, member_id)).json()["items"]
        assert (item["id"], item["status"]) == (str(obligation_id), "free")
        assert (item["amount_kopecks"], item["vat_rate"]) == (0, None)
        assert item["vat_reason"] == "Сетевая форма"
        assert await balances(known, member_id) == {}


async def test_what_is_anothers_is_neither_listed_nor_readable(known: Known) -> None:
    obligation_id = await known.charge()

    assert await ids(known, known.stranger) == []
    assert await ids(known, known.stranger, debtor_id=known.firm, creditor_id=known.college) == []
    assert await balances(known, known.stranger) == {}
    for member_id in (known.stranger, new_id(), None):
        answer = await get(known, f"{OBLIGATIONS}/{obligation_id}", member_id)
        assert answer.status_code == 404
        assert str(known.firm) not in answer.text
    nothing = await get(known, f"{OBLIGATIONS}/{new_id()}", known.stranger)
    assert nothing.json()["detail"] == answer.json()["detail"], "a stranger could tell them apart"


@pytest.mark.parametrize("path", [OBLIGATIONS, f"{OBLIGATIONS}/{{id}}", BALANCES])
async def test_who_may_look(known: Known, path: str) -> None:
    asked = path.format(id=await known.charge())
    for role in Role:
        answer = await get(known, asked, known.firm, role)
        if role in READERS:
            assert answer.status_code == 200, role
        else:
            assert answer.status_code == 403, role
            assert answer.json()["code"] == "role-missing"


async def test_who_acts_for_no_member_sees_nobodys_obligations(known: Known) -> None:
    obligation_id = await known.charge()

    for role in READERS:
        for path in (OBLIGATIONS, BALANCES):
            answer = await get(known, path, None, role)
            assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
        answer = await get(known, f"{OBLIGATIONS}/{obligation_id}", None, role)
        assert answer.status_code == 404


# --- lists -------------------------------------------------------------------------------------


async def test_filters_narrow_the_list(known: Known) -> None:
    booking_id = new_id()
    owes = await known.charge(
        booking_id=booking_id, used_at=datetime(2026, 8, 31, 20, 59, tzinfo=UTC)
    )
    is_owed = await known.charge(
        booker_id=known.stranger,
        owner_id=known.firm,
        used_at=datetime(2026, 8, 31, 21, 0, tzinfo=UTC),
    )

    for query, found in [
        ({}, [is_owed, owes]),
        ({"debtor_id": known.firm}, [owes]),
        ({"creditor_id": known.firm}, [is_owed]),
        ({"debtor_id": known.firm, "creditor_id": known.college}, [owes]),
        ({"debtor_id": known.firm, "creditor_id": known.stranger}, []),
        ({"counterparty_id": known.college}, [owes]),
        ({"counterparty_id": known.stranger}, [is_owed]),
        ({"counterparty_id": known.stranger, "debtor_id": known.firm}, []),
        ({"counterparty_id": new_id()}, []),
        ({"basis_id": booking_id}, [owes]),
        ({"basis_id": new_id()}, []),
        ({"from": "2026-09-01"}, [is_owed]),
        ({"to": "2026-08-31"}, [owes]),
        ({"from": "2026-08-31", "to": "2026-09-01"}, [is_owed, owes]),
        ({"from": "2026-09-02"}, []),
        ({"to": "2026-08-30"}, []),
    ]:
        assert await ids(known, known.firm, **query) == [str(one) for one in found], query


async def test_pages_hold_everything_once_also_when_more_is_charged_meanwhile(
    known: Known,
) -> None:
    firm, college = known.firm, known.college
    for number in range(7):
        pair = (firm, college) if number % 2 else (college, firm)
        await known.charge(
            booker_id=pair[0],
            owner_id=pair[1],
            used_at=datetime(2026, 9, 1 + number // 3, 9, tzinfo=UTC),
        )
    whole = await ids(known, firm)

    walked: list[str] = []
    cursor = None
    while True:
        query = {"cursor": cursor} if cursor else {}
        page = (await get(known, OBLIGATIONS, firm, limit=2, **query)).json()
        assert len(page["items"]) == (2 if page["next_cursor"] else 1)
        walked += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await known.charge(used_at=datetime(2026, 10, 1, 9, tzinfo=UTC))

    assert walked == whole
    assert len(set(walked)) == 7
    items = (await get(known, OBLIGATIONS, firm)).json()["items"]
    dates = [item["incurred_on"] for item in items]
    assert dates == sorted(dates, reverse=True)


async def test_balances_come_in_pages_too(known: Known) -> None:
    await known.charge()
    await known.charge(owner_id=known.stranger)

    first = (await get(known, BALANCES, known.firm, limit=1)).json()
    second = (await get(known, BALANCES, known.firm, cursor=first["next_cursor"])).json()
    found = [item["counterparty_id"] for page in (first, second) for item in page["items"]]
    assert found == sorted([str(known.college), str(known.stranger)])
    assert second["next_cursor"] is None


async def test_balances_say_to_the_kopeck_what_is_owed_each_way(known: Known) -> None:
    firm, college, stranger = known.firm, known.college, known.stranger
    await known.charge(**of_amount(100))
    await known.charge(**of_amount(23))
    await known.charge(booker_id=college, owner_id=firm, **of_amount(7))
    await known.charge(booker_id=stranger, **of_amount(2**53 + 1))
    wrong = await known.charge(**of_amount(999))
    assert (await reverse(known, wrong)).status_code == 200

    assert await balances(known, firm) == {str(college): (7, 123)}
    assert await balances(known, college) == {
        str(firm): (123, 7),
        str(stranger): (2**53 + 1, 0),
    }
    assert await balances(known, stranger) == {str(college): (0, 2**53 + 1)}


# --- reversals ---------------------------------------------------------------------------------


async def test_the_creditor_takes_an_obligation_back_by_a_new_entry(known: Known) -> None:
    obligation_id = await known.charge()
    before = (await get(known, f"{OBLIGATIONS}/{obligation_id}", known.firm)).json()
    known.service.clock.set(datetime(2026, 9, 30, 21, 30, tzinfo=UTC))
    answer = await reverse(known, obligation_id, reason="Оплачено дважды")

    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert after["reversed_at"].startswith("2026-09-30T21:30")
    changed = {"status": "reversed", "reversal_reason": "Оплачено дважды"}
    assert after == {**before, **changed, "reversed_at": after["reversed_at"]}
    read = await get(known, f"{OBLIGATIONS}/{obligation_id}", known.firm)
    assert read.json() == after
    assert await balances(known, known.college) == {str(known.firm): (0, 0)}

    legs = await known.service.sql(
        "SELECT e.kind, a.kind AS account, p.amount_kopecks FROM entries e"
        " JOIN postings p ON p.entry_id = e.id JOIN accounts a ON a.id = p.account_id"
        " WHERE e.obligation_id = $1",
        obligation_id,
    )
    assert {tuple(leg) for leg in legs} == {
        ("incurred", "receivable", 164_700),
        ("incurred", "payable", -164_700),
        ("reversed", "receivable", -164_700),
        ("reversed", "payable", 164_700),
    }


async def test_a_reversal_is_told_and_noted_with_who_and_why(known: Known) -> None:
    obligation_id, person_id = await known.charge(), new_id()
    known.service.clock.set(datetime(2026, 9, 30, 21, 30, tzinfo=UTC))
    await known.service.client.post(
        f"{OBLIGATIONS}/{obligation_id}/reverse",
        json={"reason": "Ошибка"},
        headers=known.service.as_(known.college, Role.FINANCE, person_id=person_id),
    )

    (kept,) = await reversals(known, obligation_id)
    assert kept["reversed_by"] == person_id
    assert json.loads(kept["body"]) == {
        "obligation_id": str(obligation_id),
        "debtor_id": str(known.firm),
        "creditor_id": str(known.college),
        "amount_kopecks": 164_700,
        "reversed_on": "2026-10-01",
    }
    (noted,) = await known.service.sql(
        "SELECT * FROM audit WHERE action = 'obligation.reversed' AND object_id = $1",
        obligation_id,
    )
    assert (noted["person_id"], noted["member_id"]) == (person_id, known.college)
    assert noted["reason"] == "Ошибка"


async def test_an_obligation_is_taken_back_once(known: Known) -> None:
    obligation_id = await known.charge()
    first = await reverse(known, obligation_id)
    second = await reverse(known, obligation_id)

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (409, "wrong-status")
    assert await entries(known, obligation_id) == 2
    assert len(await reversals(known, obligation_id)) == 1


async def test_of_reversals_at_once_exactly_one_takes_effect(known: Known) -> None:
    obligation_id = await known.charge()
    answers = await asyncio.gather(*(reverse(known, obligation_id) for _ in range(20)))

    outcomes = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert outcomes == {(200, None): 1, (409, "wrong-status"): 19}
    assert await entries(known, obligation_id) == 2
    assert len(await reversals(known, obligation_id)) == 1
    assert await balances(known, known.college) == {str(known.firm): (0, 0)}


async def test_the_same_key_gives_the_same_answer(known: Known) -> None:
    obligation_id = await known.charge()
    answers = await asyncio.gather(*(reverse(known, obligation_id, key="once") for _ in range(5)))
    answers.append(await reverse(known, obligation_id, key="once"))
    other = await reverse(known, obligation_id, key="once", reason="Другая причина")

    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, answers[0].content)
    }
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len(await reversals(known, obligation_id)) == 1


async def test_a_use_of_0_kopecks_cannot_be_taken_back(known: Known) -> None:
    obligation_id = await known.charge(**FREE)
    answer = await reverse(known, obligation_id)

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-owed")
    assert not await reversals(known, obligation_id)


async def test_only_the_creditors_finance_role_takes_back(known: Known) -> None:
    obligation_id = await known.charge()
    for member_id in (known.college, known.firm):
        for role in Role:
            if role is Role.FINANCE:
                continue
            answer = await reverse(known, obligation_id, member_id, role)
            assert (answer.status_code, answer.json()["code"]) == (403, "role-missing"), role
    debtor = await reverse(known, obligation_id, known.firm)

    assert (debtor.status_code, debtor.json()["code"]) == (403, "only-the-creditor")
    assert not await reversals(known, obligation_id)


# --- the order of refusals ---------------------------------------------------------------------


async def test_401_comes_before_422_before_404_before_403_before_409(known: Known) -> None:
    obligation_id = await known.charge()
    await reverse(known, obligation_id)
    unsigned = await known.service.client.post(f"{OBLIGATIONS}/nothing/reverse", content=b"{")
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "not-signed-in")

    student = {"role": Role.STUDENT}
    for answer, status in [
        (await reverse(known, "nothing", known.stranger, **student), 422),
        (await reverse(known, obligation_id, known.stranger, reason="", **student), 422),
        (await reverse(known, obligation_id, known.stranger, **student), 404),
        (await reverse(known, new_id(), known.college, **student), 404),
        (await reverse(known, obligation_id, known.stranger), 404),
        (await reverse(known, obligation_id, known.college, **student), 403),
        (await reverse(known, obligation_id, known.firm), 403),
        (await reverse(known, obligation_id, known.college), 409),
        (await get(known, OBLIGATIONS, known.firm, Role.STUDENT, cursor="?"), 422),
        (await get(known, BALANCES, known.firm, Role.STUDENT, cursor="?"), 422),
    ]:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"]


@pytest.mark.parametrize(
    "path", [OBLIGATIONS, f"{OBLIGATIONS}/{new_id()}", BALANCES], ids=["list", "one", "balances"]
)
async def test_who_is_not_signed_in_sees_nothing(known: Known, path: str) -> None:
    answer = await known.service.client.get(path)
    assert answer.status_code == 401


async def test_a_query_that_makes_no_sense_is_422(known: Known) -> None:
    for query in [
        {"debtor_id": "nobody"},
        {"basis_id": "1"},
        {"from": "yesterday"},
        {"from": "2026-02-30"},
        {"from": "1788220800"},
        {"to": "2026-09-01T00:00:00Z"},
        {"from": "2026-09-02", "to": "2026-09-01"},
        {"limit": "0"},
        {"limit": "201"},
        {"cursor": "nonsense"},
        {"cursor": _cursor(["2026-09-01"])},
        {"cursor": _cursor(["2026-09-01", 5])},
        {"cursor": _cursor([[], {}])},
    ]:
        answer = await get(known, OBLIGATIONS, known.firm, **query)
        assert answer.status_code == 422, query


def _cursor(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


async def test_a_reversal_without_a_reason_is_422(known: Known) -> None:
    obligation_id = await known.charge()
    path, headers = (
        f"{OBLIGATIONS}/{obligation_id}/reverse",
        known.service.as_(known.college, Role.FINANCE),
    )
    reasons: list[Any] = [None, 5, "", "  ", "a\0", "я" * 2001]
    bodies = [b"", b"{", b"[]", b"{}", *(json.dumps({"reason": no}).encode() for no in reasons)]
    for body in bodies:
        answer = await known.service.client.post(path, content=body, headers=headers)
        assert answer.status_code == 422, body
        assert answer.headers["content-type"] == "application/problem+json"

    assert not await reversals(known, obligation_id)
