"""What the walk asks of sessions and recovery: a second session, and links that were not used yet."""

from typing import Any
from uuid import UUID

from shared.identity import Role
from tests.membership.cluster import PASSWORD, Cluster
from tests.membership.letters import newest_token


async def recovery_world(cluster: Cluster) -> dict[str, Any]:
    """Another session of the college's coordinator, and the links of somebody forgetful."""
    other = (await cluster.sign_in("college")).json()
    current = {"Authorization": f"Bearer {other['access_token']}"}
    session = (await cluster.get("/sessions/current", current)).json()["id"]
    await cluster.register("forgetful", cluster.university, Role.MENTOR)
    await cluster.register("moving", cluster.university, Role.MENTOR)
    await cluster.post("/password-resets", email="forgetful@artel.demo")
    await cluster.service.due()
    moving = (await cluster.sign_in("moving")).json()["access_token"]
    asked = await cluster.post(
        "/accounts/current/email",
        {"Authorization": f"Bearer {moving}"},
        email="moved@artel.demo",
        password=PASSWORD,
    )
    assert asked.status_code == 204, asked.text
    return {
        "session": UUID(session),
        "bodies": {
            "password": {"old": PASSWORD, "new": PASSWORD},
            "forgotten": {"email": "firm@artel.demo"},
            "reset": {
                "token": await newest_token(cluster, "reset_password"),
                "password": PASSWORD,
            },
            "address": {"email": "other@artel.demo", "password": PASSWORD},
            "confirm address": {"token": await newest_token(cluster, "confirm_address")},
        },
    }
