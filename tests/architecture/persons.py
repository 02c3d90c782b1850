"""What the walk through the routes of persons stands on."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.membership.commands.person_imports import SHEET
from tests.architecture.visits import COORDINATOR, SIGNED_IN, Visit, imports_of
from tests.imports import Importing, csv_of, table
from tests.membership.cluster import Cluster
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
    known.bodies = {
        "people's file": file,
        "people's import": {"kind": "persons", "file_name": "люди.csv"},
        "student": student(),
        "teacher": {"kind": "teacher", "from_on": cluster.day(-5)},
        "name": {"family_name": "Учеников", "given_name": "Пётр"},
        "dates": {"from_on": cluster.day(-10), "to_on": cluster.day(10)},
        "last day": {"last_on": cluster.day(20)},
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
