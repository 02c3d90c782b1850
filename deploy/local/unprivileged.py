"""Lets a server that refuses root run when root starts it, without a new user or wider folders."""

import ctypes
import os
import pwd
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.local.process import CannotStart

CLONE_NEWUSER = 0x10000000
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Identity:
    """Whom a server runs as: `become` is called in the child, `owner` owns its folder."""

    words: str
    become: Callable[[], None] | None = None
    owner: tuple[int, int] | None = None

    def give(self, path: Path) -> None:
        """Hands a file or folder, with all inside, to the server."""
        if self.owner is None:
            return
        for folder, _, files in os.walk(path):
            for name in files:
                os.chown(Path(folder, name), *self.owner, follow_symlinks=False)
            os.chown(folder, *self.owner)
        if path.is_file():
            os.chown(path, *self.owner)


def identity_for(program: Path, folder: Path, passage: Path | None = None) -> Identity:
    """Whom the program can run as here so that it may use the folder; raises CannotStart.

    `passage` is a folder of ours above it that another user may be let through (but not look into).
    """
    tried = []
    for identity in _candidates(folder):
        if identity.become is None:
            return identity
        before = folder.stat(), passage.stat() if passage else None
        if identity.owner is not None:
            os.chown(folder, *identity.owner)
            if passage is not None:
                passage.chmod(0o711)
        if _works(identity, program, folder):
            return identity
        os.chown(folder, before[0].st_uid, before[0].st_gid)
        if passage is not None and before[1] is not None:
            passage.chmod(stat.S_IMODE(before[1].st_mode))
        tried.append(identity.words)
    raise CannotStart(
        f"PostgreSQL does not run as {_me()}, and {' nor '.join(tried) or 'nobody else'} cannot"
        f" use {folder}: start as an ordinary user, or set ARTEL_DATA to a folder that"
        " an ordinary user may enter."
    )


def _candidates(folder: Path) -> Iterator[Identity]:
    if os.geteuid() != 0 and _entry_of(os.geteuid()) is not None:
        yield Identity("this user")
        return
    disguise = _ordinary_entry()
    if disguise is not None and hasattr(os, "fork") and Path("/proc/self/ns/user").exists():
        yield Identity("a user namespace", _namespace(disguise.pw_uid, disguise.pw_gid))
    if os.geteuid() != 0:
        return
    for uid in dict.fromkeys((*_owners_above(folder), *_uid_of("nobody"))):
        entry = _entry_of(uid)
        if uid != 0 and entry is not None:
            yield Identity(entry.pw_name, _switch(uid, entry.pw_gid), (uid, entry.pw_gid))


def _namespace(uid: int, gid: int) -> Callable[[], None]:
    """Inside the namespace the server is that user; outside it stays its starter's process."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()

    def become() -> None:
        if _libc.unshare(CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "user namespaces are refused here")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")

    return become


def _switch(uid: int, gid: int) -> Callable[[], None]:
    def become() -> None:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)

    return become


def _works(identity: Identity, program: Path, folder: Path) -> bool:
    """Runs the program once for its version, as that identity, standing in that folder."""

    def prepare() -> None:
        if identity.become is not None:
            identity.become()
        os.chdir(folder)
        if not os.access(".", os.W_OK | os.X_OK, effective_ids=True):
            raise PermissionError(folder)

    try:
        version = subprocess.run(
            [program, "--version"],
            preexec_fn=prepare,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return version.returncode == 0


def _owners_above(folder: Path) -> tuple[int, ...]:
    return tuple(parent.stat().st_uid for parent in folder.resolve().parents)


def _ordinary_entry() -> pwd.struct_passwd | None:
    for name in ("daemon", "nobody"):
        for uid in _uid_of(name):
            return _entry_of(uid)
    return next((entry for entry in pwd.getpwall() if entry.pw_uid != 0), None)


def _uid_of(name: str) -> tuple[int, ...]:
    try:
        return (pwd.getpwnam(name).pw_uid,)
    except KeyError:
        return ()


def _entry_of(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _me() -> str:
    return "root" if os.geteuid() == 0 else f"user number {os.geteuid()}"
