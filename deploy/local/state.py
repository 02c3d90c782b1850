"""What is written down of a run: which processes there are, since when, on which ports."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import psutil

from contracts.topology import PORTAL
from deploy.local.nats import Nats
from deploy.local.postgres import Postgres


def of_run(
    *,
    mode: str,
    address: str | None,
    demo: bool,
    postgres: Postgres,
    nats: Nats,
    programs: Mapping[str, int | None],
    ports: Mapping[str, int],
    services: Sequence[str],
    public_port: int,
) -> dict[str, Any]:
    """The state of this runner; `address` is None until the services are ready."""
    shared_pid = programs.get("services")
    return {
        "runner": {**_process(os.getpid()), "command": psutil.Process().cmdline()},
        "mode": mode,
        "demo": demo,
        "address": address,
        "postgres": {**_process(postgres.pid), "port": postgres.port},
        "nats": {**_process(nats.pid), "port": nats.port, "monitor_port": nats.monitor_port},
        "services": {
            service: {
                **_process(programs.get(service, shared_pid)),
                "port": ports.get(service, public_port),
            }
            for service in services
        },
        PORTAL: {
            **_process(programs.get(PORTAL, shared_pid)),
            "port": ports.get(PORTAL, public_port),
        },
        **(
            {"edge": {**_process(programs["edge"]), "port": public_port}}
            if "edge" in programs
            else {}
        ),
    }


def runner_of(state: Mapping[str, Any]) -> psutil.Process | None:
    """The runner that wrote the state, if it still lives: same number, start and command."""
    noted = state.get("runner") or {}
    try:
        found = psutil.Process(noted["pid"])
        is_same = abs(found.create_time() - noted["started_at"]) < 2
        is_runner = found.cmdline() == noted["command"]
    except (KeyError, TypeError, psutil.Error):
        return None
    return found if is_same and is_runner else None


def _process(pid: int | None) -> dict[str, Any]:
    try:
        return {"pid": pid, "started_at": psutil.Process(pid).create_time() if pid else None}
    except psutil.Error:
        return {"pid": None, "started_at": None}
