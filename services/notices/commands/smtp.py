"""The mail server: where it is, and handing it a mail. What it says of people is not repeated."""

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

SEND_SECONDS = 8.0
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Refused(Exception):
    """The server will never take this mail for this address."""


class Delayed(Exception):
    """The server did not take the mail now; `args` say why, without whose it is."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes out."""

    host: str
    port: int
    username: str | None
    password: str | None
    is_tls: bool
    starttls: bool | None
    """True where nothing is said before TLS, None where TLS is used if the server offers it."""

    @classmethod
    def of(cls, url: str) -> "Server":
        """Reads `smtp://`, `smtp+starttls://` or `smtps://`; raises ValueError.

        A password is never said without TLS.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("ARTEL_SMTP_URL is no smtp://, smtp+starttls:// or smtps:// address")
        needs_tls = parts.scheme == "smtp+starttls" or parts.password is not None
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            is_tls=parts.scheme == "smtps",
            starttls=None if parts.scheme == "smtps" or not needs_tls else True,
        )

    async def send(self, message: EmailMessage) -> None:
        """Hands the mail over; raises Refused, Delayed."""
        import aiosmtplib

        try:
            async with asyncio.timeout(SEND_SECONDS):
                await aiosmtplib.send(
                    message,
                    hostname=self.host,
                    port=self.port,
                    username=self.username,
                    password=self.password,
                    use_tls=self.is_tls,
                    start_tls=False if self.is_tls else self.starttls,
                    timeout=SEND_SECONDS,
                )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = {refusal.code for refusal in error.recipients}
            raise _of(codes, type(error).__name__) from None
        except aiosmtplib.SMTPDataError as error:
            raise _of({error.code}, type(error).__name__) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            raise Delayed(type(error).__name__) from None


def _of(codes: set[int], name: str) -> Refused | Delayed:
    said = f"{name} {'/'.join(map(str, sorted(codes)))}"
    return Refused(said) if codes and min(codes) >= 500 else Delayed(said)
