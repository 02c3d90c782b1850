"""What the walk through the routes of persons stands on."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.membership.commands.person_imports import SHEET
from shared.identity import Role
from tests.architecture.visits import COORDINATOR, EVERYBODY, PARTIES, SIGNED_IN, Visit, imports_of
from tests.imports import Importing, csv_of, table
from tests.membership.cluster import PASSWORD, Cluster
from tests.membership.letters import newest_token
from tests.membership.persons import added, student


@dataclass
class Known:
    """Persons of the own member, and bodies about them."""

    things: dict[str, UUID | str] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)


async def persons_world(cluster: Cluster) -> Known:
    """The college has two students, and one more affiliation for each thing that is done to one."""
    known = Known()
    enrolled = await added(cluster, student(family_name="Учеников"))
    known.things["student"] = enrolled["person_id"]
    for step in ("change affiliation", "end affiliation"):
        found = await added(cluster, student(family_name="Учеников", given_name=step))
        known.things[step] = found["id"]
    file = csv_of(table(SHEET, {"family_name": "Новых", "given_name": "Олег", "kind": "студент"}))
    importing = Importing(cluster.service, cluster.as_college(), "/person-imports")
    known.things["people's import"] = await importing.ready("persons", file)
    pairs = [
        (await added(cluster, student(family_name=name)))["person_id"]
        for name in ("Парный", "Парный", "Двойной", "Двойной")
    ]
    words = "Я согласен, что колледж называет моё имя тем, с кем ведёт общие дела."
    text = (
        await cluster.post("/consent-texts", cluster.as_college(), purpose="practice", words=words)
    ).json()
    read = {"text_id": text["id"], "sha256": text["sha256"]}
    given = await cluster.post("/consents", cluster.as_college(), **read)
    known.things |= {"text": text["id"], "consent": given.json()["id"]}
    await cluster.register("deputy", cluster.college, Role.COORDINATOR)
    await cluster.register("vanishing", cluster.university, Role.MENTOR)
    vanishing = (await cluster.sign_in("vanishing")).json()["access_token"]
    asked = await cluster.post(
        "/erasures", {"Authorization": f"Bearer {vanishing}"}, password=PASSWORD
    )
    assert asked.status_code == 204, asked.text
    over = {"kind": "student", "from_on": "2025-09-01", "to_on": "2026-01-31"}
    gone = await added(cluster, student(family_name="Бывший", affiliation=over))
    known.things["to erase"] = gone["person_id"]
    known.bodies = {
        "erase": {"password": PASSWORD},
        "confirm erasure": {"token": await newest_token(cluster, "erase_data")},
        "text": {"purpose": "assessment", "words": words},
        "consent": read,
        "paper consent": {**read, "given_on": cluster.day(0)},
        "names": {"person_ids": [enrolled["person_id"]], "purpose": "practice"},
        "merge": {"kept_id": pairs[0], "merged_id": pairs[1]},
        "tell apart": {"first_id": pairs[2], "second_id": pairs[3]},
        "people's file": file,
        "people's import": {"kind": "persons", "file_name": "люди.csv"},
        "student": student(),
        "teacher": {"kind": "teacher", "from_on": cluster.day(-5)},
        "name": {"family_name": "Учеников", "given_name": "Пётр"},
        "dates": {"from_on": cluster.day(-10), "to_on": cluster.day(10)},
        "last day": {"last_on": cluster.day(20)},
        "of member": {"member_id": str(cluster.college)},
        "search": {"q": "учеников"},
    }
    return known


PERSONS = {
    **imports_of("membership", COORDINATOR, "persons", at="person-imports", things="people's "),
    "GET /api/membership/persons": Visit(COORDINATOR),
    "POST /api/membership/persons/search": Visit(COORDINATOR, body="search"),
    "POST /api/membership/persons": Visit(COORDINATOR, body="student"),
    "GET /api/membership/persons/current": Visit(SIGNED_IN),
    "PUT /api/membership/persons/current": Visit(SIGNED_IN, body="name"),
    "GET /api/membership/persons/doubles": Visit(COORDINATOR),
    "POST /api/membership/persons/merge": Visit(COORDINATOR, body="merge", others=404, party=404),
    "POST /api/membership/persons/tell-apart": Visit(
        COORDINATOR, body="tell apart", others=404, party=404
    ),
    "POST /api/membership/persons/names": Visit(PARTIES, body="names"),
    "GET /api/membership/consent-texts": Visit(SIGNED_IN, query="of member"),
    "GET /api/membership/consent-texts/{text_id}": Visit(SIGNED_IN, {"text_id": "text"}),
    "POST /api/membership/consent-texts": Visit(COORDINATOR, body="text"),
    "GET /api/membership/consents": Visit(SIGNED_IN),
    "POST /api/membership/consents": Visit(SIGNED_IN, body="consent", others=404, party=404),
    "POST /api/membership/consents/{consent_id}/revoke": Visit(
        SIGNED_IN, {"consent_id": "consent"}, others=404, party=404
    ),
    "GET /api/membership/disclosures": Visit(SIGNED_IN),
    "GET /api/membership/persons/{person_id}/consents": Visit(
        COORDINATOR, {"person_id": "student"}, others=404, party=404
    ),
    "POST /api/membership/persons/{person_id}/consents": Visit(
        COORDINATOR, {"person_id": "student"}, body="paper consent", others=404, party=404
    ),
    "GET /api/membership/persons/{person_id}/disclosures": Visit(
        COORDINATOR, {"person_id": "student"}, others=404, party=404
    ),
    "POST /api/membership/persons/current/export": Visit(SIGNED_IN),
    "GET /api/membership/deeds": Visit(SIGNED_IN),
    "POST /api/membership/erasures": Visit(SIGNED_IN, body="erase"),
    "POST /api/membership/erasures/confirm": Visit(EVERYBODY, body="confirm erasure"),
    "POST /api/membership/persons/{person_id}/erase": Visit(
        COORDINATOR, {"person_id": "to erase"}, others=404, party=404
    ),
    "GET /api/membership/persons/{person_id}": Visit(
        COORDINATOR, {"person_id": "student"}, others=404, party=404
    ),
    "PUT /api/membership/persons/{person_id}": Visit(
        COORDINATOR, {"person_id": "student"}, body="name", others=404, party=404
    ),
    "POST /api/membership/persons/{person_id}/affiliations": Visit(
        COORDINATOR, {"person_id": "student"}, body="teacher", others=404, party=404
    ),
    "PUT /api/membership/affiliations/{affiliation_id}": Visit(
        COORDINATOR, {"affiliation_id": "change affiliation"}, body="dates", others=404, party=404
    ),
    "POST /api/membership/affiliations/{affiliation_id}/end": Visit(
        COORDINATOR, {"affiliation_id": "end affiliation"}, body="last day", others=404, party=404
    ),
}
"""The routes of persons: a member's coordinators keep them, and everybody sees themselves."""
