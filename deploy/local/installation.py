"""An installation: the folder that holds its data, its secrets and what is known of its run."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.process import CannotStart
from deploy.nats import config as nats_config
from deploy.postgres import bootstrap

SIGNER = "membership"
"""The only service that is given the private key of the access tokens."""


class AlreadyRuns(CannotStart):
    """Somebody else runs Artel on this data."""


@dataclass(frozen=True)
class Secrets:
    """What only this installation knows."""

    postgres_admin: str
    roles: Mapping[str, str]
    nats: Mapping[str, str]
    private_key: Mapping[str, Any]
    public_keys: Mapping[str, Any]


class Installation:
    """The data of one Artel in `folder`, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.postgres = self.folder / "postgres"
        self.nats = self.folder / "nats"
        self.logs = self.folder / "logs"
        self._lock = self.folder / "lock"
        self._secrets = self.folder / "secrets.json"
        self._made_with = self.folder / "installation.json"
        self._state = self.folder / "state.json"

    @classmethod
    def here(cls) -> "Installation":
        """The one that ARTEL_DATA names, else the one in ./.artel."""
        return cls(Path(os.environ.get("ARTEL_DATA") or ".artel"))

    @property
    def exists(self) -> bool:
        """Whether Artel has ever been started on this data."""
        return self._made_with.exists()

    @property
    def was_made_with_demo(self) -> bool:
        """Whether the first start laid demo data."""
        return bool(_read(self._made_with).get("demo"))

    @property
    def passage(self) -> Path | None:
        """The folder, when we made it ourselves and may open it for passing through."""
        return self.folder if _read(self._made_with).get("made_folder") else None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keeps everybody else off this data; raises AlreadyRuns when somebody has it.

        The lock goes with the process that holds it, however it ends.
        """
        made_folder = not self.folder.exists()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CannotStart(f"The data folder cannot be used: {error}.") from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyRuns(f"Artel already runs on {self.folder}.") from error
            if made_folder:
                write_private(self.folder / "ours", "")
            yield
        finally:
            os.close(handle)

    def make(self, demo: str | None) -> bool:
        """Notes at the first start what the installation is; returns whether demo data belongs.

        `demo` is what the user said (ARTEL_DEMO), None when nothing: then it stays as it was made.
        """
        wanted = None if demo is None or demo == "" else demo != "0"
        if not self.exists:
            made = {
                "demo": wanted is not False,
                "made_folder": (self.folder / "ours").exists(),
            }
            write_private(self._made_with, json.dumps(made))
        (self.folder / "ours").unlink(missing_ok=True)
        if wanted and not self.was_made_with_demo:
            raise CannotStart(
                f"The installation in {self.folder} was made without demo data and gets none now:"
                " leave ARTEL_DEMO out, or begin another installation (ARTEL_DATA; containers: volumes)."
            )
        return self.was_made_with_demo if wanted is None else wanted

    def secrets(self) -> Secrets:
        """Its secrets; those that do not exist yet are made and kept."""
        kept = _read(self._secrets)
        full = {
            "postgres_admin": kept.get("postgres_admin") or _new_password(),
            "roles": _passwords(kept.get("roles", {}), bootstrap.roles()),
            "nats": _passwords(kept.get("nats", {}), nats_config.USERS),
            **_signing_keys(kept),
        }
        if full != kept:
            write_private(self._secrets, json.dumps(full, indent=1))
        return Secrets(**full)

    def state(self) -> dict[str, Any]:
        """What the last runner wrote of itself and its processes; empty when none is known."""
        return _read(self._state)

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Replaces the state at once, so that a reader never sees half of it."""
        write_private(self._state, json.dumps(state, indent=1), durable=False)

    def forget_state(self) -> None:
        """Says that nothing runs."""
        self._state.unlink(missing_ok=True)


def write_private(file: Path, text: str, *, durable: bool = True) -> None:
    """Writes a file that its owner alone may read, whole or not at all."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        if durable:
            out.flush()
            os.fsync(out.fileno())
    unfinished.replace(file)


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CannotStart(f"{file} cannot be read: {error}.") from error
    return found if isinstance(found, dict) else {}


def _new_password() -> str:
    return secrets.token_urlsafe(32)


def _passwords(kept: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {**kept, **{name: kept.get(name) or _new_password() for name in names}}


def _signing_keys(kept: Mapping[str, Any]) -> dict[str, Any]:
    if "private_key" in kept:
        return {"private_key": kept["private_key"], "public_keys": kept["public_keys"]}
    from joserfc.jwk import OKPKey

    key = OKPKey.generate_key(
        "Ed25519", {"kid": secrets.token_hex(8), "use": "sig", "alg": "EdDSA"}, private=True
    )
    return {
        "private_key": key.as_dict(private=True),
        "public_keys": {"keys": [key.as_dict(private=False)]},
    }
