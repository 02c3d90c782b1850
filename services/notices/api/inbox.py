"""A person's own inbox, and how the person wants to be told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.notices.api.routes import routes
from services.notices.commands import inbox
from services.notices.domain.kinds import RULES, Group, Kind, Place
from services.notices.domain.ways import Language, Preferences, Way
from services.notices.queries import inbox as queries
from services.notices.queries.preferences import preferences_of
from services.notices.queries.wording import Wording
from shared.paging import Cursor, Limit, Page
from shared.routes import ANYONE_SIGNED_IN, KeyUse, Tx
from shared.values import Whole

InLanguage = Annotated[Language, Query(description="The language of the sentences.")]


class NoticeItem(BaseModel):
    """What a person is told.

    `sentence` has the names of `facts` in braces; a fact whose name ends in `_id` is a member, in
    `_at` an instant, in `_on` a Moscow date, in `_kopecks` a sum. `deed` is what is to be done, empty
    where there is nothing; `is_waiting` tells whether it still is, which whoever does it ends for
    all. `place` and `about_id` are the thing that it is about, `member_id` for whom one acts there.
    """

    id: UUID
    kind: Kind
    group: Group
    member_id: UUID | None
    place: Place
    about_id: UUID
    sentence: str
    facts: dict[str, Any]
    deed: str | None
    is_waiting: bool
    told_at: datetime
    due_at: datetime | None
    read_at: datetime | None
    settled_at: datetime | None


class Counts(BaseModel):
    """How many notices were not read, and how many wait for something to be done."""

    unread: int
    waiting: int


class GroupWay(BaseModel):
    """How news of a group reach a person by mail."""

    group: Group
    way: Way


class PreferencesView(BaseModel):
    """How a person wants to be told; what cannot wait is mailed at once whatever is chosen.

    `digest_hour` is the hour of the digest by the clocks of Moscow.
    """

    language: Language
    digest_hour: int
    groups: list[GroupWay]


class PreferencesBody(BaseModel):
    """How a person wants to be told; groups that are left out come by the digest."""

    language: Language
    digest_hour: Annotated[Whole, Field(ge=0, le=23)]
    groups: Annotated[list[GroupWay], Field(max_length=len(Group))]


@routes.get("/notices", may=ANYONE_SIGNED_IN)
async def list_notices(
    tx: Tx,
    language: InLanguage = Language.EN,
    waiting: Annotated[bool | None, Query(description="What waits, or what does not.")] = None,
    unread: Annotated[bool, Query(description="Only what was not read.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[NoticeItem]:
    """The own inbox, newest first."""
    rows, next_cursor = await queries.notices(
        tx, is_waiting=waiting, is_unread=unread, cursor=cursor, limit=limit
    )
    wording = Wording(language)
    return Page(items=[_item(row, wording, tx.now) for row in rows], next_cursor=next_cursor)


@routes.get("/notices/counts", may=ANYONE_SIGNED_IN)
async def count_notices(tx: Tx) -> Counts:
    """How many of the own notices were not read, and how many wait."""
    return Counts(**await queries.counts(tx))


@routes.get("/notices/{notice_id}", may=ANYONE_SIGNED_IN)
async def read_notice(tx: Tx, notice_id: UUID, language: InLanguage = Language.EN) -> NoticeItem:
    """One of the own notices; looking does not make it read."""
    return _item(await queries.notice(tx, notice_id), Wording(language), tx.now)


@routes.post("/notices/read-all", may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED)
async def mark_all_read(tx: Tx) -> Counts:
    """Marks the whole inbox as read; what waits goes on waiting."""
    await inbox.read_all(tx)
    return Counts(**await queries.counts(tx))


@routes.post("/notices/{notice_id}/read", may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED)
async def mark_read(tx: Tx, notice_id: UUID, language: InLanguage = Language.EN) -> NoticeItem:
    """Marks one of the own notices as read."""
    await inbox.read(tx, notice_id)
    return _item(await queries.notice(tx, notice_id), Wording(language), tx.now)


@routes.get("/preferences", may=ANYONE_SIGNED_IN)
async def read_preferences(tx: Tx) -> PreferencesView:
    """How the person who asks wants to be told."""
    actor = tx.authorise()
    return _view(await preferences_of(tx, actor.person_id))


@routes.put("/preferences", may=ANYONE_SIGNED_IN)
async def set_preferences(tx: Tx, body: PreferencesBody) -> PreferencesView:
    """Chooses how to be told."""
    ways = {each.group: each.way for each in body.groups}
    await inbox.prefer(
        tx, Preferences(language=body.language, digest_hour=body.digest_hour, ways=ways)
    )
    return await read_preferences(tx)


def _view(preferences: Preferences) -> PreferencesView:
    return PreferencesView(
        language=preferences.language,
        digest_hour=preferences.digest_hour,
        groups=[GroupWay(group=group, way=preferences.way(group)) for group in Group],
    )


def _item(row: Mapping[str, Any], wording: Wording, now: datetime) -> NoticeItem:
    rule = RULES[Kind(row["kind"])]
    is_in_time = row["due_at"] is None or row["due_at"] > now
    return NoticeItem(
        **{name: row[name] for name in _AS_STORED},
        group=rule.group,
        place=rule.place,
        sentence=wording.text(rule.sentence),
        deed=None if rule.deed is None else wording.text(rule.deed),
        is_waiting=rule.is_to_do and row["settled_at"] is None and is_in_time,
    )


_AS_STORED = (
    "id",
    "kind",
    "member_id",
    "about_id",
    "facts",
    "told_at",
    "due_at",
    "read_at",
    "settled_at",
)
