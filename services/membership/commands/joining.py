"""Joining (R1.1, domain 1.3): an application, from a stranger's form to a member."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from contracts.membership import (
    ApplicationChecked,
    ApplicationRejected,
    ApplicationReturned,
    ApplicationSubmitted,
)
from services.membership.commands import accounts, members, passwords
from services.membership.commands.links import look, send_link, spend, write_letter
from services.membership.commands.sessions import prove
from services.membership.domain.accounts import PersonName, check_password, normal_email
from services.membership.domain.applications import Applicant, card_of, check_applicant
from services.membership.domain.decisions import (
    ApplicationIsNotReady,
    Decision,
    UnknownApplication,
)
from services.membership.domain.joining import (
    ApplicantIsKnown,
    Application,
    ApplicationIsElsewhere,
    ApplicationStatus,
    Purpose,
    Signer,
    Step,
    accession_of,
    check_signer,
    require_few_drafts,
    require_same_accession,
    slug_of,
    take,
)
from services.membership.domain.members import MemberIsKnown, MemberKind
from services.membership.records import applicant_of, application_of, card_json
from shared.database import Transaction
from shared.etag import expect
from shared.identity import Role
from shared.refusal import NotFound
from shared.russia.calendar import moscow_date
from shared.russia.names import search_key

FIRST_ROLES = frozenset({Role.COORDINATOR})


# --- what the applicant does ---------------------------------------------------------------------


async def apply(tx: Transaction, applicant: Applicant) -> UUID:
    """A stranger applies; nothing comes of it until the e-mail address is confirmed."""
    check_applicant(applicant, moscow_date(tx.now))
    await members.require_cluster_goes_on(tx)
    email = normal_email(applicant.contact.email)
    # who sends many forms at once is counted as who sends them one by one
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", email)
    require_few_drafts(
        await tx.value(
            "SELECT count(*) FROM applications WHERE email = $1 AND status = 'draft'", email
        )
    )
    application_id = tx.new_id("application")
    await tx.execute(
        "INSERT INTO applications (id, status, name, search_key, kind, inn, kpp, ogrn, card,"
        " email, made_at, version) VALUES ($1, 'draft', $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
        application_id,
        *_said(applicant),
        email,
        tx.now,
    )
    tx.note("application.made", application_id, after={"status": ApplicationStatus.DRAFT})
    await send_link(tx, Purpose.CONFIRM, application_id, email)
    return application_id


async def confirm(tx: Transaction, token: str) -> UUID:
    """The applicant has read the mail at the address: the application is submitted."""
    await members.require_cluster_goes_on(tx)
    application_id = await spend(tx, token, Purpose.CONFIRM)
    row = await locked(tx, application_id)
    await _submit(tx, row, Step.CONFIRM, kind=MemberKind(row["kind"]))
    await send_link(tx, Purpose.FOLLOW, application_id, row["email"])
    return application_id


async def mend(tx: Transaction, token: str, applicant: Applicant) -> UUID:
    """The applicant mends what the secretary gave back; the address that was confirmed stays."""
    check_applicant(applicant, moscow_date(tx.now))
    await members.require_cluster_goes_on(tx)
    application_id = await spend(tx, token, Purpose.MEND)
    row = await locked(tx, application_id)
    applicant = replace(applicant, contact=replace(applicant.contact, email=row["email"]))
    await tx.execute(
        "UPDATE applications SET name = $2, search_key = $3, kind = $4, inn = $5, kpp = $6,"
        " ogrn = $7, card = $8, reason = NULL WHERE id = $1",
        application_id,
        *_said(applicant),
    )
    await _submit(tx, row, Step.MEND, kind=applicant.kind)
    return application_id


async def _submit(tx: Transaction, row: Any, step: Step, *, kind: MemberKind) -> None:
    before = application_of(row)
    after = take(before, step)
    await tx.execute(
        "UPDATE applications SET status = $2, version = $3, submitted_at = $4 WHERE id = $1",
        after.id,
        after.status,
        after.version,
        tx.now,
    )
    tx.record(
        ApplicationSubmitted(application_id=after.id, kind=kind.value, submitted_at=tx.now),
        before={"status": before.status},
        after={"status": after.status},
    )


async def followed(tx: Transaction, token: str) -> UUID:
    """The application that a link is about, whichever of an applicant's links it is."""
    return await look(tx, token, Purpose.FOLLOW, Purpose.MEND, Purpose.SIGN)


async def sign(tx: Transaction, token: str, sha256: str, signer: Signer) -> UUID:
    """The applicant's representative signs the accession, and the applicant is a member.

    Returns the application's id. The first coordinator is invited by a letter to that address.
    """
    check_signer(signer, moscow_date(tx.now))
    await members.require_cluster_goes_on(tx)
    application_id = await spend(tx, token, Purpose.SIGN)
    row = await locked(tx, application_id)
    signed = take(application_of(row), Step.SIGN)
    require_same_accession(row["accession"], sha256)
    await _write_status(tx, row, signed, signed_at=tx.now, signer=asdict(signer))
    tx.note(
        "application.signed",
        application_id,
        before={"status": row["status"]},
        after={"status": signed.status, "accession_sha256": sha256.lower()},
    )
    active = take(signed, Step.ACTIVATE)
    card = card_of(applicant_of(row["card"]), await _free_slug(tx, row["name"]))
    member_id = await members.enter(tx, card, moscow_date(tx.now))
    await tx.execute(
        "UPDATE applications SET status = $2, version = $3, member_id = $4 WHERE id = $1",
        application_id,
        active.status,
        active.version,
        member_id,
    )
    tx.note(
        "application.activated",
        application_id,
        before={"status": signed.status},
        after={"status": active.status, "member_id": member_id},
    )
    await send_link(tx, Purpose.OPEN_ACCOUNT, member_id, row["email"])
    return application_id


async def open_first_account(
    tx: Transaction, token: str, *, password: str, name: PersonName
) -> tuple[UUID, UUID]:
    """The one who was invited becomes the new member's coordinator; returns person and member.

    Who has an account already, acting for another member, proves it by its password.
    """
    member_id = await look(tx, token, Purpose.OPEN_ACCOUNT)
    email = await tx.value("SELECT email FROM applications WHERE member_id = $1", member_id)
    person_id: UUID | None = await tx.value(
        "SELECT person_id FROM accounts WHERE email = $1", email
    )
    if person_id is not None:
        await prove(tx, email, password)
        await spend(tx, token, Purpose.OPEN_ACCOUNT)
        await accounts.add_first_roles(tx, person_id, member_id, FIRST_ROLES)
        return person_id, member_id
    check_password(password, email, at="body.password")
    password_hash = await passwords.hash_of(password)
    await spend(tx, token, Purpose.OPEN_ACCOUNT)
    person_id = await accounts.register(
        tx,
        email=email,
        password_hash=password_hash,
        name=name,
        member_id=member_id,
        roles=FIRST_ROLES,
    )
    return person_id, member_id


# --- what the secretary does ---------------------------------------------------------------------


async def check(tx: Transaction, application_id: UUID, if_match: str | None = None) -> None:
    """The secretary found the application in order: it is ready for an agenda.

    Raises MemberIsKnown or ApplicantIsKnown for one who takes part, or was checked, already (I7).
    """
    row, before = await _asked(tx, application_id, if_match)
    after = take(before, Step.CHECK)
    is_member = await tx.value(
        "SELECT true FROM members WHERE inn = $1 AND kpp IS NOT DISTINCT FROM $2"
        " AND withdrawn_at IS NULL",
        row["inn"],
        row["kpp"],
    )
    if is_member:
        raise MemberIsKnown
    try:
        await _write_status(tx, row, after)
    except asyncpg.UniqueViolationError:
        raise ApplicantIsKnown from None
    tx.record(
        ApplicationChecked(application_id=after.id, kind=row["kind"]),
        before={"status": before.status},
        after={"status": after.status},
    )


async def give_back(
    tx: Transaction, application_id: UUID, reasons: str, if_match: str | None = None
) -> None:
    """The secretary gives an application back to be mended by the link in the letter."""
    row, before = await _asked(tx, application_id, if_match)
    after = take(before, Step.RETURN)
    await _write_status(tx, row, after, reason=reasons)
    tx.record(
        ApplicationReturned(application_id=after.id),
        before={"status": before.status},
        after={"status": after.status},
        reason=reasons,
    )
    await send_link(tx, Purpose.MEND, application_id, row["email"], reasons)


async def reject(
    tx: Transaction, application_id: UUID, reason: str, if_match: str | None = None
) -> None:
    """The application comes to nothing; the applicant is told why."""
    row, before = await _asked(tx, application_id, if_match)
    await _reject(tx, row, before, reason)


async def put_on_agenda(tx: Transaction, application_id: UUID, if_match: str | None = None) -> None:
    """The secretary has taken the application to an agenda of the council."""
    row, before = await _asked(tx, application_id, if_match)
    after = take(before, Step.PUT_ON_AGENDA)
    await _write_status(tx, row, after)
    tx.note(
        "application.put_on_agenda",
        after.id,
        before={"status": before.status},
        after={"status": after.status},
    )


async def reject_open(tx: Transaction, reason: str) -> None:
    """The cluster ends (R8.1): no application comes to anything any more."""
    rows = await tx.fetch(
        "SELECT * FROM applications WHERE status NOT IN ('draft', 'active', 'rejected')"
        " ORDER BY id FOR UPDATE"
    )
    for row in rows:
        await _reject(tx, row, application_of(row), reason)


# --- what the council decides --------------------------------------------------------------------


async def admit(tx: Transaction, decision: Decision) -> None:
    """The council admits the applicant, who may now sign the accession."""
    if decision.subject_id is None:
        raise UnknownApplication
    try:
        row = await locked(tx, decision.subject_id)
        after = take(application_of(row), Step.ADMIT)
    except NotFound:
        raise UnknownApplication from None
    except ApplicationIsElsewhere:
        raise ApplicationIsNotReady from None
    await members.require_cluster_goes_on(tx)
    await _write_status(
        tx,
        row,
        after,
        decision_id=decision.id,
        admitted_on=decision.adopted_on,
        accession=accession_of(applicant_of(row["card"]), decision.adopted_on),
    )
    tx.note(
        "application.admitted",
        after.id,
        before={"status": row["status"]},
        after={"status": after.status, "decision_id": decision.id},
    )
    await send_link(tx, Purpose.SIGN, after.id, row["email"])


async def _reject(
    tx: Transaction,
    row: Any,
    before: Application,
    reason: str,
) -> None:
    after = take(before, Step.REJECT)
    await _write_status(tx, row, after, reason=reason)
    tx.record(
        ApplicationRejected(application_id=after.id),
        before={"status": before.status},
        after={"status": after.status},
        reason=reason,
    )
    await write_letter(tx, "rejected", after.id, row["email"], words=reason)


async def _asked(
    tx: Transaction, application_id: UUID, if_match: str | None
) -> tuple[Any, Application]:
    """The application that the secretariat decides on, locked; a draft is nobody's to see."""
    row = await locked(tx, application_id)
    application = application_of(row)
    if application.status is ApplicationStatus.DRAFT:
        raise NotFound
    tx.authorise()
    expect(if_match, application.version)
    return row, application


async def locked(tx: Transaction, application_id: UUID) -> Any:
    """The application's row, which nobody else changes before this transaction ends."""
    row = await tx.row("SELECT * FROM applications WHERE id = $1 FOR UPDATE", application_id)
    if row is None:
        raise NotFound
    return row


async def _write_status(
    tx: Transaction,
    row: Any,
    after: Application,
    *,
    reason: str | None = None,
    decision_id: UUID | None = None,
    admitted_on: date | None = None,
    accession: str | None = None,
    signed_at: Any = None,
    signer: Any = None,
) -> None:
    """Writes the step, and what it brings; what was there and is not said anew stays."""
    await tx.execute(
        "UPDATE applications SET status = $2, version = $3, reason = coalesce($4, reason),"
        " decision_id = coalesce($5, decision_id), admitted_on = coalesce($6, admitted_on),"
        " accession = coalesce($7, accession), signed_at = coalesce($8, signed_at),"
        " signer = coalesce($9, signer) WHERE id = $1",
        row["id"],
        after.status,
        after.version,
        reason,
        decision_id,
        admitted_on,
        accession,
        signed_at,
        signer,
    )


def _said(applicant: Applicant) -> tuple[Any, ...]:
    return (
        applicant.name,
        search_key(f"{applicant.name} {applicant.full_name}"),
        applicant.kind,
        applicant.inn,
        applicant.kpp,
        applicant.ogrn,
        card_json(applicant),
    )


async def _free_slug(tx: Transaction, name: str) -> str:
    stem = slug_of(name, frozenset())
    taken = await tx.fetch("SELECT slug FROM members WHERE starts_with(slug, $1)", stem)
    return slug_of(name, frozenset(row["slug"] for row in taken))
