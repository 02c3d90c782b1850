"""The composition as it is written down: what needs no Docker to be seen."""

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.topology import PORTAL, SERVICES
from deploy import settings_reference
from deploy.containers.keys import ARTEL_USER, POSTGRES_USER, Bundle, bundles, lay
from deploy.containers.served import leave_only
from deploy.local.installation import Installation
from deploy.nats.server import configuration
from shared.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSITION = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSITION["services"]
STAYING = {name for name, container in CONTAINERS.items() if "restart" in container}
NETWORKS = {
    "bootstrap": {"data"},
    "edge": {"outside", "services"},
    "nats": {"bus"},
    "operations": {"data", "bus"},
    "portal": {"services", "bus"},
    "postgres": {"data"},
    "provisioner": {"bus"},
    **{service: {"services", "data", "bus"} for service in SERVICES},
    "notices": {"services", "data", "bus", "outside"},
    **{f"migrate-{service}": {"data"} for service in SERVICES},
}
"""Whom each container can reach: the portal and the edge no database; notices mails and tells programs."""

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
    assert {*SERVICES, PORTAL, "postgres", "nats", "provisioner", "edge"} == STAYING
    for service in SERVICES:
        assert CONTAINERS[service]["build"]["args"]["SERVICE"] == service
        migration = CONTAINERS[f"migrate-{service}"]
        assert migration["image"] == CONTAINERS[service]["image"]
        assert migration["command"] == ["python", "-m", "shared.migrate", service]
        before = CONTAINERS[service]["depends_on"][f"migrate-{service}"]
        assert before == {"condition": "service_completed_successfully"}
        assert CONTAINERS["edge"]["depends_on"][service] == {"condition": "service_healthy"}


def test_the_portal_has_a_container_and_nothing_that_migrates() -> None:
    assert CONTAINERS[PORTAL]["build"]["target"] == PORTAL
    assert f"migrate-{PORTAL}" not in CONTAINERS
    assert CONTAINERS["edge"]["depends_on"][PORTAL] == {"condition": "service_healthy"}
    assert CONTAINERS[PORTAL]["healthcheck"]["test"][-1] == "/health/ready"


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
    assert inside == {"services", "data", "bus"}
    reached = {
        name: set(container["networks"]) for name, container in CONTAINERS.items() if name != "init"
    }
    assert reached == NETWORKS


def test_beside_an_identity_provider_membership_alone_reaches_the_world_too() -> None:
    overlay = yaml.safe_load((ROOT / "deploy/containers/identity-provider.yml").read_text())
    [(name, container)] = overlay["services"].items()
    assert name == "membership"
    assert set(container["networks"]) == NETWORKS["membership"] | {"outside"}
    told = {f"ARTEL_{field.upper()}" for field in Settings.model_fields if "oidc" in field}
    assert set(container["environment"]) == told
    assert set(container) == {"networks", "environment"}


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
    assert f"reverse_proxy {PORTAL}:8000" in edge


def test_the_edge_writes_no_address_of_a_calendar_feed_into_its_log() -> None:
    edge = (ROOT / "deploy" / "edge" / "Caddyfile").read_text()
    (pattern, instead) = re.findall(r"request>uri regexp (\S+) (\S+)", edge)[0]
    uri = "/api/workshops/feeds/c2VjcmV0.ics?x=1"
    assert re.sub(pattern, instead, uri) == "/api/workshops/feeds/…?x=1"


def test_the_images_hold_no_packages_of_this_machine_and_fetch_what_is_pinned() -> None:
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert "**/node_modules" in left_out
    assert "!services" in left_out
    dockerfile = (ROOT / "deploy" / "images" / "Dockerfile").read_text()
    assert "npm ci --ignore-scripts" in dockerfile
    fetching = dockerfile.partition("AS pages")[2].partition("\nFROM ")[0]
    assert "ARG NPM_CONFIG_REGISTRY\n" in fetching
    for stage in ("service", "portal", "operations"):
        final = re.search(rf"^FROM (\S+) AS {stage}\n(.*?)(?=^FROM |\Z)", dockerfile, re.M | re.S)
        assert final is not None
        assert final[1] == "base"
        assert "node" not in final[2]


def test_of_the_packages_only_what_is_served_is_kept_with_their_licences(tmp_path: Path) -> None:
    for name in (
        "a/dist/a.js",
        "a/dist/a.js.map",
        "a/LICENSE",
        "b/icons/x.svg",
        "b/src/x.ts",
        "c/LICENSE",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".bin").mkdir()
    (tmp_path / ".bin" / "a").symlink_to("../a/dist/a.js")
    leave_only(tmp_path, {tmp_path / "a/dist/a.js", tmp_path / "b/icons"})
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"a/dist/a.js", "a/LICENSE", "b/icons/x.svg"}
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}
    with pytest.raises(FileNotFoundError):
        leave_only(tmp_path, {tmp_path / "d.js"})


def test_the_reference_of_settings_is_up_to_date() -> None:
    assert settings_reference.REFERENCE.read_text("utf-8") == settings_reference.reference()


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
    assert set(made) == {"postgres", "nats", "provisioner", PORTAL, *SERVICES, *MIGRATIONS}
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
    assert set(made[PORTAL].files) == {"api_url", "nats_url", "demo"}
    texts = " ".join(made[PORTAL].files.values())
    assert {word for word in passwords if word in texts} == {secrets.nats[PORTAL]}
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
