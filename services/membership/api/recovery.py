"""A forgotten password, and another address."""

from pydantic import BaseModel, EmailStr

from services.membership.api.joining import ByLink, Token
from services.membership.api.routes import Password, routes
from services.membership.commands import recovery
from shared.routes import ANYONE_SIGNED_IN, PUBLIC, KeyUse, Tx
from shared.values import Line


class Forgotten(BaseModel):
    """The address by which one signs in."""

    email: Line


class ResetByLink(BaseModel):
    """The token of the letter's link, and the password from now on."""

    token: Token
    password: Password


class NewAddress(BaseModel):
    """Another address, and the password, since whoever has the address has the account."""

    email: EmailStr
    password: Password


@routes.post("/password-resets", may=PUBLIC, key=KeyUse.IGNORED, status_code=204)
async def forget_password(body: Forgotten, tx: Tx) -> None:
    """Asks for a letter with a link, good for an hour; the answer is the same for every address."""
    await recovery.wish_reset(tx, body.email)


@routes.post("/password-resets/finish", may=PUBLIC, key=KeyUse.IGNORED, status_code=204)
async def reset_password(body: ResetByLink, tx: Tx) -> None:
    """Takes another password by the letter's link; all sessions of the person end."""
    await recovery.finish_reset(tx, body.token, body.password)


@routes.post("/accounts/current/email", may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED, status_code=204)
async def change_address(body: NewAddress, tx: Tx) -> None:
    """Asks for another address; it takes effect when the letter sent there is answered, within a day."""
    await recovery.ask_address(tx, password=body.password, email=body.email)


@routes.post("/email-changes/confirm", may=PUBLIC, key=KeyUse.IGNORED, status_code=204)
async def confirm_address(body: ByLink, tx: Tx) -> None:
    """Confirms the new address by the letter's link; the old address gets a notice."""
    await recovery.confirm_address(tx, body.token)
