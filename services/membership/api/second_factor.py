"""The second factor: set, confirmed and taken away; codes for a lost telephone."""

import io
from typing import Annotated

from fastapi import Request
from pydantic import AfterValidator, BaseModel, StringConstraints

from services.membership.api.routes import ADMINISTRATORS, Password, encodable, routes
from services.membership.commands import second_factor
from services.membership.commands.seals import Seals
from services.membership.queries.second_factor import SecondFactor, own_second_factor
from shared.routes import ANYONE_SIGNED_IN, KeyUse, Tx
from shared.values import Line

Code = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40),
    AfterValidator(encodable),
]
_PATH = "/accounts/current/second-factor"


class WithPassword(BaseModel):
    """The password, since whoever has the telephone then has the account."""

    password: Password


class WithCode(BaseModel):
    """The code that the telephone shows."""

    code: Code


class WithEmail(BaseModel):
    """By which address the person signs in."""

    email: Line


class WithBoth(BaseModel):
    """The password, and a code of the telephone or of paper."""

    password: Password
    code: Code


class Setting(BaseModel):
    """What a telephone reads: as an address, as a picture (SVG), and to be typed; valid for this person alone."""

    secret: str
    uri: str
    qr_svg: str


class RecoveryCodes(BaseModel):
    """Each is good once in place of the telephone's code; they are shown now and never again."""

    recovery_codes: list[str]


@routes.get(_PATH, may=ANYONE_SIGNED_IN)
async def get_second_factor(tx: Tx) -> SecondFactor:
    """Whether a code is asked for when I sign in."""
    return await own_second_factor(tx)


@routes.post(_PATH, may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED)
async def begin_second_factor(body: WithPassword, request: Request, tx: Tx) -> Setting:
    """Begins to set a second factor: what the telephone has to read."""
    setting = await second_factor.begin(tx, seals_of(request), body.password)
    return Setting(secret=setting.secret, uri=setting.uri, qr_svg=_picture(setting.uri))


@routes.post(f"{_PATH}/confirm", may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED)
async def confirm_second_factor(body: WithCode, request: Request, tx: Tx) -> RecoveryCodes:
    """Confirms it with the telephone's code; it is asked for from now on, other sessions end."""
    codes = await second_factor.confirm(tx, seals_of(request), body.code)
    return RecoveryCodes(recovery_codes=codes)


@routes.post(f"{_PATH}/recovery-codes", may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED)
async def renew_recovery_codes(body: WithBoth, request: Request, tx: Tx) -> RecoveryCodes:
    """Makes ten other recovery codes in place of those before."""
    codes = await second_factor.renew_codes(
        tx, seals_of(request), password=body.password, code=body.code
    )
    return RecoveryCodes(recovery_codes=codes)


@routes.post(f"{_PATH}/remove", may=ANYONE_SIGNED_IN, key=KeyUse.IGNORED, status_code=204)
async def remove_second_factor(body: WithBoth, request: Request, tx: Tx) -> None:
    """Takes my second factor away; my other sessions end."""
    await second_factor.remove(tx, seals_of(request), password=body.password, code=body.code)


@routes.post("/second-factors/remove", may=ADMINISTRATORS, key=KeyUse.IGNORED, status_code=204)
async def remove_second_factor_of(body: WithEmail, tx: Tx) -> None:
    """Takes a second factor from one who has lost telephone and codes; all their sessions end."""
    await second_factor.remove_of(tx, body.email)


def seals_of(request: Request) -> Seals:
    """What seals secrets here."""
    seals: Seals = request.app.state.seals
    return seals


def _picture(uri: str) -> str:
    import segno

    picture = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        picture, kind="svg", scale=4, border=2, dark="#000", light="#fff", xmldecl=False
    )
    return picture.getvalue().decode()
