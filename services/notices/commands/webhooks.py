"""Telling members' programs: signed, to a checked address, and tried again until a day has passed.

The host's addresses are looked up and checked, and the connection goes to the one that was
checked, so that a name cannot point elsewhere between the two.
"""

import asyncio
import base64
import secrets
import socket
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from services.notices.commands.telling import tell
from services.notices.domain.kinds import Kind
from services.notices.domain.webhooks import (
    WEBHOOKS_MAX,
    AddressIsPrivate,
    TooManyWebhooks,
    check_url,
    require_public,
    retry_after,
)
from services.notices.queries.webhooks import webhook
from shared import log
from shared.database import Transaction
from shared.settings import Settings

DELIVER_SECONDS = 8.0
GONE = 410
_DUE = """
SELECT d.*, w.url, w.secret, w.member_id FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id
WHERE d.ended_at IS NULL AND d.due_at <= $1 ORDER BY d.due_at, d.id LIMIT 1
FOR UPDATE OF d SKIP LOCKED
"""

logger = log.get(__name__)


class NoAnswer(Exception):
    """The program could not be reached, or took too long."""


async def add(
    tx: Transaction, url: str, kinds: Collection[Kind], *, is_local_allowed: bool
) -> tuple[UUID, str]:
    """A program of the acting member is told these kinds from now on; returns its id and secret.

    The secret is said this once. Raises Invalid, TooManyWebhooks.
    """
    check_url(url, is_local_allowed=is_local_allowed, at="body.url")
    actor = tx.authorise()
    await tx.execute("SELECT FROM members WHERE id = $1 FOR NO KEY UPDATE", actor.member)
    count = await tx.value(
        "SELECT count(*) FROM webhooks WHERE member_id = $1 AND removed_at IS NULL", actor.member
    )
    if count >= WEBHOOKS_MAX:
        raise TooManyWebhooks
    webhook_id = tx.new_id("webhook")
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    await tx.execute(
        "INSERT INTO webhooks (id, member_id, url, secret, kinds, made_by, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        webhook_id,
        actor.member,
        url,
        secret,
        sorted(kind.value for kind in kinds),
        actor.person_id,
        tx.now,
    )
    tx.note("webhook.added", webhook_id, after={"kinds": sorted(kinds)})
    return webhook_id, secret


async def remove(tx: Transaction, webhook_id: UUID) -> None:
    """The program is told nothing more; raises NotFound for another member's. Again changes nothing."""
    if (await webhook(tx, webhook_id))["removed_at"] is not None:
        return
    await tx.execute("UPDATE webhooks SET removed_at = $2 WHERE id = $1", webhook_id, tx.now)
    await _drop_deliveries(tx, webhook_id, "removed")
    tx.note("webhook.removed", webhook_id)


class Programs:
    """Members' programs, as they are told what concerns the member."""

    def __init__(self, settings: Settings) -> None:
        self.is_local_allowed = settings.webhooks_to_loopback

    async def tell_due(self, tx: Transaction) -> int:
        """Delivers what has been due for longest; returns how many there were."""
        row = await tx.row(_DUE, tx.now)
        if row is None:
            return 0
        answer, reason = None, None
        try:
            answer = await self._deliver(tx, row)
            if not 200 <= answer < 300:
                reason = "refused"
        except AddressIsPrivate:
            reason = "private-network"
        except NoAnswer:
            reason = "no-answer"
        tries = row["tries"] + 1
        delay = None if answer == GONE else retry_after(tries)
        is_over = reason is None or delay is None
        await tx.execute(
            "UPDATE deliveries SET tries = $2, answer = $3, reason_code = $4, ended_at = $5,"
            " due_at = $6 WHERE id = $1",
            row["id"],
            tries,
            answer,
            reason,
            tx.now if is_over else None,
            tx.now + delay if delay is not None else tx.now,
        )
        if reason is not None:
            logger.info("not delivered", delivery_id=str(row["id"]), reason=reason)
            if delay is None:
                await self._disable(tx, row)
        return 1

    async def _disable(self, tx: Transaction, row: Any) -> None:
        touched = await tx.execute(
            "UPDATE webhooks SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL",
            row["webhook_id"],
            tx.now,
        )
        await _drop_deliveries(tx, row["webhook_id"], "disabled")
        if touched:
            tx.note("webhook.disabled", row["webhook_id"])
            await tell(tx, Kind.WEBHOOK_DISABLED, row["webhook_id"], [row["member_id"]], {})

    async def _deliver(self, tx: Transaction, row: Any) -> int:
        """The status of the program's answer, of which no more is read.

        Raises AddressIsPrivate, NoAnswer. No redirect is followed.
        """
        import httpx
        from standardwebhooks import Webhook

        parts = urlsplit(row["url"])
        headers = {
            "Host": parts.netloc,
            "Content-Type": "application/json",
            "User-Agent": "Artel",
            "webhook-id": str(row["id"]),
            "webhook-timestamp": str(int(tx.now.timestamp())),
            "webhook-signature": Webhook(row["secret"]).sign(str(row["id"]), tx.now, row["body"]),
        }
        try:
            async with asyncio.timeout(DELIVER_SECONDS):
                address, port = await self._checked(row["url"])
                target = httpx.URL(row["url"]).copy_with(host=address, port=port)
                async with (
                    httpx.AsyncClient(trust_env=False, timeout=DELIVER_SECONDS) as client,
                    client.stream(
                        "POST",
                        target,
                        content=row["body"].encode(),
                        headers=headers,
                        extensions={"sni_hostname": parts.hostname},
                    ) as answer,
                ):
                    return answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, ValueError) as error:
            raise NoAnswer(type(error).__name__) from None

    async def _checked(self, url: str) -> tuple[str, int]:
        """An address of the host, once all of them were looked at."""
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, port, type=socket.SOCK_STREAM
        )
        addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
        require_public(addresses, is_local_allowed=self.is_local_allowed)
        return str(addresses[0]), port


async def _drop_deliveries(tx: Transaction, webhook_id: UUID, reason: str) -> None:
    await tx.execute(
        "UPDATE deliveries SET ended_at = $2, reason_code = $3"
        " WHERE webhook_id = $1 AND ended_at IS NULL",
        webhook_id,
        tx.now,
        reason,
    )
