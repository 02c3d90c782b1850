"""Meetings, items, proposals and matters as facts."""

from typing import Any

from services.council.domain.agenda import Item, ItemKind
from services.council.domain.kinds import DecisionKind, Force
from services.council.domain.meetings import (
    Call,
    Meeting,
    MeetingForm,
    MeetingKind,
    MeetingStatus,
)
from services.council.domain.proposals import Matter, MatterKind, Proposal, ProposalStatus


def meeting_of(row: Any) -> Meeting:
    """A meeting, as far as rules ask."""
    return Meeting(
        id=row["id"],
        kind=MeetingKind(row["kind"]),
        call=Call(
            form=MeetingForm(row["form"]),
            starts_at=row["starts_at"],
            absentee_until=row["absentee_until"],
            place=row["place"],
            link=row["link"],
        ),
        status=MeetingStatus(row["status"]),
        announced_at=row["announced_at"],
        version=row["version"],
    )


def item_of(row: Any) -> Item:
    """An item of an agenda."""
    kind = row["decision_kind"]
    return Item(
        title=row["title"],
        kind=ItemKind(row["kind"]),
        speaker=row["speaker"],
        minutes=row["minutes"],
        draft_text=row["draft_text"],
        decision_kind=None if kind is None else DecisionKind(kind),
        force=Force(row["force"]),
        subject_id=row["subject_id"],
        ground=row["ground"],
        parameter=row["parameter"],
        value=row["value"],
        addressee_ids=tuple(row["addressee_ids"]),
        responsible_member_id=row["responsible_member_id"],
        due_on=row["due_on"],
    )


def proposal_of(row: Any) -> Proposal:
    """A proposal, as far as its steps ask."""
    return Proposal(
        row["id"],
        row["member_id"],
        row["person_id"],
        ProposalStatus(row["status"]),
        row["reason"],
        row["answered_at"],
        row["version"],
    )


def matter_of(row: Any) -> Matter:
    """An application or a case that is or will be ready."""
    return Matter(
        row["id"],
        MatterKind(row["kind"]),
        row["member_id"],
        row["ground"],
        row["ready_on"],
        row["closed_at"],
    )
