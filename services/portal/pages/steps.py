"""Asking a service for a step: what it answers, or a no that a page says beside what was typed."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from services.portal.client import Asleep, Problem
from services.portal.refusals import words_of
from services.portal.rendering import portal_of, visitor_of, words_for

NOT_HERE = (401, 403, 404)
"""Answers that are no matter of the form: another page says them."""


@dataclass(frozen=True)
class No:
    """The service did not do it; `problem` is empty while it sleeps."""

    status: int
    sentence: str
    problem: Problem | None = None

    @property
    def faults(self) -> set[str]:
        """The fields that were not understood, as the API calls them."""
        errors = self.problem.errors if self.problem else []
        return {str(each.get("at", "")).removeprefix("body.") for each in errors}


async def asked(
    request: Request,
    path: str,
    body: Any = None,
    *,
    method: str = "POST",
    etag: str | None = None,
    key: str | None = None,
) -> Any | No:
    """What the service answers, or its no; raises Problem for what is not there, or not theirs."""
    words = words_for(request)
    try:
        reply = await portal_of(request).api.send(
            method, path, visitor_of(request).token, body=body, if_match=etag, key=key
        )
    except Problem as problem:
        if problem.status in NOT_HERE:
            raise
        return No(problem.status, words_of(words, problem.code, problem.facts), problem)
    except Asleep:
        return No(503, words_of(words, "unavailable"))
    return reply.body
