"""Ids, cursors, tags, settings, texts: small promises of the chassis."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared.etag import ChangedMeanwhile, expect
from shared.identity import Actor, Role
from shared.ids import derived_id, new_id
from shared.paging import cut, place_of
from shared.refusal import Invalid, NotSignedIn, RoleIsMissing
from shared.settings import settings_of
from shared.values import Line
from tests.harness import Servers


def test_new_ids_are_uuid_version_7_and_sort_by_their_making() -> None:
    ids = [new_id() for _ in range(1000)]
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000


@given(st.builds(new_id), st.text(max_size=20), st.text(max_size=20))
def test_a_derived_id_is_always_the_same_and_no_others(parent: UUID, one: str, two: str) -> None:
    first = derived_id(parent, one)
    assert first == derived_id(parent, one)
    assert first.version == 7
    assert first.int >> 80 == parent.int >> 80  # it carries its parent's moment
    assert (first == derived_id(parent, two)) == (one == two)
    assert first != parent


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30), st.integers(1, 10))
def test_pages_hold_everything_once_and_in_order(rows: list[int], limit: int) -> None:
    rows = sorted(set(rows))
    seen: list[int] = []
    cursor = None
    while True:
        place = place_of(cursor, (int,))
        rest = [row for row in rows if place is None or row > place[0]]
        page, cursor = cut(rest[: limit + 1], limit, lambda row: [row])
        seen += page
        if cursor is None:
            break
    assert seen == rows


@pytest.mark.parametrize("cursor", ["", "x", "é", "bnVsbA==", "WzEsMl0=", "W10=", "eyJhIjoxfQ=="])
def test_a_cursor_that_is_none_of_ours_is_invalid(cursor: str) -> None:
    with pytest.raises(Invalid):
        place_of(cursor, (int,))


def test_a_tag_of_another_version_says_that_somebody_changed_it() -> None:
    expect(None, 3)
    expect('"3"', 3)
    expect("*", 3)
    expect('"1", "3"', 3)
    with pytest.raises(ChangedMeanwhile):
        expect('"2"', 3)
    with pytest.raises(Invalid):
        expect("3", 3)


class Text(BaseModel):
    text: Line


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "", "  ", "x" * 201, "a\x1bb"])
def test_text_that_cannot_be_stored_or_read_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Text(text=text)


@pytest.mark.parametrize("text", ["Ёлка 🎄", " с краёв ", "a" * 200])
def test_text_of_people_is_taken(text: str) -> None:
    assert Text(text=text).text == text.strip()


def test_a_role_that_is_missing_is_named() -> None:
    actor = Actor(new_id(), new_id(), frozenset({Role.FINANCE}), new_id())
    actor.require(frozenset({Role.FINANCE, Role.AUDITOR}))
    with pytest.raises(RoleIsMissing) as refusal:
        actor.require(frozenset({Role.APPROVER}))
    assert refusal.value.facts["needed"] == ["approver"]


def test_a_service_reads_its_own_variables_before_those_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "ARTEL_DATABASE_URL": "postgresql://all",
        "ARTEL_WORKSHOPS_DATABASE_URL": "postgresql://own",
        "ARTEL_NATS_URL": "nats://all",
        "ARTEL_TOKEN_PUBLIC_KEYS": "{}",
    }.items():
        monkeypatch.setenv(name, value)
    assert settings_of("workshops").database_url.get_secret_value() == "postgresql://own"
    assert settings_of("finance").database_url.get_secret_value() == "postgresql://all"
    assert "own" not in repr(settings_of("workshops"))


def test_a_setting_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARTEL_DATABASE_URL", raising=False)
    with pytest.raises(ValidationError, match="database_url"):
        settings_of("workshops")


def test_a_setting_may_stand_in_a_file_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own").write_text("postgresql://own\n")
    monkeypatch.setenv("ARTEL_TOKEN_PUBLIC_KEYS", "{}")
    monkeypatch.setenv("ARTEL_NATS_URL", "nats://all")
    monkeypatch.setenv("ARTEL_DATABASE_URL", "postgresql://all")
    monkeypatch.setenv("ARTEL_WORKSHOPS_DATABASE_URL_FILE", str(tmp_path / "own"))
    assert settings_of("workshops").database_url.get_secret_value() == "postgresql://own"
    assert settings_of("finance").database_url.get_secret_value() == "postgresql://all"
    monkeypatch.setenv("ARTEL_WORKSHOPS_DATABASE_URL", "postgresql://also")
    with pytest.raises(ValueError, match="both set"):
        settings_of("workshops")
    monkeypatch.delenv("ARTEL_WORKSHOPS_DATABASE_URL")
    (tmp_path / "own").unlink()
    with pytest.raises(FileNotFoundError):
        settings_of("workshops")


def test_a_token_stands_for_the_person_who_signed_in(servers: Servers) -> None:
    from shared.tokens import Verifier

    member, person = new_id(), new_id()
    token = servers.token(member, Role.COORDINATOR, person_id=person)
    settings = servers.settings("workshops", "none")
    verifier = Verifier(settings.token_public_keys)
    now = datetime.now(UTC)  # noqa: TID251
    actor = verifier.actor(token, now)
    assert (actor.person_id, actor.member_id, actor.roles) == (person, member, {Role.COORDINATOR})
    with pytest.raises(NotSignedIn):
        verifier.actor(token, now.replace(year=now.year + 1))
