"""Problems: every error that HTTP answers is RFC 9457 problem+json with a title."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared import log, trace
from shared.database import COLLIDED, UNREACHABLE
from shared.refusal import (
    Invalid,
    NotFound,
    NotSignedIn,
    Refusal,
    TooLarge,
    TooMany,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1

logger = log.get(__name__)


def problem(
    status: int,
    code: str,
    title: str,
    detail: str | None = None,
    clause: str | None = None,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem+json answer; `facts` become members of it."""
    body = {
        "type": f"urn:artel:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        **({"clause": clause} if clause else {}),
        "trace_id": trace.trace_id(),
        **(facts or {}),
    }
    return Response(
        orjson.dumps(body, default=str), status, dict(headers or {}), media_type=MEDIA_TYPE
    )


def problem_of(refusal: Refusal) -> Response:
    """The answer that a refusal stands for."""
    headers = {}
    if isinstance(refusal, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, Unavailable | TooMany):
        headers["Retry-After"] = str(refusal.facts.pop("retry_after", RETRY_AFTER_SECONDS))
    return problem(
        refusal.status,
        refusal.code,
        refusal.title(),
        refusal.detail,
        refusal.clause,
        refusal.facts,
        headers,
    )


def answer_with_problems(app: FastAPI) -> None:
    """Makes the app answer refusals, bad input and faults as problems."""

    @app.exception_handler(Refusal)
    async def on_refusal(_: Request, refusal: Refusal) -> Response:
        return problem_of(refusal)

    @app.exception_handler(RequestValidationError)
    async def on_bad_input(_: Request, error: RequestValidationError) -> Response:
        return problem_of(invalid_of(error))

    @app.exception_handler(HTTPException)
    async def on_http(_: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return problem_of(NotFound())
        if error.status_code == 400:
            return problem_of(Invalid("The body cannot be read.", at="body"))
        if error.status_code == 413:
            return problem_of(TooLarge())
        return problem(error.status_code, "http", str(error.detail), headers=error.headers or None)

    async def on_unreachable(_: Request, error: Exception) -> Response:
        logger.warning("unavailable", error=type(error).__name__)
        return problem_of(Unavailable())

    for kind in (*UNREACHABLE, *COLLIDED):
        app.exception_handler(kind)(on_unreachable)


def invalid_of(error: RequestValidationError) -> Invalid:
    """What was wrong with the input, field by field; what was typed is not repeated."""
    faults = [
        {
            "at": ".".join(str(step) for step in fault["loc"]),
            "message": _sentence(fault),
            "code": fault["type"],
        }
        for fault in error.errors()
    ][:50]
    first = faults[0] if faults else {"at": "body", "message": "cannot be read"}
    return Invalid(f"{first['at']}: {first['message']}", errors=faults)


def _sentence(fault: Mapping[str, Any]) -> str:
    return str(fault["msg"]).removeprefix("Value error, ")
