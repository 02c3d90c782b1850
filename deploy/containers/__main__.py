"""What containers of the operations image do: `python -m deploy.containers keys|bootstrap|…`."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from deploy.containers.installation import environment_of, installation, postgres_of
from deploy.local.process import CannotStart

VOLUMES = Path("/volumes")
"""Where the one container that makes the secrets has everybody's volumes."""

STORES = ("nats-data", "edge-data", "edge-config")
"""Volumes with data of servers that run as our user; PostgreSQL's image sees to its own."""


def main() -> int:
    """Does what the command line says; returns the exit status."""
    told = _arguments().parse_args()
    try:
        return int(told.run(told))
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.containers", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, run, words in (
        ("keys", _keys, "make missing secrets and lay each container's into its volume"),
        ("bootstrap", _bootstrap, "make missing databases and roles"),
        ("provision", _provision, "keep the streams and consumers of NATS there"),
    ):
        commands.add_parser(name, help=words).set_defaults(run=run)
    admin = commands.add_parser("admin", help="make the first administrator")
    admin.add_argument("email")
    admin.set_defaults(run=_admin)
    letters = commands.add_parser("dead-letters", help="list, show or replay what was given up")
    letters.add_argument("id", nargs="?")
    letters.add_argument("do", nargs="?", choices=["replay"])
    letters.set_defaults(run=_dead_letters)
    replay = commands.add_parser("replay", help="tell a service again all that it hears")
    replay.add_argument("to")
    replay.set_defaults(run=_replay)
    return parser


def _keys(_: argparse.Namespace) -> int:
    from deploy.containers.keys import ARTEL_USER, bundles, give, lay

    kept = installation()
    with kept.held():
        told = os.environ.get("ARTEL_DEMO") or (None if kept.exists else "0")
        demo = kept.make(told)
        servers = int(os.environ.get("ARTEL_NATS_SERVERS", "1"))
        for bundle in bundles(kept, demo=demo, nats_servers=servers):
            lay(bundle, VOLUMES)
    for file in (kept.folder, *kept.folder.iterdir()):
        give(file, ARTEL_USER)
    for store in STORES:
        give(VOLUMES / store, ARTEL_USER)
    return 0


def _bootstrap(_: argparse.Namespace) -> int:
    from deploy.postgres.bootstrap import bootstrap

    kept = installation()
    asyncio.run(bootstrap(postgres_of(kept).admin_url, kept.secrets().roles))
    return 0


def _provision(_: argparse.Namespace) -> int:
    from deploy.containers.provision import provision

    return provision()


def _admin(told: argparse.Namespace) -> int:
    from deploy.local import operations

    return operations.admin(_everything(), told.email)


def _dead_letters(told: argparse.Namespace) -> int:
    from deploy.local import operations

    return operations.dead_letters(_everything(), told.id, told.do)


def _replay(told: argparse.Namespace) -> int:
    from deploy.local import operations

    return operations.replay(_everything(), installation().secrets().roles, told.to)


def _everything() -> dict[str, str]:
    from contracts.topology import SERVICES

    return environment_of(installation()).of_operations(SERVICES)


if __name__ == "__main__":
    sys.exit(main())
