"""The mailbox, as those read it to whom the letters are written."""

from collections.abc import Mapping
from typing import Any

from tests.membership.cluster import Cluster


async def letters(cluster: Cluster, kind: str) -> list[Mapping[str, Any]]:
    """The letters of a kind, the oldest first."""
    return await cluster.service.sql("SELECT * FROM letters WHERE kind = $1 ORDER BY id", kind)


async def newest_token(cluster: Cluster, kind: str) -> str:
    """The token of the link in the newest letter of a kind."""
    token: str = (await letters(cluster, kind))[-1]["token"]
    return token
