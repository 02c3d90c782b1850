"""How long a start takes beside the mere import of the libraries, and what an idle one weighs."""

import contextlib
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.bench.size import FULL, Figures, Size
from tests.deploy.run import ROOT, Run, left_of

LIBRARIES = (
    "import fastapi, uvicorn, uvloop, httptools, faststream.nats, nats, asyncpg, pydantic_settings,"
    " joserfc.jwt, argon2, uuid_utils, structlog, limits.aio.storage, orjson, httpx, psutil,"
    " email_validator, jinja2, python_multipart, stdnum.ru.inn, pydantic.v1"
)
"""What a start on data that are there imports; to migrate, Alembic and SQLAlchemy come on top."""


def figures(data: Path, size: Size = FULL) -> Figures:
    """start_ratio and memory_mb, on data that are there already."""
    starts, ratios, memory = [], [], []
    for _ in range(size.starts):
        before = _import()
        begun = time.perf_counter()
        with Run(data, command=("make", "--silent", "up")) as run:
            run.ready(120)
            starts.append(time.perf_counter() - begun)
            time.sleep(size.idle_seconds)
            memory.append(_memory(run))
        ratios.append(starts[-1] / ((before + _import()) / 2))
    return {
        "start_ratio": (statistics.median(ratios), "ratio"),
        "start_seconds": (statistics.median(starts), "s"),
        "memory_mb": (statistics.median(memory), "MB"),
    }


def _import() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True, cwd=ROOT)
    return time.perf_counter() - begun


def _memory(run: Run) -> float:
    """The proportional share of all processes of the installation, in megabytes."""
    processes = {run.process.pid: psutil.Process(run.process.pid)}
    for process in (*left_of(run.data), *processes.values()):
        with contextlib.suppress(psutil.NoSuchProcess):
            processes |= {each.pid: each for each in (process, *process.children(recursive=True))}
    found = 0
    for process in processes.values():
        with contextlib.suppress(psutil.NoSuchProcess):  # PostgreSQL has some that come and go
            found += process.memory_full_info().pss
    return found / 1e6
