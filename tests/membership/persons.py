"""What tests of persons stand on: students and teachers as a college enters them."""

from typing import Any
from uuid import UUID

from tests.membership.cluster import Cluster

SINCE = "2026-09-01"


def student(**other: Any) -> dict[str, Any]:
    """A student of the college, as a body; the affiliation's fields are given as `affiliation`."""
    return {
        "family_name": "Семёнов",
        "given_name": "Пётр",
        "patronymic": "Ильич",
        "affiliation": {"kind": "student", "unit": "ОС-21", "from_on": SINCE},
        **other,
    }


async def added(
    cluster: Cluster, body: dict[str, Any], headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """The affiliation of a person whom the college, unless told otherwise, has entered."""
    answer = await cluster.post("/persons", headers or cluster.as_college(), **body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def enrolled(cluster: Cluster, member_id: UUID | None = None, **other: Any) -> UUID:
    """The id of a student of the college, or of the member that is said."""
    headers = {
        cluster.college: cluster.as_college,
        cluster.university: cluster.as_university,
        cluster.firm: cluster.as_firm,
    }[member_id or cluster.college]()
    return UUID((await added(cluster, student(**other), headers))["person_id"])
