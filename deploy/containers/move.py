"""Moves what `make up` holds into the containers: `python -m deploy.containers.move`.

The databases are dumped and restored whole: people, passwords and ids stay. Roles, secrets and the
signing key are the new installation's, so everybody signs in once more. The streams are not moved:
the relays see that they are new and tell them again from the outboxes.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from contracts.topology import PORTAL, SERVICES
from deploy.local.installation import Installation
from deploy.local.postgres import ADMIN, Postgres, program
from deploy.local.process import CannotStart, plain_environment
from deploy.postgres.bootstrap import database_of

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Does it, and says what comes next; returns the exit status."""
    try:
        _move()
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("All of it is in the containers now: docker compose up --build --wait")
    print("The installation of make up is untouched; keep it until you have looked at the new one.")
    return 0


def _move() -> None:
    source = Installation.here()
    if not source.exists:
        raise CannotStart(f"There is nothing to move in {source.folder}.")
    with tempfile.TemporaryDirectory(prefix="artel-move-") as folder, source.held():
        print("Dumping …", flush=True)
        asyncio.run(_dump(source, Path(folder)))
        print("Making the databases of the containers …", flush=True)
        os.environ["ARTEL_DEMO"] = str(int(source.was_made_with_demo))
        _compose("stop", "edge", PORTAL, *SERVICES)
        _compose("build", "init")
        _compose("up", "--detach", "--no-build", "--wait", "postgres")
        _compose("run", "--rm", "--no-deps", "bootstrap")
        for service in SERVICES:
            _refuse_if_used(service)
        for service in SERVICES:
            print(f"Restoring {database_of(service)} …", flush=True)
            _restore(service, Path(folder) / service)


async def _dump(source: Installation, folder: Path) -> None:
    """Serves the embedded PostgreSQL alone for as long as its databases are dumped."""
    server = Postgres(source.postgres, source.secrets().postgres_admin, passage=source.passage)
    await server.start()
    try:
        for service in SERVICES:
            await asyncio.to_thread(_dump_one, server, service, folder / service)
    finally:
        await server.stop()


def _dump_one(server: Postgres, service: str, file: Path) -> None:
    command: list[str | Path] = [
        program("pg_dump"),
        "--format=custom",
        f"--file={file}",
        "--host=127.0.0.1",
        f"--port={server.port}",
        f"--username={ADMIN}",
        database_of(service),
    ]
    environment = {**plain_environment(), "PGPASSWORD": server.password}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotStart(f"{database_of(service)} cannot be dumped: {done.stderr.strip()}")


def _refuse_if_used(service: str) -> None:
    question = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    if _sql(service, question).strip() != "0":
        raise CannotStart(
            f"The containers' {database_of(service)} has data already; nothing was moved."
            " For an empty one: docker compose down --volumes, which deletes what is there."
        )


def _restore(service: str, file: Path) -> None:
    """All or nothing; owners and rights are restored with the tables, since roles have one name."""
    with file.open("rb") as dump:
        _compose(
            *("exec", "-T", "postgres", "pg_restore", "-U", ADMIN, "-d", database_of(service)),
            *("--single-transaction", "--exit-on-error"),
            given=dump.fileno(),
        )
    _sql(service, "ANALYZE")


def _sql(service: str, statement: str) -> str:
    words = ("exec", "-T", "postgres", "psql", "-U", ADMIN, "-d", database_of(service))
    return _compose(*words, "-Atc", statement)


def _compose(*words: str, given: int = subprocess.DEVNULL) -> str:
    try:
        done = subprocess.run(
            ["docker", "compose", *words],
            cwd=ROOT,
            env=dict(os.environ),
            stdin=given,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise CannotStart("There is no docker here: it is needed with Compose v2.") from None
    if done.returncode != 0:
        raise CannotStart(f"docker compose {' '.join(words[:3])} failed:\n{done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
