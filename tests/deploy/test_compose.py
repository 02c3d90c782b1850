"""The composition as it is written down: what needs no Docker to be seen."""

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.topology import SERVICES
from deploy.containers.keys import ARTEL_USER, POSTGRES_USER, Bundle, bundles, lay
from deploy.local.installation import Installation
from deploy.nats.server import configuration

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSITION = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSITION["services"]
STAYING = {name for name, container in CONTAINERS.items() if "restart" in container}
MIGRATIONS = {f"migrate-{service}" for service in SERVICES}
WITH_ALL_SECRETS = {"init", "bootstrap", "operations"}


def volumes_of(container: str) -> set[str]:
    """The names of the volumes it has."""
    found = CONTAINERS[container].get("volumes", [])
    return {
        volume["source"] if isinstance(volume, dict) else volume.split(":")[0] for volume in found
    }


def megabytes(text: str) -> int:
    return int(text[:-1]) * {"m": 1, "g": 1024}[text[-1]]


def test_every_service_has_a_container_and_one_that_migrates_before_it() -> None:
    assert set(SERVICES) | {"postgres", "nats", "provisioner", "edge"} <= STAYING
    for service in SERVICES:
        assert CONTAINERS[service]["build"]["args"]["SERVICE"] == service
        migration = CONTAINERS[f"migrate-{service}"]
        assert migration["image"] == CONTAINERS[service]["image"]
        assert migration["command"] == ["python", "-m", "shared.migrate", service]
        before = CONTAINERS[service]["depends_on"][f"migrate-{service}"]
        assert before == {"condition": "service_completed_successfully"}
        assert CONTAINERS["edge"]["depends_on"][service] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_has_the_least_that_it_needs(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["init"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in container["tmpfs"]
    assert 0 < megabytes(container["mem_limit"]) <= 1024
    assert not container.get("privileged")
    if name == "init":  # it gives files to their readers, once and without a network
        assert container["network_mode"] == "none"
    else:
        assert container["user"].split(":")[0] not in ("0", "root")


@pytest.mark.parametrize("name", sorted(STAYING))
def test_a_container_that_stays_is_watched_started_again_and_ends_in_order(name: str) -> None:
    container = CONTAINERS[name]
    assert container["restart"] == "unless-stopped"
    assert container["healthcheck"]["test"]
    assert int(container["stop_grace_period"].removesuffix("s")) > 15


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_is_given_its_own_secrets_only(name: str) -> None:
    keys = {volume for volume in volumes_of(name) if volume.startswith("keys")}
    if name == "init":
        assert keys == {volume for volume in COMPOSITION["volumes"] if volume.startswith("keys")}
    elif name in WITH_ALL_SECRETS:
        assert keys == {"keys"}
    else:
        assert keys <= {f"keys-{name}"}
    if name != "init":
        assert all(text.endswith(":ro") for text in map(str, CONTAINERS[name].get("volumes", []))
                   if text.startswith("keys"))  # fmt: skip
    said = CONTAINERS[name].get("environment", {})
    assert not [entry for entry in said if re.search(r"(_URL|_KEYS?|PASSWORD)$", entry)]


def test_only_the_edge_is_reached_from_outside() -> None:
    assert [name for name, container in CONTAINERS.items() if "ports" in container] == ["edge"]
    inside = {name for name, network in COMPOSITION["networks"].items() if network}
    assert inside == {"services", "data"}
    for name, container in CONTAINERS.items():
        if name not in ("edge", "init"):
            assert set(container["networks"]) <= inside
    assert "data" not in CONTAINERS["edge"]["networks"]


def test_what_was_committed_or_acknowledged_is_on_the_disk() -> None:
    command = CONTAINERS["postgres"]["command"]
    assert {"-cfsync=on", "-csynchronous_commit=on", "-cfull_page_writes=on"} <= set(command)
    assert "sync_interval: always" in configuration()


def test_nothing_names_a_registry_or_a_machine() -> None:
    files = [ROOT / "docker-compose.yml", *(ROOT / "deploy").rglob("*")]
    for file in files:
        if file.suffix not in (".yml", "") or not file.is_file():
            continue
        text = file.read_text()
        for image in re.findall(r"^(?:FROM|\s+image:)\s+(\S+)", text, re.MULTILINE):
            assert "/" not in image, (file, image)
        assert not re.search(r"https?://(?!(localhost|127\.0\.0\.1))[a-z0-9-]+\.[a-z]", text), file


def test_the_edge_knows_every_service() -> None:
    edge = (ROOT / "deploy" / "edge" / "Caddyfile").read_text()
    (names,) = re.findall(r"\^/api/\(([a-z|]+)\)", edge)
    assert names.split("|") == list(SERVICES)
    assert all(f"/api/{service}/openapi.json" in edge for service in SERVICES)


@pytest.fixture
def kept(tmp_path: Path) -> Installation:
    """An installation that has secrets."""
    kept = Installation(tmp_path / "all")
    with kept.held():
        kept.make("0")
        kept.secrets()
    return kept


def test_each_volume_holds_what_its_container_needs_and_no_secret_of_another(
    kept: Installation,
) -> None:
    made = {bundle.volume: bundle for bundle in bundles(kept, demo=False)}
    assert set(made) == {"postgres", "nats", "provisioner", *SERVICES, *MIGRATIONS}
    assert {f"keys-{volume}" for volume in made} | {"keys"} == volumes_of("init") - {
        "nats-data", "edge-data", "edge-config",
    }  # fmt: skip
    secrets = kept.secrets()
    passwords = {secrets.postgres_admin, *secrets.roles.values(), *secrets.nats.values()}
    for service in SERVICES:
        own = {secrets.roles[f"artel_{service}"], secrets.nats[service]}
        texts = " ".join(made[service].files.values())
        assert {word for word in passwords if word in texts} == own
        assert ("token_private_key" in made[service].files) == (service == "membership")
        owner = " ".join(made[f"migrate-{service}"].files.values())
        assert {word for word in passwords if word in owner} == {
            secrets.roles[f"artel_{service}_owner"]
        }
    for container, bundle in made.items():
        said = CONTAINERS[container].get("environment", {})
        files = {Path(text).name for name, text in said.items() if name.endswith("_FILE")}
        assert files <= set(bundle.files), container
        assert bundle.user == (POSTGRES_USER if container == "postgres" else ARTEL_USER)


def test_a_secret_is_laid_anew_over_the_old_and_only_its_reader_may_read_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "workshops").mkdir()
    for text in ("one", "two"):
        lay(Bundle("workshops", {"nats_url": text}, os.getuid()), tmp_path)
    file = tmp_path / "workshops" / "nats_url"
    assert file.read_text() == "two"
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    (tmp_path / "workshops").chmod(0o700)
