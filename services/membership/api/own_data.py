"""One's own data: all of them in one answer, and their erasure."""

from uuid import UUID

from fastapi import Response
from pydantic import BaseModel

from services.membership.api.joining import ByLink
from services.membership.api.routes import COORDINATORS, Password, routes
from services.membership.commands import erasure
from services.membership.queries.export import Export, own_export
from shared.routes import ANYONE_SIGNED_IN, PUBLIC, KeyUse, Tx


class Proof(BaseModel):
    """The password, since an erasure cannot be taken back."""

    password: Password


@routes.post("/persons/current/export", may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED)
async def export_own_data(response: Response, tx: Tx) -> Export:
    """All that membership holds of oneself; other services tell their part under `/deeds`."""
    response.headers["Cache-Control"] = "no-store"
    found = await own_export(tx)
    tx.note("person.exported", found.person.person_id)
    return found


@routes.post("/erasures", may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED, status_code=204)
async def ask_erasure(body: Proof, tx: Tx) -> None:
    """Asks for one's own erasure: a letter has the link that confirms it."""
    await erasure.ask_erasure(tx, body.password)


@routes.post("/erasures/confirm", may=PUBLIC, status_code=204)
async def confirm_erasure(body: ByLink, tx: Tx) -> None:
    """Erases name, contacts and account by the letter's link; what a ledger needs stays by id."""
    await erasure.confirm_erasure(tx, body.token)


@routes.post("/persons/{person_id}/erase", may=COORDINATORS, key=KeyUse.IGNORED, status_code=204)
async def erase_person(person_id: UUID, tx: Tx) -> None:
    """Erases a person of the own member alone who has asked for it and cannot sign in."""
    await erasure.erase_person(tx, person_id)
