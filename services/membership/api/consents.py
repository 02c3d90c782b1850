"""Consents of persons, their texts, and names shown to other members."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.membership.api.routes import COORDINATORS, READERS, encodable, routes
from services.membership.commands import consents, disclosures
from services.membership.commands.consents import Paper
from services.membership.commands.disclosures import NamedPerson
from services.membership.domain.consents import WORDS_LENGTH, Purpose, Signatory
from services.membership.queries import consents as queries
from services.membership.queries.consents import ConsentText, ConsentView, Disclosure
from shared.paging import LIMIT_MAX, Cursor, Limit, Page
from shared.routes import ANYONE_SIGNED_IN, KeyUse, Tx
from shared.values import Day, Line


def _is_plain(text: str) -> str:
    if any((ord(char) < 32 and char not in "\n\t") or ord(char) == 127 for char in text):
        raise ValueError("contains control characters")
    return encodable(text)


TextWords = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=WORDS_LENGTH[0], max_length=WORDS_LENGTH[1]
    ),
    AfterValidator(_is_plain),
]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NewText(BaseModel):
    """The words by which the own member asks for consent to one purpose."""

    purpose: Purpose
    words: TextWords


class Given(BaseModel):
    """The text that was read, named by its SHA-256 too."""

    text_id: UUID
    sha256: Digest


class GivenOnPaper(Given):
    """A consent on paper, which the own member keeps."""

    given_on: Day
    signatory: Signatory = Signatory.PERSON
    reference: Line | None = None


class Named(BaseModel):
    """Whose names are asked for, and what for."""

    person_ids: Annotated[list[UUID], Field(min_length=1, max_length=LIMIT_MAX)]
    purpose: Purpose


@routes.get("/consent-texts", may=ANYONE_SIGNED_IN)
async def list_consent_texts(tx: Tx, member_id: UUID) -> Page[ConsentText]:
    """The newest text of each purpose that a member asks consent for."""
    return Page(items=await queries.texts(tx, member_id))


@routes.get("/consent-texts/{text_id}", may=ANYONE_SIGNED_IN)
async def get_consent_text(text_id: UUID, tx: Tx) -> ConsentText:
    """A text word for word, also one that a newer one has replaced."""
    return await queries.text(tx, text_id)


@routes.post("/consent-texts", may=COORDINATORS, status_code=201)
async def publish_consent_text(body: NewText, tx: Tx) -> ConsentText:
    """Asks for consent in these words from now on; what was given under others stays."""
    return await queries.text(tx, await consents.publish_text(tx, body.purpose, body.words))


@routes.get("/consents", may=ANYONE_SIGNED_IN)
async def list_own_consents(tx: Tx, cursor: Cursor = None, limit: Limit = 50) -> Page[ConsentView]:
    """One's own consents, the newest first."""
    items, next_cursor = await queries.own(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/consents", may=ANYONE_SIGNED_IN, status_code=201)
async def give_consent(body: Given, tx: Tx) -> ConsentView:
    """Consents to the newest text of a member that one belongs to."""
    return await queries.consent(tx, await consents.give(tx, body.text_id, body.sha256))


@routes.post("/consents/{consent_id}/revoke", may=ANYONE_SIGNED_IN)
async def revoke_consent(consent_id: UUID, tx: Tx) -> ConsentView:
    """Takes back one's own consent, or for the operator one that was taken back on paper."""
    await consents.revoke(tx, consent_id)
    return await queries.consent(tx, consent_id)


@routes.get("/persons/{person_id}/consents", may=COORDINATORS)
async def list_consents(
    person_id: UUID, tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[ConsentView]:
    """What a person of the own member has consented to with it."""
    items, next_cursor = await queries.of_person(tx, person_id, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/persons/{person_id}/consents", may=COORDINATORS, status_code=201)
async def record_consent(person_id: UUID, body: GivenOnPaper, tx: Tx) -> ConsentView:
    """Enters a consent that a person of the own member gave on paper."""
    paper = Paper(body.given_on, body.signatory, body.reference)
    consent_id = await consents.record_paper(tx, person_id, body.text_id, body.sha256, paper)
    return await queries.consent(tx, consent_id)


@routes.post("/persons/names", may=READERS, key=KeyUse.IGNORED)
async def ask_names(body: Named, response: Response, tx: Tx) -> Page[NamedPerson]:
    """The names of persons by id, as far as the own member may know them; each is noted."""
    response.headers["Cache-Control"] = "no-store"
    return Page(items=await disclosures.names(tx, body.person_ids, body.purpose))


@routes.get("/persons/{person_id}/disclosures", may=COORDINATORS)
async def list_disclosures(
    person_id: UUID, tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[Disclosure]:
    """Which members were shown the name or contact of a person of the own member."""
    items, next_cursor = await queries.disclosures_of(tx, person_id, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/disclosures", may=ANYONE_SIGNED_IN)
async def list_own_disclosures(
    tx: Tx, cursor: Cursor = None, limit: Limit = 50
) -> Page[Disclosure]:
    """Which members were shown one's own name or contact."""
    items, next_cursor = await queries.own_disclosures(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)
