"""What the walk through membership's routes asks the register of agreements with."""

from typing import Any
from uuid import UUID

from tests.architecture.visits import COORDINATOR, PARTIES, Visit, files_of, templates_of
from tests.membership.cluster import Cluster
from tests.shared.papers.samples import JPEG, Authority, docx_with

TEMPLATE = b"#let d = json(bytes(sys.inputs.data))\n#d.subject"


async def register_world(cluster: Cluster) -> dict[str, Any]:
    """Agreements to be signed in each way, to go on and to be ended; a file, and templates."""
    day = cluster.day
    going_on = {"months": 12, "refusal_days": 5}

    async def bring(content: bytes, name: str) -> str:
        answer = await cluster.service.client.post(
            "/api/membership/files",
            params={"file_name": name},
            content=content,
            headers=cluster.as_college(),
        )
        file_id: str = answer.json()["id"]
        return file_id

    made = {
        thing: (await cluster.make(valid_to=day(30))).json()["id"]
        for thing in ("on paper", "detached")
    }
    made["going on"] = await cluster.active(valid_to=day(30), prolongation=going_on)
    made["to end"] = await cluster.active(notice_days=10)
    scan = await bring(JPEG, "скан")
    paper = {"scan_id": scan, "signed_on": day(0)}
    shown = await cluster.make(cluster.as_college(), paper=paper)
    made["with a scan"] = shown.json()["id"]

    authority = Authority(cluster.service.clock())
    runtime = cluster.service.runtime
    runtime.settings = runtime.settings.model_copy(update={"signature_roots": authority.pem})
    document = await cluster.get(
        f"/agreements/{made['detached']}/document.pdf", cluster.as_college()
    )
    signature = await bring(authority.person().sign(document.content), "подпись.sig")
    return {
        "things": {
            **{name: UUID(agreement_id) for name, agreement_id in made.items()},
            "file": UUID(await bring(JPEG, "снимок")),
            "signer": cluster.college,
        },
        "bodies": {
            "upload": JPEG,
            "upload's name": {"file_name": "снимок.jpg"},
            "on paper": paper,
            "detached": {"signature_id": signature},
            "notice": {"ends_on": day(20), "reason": "Ремонт"},
            "template.docx": docx_with("{{ subject }}"),
            "template.pdf": TEMPLATE,
        },
        "agree": {
            "number": "1/КС",
            "place": "Смоленск",
            "in_order": False,
            "prolongation": going_on,
            "notice_days": 30,
            "is_free": None,
            "tariffs": [{"what": "Пост", "unit": "hour", "net_kopecks": 100}],
            "reminder_days": [7],
            "document_id": None,
            "paper": None,
        },
        "secrets": {*made.values(), scan},
    }


_AGREEMENTS = "/api/membership/agreements/{agreement_id}"


def step(name: str, thing: str, body: str | None = None) -> dict[str, Visit]:
    """A step of a party's coordinator."""
    visit = Visit(COORDINATOR, {"agreement_id": thing}, body=body, others=404)
    return {f"POST {_AGREEMENTS}/{name}": visit}


def looked_up(name: str, thing: str, **path: str) -> dict[str, Visit]:
    """Something that the parties may look up."""
    return {
        f"GET {_AGREEMENTS}/{name}": Visit(PARTIES, {"agreement_id": thing, **path}, others=404)
    }


REGISTER_TABLE: dict[str, Visit] = {
    **step("sign-on-paper", "on paper", "on paper"),
    **step("sign-detached", "detached", "detached"),
    **step("decline-prolongation", "going on"),
    **step("end", "to end", "notice"),
    **looked_up("document.pdf", "agreement"),
    **looked_up("document.docx", "agreement"),
    **looked_up("signatures/{member_id}", "with a scan", member_id="signer"),
    **files_of("membership", COORDINATOR),
    **templates_of("membership", COORDINATOR, "agreement"),
}
