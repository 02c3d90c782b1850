"""Persons of a member: who belongs to it as what, from when until when."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, EmailStr, Field

from services.membership.api.routes import COORDINATORS, Name, routes
from services.membership.commands import merging, persons
from services.membership.commands.persons import Belonging
from services.membership.domain.accounts import PersonName
from services.membership.domain.persons import AffiliationKind, AffiliationStatus
from services.membership.queries import persons as queries
from services.membership.queries.persons import AffiliationView, Double, PersonView
from shared.etag import IfMatch, stamp
from shared.paging import LIMIT_MAX, Cursor, Limit, Page
from shared.routes import ANYONE_SIGNED_IN, KeyUse, Tx
from shared.values import Day, Line, Whole

Unit = Annotated[Line, Field(max_length=100)]


class NewAffiliation(BaseModel):
    """As what a person belongs to the own member; from today on unless a day is said."""

    kind: AffiliationKind
    unit: Unit | None = None
    from_on: Day | None = None
    to_on: Day | None = None

    def belonging(self) -> Belonging:
        """The same for the command."""
        return Belonging(self.kind, self.unit, self.from_on, self.to_on)


class NewPerson(BaseModel):
    """A person, and as what they belong to the own member."""

    family_name: Name
    given_name: Name
    patronymic: Name | None = None
    email: EmailStr | None = None
    affiliation: NewAffiliation


class Correction(BaseModel):
    """What a person is called, and the e-mail of one who has no account."""

    family_name: Name
    given_name: Name
    patronymic: Name | None = None
    email: EmailStr | None = None

    def name(self) -> PersonName:
        """The name for the command."""
        return PersonName(self.family_name, self.given_name, self.patronymic)


class OwnName(BaseModel):
    """What a person is called."""

    family_name: Name
    given_name: Name
    patronymic: Name | None = None


class Dates(BaseModel):
    """The unit, the first and the last day; without `to_on` the affiliation is open."""

    unit: Unit | None = None
    from_on: Day
    to_on: Day | None = None


class LastDay(BaseModel):
    """The last day of an affiliation, past, present or to come."""

    last_on: Day


class Merging(BaseModel):
    """Who is kept, and who is merged into them. The one who signs in is kept."""

    kept_id: UUID
    merged_id: UUID


class Different(BaseModel):
    """Two who are two people."""

    first_id: UUID
    second_id: UUID


class Search(BaseModel):
    """What is looked for: a part of the name, or a whole e-mail; neither may stand in an address."""

    q: Line
    kind: AffiliationKind | None = None
    status: AffiliationStatus | None = None
    cursor: Annotated[str | None, Field(max_length=500)] = None
    limit: Annotated[Whole, Field(ge=1, le=LIMIT_MAX)] = 50


@routes.get("/persons", may=COORDINATORS)
async def list_persons(
    tx: Tx,
    kind: AffiliationKind | None = None,
    status: AffiliationStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[PersonView]:
    """The persons of the own member by name, also those who belong to it no more."""
    items, next_cursor = await queries.persons(
        tx, kind=kind, status=status, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/persons/search", may=COORDINATORS, key=KeyUse.IGNORED)
async def search_persons(body: Search, tx: Tx) -> Page[PersonView]:
    """The persons of the own member whose name has these letters, or who have this e-mail."""
    items, next_cursor = await queries.persons(tx, **body.model_dump())
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/persons", may=COORDINATORS, status_code=201)
async def add_person(body: NewPerson, tx: Tx) -> AffiliationView:
    """Registers a person who belongs to the own member; one of this name and e-mail is the same."""
    affiliation_id = await persons.add_person(
        tx,
        PersonName(body.family_name, body.given_name, body.patronymic),
        body.email,
        body.affiliation.belonging(),
    )
    return await queries.affiliation(tx, affiliation_id)


@routes.get("/persons/current", may=ANYONE_SIGNED_IN)
async def get_own_person(response: Response, tx: Tx) -> PersonView:
    """What is known of oneself, at all members."""
    return _stamped(await queries.own(tx), response)


@routes.put("/persons/current", may=ANYONE_SIGNED_IN)
async def correct_own_name(
    body: OwnName, response: Response, tx: Tx, if_match: IfMatch = None
) -> PersonView:
    """Corrects one's own name."""
    name = PersonName(body.family_name, body.given_name, body.patronymic)
    await persons.correct_own(tx, name, if_match)
    return _stamped(await queries.own(tx), response)


@routes.get("/persons/doubles", may=COORDINATORS)
async def list_doubles(tx: Tx, cursor: Cursor = None, limit: Limit = 50) -> Page[Double]:
    """Pairs of the own member's people who may be one person: the same name or e-mail."""
    items, next_cursor = await queries.doubles(tx, cursor=cursor, limit=limit)
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/persons/merge", may=COORDINATORS, key=KeyUse.IGNORED)
async def merge_persons(body: Merging, response: Response, tx: Tx) -> PersonView:
    """Makes two records of one person one; the merged id answers for the kept one from now on."""
    kept_id = await merging.merge(tx, body.kept_id, body.merged_id)
    return _stamped(await queries.person(tx, kept_id), response)


@routes.post("/persons/tell-apart", may=COORDINATORS, key=KeyUse.IGNORED, status_code=204)
async def tell_persons_apart(body: Different, tx: Tx) -> None:
    """Notes that two who are alike are two people: they are not proposed any more."""
    await merging.note_different(tx, body.first_id, body.second_id)


@routes.get("/persons/{person_id}", may=COORDINATORS)
async def get_person(person_id: UUID, response: Response, tx: Tx) -> PersonView:
    """A person of the own member."""
    return _stamped(await queries.person(tx, person_id), response)


@routes.put("/persons/{person_id}", may=COORDINATORS)
async def correct_person(
    person_id: UUID, body: Correction, response: Response, tx: Tx, if_match: IfMatch = None
) -> PersonView:
    """Corrects what a person of the own member alone is called, and their e-mail."""
    await persons.correct(tx, person_id, body.name(), body.email, if_match)
    return _stamped(await queries.person(tx, person_id), response)


@routes.post("/persons/{person_id}/affiliations", may=COORDINATORS, status_code=201)
async def add_affiliation(person_id: UUID, body: NewAffiliation, tx: Tx) -> AffiliationView:
    """Says as what else, or when again, a person belongs to the own member."""
    affiliation_id = await persons.affiliate(tx, person_id, body.belonging())
    return await queries.affiliation(tx, affiliation_id)


@routes.put("/affiliations/{affiliation_id}", may=COORDINATORS)
async def change_affiliation(
    affiliation_id: UUID, body: Dates, response: Response, tx: Tx, if_match: IfMatch = None
) -> AffiliationView:
    """Changes the days or the unit of an affiliation that is not over."""
    await persons.change_affiliation(
        tx,
        affiliation_id,
        unit=body.unit,
        from_on=body.from_on,
        to_on=body.to_on,
        if_match=if_match,
    )
    view = await queries.affiliation(tx, affiliation_id)
    stamp(response, view.version)
    return view


@routes.post("/affiliations/{affiliation_id}/end", may=COORDINATORS)
async def end_affiliation(
    affiliation_id: UUID, body: LastDay, response: Response, tx: Tx, if_match: IfMatch = None
) -> AffiliationView:
    """Ends an affiliation with a day, which still belongs to it."""
    await persons.end_affiliation(tx, affiliation_id, body.last_on, if_match)
    view = await queries.affiliation(tx, affiliation_id)
    stamp(response, view.version)
    return view


def _stamped(view: PersonView, response: Response) -> PersonView:
    stamp(response, view.version)
    return view
