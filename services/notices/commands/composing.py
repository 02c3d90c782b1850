"""What stands in a mail: plain text, the same as simple HTML, and the headers around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from uuid import UUID

from services.notices.queries.wording import Wording

_SUBJECT_LENGTH = 150
_STYLE = "font:16px/1.45 system-ui,sans-serif;color:#1f2933;max-width:36em;margin:1.5em auto"
_BUTTON = "display:inline-block;padding:.6em 1em;background:#1f5fa8;color:#fff;text-decoration:none"


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, and where one gets to from it."""

    text: str
    button: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """What stands in a mail, before it is addressed."""

    subject: str
    parts: Sequence[Part]

    def text(self) -> str:
        """As plain text."""
        return "\n\n".join(_plain(part) for part in self.parts) + "\n"

    def html(self, language: str) -> str:
        """As HTML that any program shows: no picture, no script, nothing that is fetched."""
        body = "".join(_markup(part) for part in self.parts)
        return (
            f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
            f'<title>{escape(self.subject)}</title><body style="{_STYLE}">{body}</body></html>'
        )


def _plain(part: Part) -> str:
    if part.link is None:
        return part.text
    return (
        f"{part.text}\n{part.button}: {part.link}" if part.text else f"{part.button}: {part.link}"
    )


def _markup(part: Part) -> str:
    text = f"<p>{escape(part.text).replace(chr(10), '<br>')}</p>" if part.text else ""
    if part.link is None:
        return text
    link = f'<a href="{escape(part.link)}" style="{_BUTTON}">{escape(part.button or "")}</a>'
    return f"{text}<p>{link}</p>"


def subject_of(sentence: str) -> str:
    """A sentence as the subject of a mail: one line, without its full stop, not too long."""
    line = " ".join(sentence.split()).removesuffix(".")
    return line if len(line) <= _SUBJECT_LENGTH else line[: _SUBJECT_LENGTH - 1] + "…"


def message_of(
    mail: Mail,
    wording: Wording,
    *,
    mailing_id: UUID,
    sender: str,
    address: str,
    at: datetime,
    unsubscribe: str | None,
) -> EmailMessage:
    """The mail with its headers; sent twice, it has the same name, so that a mailbox shows one."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mailing_id}@{sender.rpartition('@')[2].strip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    if unsubscribe is not None:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
    message.set_content(mail.text())
    message.add_alternative(mail.html(wording.language.value), subtype="html")
    return message
