"""Seats as facts."""

from typing import Any

from services.council.domain.composition import Duty, Quota, Seat


def seat_of(row: Any) -> Seat:
    """A seat, as far as rules ask."""
    return Seat(
        id=row["id"],
        person_id=row["person_id"],
        member_id=row["member_id"],
        quota=None if row["quota"] is None else Quota(row["quota"]),
        duty=Duty(row["duty"]),
        has_vote=row["has_vote"],
        from_on=row["from_on"],
        until_on=row["until_on"],
    )
