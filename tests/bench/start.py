"""How long a start takes beside the mere import of the libraries, and what an idle one weighs."""

import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.deploy.run import Run, left_of

LIBRARIES = (
    "import fastapi, uvicorn, uvloop, httptools, faststream.nats, nats, asyncpg, pydantic_settings,"
    " joserfc.jwt, argon2, uuid_utils, structlog, limits.aio.storage, orjson, sqlalchemy,"
    " alembic.command, httpx, psutil, email_validator, holidays"
)


def figures(data: Path) -> dict[str, tuple[float, str]]:
    """start_ratio and memory_mb, on data that are there already."""
    imports, starts = [], []
    memory = 0.0
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
        imports.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        with Run(data, "up", command=(sys.executable, "-m", "deploy.local")) as run:
            run.ready(120)
            starts.append(time.perf_counter() - begun)
            time.sleep(3)
            memory = _memory(run)
    return {
        "start_ratio": (sorted(starts)[1] / sorted(imports)[1], "ratio"),
        "start_seconds": (sorted(starts)[1], "s"),
        "memory_mb": (memory, "MB"),
    }


def _memory(run: Run) -> float:
    """The proportional share of all processes of the installation, in megabytes."""
    processes = {process.pid: process for process in left_of(run.data)}
    processes |= {run.process.pid: psutil.Process(run.process.pid)}
    for process in list(processes.values()):
        for child in process.children(recursive=True):
            processes[child.pid] = child
    return sum(process.memory_full_info().pss for process in processes.values()) / 1e6
