"""Starts everything in order, keeps it running, and stops it in order."""

import asyncio
import contextlib
import ipaddress
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from contracts.topology import PORTAL, SERVICES
from deploy.local import logs, program, state, watch
from deploy.local.environment import EDGE_PORTS, Environment
from deploy.local.installation import Installation
from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.local.process import CannotStart, end, has_ended
from deploy.local.program import Program
from deploy.local.readiness import until_ready
from deploy.nats.config import authorization
from deploy.postgres.bootstrap import bootstrap
from shared.migrate import head_of

MIGRATION_SECONDS = 300.0
PROVISIONED_SECONDS = 30.0


@dataclass(frozen=True)
class Plan:
    """What is run; tests put stand-ins here."""

    services: tuple[str, ...] = SERVICES
    app: str = "services.{service}.main:create_app"
    """Each service's, and the portal's."""
    together: str = "deploy.local.together:create_app"
    migrate: tuple[str, ...] | None = ("-m", "shared.migrate", "{service}")

    @property
    def serving(self) -> tuple[str, ...]:
        """Everybody who answers requests."""
        return (*self.services, PORTAL)


@dataclass
class Runner:
    """One run of an installation, from its start to the last process's end."""

    installation: Installation
    host: str = "127.0.0.1"
    port: int = 8000
    split: bool = False
    demo: str | None = None
    plan: Plan = field(default_factory=Plan)
    tell: Callable[[str], None] = print

    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _programs: list[Program] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def run(self) -> None:
        """Runs until a signal asks to stop; raises CannotStart when it does not come up."""
        self._listen_to_signals()
        with self.installation.held():
            is_demo = self.installation.make(self.demo)
            await program.end_leftovers(self.installation.folder)
            with _bound(self.host, self.port) as self._door:
                self._prepare(is_demo)
                self._note()
                try:
                    await self._unless_stopped(self._start())
                    await self._stopping.wait()
                finally:
                    await self._stop()

    def _prepare(self, is_demo: bool) -> None:
        secrets = self.installation.secrets()
        passage = self.installation.passage
        self._postgres = Postgres(
            self.installation.postgres, secrets.postgres_admin, passage=passage
        )
        self._nats = Nats(self.installation.nats, authorization(secrets.nats))
        self._environment = Environment(
            secrets,
            self._postgres,
            self._nats,
            demo=is_demo,
            public_address=self._address_here(),
        )
        self._is_demo = is_demo
        self._is_ready = False

    async def _start(self) -> None:
        self.tell("Artel starts: PostgreSQL and NATS …")
        await self._get_programs_ready()
        ports = self._postgres.port, self._nats.port
        await asyncio.gather(self._postgres.start(), self._nats.start())
        if ports != (self._postgres.port, self._nats.port):  # somebody else took one meanwhile
            await _all(each.stop() for each in self._programs)
            await self._get_programs_ready()
        self._note()
        self._watch("PostgreSQL", self._postgres)
        self._watch("NATS", self._nats)
        self._spawn(watch.keep_thawed(self._nats, self.tell))
        self._spawn(watch.keep_small(self._postgres, self._bound_logs))
        revisions = await bootstrap(
            self._postgres.admin_url, self._environment.roles, self.plan.services
        )
        from deploy.nats.provisioner import keep_provisioned  # heavy, and others work meanwhile

        provisioned = asyncio.Event()
        self._spawn(keep_provisioned(self._environment.provisioner_url, provisioned, self.tell))
        await asyncio.gather(*(self._migrate(*each) for each in revisions.items()))
        await asyncio.wait_for(provisioned.wait(), PROVISIONED_SECONDS)
        self.tell("Artel starts: its services …")
        for each in self._programs:
            each.let_go()
            self._watch(f"The process of {each.name}", each)
        self._note()
        await until_ready(self._address_here(), self.plan.serving, self._programs)
        self._is_ready = True
        self._note()
        self._say_ready()

    async def _get_programs_ready(self) -> None:
        """Starts our own programs up to where they need the servers: importing takes long."""
        self._postgres.choose_port()
        self._nats.choose_port()
        self._programs = list(self._make_programs())
        for each in self._programs:
            await each.start()

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Does the work, or gives it up when a signal comes first."""
        working = asyncio.create_task(work)
        stopped = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
        for task in (working, stopped):
            if not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if not working.cancelled():
            working.result()

    async def _stop(self) -> None:
        """In the order of who needs whom; nothing may keep the rest from being stopped."""
        self.tell("Artel stops …")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._door.close()
        edges = [each for each in self._programs if each.name == "edge"]
        services = [each for each in self._programs if each.name != "edge"]
        await _all(each.stop() for each in edges)
        await _all(each.stop() for each in services)
        await _all([self._nats.stop()])
        await _all([self._postgres.stop()])
        self.installation.forget_state()
        self.tell("Artel has stopped.")

    async def _migrate(self, service: str, revision: str | None) -> None:
        if self.plan.migrate is None or revision == head_of(service):
            return
        migration = Program(
            name=f"migrate-{service}",
            command=[sys.executable, *(word.format(service=service) for word in self.plan.migrate)],
            environment=self._environment.of_migration(service),
            installation=self.installation.folder,
            logs=self.installation.logs,
        )
        await migration.start()
        assert migration.process is not None
        try:
            ended = await has_ended(migration.process, MIGRATION_SECONDS)
        finally:
            await end(migration.process)
        if not ended or migration.process.returncode != 0:
            raise CannotStart(f"The database of {service} stays old: {migration.last_words()}")

    def _make_programs(self) -> list[Program]:
        portal = self._environment.of_portal(self._address_here())
        if not self.split:
            variables = self._environment.of_services(self.plan.services) | portal
            return [self._program("services", self.plan.together, variables, self._door)]
        self._ports = {name: free_port() for name in self.plan.serving}
        edge = {**self._environment.of_services(()), EDGE_PORTS: json.dumps(self._ports)}
        own = {service: self._environment.of_services((service,)) for service in self.plan.services}
        return [
            *(
                self._program(
                    name, self.plan.app.format(service=name), variables, port=self._ports[name]
                )
                for name, variables in {**own, PORTAL: portal}.items()
            ),
            self._program("edge", "deploy.local.edge:create_app", edge, self._door),
        ]

    def _program(
        self,
        name: str,
        app: str,
        variables: dict[str, str],
        door: socket.socket | None = None,
        port: int | None = None,
    ) -> Program:
        where = ["--fd", str(door.fileno())] if door is not None else ["--port", str(port)]
        return Program(
            name=name,
            command=[sys.executable, "-m", "deploy.local.serve", app, *where],
            environment=variables,
            installation=self.installation.folder,
            logs=self.installation.logs,
            fd=None if door is None else door.fileno(),
            waits=True,
        )

    def _watch(self, name: str, thing: watch.Watched) -> None:
        self._spawn(watch.keep_running(name, thing, self.tell, self._note))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    def _bound_logs(self) -> None:
        logs.bound(self.installation.logs)

    def _note(self) -> None:
        """Writes down which processes there are, for the other commands and the crash tests."""
        self.installation.write_state(
            state.of_run(
                mode="split" if self.split else "together",
                address=self._address_here() if self._is_ready else None,
                demo=self._is_demo,
                postgres=self._postgres,
                nats=self._nats,
                programs={each.name: each.pid for each in self._programs},
                ports=self._ports if self.split and self._programs else {},
                services=self.plan.services,
                public_port=self._door.getsockname()[1],
            )
        )

    def _address_here(self) -> str:
        """Where a program on this machine reaches the door."""
        port = self._door.getsockname()[1]
        place = ipaddress.ip_address(self._door.getsockname()[0])
        if place.is_unspecified:
            place = ipaddress.ip_address("::1" if place.version == 6 else "127.0.0.1")
        return f"http://{f'[{place}]' if place.version == 6 else place}:{port}"

    def _say_ready(self) -> None:
        address = self._address_here()
        how = (
            f"  Open {address} and sign in as coordinator@smolapo.demo, password demo."
            if self._is_demo
            else "  Make the first administrator (make admin EMAIL=you@example.org), who signs in"
            f" at {address}."
        )
        self.tell(
            f"Artel is ready: {address}\n{how}\n"
            f"  For programs: {address}/api/<service>/openapi.json"
            f" for {', '.join(self.plan.services)}.\n"
            f"  Logs: {self.installation.logs}. Ctrl-C stops everything."
        )

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup means it
            numbers.append(signal.SIGHUP)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
        for number in numbers:
            loop.add_signal_handler(number, self._stopping.set)


def _bound(host: str, port: int) -> socket.socket:
    """The public door, held by the runner so that it stays when the services restart.

    Nobody listens on it before they do, so an early client is refused at once.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        door = socket.socket(family, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(place)
    except OSError as error:
        raise CannotStart(
            f"Port {port} of {host or 'this machine'} cannot be used ({os.strerror(error.errno or 0)}):"
            " stop who has it, or set ARTEL_PORT to another."
        ) from error
    return door


async def _all(stops: Any) -> None:
    await asyncio.gather(*stops, return_exceptions=True)
