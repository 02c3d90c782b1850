"""PostgreSQL and NATS in containers of their official images, in place of the embedded ones."""

import asyncio
from pathlib import Path

import asyncpg
import yaml
from testcontainers.core.container import DockerContainer

from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.local.postgres import ADMIN, Postgres
from deploy.nats.server import configuration

COMPOSITION = Path(__file__).resolve().parent.parent.parent / "docker-compose.yml"


def image_of(service: str) -> str:
    """The image that the composition runs this server from."""
    return str(yaml.safe_load(COMPOSITION.read_text())["services"][service]["image"])


class ContainerPostgres(Postgres):
    """The composition's PostgreSQL, for one run of the tests."""

    async def start(self) -> None:
        """Returns when it accepts connections."""
        self.port = self.port or free_port()
        self.container = (
            DockerContainer(image_of("postgres"))
            .with_bind_ports(5432, self.port)
            .with_env("POSTGRES_USER", ADMIN)
            .with_env("POSTGRES_DB", "postgres")
            .with_env("POSTGRES_PASSWORD", self.password)
            .with_env("POSTGRES_INITDB_ARGS", "--locale=C --encoding=UTF8")
            .with_command("postgres -cfsync=off -cmax_connections=200 -cjit=off")
        )
        await asyncio.to_thread(self.container.start)
        await self.wait_until_ready()

    async def wait_until_ready(self, seconds: float = 60) -> None:
        """Returns when it accepts connections."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    await (await asyncpg.connect(self.admin_url)).close()
                except (OSError, asyncpg.PostgresError):
                    await asyncio.sleep(0.1)
                else:
                    return

    async def stop(self) -> None:
        """Throws it away."""
        await asyncio.to_thread(self.container.stop)


class ContainerNats(Nats):
    """The composition's NATS, with its configuration, for one run of the tests."""

    container: DockerContainer | None = None

    async def start(self) -> None:
        """Makes it, or starts again the one that was killed; returns when JetStream is ready."""
        if self.container is None:
            self.port, self.monitor_port = free_port(), free_port()
            self.folder.mkdir(parents=True, exist_ok=True)
            config = self.folder / "nats.conf"
            config.write_text(configuration() + self.config)
            self.container = (
                DockerContainer(image_of("nats"))
                .with_bind_ports(4222, self.port)
                .with_bind_ports(8222, self.monitor_port)
                .with_env("NATS_NAME", "artel")
                .with_volume_mapping(str(config), "/etc/nats/artel.conf", "ro")
                .with_command("nats-server -c /etc/nats/artel.conf")
            )
            await asyncio.to_thread(self.container.start)
        else:
            await asyncio.to_thread(self.container.get_wrapped_container().start)
        await self.wait_until_ready()

    async def wait_until_ready(self, seconds: float = 60) -> None:
        """Returns when JetStream is ready."""
        async with asyncio.timeout(seconds):
            while not await self.is_healthy():
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """Kills it at once; what it stored stays."""
        assert self.container is not None
        await asyncio.to_thread(self.container.get_wrapped_container().kill)

    async def stop(self) -> None:
        """Throws it away."""
        if self.container is not None:
            await asyncio.to_thread(self.container.stop)
