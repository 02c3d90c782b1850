"""Two records of one person: found, told apart, and merged by one act."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.merging import (
    BothSignIn,
    SamePerson,
    WhoSignsInIsKept,
    join,
    require_may_merge,
)
from services.membership.domain.persons import Affiliation, AffiliationKind
from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import Cluster
from tests.membership.persons import SINCE, added, enrolled, student

MEMBER, KEPT, MERGED = new_id(), new_id(), new_id()


def affiliation(
    person_id: UUID, first: int, last: int | None, kind: str = "student"
) -> Affiliation:
    """An affiliation in September 2026."""
    days = (date(2026, 9, first), date(2026, 9, last) if last else None)
    return Affiliation(new_id(), person_id, MEMBER, AffiliationKind(kind), None, *days, 1)


async def merge(cluster: Cluster, kept_id: object, merged_id: object) -> Any:
    return await cluster.post(
        "/persons/merge", cluster.as_college(), kept_id=str(kept_id), merged_id=str(merged_id)
    )


async def doubles(cluster: Cluster, query: str = "") -> list[tuple[Any, ...]]:
    found = await cluster.get(f"/persons/doubles{query}", cluster.as_college())
    assert found.status_code == 200, found.text
    return [
        (
            each["first"]["person_id"],
            each["second"]["person_id"],
            each["is_same_name"],
            each["is_same_email"],
        )
        for each in found.json()["items"]
    ]


# --- rules ---------------------------------------------------------------------------------------


def test_what_meets_becomes_one_and_all_else_passes() -> None:
    kept = [affiliation(KEPT, 1, 10), affiliation(KEPT, 1, None, "mentor")]
    merged = [
        affiliation(MERGED, 5, 20),
        affiliation(MERGED, 25, None),
        affiliation(MERGED, 1, 2, "expert"),
    ]
    joined = join(kept, merged)
    assert joined.moved == (merged[1], merged[2])
    [wide] = joined.widened
    assert (wide.id, wide.from_on, wide.to_on) == (kept[0].id, date(2026, 9, 1), date(2026, 9, 20))
    assert wide.version == 2
    [open_end] = join([affiliation(KEPT, 1, 10)], [affiliation(MERGED, 10, None)]).widened
    assert open_end.to_on is None


def test_accounts_are_not_merged_and_who_has_one_is_kept() -> None:
    require_may_merge(KEPT, MERGED, [KEPT])
    require_may_merge(KEPT, MERGED, [])
    with pytest.raises(SamePerson):
        require_may_merge(KEPT, KEPT, [])
    with pytest.raises(BothSignIn):
        require_may_merge(KEPT, MERGED, [KEPT, MERGED])
    with pytest.raises(WhoSignsInIsKept):
        require_may_merge(KEPT, MERGED, [MERGED])


# --- candidates ----------------------------------------------------------------------------------


async def test_doubles_are_found_by_name_and_by_address_at_the_own_member(
    cluster: Cluster,
) -> None:
    first = await enrolled(cluster, family_name="Семёнов", email="s@artel.demo")
    second = await enrolled(cluster, family_name="СЕМЕНОВ")
    third = await enrolled(cluster, family_name="Семенова", email="s@artel.demo")
    await enrolled(cluster, cluster.firm, family_name="Семёнов")
    assert await doubles(cluster) == [
        (str(first), str(second), True, False),
        (str(first), str(third), False, True),
    ]
    assert await doubles(cluster, "?limit=1") == [(str(first), str(second), True, False)]
    page = (await cluster.get("/persons/doubles?limit=1", cluster.as_college())).json()
    assert await doubles(cluster, f"?limit=1&cursor={page['next_cursor']}") == [
        (str(first), str(third), False, True)
    ]


async def test_who_was_told_apart_is_proposed_no_more(cluster: Cluster) -> None:
    first, second = await enrolled(cluster), await enrolled(cluster)
    body = {"first_id": str(second), "second_id": str(first)}
    for _ in range(2):
        told = await cluster.post("/persons/tell-apart", cluster.as_college(), **body)
        assert told.status_code == 204
    assert await doubles(cluster) == []
    foreign = await cluster.post("/persons/tell-apart", cluster.as_firm(), **body)
    assert foreign.status_code == 404
    oneself = {"first_id": str(first), "second_id": str(first)}
    assert (
        await cluster.post("/persons/tell-apart", cluster.as_college(), **oneself)
    ).status_code == 204


# --- merging -------------------------------------------------------------------------------------


async def test_a_merged_id_answers_for_the_kept_one(cluster: Cluster) -> None:
    kept = await enrolled(cluster)
    double = await added(
        cluster,
        student(email="s@artel.demo", affiliation={"kind": "mentor", "from_on": SINCE}),
    )
    merged = await merge(cluster, kept, double["person_id"])
    assert merged.status_code == 200, merged.text
    assert (merged.json()["person_id"], merged.json()["email"]) == (str(kept), "s@artel.demo")
    assert [each["kind"] for each in merged.json()["affiliations"]] == ["student", "mentor"]
    for person_id in (kept, double["person_id"]):
        read = await cluster.get(f"/persons/{person_id}", cluster.as_college())
        assert read.json() == merged.json()
        foreign = await cluster.get(f"/persons/{person_id}", cluster.as_firm())
        assert foreign.status_code == 404
    listed = (await cluster.get("/persons?kind=mentor", cluster.as_college())).json()["items"]
    assert [each["person_id"] for each in listed] == [str(kept)]
    assert await doubles(cluster) == []
    rows = await cluster.service.told("membership.persons.merged.v1")
    assert [json.loads(row["body"]) for row in rows] == [
        {"kept_id": str(kept), "merged_id": double["person_id"]}
    ]
    [audited] = await cluster.service.sql("SELECT * FROM audit WHERE action = 'persons.merged'")
    assert audited["person_id"] == cluster.people["college"]
    again = await merge(cluster, kept, double["person_id"])
    assert (again.status_code, again.json()["code"]) == (422, "same-person")


async def test_what_is_done_with_a_merged_id_is_done_with_the_kept_one(cluster: Cluster) -> None:
    kept, double, third = [await enrolled(cluster) for _ in range(3)]
    assert (await merge(cluster, kept, double)).status_code == 200
    also = await cluster.post(
        f"/persons/{double}/affiliations", cluster.as_college(), kind="expert"
    )
    assert also.json()["person_id"] == str(kept)
    last = await merge(cluster, third, kept)
    assert last.json()["person_id"] == str(third)
    read = await cluster.get(f"/persons/{double}", cluster.as_college())
    assert read.json()["person_id"] == str(third), "through both"
    same = student(email="later@artel.demo")
    made = await added(cluster, same | {"affiliation": {"kind": "teacher"}})
    assert made["person_id"] != str(third)


async def test_affiliations_that_meet_become_one(cluster: Cluster) -> None:
    first = {"kind": "student", "from_on": "2026-09-01", "to_on": "2027-06-30"}
    second = {"kind": "student", "unit": "ОС-21", "from_on": "2025-09-01", "to_on": "2026-09-30"}
    kept = await added(cluster, student(affiliation=first))
    double = await added(cluster, student(affiliation=second))
    merged = (await merge(cluster, kept["person_id"], double["person_id"])).json()
    [affiliation] = merged["affiliations"]
    assert (affiliation["from_on"], affiliation["to_on"]) == ("2025-09-01", "2027-06-30")
    assert (affiliation["unit"], affiliation["id"]) == ("ОС-21", kept["id"])
    [begun] = [
        json.loads(row["body"])
        for row in (await cluster.service.told("membership.affiliation.begun.v1"))[2:]
    ]
    assert (begun["affiliation_id"], begun["to_on"]) == (kept["id"], "2027-06-30")


async def test_three_affiliations_are_not_made_one(cluster: Cluster) -> None:
    kept = await added(
        cluster,
        student(affiliation={"kind": "student", "from_on": "2025-01-01", "to_on": "2025-03-01"}),
    )
    later = {"kind": "student", "from_on": "2025-06-01", "to_on": "2025-09-01"}
    path = f"/persons/{kept['person_id']}/affiliations"
    assert (await cluster.post(path, cluster.as_college(), **later)).status_code == 201
    between = {"kind": "student", "from_on": "2025-02-01", "to_on": "2025-07-01"}
    double = await added(cluster, student(affiliation=between))
    refused = await merge(cluster, kept["person_id"], double["person_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "affiliation-overlaps")


async def test_who_may_not_be_merged(cluster: Cluster) -> None:
    plain = await enrolled(cluster)
    other = await cluster.register("other", cluster.college, Role.MENTOR)
    coordinator = cluster.people["college"]
    for kept, merged, code in (
        (coordinator, other, "both-sign-in"),
        (plain, other, "who-signs-in-is-kept"),
        (plain, plain, "same-person"),
    ):
        refused = await merge(cluster, kept, merged)
        assert refused.json()["code"] == code
    shared = await enrolled(cluster, email="joint@artel.demo")
    assert await enrolled(cluster, cluster.firm, email="joint@artel.demo") == shared
    refused = await merge(cluster, plain, shared)
    assert (refused.status_code, refused.json()["code"]) == (409, "person-known-elsewhere")
    assert (await merge(cluster, shared, plain)).status_code == 200, "the other way round"
    foreign = await enrolled(cluster, cluster.firm)
    assert (await merge(cluster, plain, foreign)).status_code == 404
    assert (await merge(cluster, foreign, plain)).status_code == 404
