"""An outsider applies, joins, books, and is excluded with due process (R1.1, R5.3, I2, I3)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.russia.calendar import moscow_date
from tests.harness import until
from tests.journeys.conftest import Platform, Somebody
from tests.journeys.council import HEAD, SECRETARY, Council, done
from tests.journeys.test_one_member_books_anothers_workshop import book, free_day, workshop_of
from tests.membership.newcomers import ACCOUNT, SIGNER, application

pytestmark = pytest.mark.asyncio(loop_scope="module")

EMAIL = "coordinator@newcomer.demo"
PASSWORD = "длинный пароль новичка"
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


async def token_for(administrator: Somebody, kind: str) -> str:
    """The link in the newest letter of the kind, from the mailbox of the demo."""
    letters = (await administrator.ask("GET", "/membership/letters")).json()["items"]
    token: str = next(letter["token"] for letter in letters if letter["kind"] == kind)
    return token


class Newcomer:
    """The organisation that applies, and its first coordinator once there is one."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    async def sign_in(self) -> Somebody:
        """Its coordinator, with a token of today."""
        answer = await self.platform.services["membership"].client.post(
            "/api/membership/sessions", json={"email": EMAIL, "password": PASSWORD}
        )
        return Somebody(self.platform, answer.json())

    async def apply(self) -> str:
        """Applies without an account, and confirms the address by the letter's link."""
        admin = await self.platform.sign_in("admin@artel.demo")
        made = await done(admin.ask("POST", "/membership/applications", json=newcomer()), 201)
        by_link = {"token": await token_for(admin, "confirm")}
        await done(admin.ask("POST", "/membership/applications/confirm", json=by_link))
        return str(made["id"])

    async def accede(self) -> Somebody:
        """Signs the accession that it has read, and opens the account of its coordinator."""
        admin = await self.platform.sign_in("admin@artel.demo")
        by_link: dict[str, Any] = {"token": await token_for(admin, "sign")}
        read = await done(admin.ask("POST", "/membership/applications/look", json=by_link))
        by_link |= {"sha256": read["accession"]["sha256"], **SIGNER}
        signed = await done(admin.ask("POST", "/membership/applications/sign", json=by_link))
        assert signed["status"] == "active"
        invited = {
            "token": await token_for(admin, "open_account"),
            **ACCOUNT,
            "password": PASSWORD,
        }
        path = "/membership/applications/open-account"
        await done(admin.ask("POST", path, json=invited), 201)
        return await self.sign_in()


async def agree(firm: Somebody, owner: Somebody) -> None:
    """Both are parties of an agreement on services of workshops."""
    today = moscow_date(firm.platform.clock())
    agreement = {
        "kind": "services",
        "party_ids": [firm.member_id, owner.member_id],
        "valid_from": today.isoformat(),
        "valid_to": (today + timedelta(days=300)).isoformat(),
        "subject": "Услуги мастерских",
    }
    made = await done(firm.ask("POST", "/membership/agreements", json=agreement), 201)
    await done(owner.ask("POST", f"/membership/agreements/{made['id']}/sign"))


async def test_an_outsider_joins_books_and_is_excluded_with_due_process_r5_3_i3(
    platform: Platform,
) -> None:
    council = await Council.of(platform)
    applicant = Newcomer(platform)

    # an outsider applies without an account, and the secretary checks
    application_id = await applicant.apply()
    secretary = await platform.sign_in(SECRETARY)
    path = f"/membership/applications/{application_id}/check"
    assert (await done(secretary.ask("POST", path)))["status"] == "checked"

    # a meeting without a quorum is moved, the next one admits (I5)
    admission = {
        "title": "О приёме в состав участников",
        "kind": "decision",
        "decision_kind": "admit",
        "force": "binding",
        "matter_id": await council.matter(application_id),
    }
    few = await council.convened(await council.announced(admission), present=7)
    assert (few["status"], few["seats_present"]) == ("no_quorum", 7)
    meeting = await council.convened(await council.moved(few))
    assert meeting["status"] == "open"
    against = ("coordinator@vyazma.demo", "coordinator@roslavl.demo")
    admitted = await council.decided(meeting["items"][0]["id"], against=against)
    assert (admitted["status"], admitted["subject_id"]) == ("executed", application_id)
    secretary = await council.secretary()
    await done(secretary.ask("POST", f"/council/meetings/{meeting['id']}/close"))

    # the agreement of accession is signed, and the newcomer books a workshop
    firm = await applicant.accede()
    await agree(firm, await platform.sign_in("coordinator@smolapo.demo"))
    workshop = await workshop_of(firm, "Станки с ЧПУ")
    starts_at = await free_day(firm, workshop)

    async def booked() -> Any:
        answer = await book(firm, workshop, starts_at)
        return answer.json() if answer.status_code == 201 else None

    confirmed = await until(booked)
    booking = f"/workshops/bookings/{confirmed['id']}"
    owner = await platform.sign_in("approver@smolapo.demo")
    await done(owner.ask("POST", f"{booking}/approve"))

    async def sees(kinds: list[str]) -> bool:
        seen = await firm.ask("GET", f"/membership/members/{firm.member_id}/open-matters")
        return [item["kind"] for item in seen.json()["items"]] == kinds

    await until(lambda: sees(["booking"]))

    # notice with evidence on ground b, an answer on the file, and only then a decision (I3)
    case = {"ground": "b", "initiative": "head", "evidence": "Срывает чужие занятия."}
    path = f"/membership/members/{firm.member_id}/cases"
    opened = await done((await council.secretary()).ask("POST", path, json=case), 201)
    head = await platform.sign_in(HEAD)
    file = await done(head.ask("GET", f"/membership/cases/{opened['id']}"))
    assert file["evidence"] == case["evidence"], "who decides has the file before them"
    answer = {"answer": "Больше не будем."}
    path = f"/membership/cases/{opened['id']}/answer"
    assert (await done(firm.ask("POST", path, json=answer)))["status"] == "ready"
    excluded = await council.carried(
        {
            "title": "Об исключении участника",
            "kind": "exclusion",
            "decision_kind": "exclude",
            "force": "binding",
            "matter_id": await council.matter(opened["id"]),
        }
    )
    assert (excluded["status"], excluded["subject_id"]) == ("executed", firm.member_id)

    # it cannot book again, and keeps its confirmed booking (I2)
    firm = await applicant.sign_in()

    async def is_refused() -> bool:
        later = datetime.fromisoformat(confirmed["starts_at"]) + timedelta(days=7)
        answer = await book(firm, workshop, later)
        return bool(answer.json().get("code") == "member-not-active")

    await until(is_refused)
    owner = await platform.sign_in("approver@smolapo.demo")
    for step, body in (("check-in", None), ("complete", {"actual_minutes": 60})):
        await done(owner.ask("POST", f"{booking}/{step}", json=body))
    await until(lambda: sees(["obligation"]))
