"""Organisations that apply, the letters they read, and what the council decides."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx

from services.membership.commands import decisions
from services.membership.domain.decisions import Decision
from shared.database import Cause
from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import CARDS, Cluster

EMAIL = "director@newcomer.demo"
SIGNER = {
    "family_name": "Орлова",
    "given_name": "Вера",
    "patronymic": "Ильинична",
    "post": "директор",
    "basis": "charter",
}
ACCOUNT = {"password": "correct horse battery", "family_name": "Орлова", "given_name": "Вера"}


def application(slug: str = "vyazma", /, **other: Any) -> dict[str, Any]:
    """The full card of a member of the demo that has not joined yet, as a body."""
    card = CARDS[slug]
    is_educator = card.kind in {"college", "university"}
    permit = {"number": "4821", "issued_on": "2019-05-14", "issuer": "Департамент образования"}
    body: dict[str, Any] = {
        "name": card.name,
        "full_name": card.full_name,
        "kind": card.kind,
        "is_state": card.is_state,
        "legal_form": card.legal_form,
        "inn": card.inn,
        "kpp": card.kpp,
        "ogrn": card.ogrn,
        "ogrn_on": "2002-11-05",
        "okpo": "00032537",
        "okved": "85.21",
        "oktmo": "66701000",
        "town": card.town,
        "legal_address": "214000, Смоленск, ул. Ленина, 1",
        "postal_address": "214000, Смоленск, ул. Ленина, 1",
        "site": "https://newcomer.demo",
        "vat_regime": card.vat_regime,
        "licence": permit if is_educator else None,
        "bank_details": []
        if card.bank_account is None
        else [{"bank_account": card.bank_account, "bik": card.bik, "bank": "Банк (демо)"}],
        "head": {**SIGNER},
        "contact": {
            "family_name": "Тайнов",
            "given_name": "Илья",
            "email": EMAIL,
            "phones": ["+7 4812 00-00-01"],
        },
    }
    return {**body, **other}


class Newcomers:
    """Applications in a cluster, step by step."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def as_secretary(self) -> dict[str, str]:
        """The headers of the council's secretary, who acts for the university."""
        return self.cluster.service.as_(self.cluster.university, Role.COUNCIL_SECRETARY)

    async def token(self, kind: str, about_id: str | UUID | None = None) -> str:
        """The link in the newest letter of the kind, which lies in nothing but the mailbox."""
        rows = await self.cluster.service.sql(
            "SELECT token FROM letters WHERE kind = $1 AND ($2::text IS NULL OR"
            " about_id = $2::text::uuid) ORDER BY id DESC LIMIT 1",
            kind,
            None if about_id is None else str(about_id),
        )
        assert rows, f"there is no letter {kind}"
        token: str = rows[0]["token"]
        return token

    async def apply(self, slug: str = "vyazma", /, **other: Any) -> str:
        """The id of an application whose address is still to be confirmed."""
        made = await self.cluster.post("/applications", None, **application(slug, **other))
        assert made.status_code == 201, made.text
        application_id: str = made.json()["id"]
        return application_id

    async def submitted(self, slug: str = "vyazma", /, **other: Any) -> str:
        """The id of an application that is submitted."""
        application_id = await self.apply(slug, **other)
        confirmed = await self.by_link("confirm", application_id)
        assert confirmed.status_code == 200, confirmed.text
        return application_id

    async def checked(self, slug: str = "vyazma", /, **other: Any) -> str:
        """The id of an application that is ready for an agenda."""
        application_id = await self.submitted(slug, **other)
        checked = await self.step(application_id, "check")
        assert checked.status_code == 200, checked.text
        return application_id

    async def admitted(self, slug: str = "vyazma", /, **other: Any) -> str:
        """The id of an application that the council has admitted."""
        application_id = await self.checked(slug, **other)
        assert await self.decide("admit", application_id) is None
        return application_id

    async def joined(self, slug: str = "vyazma", /, **other: Any) -> UUID:
        """The id of the member that has come of an application."""
        application_id = await self.admitted(slug, **other)
        signed = await self.sign(application_id)
        assert signed.status_code == 200, signed.text
        return UUID(signed.json()["member_id"])

    async def by_link(self, kind: str, application_id: str, /, **body: Any) -> httpx.Response:
        """Comes by the link in the newest letter of the kind."""
        token = await self.token(kind, application_id)
        return await self.cluster.post(f"/applications/{kind}", None, token=token, **body)

    async def sign(self, application_id: str) -> httpx.Response:
        """Reads the accession by the link, and signs it."""
        token = await self.token("sign", application_id)
        read = await self.cluster.post("/applications/look", None, token=token)
        sha256 = read.json()["accession"]["sha256"]
        return await self.cluster.post(
            "/applications/sign", None, token=token, sha256=sha256, **SIGNER
        )

    async def step(self, application_id: str, step: str, **body: Any) -> httpx.Response:
        """What the secretary does with an application."""
        return await self.cluster.post(
            f"/applications/{application_id}/{step}", self.as_secretary(), **body
        )

    async def decide(self, kind: str, subject_id: str | UUID | None, **other: Any) -> str | None:
        """Hears a decision of the council; returns why it could not be carried out."""
        facts: dict[str, Any] = {
            "id": new_id(),
            "kind": kind,
            "is_binding": True,
            "subject_id": None if subject_id is None else UUID(str(subject_id)),
            "due_on": None,
            "ground": None,
            "parameter": None,
            "value": None,
            "adopted_on": self.cluster.today,
            **other,
        }
        return await self.hear(Decision(**facts))

    async def hear(self, decision: Decision) -> str | None:
        """Hears exactly this decision; returns why it could not be carried out."""
        cause = Cause(new_id(), new_id())
        async with self.cluster.service.runtime.database.transaction(cause=cause) as tx:
            await decisions.carry_out(tx, decision)
        [answer] = await self.cluster.service.sql(
            "SELECT subject, body::jsonb ->> 'reason_code' AS reason_code,"
            " body::jsonb ->> 'decision_id' AS decision_id FROM outbox"
            " WHERE subject LIKE 'membership.decision.%' ORDER BY seq DESC LIMIT 1"
        )
        assert answer["decision_id"] == str(decision.id), "every decision is answered"
        is_failed = answer["subject"] == "membership.decision.failed.v1"
        assert is_failed == (answer["reason_code"] is not None)
        reason: str | None = answer["reason_code"]
        return reason

    async def case(self, member_id: UUID, /, **other: Any) -> dict[str, Any]:
        """A case of exclusion on ground b at the head's wish, unless told otherwise."""
        opened = await self.cluster.post(
            f"/members/{member_id}/cases", self.as_secretary(), **case(**other)
        )
        assert opened.status_code == 201, opened.text
        body: dict[str, Any] = opened.json()
        return body

    async def told(self, *subjects: str) -> list[str]:
        """Which of the facts were told, in order."""
        rows = await self.cluster.service.told(*(f"membership.{name}.v1" for name in subjects))
        return [row["subject"].removeprefix("membership.").removesuffix(".v1") for row in rows]


def case(**other: Any) -> dict[str, Any]:
    """A case of exclusion on ground b at the head's wish, as a body."""
    return {
        "ground": "b",
        "initiative": "head",
        "evidence": "Полгода не отвечает на заявки.",
        **other,
    }


def days_of(written: str) -> date:
    """The date that an answer holds."""
    return date.fromisoformat(written)
