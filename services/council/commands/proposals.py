"""Proposals: put by any member, discussed by all, tabled or refused by the secretary (R5.1, I6)."""

from dataclasses import dataclass
from uuid import UUID

from contracts.council import ProposalRefused, ProposalSubmitted, ProposalTabled, ProposalWithdrawn
from services.council.commands.seating import require_office
from services.council.domain import proposals as domain
from services.council.domain.composition import MemberTakesNoPart
from services.council.domain.kinds import DecisionKind
from services.council.domain.proposals import Proposal, ProposalStatus
from services.council.queries.members import members_on
from services.council.records.meetings import proposal_of
from shared.database import Transaction
from shared.etag import expect
from shared.identity import Actor
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a proposal says, and what it would have the council decide."""

    title: str
    body: str
    draft_text: str | None
    decision_kind: DecisionKind | None
    parameter: str | None
    value: str | None


async def submit(tx: Transaction, words: Words) -> UUID:
    """A member puts a proposal, on any matter of the council's (R5.1).

    Raises MemberTakesNoPart, ProposalIsWrong, ParameterIsWrong.
    """
    actor = await _taking_part(tx)
    domain.check_proposal(words.decision_kind, words.parameter, words.value)
    proposal_id = tx.new_id("proposal")
    await tx.execute(
        "INSERT INTO proposals (id, member_id, person_id, title, body, draft_text, decision_kind,"
        " parameter, value, status, submitted_at, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'submitted', $10, 1)",
        proposal_id,
        actor.member,
        actor.person_id,
        words.title,
        words.body,
        words.draft_text,
        words.decision_kind,
        words.parameter,
        words.value,
        tx.now,
    )
    tx.record(
        ProposalSubmitted(
            proposal_id=proposal_id,
            member_id=actor.member,
            person_id=actor.person_id,
            submitted_at=tx.now,
        ),
        after={"status": ProposalStatus.SUBMITTED, "decision_kind": words.decision_kind},
    )
    return proposal_id


async def remark(tx: Transaction, proposal_id: UUID, words: str) -> UUID:
    """Somebody of any member joins the discussion (R5.1). Raises ProposalIsOver, TooManyRemarks."""
    proposal = await locked(tx, proposal_id)
    actor = await _taking_part(tx)
    said = await tx.value(
        "SELECT count(*) FROM proposal_remarks WHERE proposal_id = $1", proposal_id
    )
    domain.require_discussed(proposal, said)
    remark_id = tx.new_id("remark")
    await tx.execute(
        "INSERT INTO proposal_remarks (id, proposal_id, member_id, person_id, words, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        remark_id,
        proposal_id,
        actor.member,
        actor.person_id,
        words,
        tx.now,
    )
    tx.note("proposal.discussed", proposal_id, after={"remark_id": remark_id})
    return remark_id


async def refuse(
    tx: Transaction, proposal_id: UUID, reason: str, if_match: str | None = None
) -> None:
    """The secretary takes it to no agenda; the reason is kept (I6). Raises ProposalIsAnswered."""
    before = await locked(tx, proposal_id)
    await require_office(tx)
    expect(if_match, before.version)
    after = domain.refuse(before, reason, tx.now)
    await write(tx, after)
    tx.record(
        ProposalRefused(proposal_id=after.id, member_id=after.member_id, person_id=after.person_id),
        before={"status": before.status},
        after={"status": after.status},
    )


async def withdraw(tx: Transaction, proposal_id: UUID, if_match: str | None = None) -> None:
    """The member takes its proposal back. Raises ProposalIsAnswered."""
    before = await locked(tx, proposal_id)
    if tx.actor is None or tx.actor.member_id != before.member_id:
        raise NotFound
    tx.authorise()
    expect(if_match, before.version)
    after = domain.withdraw(before, tx.now)
    await write(tx, after)
    tx.record(
        ProposalWithdrawn(proposal_id=after.id, member_id=after.member_id),
        before={"status": before.status},
        after={"status": after.status},
    )


async def table(tx: Transaction, proposal_id: UUID, meeting_id: UUID, item_id: UUID) -> None:
    """The proposal stands on that agenda. Raises NotFound, ProposalIsAnswered."""
    before = await locked(tx, proposal_id)
    after = domain.table(before, tx.now)
    await write(tx, after)
    tx.record(
        ProposalTabled(
            proposal_id=after.id,
            member_id=after.member_id,
            person_id=after.person_id,
            meeting_id=meeting_id,
            item_id=item_id,
        ),
        before={"status": before.status},
        after={"status": after.status},
    )


async def untable(tx: Transaction, proposal_id: UUID) -> None:
    """The item came off its agenda undecided: the proposal waits again."""
    before = await locked(tx, proposal_id)
    if before.status is ProposalStatus.TABLED:
        await _step(tx, before, domain.untable(before))


async def deal_with(tx: Transaction, proposal_id: UUID) -> None:
    """A meeting has dealt with it."""
    before = await locked(tx, proposal_id)
    if before.status is ProposalStatus.TABLED:
        await _step(tx, before, domain.deal_with(before, tx.now))


async def locked(tx: Transaction, proposal_id: UUID) -> Proposal:
    """The proposal, held until the end of the transaction; raises NotFound."""
    row = await tx.row("SELECT * FROM proposals WHERE id = $1 FOR UPDATE", proposal_id)
    if row is None:
        raise NotFound
    return proposal_of(row)


async def write(tx: Transaction, proposal: Proposal) -> None:
    """Writes what a step has changed."""
    await tx.execute(
        "UPDATE proposals SET status = $2, reason = $3, answered_at = $4, version = $5"
        " WHERE id = $1",
        proposal.id,
        proposal.status,
        proposal.reason,
        proposal.answered_at,
        proposal.version,
    )


async def _step(tx: Transaction, before: Proposal, after: Proposal) -> None:
    await write(tx, after)
    tx.note(
        f"proposal.{after.status}",
        after.id,
        before={"status": before.status},
        after={"status": after.status},
    )


async def _taking_part(tx: Transaction) -> Actor:
    actor = tx.authorise()
    if actor.member not in await members_on(tx, moscow_date(tx.now)):
        raise MemberTakesNoPart(member_id=actor.member)
    return actor
