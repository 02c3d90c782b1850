"""Health: whether the process lives, and whether the service can do its work."""

import time
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

from shared.database import UNREACHABLE, Database
from shared.problems import RETRY_AFTER_SECONDS
from shared.refusal import Unavailable

_REMEMBER_SECONDS = 0.5


@dataclass
class Readiness:
    """Asks the database whether the service is ready; a lost broker does not matter here."""

    database: Database
    head: str
    milestones: tuple[str, ...]
    _checked: float = 0.0
    _missing: tuple[str, ...] = ("not yet asked",)

    async def missing(self) -> tuple[str, ...]:
        """What is not there yet; empty when the service is ready."""
        if time.monotonic() - self._checked > _REMEMBER_SECONDS:
            self._missing = await self._ask()
            self._checked = time.monotonic()
        return self._missing

    async def _ask(self) -> tuple[str, ...]:
        try:
            rows = await self.database.fetch(
                "SELECT version_num, ARRAY (SELECT name FROM milestones) AS reached"
                " FROM alembic_version"
            )
        except (*UNREACHABLE, Unavailable):
            return ("database",)
        except Exception:  # an empty database has no such tables
            return ("migrations",)
        if not rows or rows[0]["version_num"] != self.head:
            return ("migrations",)
        return tuple(name for name in self.milestones if name not in rows[0]["reached"])

    async def answer(self) -> Response:
        """200 when ready, else 503 that says what is missing."""
        missing = await self.missing()
        body: dict[str, Any] = {"status": "ready" if not missing else "waiting"}
        if not missing:
            return JSONResponse(body)
        return JSONResponse(
            {**body, "missing": list(missing)},
            503,
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        )


def alive() -> Response:
    """The event loop answers; nothing else is asked, so that nothing else can fail it."""
    return JSONResponse({"status": "alive"})
