"""Applications at every step, cases and ends: what the walk asks of joining and leaving."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.membership.cluster import Cluster, card
from tests.membership.newcomers import ACCOUNT, SIGNER, Newcomers, case
from tests.membership.newcomers import application as application_of
from tests.shared.papers.samples import PDF


@dataclass
class Joining:
    """Applications at every step, cases, and the bodies that go with them."""

    things: dict[str, UUID | str]
    bodies: dict[str, Any]


async def joining_world(cluster: Cluster) -> Joining:
    """An application for each step, links for each purpose, cases, and a member to be ended."""
    newcomers = Newcomers(cluster)
    administrator = cluster.as_administrator()
    gone = await cluster.post("/members", administrator, **card("obraztsov"))
    tokens = {"confirm": await newcomers.token("confirm", await newcomers.apply("safonovo"))}
    returned = await newcomers.submitted("safonovo")
    tokens["look"] = await newcomers.token("follow", returned)
    await newcomers.step(returned, "return", reason="Нет телефона.")
    tokens["mend"] = await newcomers.token("mend", returned)
    admitted = await newcomers.admitted("promsvar")
    tokens["sign"] = await newcomers.token("sign", admitted)
    read = await cluster.post("/applications/look", None, token=tokens["sign"])
    sha256 = read.json()["accession"]["sha256"]
    tokens["account"] = await newcomers.token("open_account", await newcomers.joined("aviapribor"))
    application = application_of("safonovo")
    documented = await newcomers.submitted("dneprochem")
    link = {"Link-Token": await newcomers.token("follow", documented)}
    documents = []
    for name in ("устав", "лицензия"):
        added = await cluster.service.client.post(
            "/api/membership/applications/documents",
            params={"file_name": name, "kind": "charter"},
            content=PDF,
            headers=link,
        )
        documents.append(UUID(added.json()["documents"][-1]["file_id"]))
    return Joining(
        things={
            "gone": UUID(gone.json()["id"]),
            "accused": cluster.university,
            "to check": await newcomers.submitted("dneprochem"),
            "to return": await newcomers.submitted("safonovo"),
            "to reject": await newcomers.submitted("safonovo"),
            "to the agenda": await newcomers.checked("energoseti"),
            "to answer": (await newcomers.case(cluster.college))["id"],
            "documented": UUID(documented),
            "document": documents[0],
            "document to take back": documents[1],
            "to close": (await newcomers.case(cluster.firm))["id"],
        },
        bodies={
            "contact": application["contact"]["family_name"],
            "apply": application,
            "confirm": {"token": tokens["confirm"]},
            "look": {"token": tokens["look"]},
            "mend": {**application, "token": tokens["mend"]},
            "sign": {**SIGNER, "token": tokens["sign"], "sha256": sha256},
            "first account": {**ACCOUNT, "token": tokens["account"]},
            "link": link,
            "document": PDF,
            "document's name": {"file_name": "устав.pdf", "kind": "charter"},
            "why": {"reason": "Так вышло."},
            "case": case(),
            "answer": {"answer": "Исправимся."},
            "end": {"kind": "liquidated", "reason": "Запись ЕГРЮЛ."},
        },
    )
