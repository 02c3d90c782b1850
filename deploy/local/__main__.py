"""The commands behind the Makefile: `python -m deploy.local up|down|status|…`."""

import argparse
import asyncio
import contextlib
import os
import sys

from contracts.topology import PORTAL
from deploy.local.installation import Installation
from deploy.local.process import CannotStart
from deploy.local.runner import Runner
from deploy.local.state import runner_of
from deploy.local.stop import down, reset_demo


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
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    up = commands.add_parser("up", help="start everything and keep it running")
    up.add_argument(
        "--split", action="store_true", help="each service, and the portal, a process of its own"
    )
    up.set_defaults(run=_up)
    for name, run, words in (
        ("down", _down, "stop everything"),
        ("status", _status, "what runs here"),
        ("reset-demo", _reset_demo, "wipe the demo data; the next start lays them anew"),
    ):
        commands.add_parser(name, help=words).set_defaults(run=run)
    admin = commands.add_parser("admin", help="make the first administrator")
    admin.add_argument("--email", required=True)
    admin.set_defaults(run=_admin)
    letters = commands.add_parser("dead-letters", help="list, show or replay what was given up")
    letters.add_argument("--id")
    letters.add_argument("--do", choices=["replay"])
    letters.set_defaults(run=_dead_letters)
    replay = commands.add_parser("replay", help="tell a service again all that it hears")
    replay.add_argument("--to", required=True)
    replay.set_defaults(run=_replay)
    return parser


def _up(told: argparse.Namespace) -> int:
    runner = Runner(
        Installation.here(),
        host=os.environ.get("ARTEL_HOST") or "127.0.0.1",
        port=_port(),
        split=told.split,
        demo=os.environ.get("ARTEL_DEMO"),
        tell=say,
    )
    asyncio.run(runner.run())
    return 0


def _down(_: argparse.Namespace) -> int:
    ran = asyncio.run(down(Installation.here()))
    say("Artel has stopped." if ran else "Artel does not run here.")
    return 0


def _status(_: argparse.Namespace) -> int:
    state = Installation.here().state()
    if runner_of(state) is None:
        say("Artel does not run here.")
        return 1
    say(f"Artel runs ({state['mode']}): {state['address'] or 'not ready yet'}")
    others = (PORTAL, "edge", "postgres", "nats")
    for name, noted in (*state["services"].items(), *((n, state[n]) for n in others if n in state)):
        say(f"  {name}: process {noted['pid']}, port {noted['port']}")
    return 0


def _reset_demo(_: argparse.Namespace) -> int:
    asyncio.run(reset_demo(Installation.here()))
    say("The demo data are gone; make up lays them anew.")
    return 0


def _admin(told: argparse.Namespace) -> int:
    from deploy.local import operations  # heavy, and `up` need not wait for it

    return operations.admin(operations.environment_of(Installation.here()), told.email)


def _dead_letters(told: argparse.Namespace) -> int:
    from deploy.local import operations

    environment = operations.environment_of(Installation.here())
    return operations.dead_letters(environment, told.id, told.do)


def _replay(told: argparse.Namespace) -> int:
    from deploy.local import operations

    installation = Installation.here()
    environment = operations.environment_of(installation)
    return operations.replay(environment, installation.secrets().roles, told.to)


def _port() -> int:
    text = os.environ.get("ARTEL_PORT") or "8000"
    if not text.isdigit() or int(text) > 65535:
        raise CannotStart(f"ARTEL_PORT is {text!r}, which is no port.")
    return int(text)


def say(sentence: str) -> None:
    """Prints a line; a terminal that has gone away does not matter."""
    with contextlib.suppress(OSError):
        print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
