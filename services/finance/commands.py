"""What may be asked of finance: facts, then the rule, then rows and the event. One transaction."""

from collections.abc import Sequence
from uuid import UUID

from contracts import finance as told
from contracts import workshops
from services.finance import domain as rules
from services.finance.domain import Account, EntryKind, FreeUse, Incurred, Posting, Sums, Use
from shared.database import Transaction
from shared.ids import derived_id
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date

# --- what is heard -----------------------------------------------------------------------------


async def know_member(tx: Transaction, member_id: UUID) -> None:
    """Notes that a member can owe and be owed."""
    await tx.execute("INSERT INTO members (id) VALUES ($1) ON CONFLICT DO NOTHING", member_id)


async def reach(tx: Transaction, milestone: str) -> None:
    """Notes that the service has come this far."""
    await tx.execute(
        "INSERT INTO milestones (name, reached_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        milestone,
        tx.now,
    )


async def charge(tx: Transaction, event: workshops.BookingCompleted) -> None:
    """Notes what the booker owes the owner for the use, once per booking.

    A second completion of the same booking, or a member who is not known here, fails in the
    database: the message is parked, tried again, and in the end shown to people.
    """
    owed = rules.owed_for(_use(event))
    if owed is None:
        return
    obligation_id = tx.new_id("obligation")
    sums = owed.sums
    postings = (
        rules.postings_for(
            EntryKind.INCURRED,
            debtor_id=owed.debtor_id,
            creditor_id=owed.creditor_id,
            amount_kopecks=sums.amount_kopecks,
        )
        if isinstance(owed, Incurred)
        else []
    )
    accounts = [posting.account for posting in postings]
    tx.change_last(
        _CHARGE,
        obligation_id,
        owed.debtor_id,
        owed.creditor_id,
        sums.net_kopecks,
        sums.vat_kopecks,
        sums.amount_kopecks,
        sums.vat_rate_percent,
        sums.vat_reason,
        event.booking_id,
        event.agreement_id,
        owed.incurred_on,
        tx.now,
        tx.new_id("entry") if postings else None,
        [_account_id(account) for account in accounts],
        [account.member_id for account in accounts],
        [account.counterparty_id for account in accounts],
        [str(account.kind) for account in accounts],
        [posting.amount_kopecks for posting in postings],
    )
    tx.record(
        _owed_event(obligation_id, event.booking_id, owed),
        after={"amount_kopecks": sums.amount_kopecks, "basis_id": event.booking_id},
    )


_CHARGE = """
done AS (
    INSERT INTO obligations (id, debtor_id, creditor_id, net_kopecks, vat_kopecks,
        amount_kopecks, vat_rate_percent, vat_reason, basis_kind, basis_id, agreement_id,
        incurred_on, recorded_at)
    VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, 'booking', $9, $10, $11, $12::timestamptz)
    RETURNING id
), opened AS (
    INSERT INTO accounts (id, member_id, counterparty_id, kind)
    SELECT * FROM unnest($14::uuid[], $15::uuid[], $16::uuid[], $17::text[])
    ON CONFLICT (member_id, counterparty_id, kind) DO NOTHING
), entry AS (
    INSERT INTO entries (id, obligation_id, kind, made_at)
    SELECT $13::uuid, $1::uuid, 'incurred', $12::timestamptz WHERE $13::uuid IS NOT NULL
    RETURNING id
), posted AS (
    INSERT INTO postings (entry_id, account_id, amount_kopecks)
    SELECT entry.id, leg.account_id, leg.amount_kopecks
    FROM entry, unnest($14::uuid[], $18::bigint[]) AS leg (account_id, amount_kopecks)
)
"""
"""An obligation, and where something is owed its entry with all postings, in accounts that are there."""


def _use(event: workshops.BookingCompleted) -> Use:
    return Use(
        owner_id=event.owner_id,
        booker_id=event.booker_id,
        used_at=event.used_at,
        sums=Sums(
            net_kopecks=event.net_kopecks,
            vat_kopecks=event.vat_kopecks,
            amount_kopecks=event.amount_kopecks,
            vat_rate_percent=event.vat_rate_percent,
            vat_reason=event.vat_reason,
        ),
    )


def _owed_event(
    obligation_id: UUID, booking_id: UUID, owed: Incurred | FreeUse
) -> told.ObligationIncurred | told.UseRecorded:
    if isinstance(owed, FreeUse):
        return told.UseRecorded(
            obligation_id=obligation_id,
            debtor_id=owed.debtor_id,
            creditor_id=owed.creditor_id,
            basis_kind="booking",
            basis_id=booking_id,
            incurred_on=owed.incurred_on,
        )
    return told.ObligationIncurred(
        obligation_id=obligation_id,
        debtor_id=owed.debtor_id,
        creditor_id=owed.creditor_id,
        amount_kopecks=owed.sums.amount_kopecks,
        vat_kopecks=owed.sums.vat_kopecks,
        basis_kind="booking",
        basis_id=booking_id,
        incurred_on=owed.incurred_on,
    )


# --- what creditors decide ---------------------------------------------------------------------


async def reverse(tx: Transaction, obligation_id: UUID, reason: str) -> None:
    """The creditor takes an obligation back by a new entry; of two at once, one is too late."""
    row = await tx.row(
        "SELECT debtor_id, creditor_id, amount_kopecks,"
        " EXISTS (SELECT FROM reversals r WHERE r.obligation_id = o.id) AS is_reversed"
        " FROM obligations o WHERE id = $1",
        obligation_id,
    )
    member_id = tx.actor.member_id if tx.actor else None
    if row is None or member_id not in (row["debtor_id"], row["creditor_id"]):
        raise NotFound("There is no such obligation, or it is not yours to know.")
    actor = tx.authorise()
    obligation = rules.Obligation(**row)
    postings = rules.reverse(obligation, by=actor.member)
    entry_id = tx.new_id("entry")
    is_first = await tx.execute(
        "INSERT INTO reversals (obligation_id, entry_id, reason, reversed_at, reversed_by)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (obligation_id) DO NOTHING",
        obligation_id,
        entry_id,
        reason,
        tx.now,
        actor.person_id,
    )
    if not is_first:
        raise rules.AlreadyReversed
    await _enter(tx, entry_id, obligation_id, EntryKind.REVERSED, postings)
    tx.record(
        told.ObligationReversed(
            obligation_id=obligation_id,
            debtor_id=obligation.debtor_id,
            creditor_id=obligation.creditor_id,
            amount_kopecks=obligation.amount_kopecks,
            reversed_on=moscow_date(tx.now),
        ),
        before={"status": obligation.status},
        after={"status": rules.Status.REVERSED},
        reason=reason,
    )


# --- the ledger --------------------------------------------------------------------------------


async def _enter(
    tx: Transaction,
    entry_id: UUID,
    obligation_id: UUID,
    kind: EntryKind,
    postings: Sequence[Posting],
) -> None:
    """Writes an entry with all its postings; the database takes no other way."""
    await tx.execute(
        "WITH entry AS (INSERT INTO entries (id, obligation_id, kind, made_at)"
        " VALUES ($1, $2, $3, $4) RETURNING id)"
        " INSERT INTO postings (entry_id, account_id, amount_kopecks)"
        " SELECT entry.id, leg.account_id, leg.amount_kopecks"
        " FROM entry, unnest($5::uuid[], $6::bigint[]) AS leg (account_id, amount_kopecks)",
        entry_id,
        obligation_id,
        str(kind),
        tx.now,
        [_account_id(posting.account) for posting in postings],
        [posting.amount_kopecks for posting in postings],
    )


def _account_id(account: Account) -> UUID:
    """Born of the pair, so that it is the same whichever obligation comes first after a replay."""
    return derived_id(
        account.member_id, "finance", "account", str(account.counterparty_id), account.kind
    )
