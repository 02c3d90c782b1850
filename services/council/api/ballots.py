"""Ballots and votes, recusals, dissenting opinions, and written powers."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from services.council.api.routes import COUNCIL, VOTERS, routes
from services.council.commands import ballots, powers, votes
from services.council.domain.voting import Choice
from services.council.queries import ballots as queries
from services.council.queries import powers as power_queries
from shared.paging import Cursor, Limit, Page
from shared.routes import KeyUse, Tx
from shared.values import Day, Line, Moment, Words


class NewBallot(BaseModel):
    """What is voted on: the item's draft decision, unless another wording is put to the vote.

    `closes_at` is when it closes by itself; an absentee meeting's ballots close with it.
    """

    is_secret: bool
    question: Words | None = None
    closes_at: Moment | None = None


class Vote(BaseModel):
    """How one votes; `seat_id` names the seat whose power one has, and is left out for one's own."""

    choice: Choice
    seat_id: UUID | None = None


class CastVote(BaseModel):
    """The ballot as the voter sees it, and of a secret vote the receipts, which nobody keeps."""

    ballot: queries.BallotView
    receipts: list[str]


class Conflict(BaseModel):
    """What conflict of interest one has."""

    reason: Words


class Opinion(BaseModel):
    """A dissenting opinion."""

    words: Words


class NewPower(BaseModel):
    """A power as it lies in writing: whose vote who casts, its number and day, and its term."""

    from_seat_id: UUID
    to_seat_id: UUID
    number: Line
    given_on: Day
    valid_from: Day
    valid_until: Day


class Items(BaseModel):
    """Ballots that wait for a vote of the person who asks."""

    items: list[queries.BallotView]


class Roll(BaseModel):
    """Who took part."""

    items: list[queries.RollLine]


class Box(BaseModel):
    """What the box held."""

    items: list[queries.Paper]


class Dissents(BaseModel):
    """Dissenting opinions."""

    items: list[queries.DissentView]


class Recusals(BaseModel):
    """Who stands aside."""

    items: list[queries.RecusalView]


WaitingLimit = Annotated[int, Query(ge=1, le=200, description="How many items at most.")]


@routes.post("/items/{item_id}/ballots", may=COUNCIL, status_code=201)
async def open_ballot(item_id: UUID, body: NewBallot, tx: Tx) -> queries.BallotView:
    """Opens a ballot, with those entitled fixed: for the secretary, and for who chairs."""
    ballot_id = await ballots.open_ballot(
        tx,
        item_id,
        question=body.question,
        is_secret=body.is_secret,
        closes_at=body.closes_at,
    )
    return await queries.ballot(tx, ballot_id)


@routes.get("/ballots", may=COUNCIL)
async def list_ballots(
    tx: Tx,
    meeting_id: UUID | None = None,
    item_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[queries.BallotView]:
    """Ballots, the newest first."""
    items, next_cursor = await queries.ballots(
        tx, meeting_id=meeting_id, item_id=item_id, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.get("/ballots/waiting", may=VOTERS)
async def list_waiting_ballots(tx: Tx, limit: WaitingLimit = 50) -> Items:
    """Ballots in which a vote of mine has not been cast, the soonest end first."""
    return Items(items=await queries.waiting(tx, limit=limit))


@routes.get("/ballots/{ballot_id}", may=COUNCIL)
async def get_ballot(ballot_id: UUID, tx: Tx) -> queries.BallotView:
    """A ballot; what it came to is known after the close, and to nobody before."""
    return await queries.ballot(tx, ballot_id)


@routes.post("/ballots/{ballot_id}/vote", may=VOTERS, key=KeyUse.IGNORED)
async def cast_vote(ballot_id: UUID, body: Vote, tx: Tx) -> CastVote:
    """Votes. In an open ballot the vote may be changed until the close by voting again.

    In a secret ballot it is final, and asking again answers 409 `vote-cast`. The answer holds
    random receipts, one for each vote of weight one: nobody keeps who got them, and after the
    close each finds its paper among `/papers`. Who has voted and what the papers say lie in two
    tables without moment or order, and are written anew at the close in random order. Be aware of
    what this cannot keep from whoever runs the server: while the ballot is open the database's own
    bookkeeping shows which paper came with which voter, its write-ahead log and backups of that
    time go on showing it, and changed software or a look into the running process could take down
    a vote as it comes. And if all vote alike, the result says how each did.
    """
    receipts = await votes.cast_vote(tx, ballot_id, body.choice, body.seat_id)
    return CastVote(ballot=await queries.ballot(tx, ballot_id), receipts=receipts)


@routes.post("/ballots/{ballot_id}/close", may=COUNCIL)
async def close_ballot(ballot_id: UUID, tx: Tx) -> queries.BallotView:
    """Closes and counts; who was present and silent is counted as abstaining."""
    await ballots.close_ballot(tx, ballot_id)
    return await queries.ballot(tx, ballot_id)


@routes.get("/ballots/{ballot_id}/roll", may=COUNCIL)
async def get_roll(ballot_id: UUID, tx: Tx) -> Roll:
    """After the close: who took part, and in an open ballot how each voted."""
    return Roll(items=await queries.roll(tx, ballot_id))


@routes.get("/ballots/{ballot_id}/papers", may=COUNCIL)
async def get_papers(ballot_id: UUID, tx: Tx) -> Box:
    """After the close of a secret ballot: all papers by receipt, so that each can find their own."""
    return Box(items=await queries.papers(tx, ballot_id))


@routes.post("/ballots/{ballot_id}/dissents", may=VOTERS, status_code=201)
async def file_dissent(ballot_id: UUID, body: Opinion, tx: Tx) -> Dissents:
    """Files a dissenting opinion, within the days that the council gives for it; it stays."""
    await votes.dissent(tx, ballot_id, body.words)
    return Dissents(items=await queries.dissents(tx, ballot_id))


@routes.get("/ballots/{ballot_id}/dissents", may=COUNCIL)
async def list_dissents(ballot_id: UUID, tx: Tx) -> Dissents:
    """The dissenting opinions on a ballot."""
    return Dissents(items=await queries.dissents(tx, ballot_id))


@routes.post("/items/{item_id}/recusals", may=VOTERS, status_code=201)
async def recuse(item_id: UUID, body: Conflict, tx: Tx) -> Recusals:
    """Stands aside on an item because of a conflict of interest, for good."""
    await votes.recuse(tx, item_id, body.reason)
    return Recusals(items=await queries.recusals(tx, item_id))


@routes.get("/items/{item_id}/recusals", may=COUNCIL)
async def list_recusals(item_id: UUID, tx: Tx) -> Recusals:
    """The register of recusals of an item."""
    return Recusals(items=await queries.recusals(tx, item_id))


@routes.post("/powers", may=COUNCIL, status_code=201)
async def register_power(body: NewPower, tx: Tx) -> power_queries.PowerView:
    """Registers a written power: for the one who gives it, and for the secretary."""
    power_id = await powers.register(tx, **dict(body))
    return await power_queries.power(tx, power_id)


@routes.get("/powers", may=COUNCIL)
async def list_powers(
    tx: Tx,
    on: Day | None = None,
    seat_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[power_queries.PowerView]:
    """Written powers, the newest first; those that count on a day, or of one seat."""
    items, next_cursor = await power_queries.powers(
        tx, on=on, seat_id=seat_id, cursor=cursor, limit=limit
    )
    return Page(items=items, next_cursor=next_cursor)


@routes.post("/powers/{power_id}/revoke", may=COUNCIL)
async def revoke_power(power_id: UUID, tx: Tx) -> power_queries.PowerView:
    """Takes a power back, at once; ballots that are open keep the voters they were opened with."""
    await powers.revoke(tx, power_id)
    return await power_queries.power(tx, power_id)
