"""PostgreSQL runs whoever starts it: root, an ordinary user, from folders nobody else may enter."""

import asyncio
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local import unprivileged
from deploy.local.postgres import Postgres, program
from deploy.local.process import CannotStart
from tests.deploy.run import ROOT, Run, left_of

is_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def test_an_ordinary_user_runs_it(passable: Path) -> None:
    home, become = _ordinary_home(passable)
    with Run(home / "data", before=become).ready() as run:
        assert run.get("/api/finance/x").status_code == 200
    assert left_of(home / "data") == []


@is_root
def test_root_runs_it_without_opening_a_folder_of_others(passable: Path) -> None:
    closed = passable / "closed"
    closed.mkdir(mode=0o700)
    _serves_once(closed / "data" / "postgres")
    assert closed.stat().st_mode & 0o777 == 0o700


@is_root
def test_where_namespaces_are_refused_root_hands_the_server_to_another_user(
    passable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _refuse_namespaces(monkeypatch)
    if not _may_run(program("postgres"), "--version"):
        pytest.skip("nobody may read the programs of this checkout")
    ours = passable / "data"
    ours.mkdir(mode=0o700)
    _serves_once(ours / "postgres", passage=ours)
    assert ours.stat().st_mode & 0o777 == 0o711
    assert (ours / "postgres").stat().st_mode & 0o777 == 0o700
    assert (ours / "postgres").stat().st_uid == pwd.getpwnam("nobody").pw_uid


@is_root
def test_where_nothing_works_one_sentence_says_what_to_do(
    passable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _refuse_namespaces(monkeypatch)
    closed = passable / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(CannotStart, match="ARTEL_DATA"):
        _serves_once(closed / "postgres")
    assert closed.stat().st_mode & 0o777 == 0o700
    assert (closed / "postgres").stat().st_uid == 0


def _serves_once(folder: Path, passage: Path | None = None) -> None:
    async def once() -> None:
        postgres = Postgres(folder, "password", fsync=False, passage=passage)
        await postgres.start()
        await postgres.stop()

    asyncio.run(once())


def _refuse_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: int) -> Callable[[], None]:
        def become() -> None:
            raise OSError("refused")

        return become

    monkeypatch.setattr(unprivileged, "_namespace", refused)


def _ordinary_home(passable: Path) -> tuple[Path, Callable[[], None] | None]:
    """A folder that only an ordinary user may enter, and how to become that user."""
    home = passable / "home"
    home.mkdir(mode=0o700)
    if os.geteuid() != 0:
        return home, None
    nobody = pwd.getpwnam("nobody")
    if _may_run(sys.executable, "-c", "import deploy.local.runner"):
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        return home, unprivileged._switch(nobody.pw_uid, nobody.pw_gid)
    become = unprivileged._namespace(nobody.pw_uid, nobody.pw_gid)
    if not unprivileged._works(unprivileged.Identity("", become), program("postgres"), home):
        pytest.skip("an ordinary user can neither read this checkout nor be played")
    return home, become  # root's own files, but as far as any program can tell an ordinary user


def _may_run(*command: str | Path) -> bool:
    entry = pwd.getpwnam("nobody")
    become = unprivileged._switch(entry.pw_uid, entry.pw_gid)
    try:
        tried = subprocess.run(
            command,
            cwd=ROOT,
            preexec_fn=become,
            capture_output=True,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return tried.returncode == 0
