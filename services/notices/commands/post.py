"""The way out: what is due is written, addressed at that moment, and handed to the mail server.

One mail is one transaction. A kill between the server's yes and the commit sends the mail again
under the same name; addresses are neither stored nor logged.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.asked import AddressAsked, Contact, LetterAsked, LetterContents
from contracts.notices import LetterGivenUp, LetterSent
from services.notices.commands.composing import Mail, Part, message_of, subject_of
from services.notices.commands.smtp import Delayed, Refused, Server
from services.notices.domain.kinds import RULES, Kind
from services.notices.domain.letters import (
    ASKED_AGAIN_AFTER,
    DIGEST_ITEMS_MAX,
    LETTERS,
    MAILBOX_LASTS,
    retry_after,
)
from services.notices.domain.ways import Language
from services.notices.queries.preferences import preferences_of
from services.notices.queries.wording import Wording
from shared import log
from shared.asking import Asker, Unanswered
from shared.database import Transaction
from shared.settings import Settings

SENT, OVER = None, "over"
_DUE = """
SELECT * FROM mailings WHERE ended_at IS NULL AND due_at <= $1
ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_FOR_DIGEST = """
SELECT * FROM notices
WHERE person_id = $1 AND is_for_digest AND read_at IS NULL AND settled_at IS NULL
ORDER BY is_to_do DESC, id LIMIT $2
"""

logger = log.get(__name__)


class Post:
    """What goes out by mail; without a mail server the demo keeps letters for people to look at."""

    def __init__(self, settings: Settings) -> None:
        url = settings.smtp_url.get_secret_value() if settings.smtp_url else ""
        self._server = Server.of(url) if url else None
        self._sender = settings.mail_from
        self._pages = settings.public_address.rstrip("/")
        self.asker = Asker("notices", settings.nats_url.get_secret_value())
        self.keeps_letters = settings.demo and self._server is None
        """Whether letters stay in the mailbox of the demo."""

    async def close(self) -> None:
        """Closes the connection over which addresses are asked for."""
        await self.asker.close()

    async def send_due(self, tx: Transaction) -> int:
        """Sends the mail that has been due for longest; returns how many there were."""
        row = await tx.row(_DUE, tx.now)
        if row is None:
            return 0
        try:
            reason = await self._send(tx, row)
        except Unanswered:
            await _postpone(tx, row, ASKED_AGAIN_AFTER, tries=row["tries"])
            return 1
        except Delayed as error:
            logger.warning("mail waits", mailing_id=str(row["id"]), error=str(error))
            delay = retry_after(row["tries"] + 1)
            if delay is not None:
                await _postpone(tx, row, delay, tries=row["tries"] + 1)
                return 1
            reason = "too-many-tries"
        except Refused as error:
            logger.warning("mail refused", mailing_id=str(row["id"]), error=str(error))
            reason = "address-refused"
        await _end(tx, row, reason)
        return 1

    async def _send(self, tx: Transaction, row: Any) -> str | None:
        """Sends the mail; returns why there was none to send. Raises Unanswered, Refused, Delayed."""
        if self._server is None and not self.keeps_letters:
            return "no-mail-server"
        if row["purpose"] == "letter":
            return await self._send_letter(tx, row)
        notices = await _reason_for(tx, row)
        if not notices:
            return OVER
        language = (await preferences_of(tx, row["person_id"])).language
        contact = await self._ask_contact(row["person_id"], notices)
        if contact is None:
            return "no-address"
        wording = Wording(language)
        names = {str(member_id): name for member_id, name in contact.member_names.items()}
        mail = self._mail(row["purpose"], notices, wording, names)
        greeting = " ".join(filter(None, (contact.given_name, contact.patronymic)))
        hello = Part(wording.fill("Hello, {name}!", {"name": greeting}, {}))
        foot = Part("", wording.text("How you are told, and of what"), self._preferences)
        mail = Mail(mail.subject, [hello, *mail.parts, foot])
        await self._hand_over(tx, row["id"], mail, wording, contact.email, self._preferences)
        if row["purpose"] == "digest":
            await tx.execute(
                "UPDATE notices SET is_for_digest = false WHERE person_id = $1 AND is_for_digest",
                row["person_id"],
            )
        return SENT

    async def _send_letter(self, tx: Transaction, row: Any) -> str | None:
        letter = await self.asker.ask(LetterAsked(letter_id=row["letter_id"]), LetterContents)
        if letter is None or letter.expires_at <= tx.now:
            return OVER
        stationery = LETTERS.get(letter.kind)
        if stationery is None:
            return "unknown-letter"
        wording = Wording(Language.RU)
        parts = [Part(wording.text(stationery.sentence))]
        if letter.words:
            parts.append(Part(letter.words))
        if stationery.button and stationery.path:
            token = f"?token={letter.token}" if letter.token else ""
            link = f"{self._pages}{stationery.path}{token}"
            parts.append(Part("", wording.text(stationery.button), link))
        mail = Mail(wording.text(stationery.subject), parts)
        await self._hand_over(tx, row["id"], mail, wording, letter.email, None)
        return SENT

    def _mail(
        self, purpose: str, notices: list[Any], wording: Wording, names: Mapping[str, str]
    ) -> Mail:
        parts = [self._part(notice, wording, names) for notice in notices]
        if purpose == "digest":
            more = len(parts) - DIGEST_ITEMS_MAX
            if more > 0:
                all_of_it = Part(
                    "", wording.text("Everything that is new"), f"{self._pages}/notices"
                )
                parts = [*parts[:DIGEST_ITEMS_MAX], all_of_it]
            return Mail(wording.text("Artel: what is new for you"), parts)
        sentence = parts[0].text.partition("\n")[0]
        if purpose == "reminder":
            sentence = wording.fill("Still to be done: {what}", {"what": sentence}, {})
        return Mail(subject_of(sentence), parts)

    def _part(self, notice: Any, wording: Wording, names: Mapping[str, str]) -> Part:
        rule = RULES[Kind(notice["kind"])]
        text = wording.fill(rule.sentence, notice["facts"], names)
        if notice["due_at"] is not None:
            text += "\n" + wording.fill(
                "Time until {due_at}.", {"due_at": notice["due_at"].isoformat()}, {}
            )
        link = f"{self._pages}/notices/{notice['id']}"
        return Part(text, wording.text(rule.deed or "Look at it"), link)

    @property
    def _preferences(self) -> str:
        return f"{self._pages}/notices/preferences"

    async def _ask_contact(self, person_id: UUID, notices: list[Any]) -> Contact | None:
        named = {
            UUID(value)
            for notice in notices
            for name, value in notice["facts"].items()
            if name.endswith("_id") and name != "workshop_id" and value is not None
        }
        question = AddressAsked(person_id=person_id, member_ids=tuple(sorted(named)))
        return await self.asker.ask(question, Contact)

    async def _hand_over(
        self,
        tx: Transaction,
        mailing_id: UUID,
        mail: Mail,
        wording: Wording,
        address: str,
        unsubscribe: str | None,
    ) -> None:
        if self._server is None:
            await tx.execute(
                "INSERT INTO mailbox (id, address, subject, body, kept_at)"
                " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                mailing_id,
                address,
                mail.subject,
                mail.text(),
                tx.now,
            )
            return
        try:
            message = message_of(
                mail,
                wording,
                mailing_id=mailing_id,
                sender=self._sender,
                address=address,
                at=tx.now,
                unsubscribe=unsubscribe,
            )
        except ValueError:
            raise Refused("no address that a header can hold") from None
        await self._server.send(message)


async def _reason_for(tx: Transaction, row: Any) -> list[Any]:
    """The notices that the mail is about, as far as there is still reason to send it."""
    if row["purpose"] == "digest":
        return list(await tx.fetch(_FOR_DIGEST, row["person_id"], DIGEST_ITEMS_MAX + 1))
    return list(
        await tx.fetch(
            "SELECT * FROM notices WHERE id = $1 AND settled_at IS NULL"
            " AND (due_at IS NULL OR due_at > $2) AND ($3 OR read_at IS NULL)",
            row["notice_id"],
            tx.now,
            row["purpose"] == "reminder",
        )
    )


async def _postpone(tx: Transaction, row: Any, delay: Any, *, tries: int) -> None:
    await tx.execute(
        "UPDATE mailings SET due_at = $2, tries = $3 WHERE id = $1",
        row["id"],
        tx.now + delay,
        tries,
    )


async def _end(tx: Transaction, row: Any, reason: str | None) -> None:
    await tx.execute(
        "UPDATE mailings SET ended_at = $2, reason_code = $3 WHERE id = $1",
        row["id"],
        tx.now,
        reason,
    )
    if row["letter_id"] is None:
        return
    if reason is SENT:
        tx.record(LetterSent(letter_id=row["letter_id"]))
    else:
        tx.record(LetterGivenUp(letter_id=row["letter_id"], reason_code=reason))


_FORGOTTEN_AT_ONCE = 500
_KEPT = (
    ("mailbox", "kept_at", MAILBOX_LASTS),
    ("mailings", "ended_at", timedelta(days=90)),
    ("notices", "told_at", timedelta(days=365)),
    ("deliveries", "made_at", timedelta(days=30)),
)


async def forget_what_is_over(tx: Transaction) -> int:
    """Forgets letters of the demo after a day, mails after ninety, notices after a year."""
    forgotten = await tx.execute("DELETE FROM matters WHERE due_at <= $1", tx.now)
    for table, moment, lasts in _KEPT:
        forgotten += await tx.execute(
            f"DELETE FROM {table} WHERE id IN"  # noqa: S608 - names of ours
            f" (SELECT id FROM {table} WHERE {moment} < $1 LIMIT $2)",
            tx.now - lasts,
            _FORGOTTEN_AT_ONCE,
        )
    return forgotten
