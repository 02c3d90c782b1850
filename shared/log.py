"""Structured logs: one JSON object a line, in UTC, without names, addresses or tokens."""

import logging
import sys
import traceback
from typing import Any

import structlog
from pydantic import ValidationError
from structlog.types import EventDict, WrappedLogger

_SECRET = ("password", "token", "authorization", "cookie", "email", "secret")


def configure(level: str) -> None:
    """Sets up logging for this process; what the libraries log passes the same way."""
    threshold = getattr(logging, level.upper())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for chatty in ("faststream", "nats", "httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(logger_name=name)
    return logger


def fault(logger: structlog.stdlib.BoundLogger, error: BaseException, **facts: Any) -> None:
    """Logs a bug: its kind and where it happened, and none of the values it happened with."""
    frames = [
        f"{frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]
    logger.error("fault", error=words(error), frames=frames, **facts)


def words(error: BaseException) -> str:
    """What may be read of a failure: its kind, and no value that a message or request carried."""
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate is not None:
        place = getattr(error, "constraint_name", None) or getattr(error, "message", sqlstate)
        return f"{type(error).__name__}: {place}"
    if isinstance(error, ValidationError):
        return f"{type(error).__name__}: {error.error_count()} faults in {error.title}"
    return repr(error)[:300]


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for key in event:
        if any(word in key.lower() for word in _SECRET):
            event[key] = "…"
    return event
