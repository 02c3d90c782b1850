"""Minutes: drafted by the secretary, fixed under a number, signed by two, published, corrected by new ones."""

from typing import Any
from uuid import UUID

from contracts.council import MinutesPublished, MinutesSigned
from services.council.commands.decisions import next_number
from services.council.commands.papers import make_minutes
from services.council.commands.seating import require_office
from services.council.domain import minutes as domain
from services.council.domain.minutes import (
    NO_TEXTS,
    MeetingIsNotOver,
    MinutesAreCorrected,
    MinutesAreMade,
    MinutesStatus,
    SigningIsForTwo,
    SomebodyHasSigned,
    Texts,
    document_data,
    number_text,
)
from services.council.queries.held import held, item_ids, those_there
from services.council.records.minutes import minutes_of, texts_json, texts_of
from shared.database import Transaction
from shared.documents.render import Format
from shared.etag import expect
from shared.files import records as files
from shared.files.types import FileType
from shared.files.uploads import upload_of
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date
from shared.signing import records as signings

ACCEPTED_BY = "council-rules"
"""The council signs its own minutes; by these words a signature says on what it counts."""


async def make(tx: Transaction, meeting_id: UUID) -> UUID:
    """A draft of the minutes of a meeting that is over, without names and words yet."""
    meeting = await tx.row("SELECT * FROM meetings WHERE id = $1 FOR UPDATE", meeting_id)
    if meeting is None:
        raise NotFound
    await require_office(tx)
    if meeting["status"] != "closed":
        raise MeetingIsNotOver
    if await tx.value("SELECT true FROM minutes WHERE meeting_id = $1", meeting_id):
        raise MinutesAreMade
    return await _insert(tx, meeting_id, NO_TEXTS)


async def correct(tx: Transaction, minutes_id: UUID, reason: str) -> UUID:
    """New minutes that take the place of signed ones; they begin with the same texts."""
    row = await _locked(tx, minutes_id)
    await require_office(tx)
    domain.require_signed(minutes_of(row))
    if await tx.value("SELECT true FROM minutes WHERE corrects_id = $1", minutes_id):
        raise MinutesAreCorrected
    return await _insert(
        tx, row["meeting_id"], texts_of(row["texts"]), corrects_id=minutes_id, correction=reason
    )


async def _insert(
    tx: Transaction,
    meeting_id: UUID,
    texts: Texts,
    *,
    corrects_id: UUID | None = None,
    correction: str | None = None,
) -> UUID:
    minutes_id = tx.new_id("minutes")
    await tx.execute(
        "INSERT INTO minutes (id, meeting_id, corrects_id, correction, texts, status, made_at,"
        " version) VALUES ($1, $2, $3, $4, $5, 'draft', $6, 1)",
        minutes_id,
        meeting_id,
        corrects_id,
        correction,
        texts_json(texts),
        tx.now,
    )
    tx.note(
        "minutes.drafted",
        minutes_id,
        after={"meeting_id": meeting_id, "corrects_id": corrects_id},
    )
    return minutes_id


async def write(
    tx: Transaction, minutes_id: UUID, texts: Texts, if_match: str | None = None
) -> None:
    """The secretary enters the names as they shall be printed, and what was heard and said."""
    row = await _of_office(tx, minutes_id, if_match)
    domain.require_draft(minutes_of(row))
    meeting_id = row["meeting_id"]
    domain.check_texts(texts, await those_there(tx, meeting_id), await item_ids(tx, meeting_id))
    await tx.execute(
        "UPDATE minutes SET texts = $2, version = version + 1 WHERE id = $1",
        minutes_id,
        texts_json(texts),
    )
    tx.note("minutes.written", minutes_id, after={"version": row["version"] + 1})


async def fix(tx: Transaction, minutes_id: UUID, if_match: str | None = None) -> None:
    """Makes the bytes that are to be signed, under the next number of the year, without gaps."""
    row = await _of_office(tx, minutes_id, if_match)
    domain.require_draft(minutes_of(row))
    meeting = await tx.row("SELECT * FROM meetings WHERE id = $1", row["meeting_id"])
    texts = texts_of(row["texts"])
    domain.require_complete(
        texts,
        await those_there(tx, row["meeting_id"]),
        await item_ids(tx, row["meeting_id"]),
        has_secretary=meeting["secretary_seat_id"] is not None,
    )
    year, number = row["year"], row["number"]
    if number is None:
        year = moscow_date(tx.now).year
        number = await next_number(tx, "minutes", year)
    facts = await held(tx, row["meeting_id"], row["corrects_id"])
    data = document_data(facts, texts, number_text(year, number))
    content = await make_minutes(data, Format.PDF, tx.now)
    upload = upload_of(content, f"Протокол № {number_text(year, number)}.pdf", FileType.PDF)
    signing_id = await signings.open_signing(
        tx,
        about_id=minutes_id,
        file_id=await files.keep(tx, upload),
        party_ids=[
            seat_id
            for seat_id in (meeting["secretary_seat_id"], meeting["chair_seat_id"])
            if seat_id is not None
        ],
        in_order=True,
    )
    await tx.execute(
        "UPDATE minutes SET year = $2, number = $3, document = $4, signing_id = $5,"
        " status = 'fixed', version = version + 1 WHERE id = $1",
        minutes_id,
        year,
        number,
        data,
        signing_id,
    )
    _note(tx, row, MinutesStatus.FIXED)


async def reopen(tx: Transaction, minutes_id: UUID, if_match: str | None = None) -> None:
    """Back to a draft, as long as nobody has signed; the number stays."""
    row = await _of_office(tx, minutes_id, if_match)
    domain.require_fixed(minutes_of(row))
    if (await signings.signing(tx, row["signing_id"])).signatures:
        raise SomebodyHasSigned
    await signings.cancel(tx, row["signing_id"])
    await tx.execute(
        "UPDATE minutes SET document = NULL, signing_id = NULL, status = 'draft',"
        " version = version + 1 WHERE id = $1",
        minutes_id,
    )
    _note(tx, row, MinutesStatus.DRAFT)


async def sign(tx: Transaction, minutes_id: UUID, sha256: str) -> None:
    """The secretary signs, then the chair, each the bytes that were read; then they are for good.

    Those of the meeting sign, also when others have these seats by now. Raises SigningIsForTwo and
    what `sign_in_system` raises.
    """
    row = await _locked(tx, minutes_id)
    actor = tx.authorise()
    seat = await tx.row(
        "SELECT s.id FROM meetings m JOIN seats s ON s.id IN (m.chair_seat_id, m.secretary_seat_id)"
        " WHERE m.id = $1 AND s.person_id = $2 AND s.member_id = $3",
        row["meeting_id"],
        actor.person_id,
        actor.member_id,
    )
    if seat is None:
        raise SigningIsForTwo
    domain.require_fixed(minutes_of(row))
    signing = await signings.sign_in_system(
        tx, row["signing_id"], seat["id"], sha256=sha256, accepted_by=ACCEPTED_BY
    )
    if signing.waits_for:
        return
    await tx.execute(
        "UPDATE minutes SET status = 'signed', signed_at = $2, version = version + 1 WHERE id = $1",
        minutes_id,
        tx.now,
    )
    tx.record(
        MinutesSigned(
            minutes_id=minutes_id,
            meeting_id=row["meeting_id"],
            year=row["year"],
            number=row["number"],
            corrects_id=row["corrects_id"],
            signed_at=tx.now,
        ),
        before={"status": row["status"]},
        after={"status": MinutesStatus.SIGNED, "sha256": signing.sha256},
    )


async def publish(tx: Transaction, minutes_id: UUID, if_match: str | None = None) -> None:
    """From now on every member reads the minutes."""
    row = await _of_office(tx, minutes_id, if_match)
    domain.require_may_publish(minutes_of(row))
    await tx.execute(
        "UPDATE minutes SET status = 'published', published_at = $2, version = version + 1"
        " WHERE id = $1",
        minutes_id,
        tx.now,
    )
    tx.record(
        MinutesPublished(
            minutes_id=minutes_id,
            meeting_id=row["meeting_id"],
            year=row["year"],
            number=row["number"],
            published_at=tx.now,
        ),
        before={"status": row["status"]},
        after={"status": MinutesStatus.PUBLISHED},
    )


def _note(tx: Transaction, row: Any, status: MinutesStatus) -> None:
    tx.note(
        f"minutes.{status}",
        row["id"],
        before={"status": row["status"]},
        after={"status": status},
    )


async def _of_office(tx: Transaction, minutes_id: UUID, if_match: str | None) -> Any:
    row = await _locked(tx, minutes_id)
    await require_office(tx)
    expect(if_match, row["version"])
    return row


async def _locked(tx: Transaction, minutes_id: UUID) -> Any:
    row = await tx.row("SELECT * FROM minutes WHERE id = $1 FOR UPDATE", minutes_id)
    if row is None:
        raise NotFound
    return row
