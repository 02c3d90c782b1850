"""An outsider applies, joins, books, and is excluded with due process (R1.1, R5.3, I2, I3)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.membership.commands import decisions
from services.membership.domain.decisions import Decision
from shared.database import Cause
from shared.ids import new_id
from shared.russia.calendar import moscow_date
from tests.harness import until
from tests.journeys.conftest import Platform, Somebody
from tests.journeys.test_one_member_books_anothers_workshop import book, free_day, workshop_of
from tests.membership.newcomers import ACCOUNT, SIGNER, application

pytestmark = pytest.mark.asyncio(loop_scope="module")

EMAIL = "coordinator@newcomer.demo"
CARD = {
    "name": "ООО «Новый завод» (демо)",
    "full_name": "Общество с ограниченной ответственностью «Новый завод» (демо)",
    "inn": "6799009990",
    "ogrn": "1996700009999",
}


def with_key(digits: str, divisor: int) -> str:
    """The number with its check digit, by the rule of OGRN."""
    return f"{digits}{int(digits) % divisor % 10}"


def newcomer() -> dict[str, Any]:
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    nine = CARD["inn"][:9]
    inn = f"{nine}{sum(w * int(d) for w, d in zip(weights, nine, strict=True)) % 11 % 10}"
    body = application("promsvar", **CARD, bank_details=[])
    return body | {
        "inn": inn,
        "ogrn": with_key(CARD["ogrn"][:12], 11),
        "contact": body["contact"] | {"email": EMAIL},
    }


async def decide(platform: Platform, kind: str, subject_id: str, **other: Any) -> None:
    """Membership hears what the council has decided."""
    facts: dict[str, Any] = {
        "id": new_id(),
        "kind": kind,
        "is_binding": True,
        "subject_id": UUID(subject_id),
        "due_on": None,
        "ground": None,
        "parameter": None,
        "value": None,
        "adopted_on": moscow_date(platform.clock()),
        **other,
    }
    database = platform.services["membership"].runtime.database
    async with database.transaction(cause=Cause(new_id(), new_id())) as tx:
        await decisions.carry_out(tx, Decision(**facts))


async def token_for(administrator: Somebody, kind: str) -> str:
    """The link in the newest letter of the kind, from the mailbox of the demo."""
    letters = (await administrator.ask("GET", "/membership/letters")).json()["items"]
    token: str = next(letter["token"] for letter in letters if letter["kind"] == kind)
    return token


async def test_an_outsider_joins_books_and_is_excluded_with_due_process_r5_3_i3(
    platform: Platform,
) -> None:
    admin = await platform.sign_in("admin@artel.demo")
    owner = await platform.sign_in("coordinator@smolapo.demo")

    # an outsider applies without an account, the secretary checks, the council admits
    made = await admin.ask("POST", "/membership/applications", json=newcomer(), headers={})
    assert made.status_code == 201, made.text
    application_id = made.json()["id"]
    by_link: dict[str, Any] = {"token": await token_for(admin, "confirm")}
    await admin.ask("POST", "/membership/applications/confirm", json=by_link)
    checked = await admin.ask("POST", f"/membership/applications/{application_id}/check")
    assert checked.json()["status"] == "checked", checked.text
    await decide(platform, "admit", application_id)
    by_link = {"token": await token_for(admin, "sign")}
    read = await admin.ask("POST", "/membership/applications/look", json=by_link)
    by_link |= {"sha256": read.json()["accession"]["sha256"], **SIGNER}
    signed = await admin.ask("POST", "/membership/applications/sign", json=by_link)
    assert signed.json()["status"] == "active", signed.text
    invited = {"token": await token_for(admin, "open_account"), **ACCOUNT, "password": "demo" * 3}
    opened = await admin.ask("POST", "/membership/applications/open-account", json=invited)
    assert opened.status_code == 201, opened.text
    answer = await platform.services["membership"].client.post(
        "/api/membership/sessions", json={"email": EMAIL, "password": "demo" * 3}
    )
    firm = Somebody(platform, answer.json())

    # the newcomer books under an agreement
    today = moscow_date(platform.clock())
    agreement = {
        "kind": "services",
        "party_ids": [firm.member_id, owner.member_id],
        "valid_from": today.isoformat(),
        "valid_to": (today + timedelta(days=300)).isoformat(),
        "subject": "Услуги мастерских",
    }
    agreed = await firm.ask("POST", "/membership/agreements", json=agreement)
    await owner.ask("POST", f"/membership/agreements/{agreed.json()['id']}/sign")
    workshop = await workshop_of(firm, "Станки с ЧПУ")
    starts_at = await free_day(firm, workshop)

    async def booked() -> Any:
        answer = await book(firm, workshop, starts_at)
        return answer.json() if answer.status_code == 201 else None

    confirmed = await until(booked)
    path = f"/workshops/bookings/{confirmed['id']}"
    assert (await owner.ask("POST", f"{path}/approve")).status_code == 200

    async def sees_it() -> bool:
        seen = await firm.ask("GET", f"/membership/members/{firm.member_id}/open-matters")
        return [(item["kind"], item["id"]) for item in seen.json()["items"]] == [
            ("booking", confirmed["id"])
        ]

    await until(sees_it)

    # suspended in between by decision, and excluded after notice and answer
    case = {"ground": "b", "initiative": "head", "evidence": "Срывает чужие занятия."}
    opened = await admin.ask("POST", f"/membership/members/{firm.member_id}/cases", json=case)
    await decide(platform, "suspend", firm.member_id, ground="b")

    async def refused_by(code: str) -> bool:
        answer = await book(firm, workshop, starts_at + timedelta(hours=4))
        return bool(answer.json().get("code") == code)

    await until(lambda: refused_by("member-suspended"))
    answered = await firm.ask(
        "POST",
        f"/membership/cases/{opened.json()['id']}/answer",
        json={"answer": "Больше не будем."},
    )
    assert answered.json()["status"] == "ready", answered.text
    await decide(platform, "exclude", firm.member_id, ground="b")
    await until(lambda: refused_by("member-not-active"))

    # its confirmed booking lives on (I2)
    for step, body in (("check-in", None), ("complete", {"actual_minutes": 60})):
        answer = await owner.ask("POST", f"{path}/{step}", json=body)
        assert answer.status_code == 200, answer.text

    async def owes() -> bool:
        seen = await firm.ask("GET", f"/membership/members/{firm.member_id}/open-matters")
        return [item["kind"] for item in seen.json()["items"]] == ["obligation"]

    await until(owes)
