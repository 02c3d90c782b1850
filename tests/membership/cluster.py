"""What tests of membership stand on: three members, their people, and who signs in how."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from services.membership.commands import accounts, members
from services.membership.commands.imports import KINDS, REGIMES
from services.membership.commands.passwords import HASHER
from services.membership.demo import MEMBERS
from services.membership.domain.accounts import PersonName
from services.membership.domain.members import Card
from shared.database import Transaction
from shared.identity import Actor, Role
from shared.ids import new_id
from shared.russia.calendar import moscow_date
from tests.harness import Running, until

API = "/api/membership"
PASSWORD = "correct horse battery"
HASH = HASHER.hash(PASSWORD)
CARDS = {card.slug: card for card in MEMBERS}
COORDINATOR = frozenset({Role.COORDINATOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})


class Cluster:
    """A college, a university and a firm, each with a coordinator; and an administrator."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.people: dict[str, UUID] = {}
        self.administrator = self.college = self.university = self.firm = new_id()

    async def lay(self) -> "Cluster":
        """Everything, by the service's own commands."""
        async with self.service.runtime.database.transaction(allowed=ADMINISTRATOR) as tx:
            self.administrator = await self._register(tx, "admin", None, Role.ADMINISTRATOR)
            tx.actor = Actor(self.administrator, None, ADMINISTRATOR, new_id())
            self.college = await members.join(tx, CARDS["smolapo"])
            self.university = await members.join(tx, CARDS["university"])
            self.firm = await members.join(tx, CARDS["stankoservis"])
            await self._register(tx, "college", self.college, Role.COORDINATOR)
            await self._register(tx, "university", self.university, Role.COORDINATOR)
            await self._register(tx, "firm", self.firm, Role.COORDINATOR)
        return self

    async def register(self, name: str, member_id: UUID | None, *roles: Role) -> UUID:
        """Another person, whose e-mail is `<name>@artel.demo`."""
        async with self.service.runtime.database.transaction() as tx:
            return await self._register(tx, name, member_id, *roles)

    async def _register(
        self, tx: Transaction, name: str, member_id: UUID | None, *roles: Role
    ) -> UUID:
        self.people[name] = await accounts.register(
            tx,
            email=f"{name}@artel.demo",
            password_hash=HASH,
            name=PersonName("Иванова", "Анна", None),
            member_id=member_id,
            roles=frozenset(roles),
        )
        return self.people[name]

    @property
    def today(self) -> date:
        """Today in Moscow."""
        return moscow_date(self.service.clock())

    def day(self, days: int) -> str:
        """The day so many days from today, as it is written."""
        return (self.today + timedelta(days=days)).isoformat()

    def as_college(self) -> dict[str, str]:
        """The headers of the college's coordinator."""
        return self.service.as_(self.college, Role.COORDINATOR, person_id=self.people["college"])

    def as_university(self) -> dict[str, str]:
        """The headers of the university's coordinator."""
        return self.service.as_(
            self.university, Role.COORDINATOR, person_id=self.people["university"]
        )

    def as_firm(self) -> dict[str, str]:
        """The headers of the firm's coordinator."""
        return self.service.as_(self.firm, Role.COORDINATOR, person_id=self.people["firm"])

    def as_administrator(self) -> dict[str, str]:
        """The headers of the administrator."""
        return self.service.as_(None, Role.ADMINISTRATOR, person_id=self.administrator)

    async def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """Looks something up."""
        return await self.service.client.get(f"{API}{path}", headers=headers)

    async def post(
        self, path: str, headers: dict[str, str] | None = None, /, **body: Any
    ) -> httpx.Response:
        """Asks for something."""
        return await self.service.client.post(f"{API}{path}", json=body, headers=headers)

    async def sign_in(self, name: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        """Signs in as the person of this name."""
        return await self.post("/sessions", email=f"{name}@artel.demo", password=password, **more)

    async def make(self, headers: dict[str, str] | None = None, **other: Any) -> httpx.Response:
        """Makes an agreement of the firm with the college, unless told otherwise."""
        return await self.post(
            "/agreements", headers or self.as_firm(), **(agreement(self) | other)
        )

    @asynccontextmanager
    async def held(self, table: str, row_id: UUID) -> AsyncIterator[Any]:
        """Holds a row as another transaction would, and commits at the end of the block."""
        postgres = self.service.servers.postgres
        other = await asyncpg.connect(
            postgres.url("artel", postgres.password, self.service.database_name)
        )
        try:
            async with other.transaction():
                await other.fetch(f"SELECT FROM {table} WHERE id = $1 FOR UPDATE", row_id)
                yield other
        finally:
            await other.close()

    async def waiting(self, count: int) -> None:
        """Returns when so many transactions wait for a lock."""

        async def do_wait() -> bool:
            rows = await self.service.sql(
                "SELECT FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return len(rows) == count

        await until(do_wait)

    async def active(self, **other: Any) -> str:
        """The id of an agreement that both have signed."""
        made = await self.make(**other)
        assert made.status_code == 201, made.text
        agreement_id: str = made.json()["id"]
        signed = await self.post(f"/agreements/{agreement_id}/sign", self.as_college())
        assert signed.status_code == 200, signed.text
        return agreement_id


def agreement(cluster: Cluster) -> dict[str, Any]:
    """The terms of an agreement of the firm with the college, from today for a year."""
    return {
        "kind": "services",
        "party_ids": [str(cluster.firm), str(cluster.college)],
        "valid_from": cluster.day(0),
        "valid_to": cluster.day(365),
        "subject": "Услуги мастерских",
    }


def card(slug: str, /, **other: Any) -> dict[str, Any]:
    """The card of a member of the demo, as a body."""
    fields = {name: getattr(CARDS[slug], name) for name in Card.__dataclass_fields__}
    return {**fields, **other}


def written(slug: str, /, **other: Any) -> dict[str, Any]:
    """The card of a member of the demo as people write it."""
    card = CARDS[slug]
    words = {value: word for named in (KINDS, REGIMES) for word, value in named.items()}
    fields = {name: getattr(card, name) or "" for name in Card.__dataclass_fields__}
    return {
        **fields,
        "kind": words[card.kind].upper(),
        "is_state": "да" if card.is_state else "нет",
        "vat_regime": words[card.vat_regime],
        **other,
    }
