"""The second factor: set with a telephone, asked for at sign-in, taken away, and never guessed."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.membership.commands.codes import code_of
from services.membership.commands.seals import SealIsBroken, Seals
from services.membership.domain.accounts import FAILURES_MAX
from services.membership.domain.second_factor import normal_code, spelled, step_of, steps_taken
from shared.identity import Role
from tests.membership.cluster import PASSWORD, Cluster
from tests.membership.letters import letters

PATH = "/accounts/current/second-factor"
KEY = '{"kty": "OKP", "crv": "Ed25519", "x": "x", "d": "%s"}'


def now_code(cluster: Cluster, secret: str, later: int = 0) -> str:
    """What the telephone shows so many half minutes from now."""
    return code_of(secret, step_of(cluster.service.clock()) + later)


async def begin(cluster: Cluster) -> str:
    """The secret that the college's coordinator is shown."""
    begun = await cluster.post(PATH, cluster.as_college(), password=PASSWORD)
    assert begun.status_code == 200, begun.text
    body = begun.json()
    assert body["secret"] in body["uri"]
    assert body["uri"].startswith("otpauth://totp/")
    assert body["qr_svg"].startswith("<svg")
    secret: str = body["secret"]
    return secret


async def guarded(cluster: Cluster) -> tuple[str, list[str]]:
    """The college's coordinator has a second factor: its secret and the recovery codes."""
    secret = await begin(cluster)
    confirmed = await cluster.post(
        f"{PATH}/confirm", cluster.as_college(), code=now_code(cluster, secret)
    )
    assert confirmed.status_code == 200, confirmed.text
    cluster.service.clock.pass_(minutes=1)
    return secret, confirmed.json()["recovery_codes"]


async def challenge_of(cluster: Cluster, **more: Any) -> str:
    """What the right password is answered with."""
    refused = await cluster.sign_in("college", **more)
    assert (refused.status_code, refused.json()["code"]) == (401, "second-factor-needed")
    assert refused.json()["expires_in"] == 300
    challenge: str = refused.json()["challenge"]
    return challenge


async def say(cluster: Cluster, challenge: str, code: str) -> httpx.Response:
    return await cluster.post("/sessions/second-factor", None, challenge=challenge, code=code)


# --- codes ---------------------------------------------------------------------------------------


def test_the_codes_are_those_of_the_standard() -> None:
    moment = datetime.fromtimestamp(1111111109, UTC)  # RFC 6238, appendix B
    assert code_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", step_of(moment)) == "081804"


def test_a_code_is_taken_half_a_minute_early_or_late_and_none_twice() -> None:
    moment = datetime.fromtimestamp(3000, UTC)
    assert steps_taken(moment, None) == [99, 100, 101]
    assert steps_taken(moment, 100) == [101]
    assert steps_taken(moment, 101) == []


def test_a_code_of_paper_is_read_however_it_is_typed() -> None:
    assert spelled("ABCDEFGH23456789") == "ABCD-EFGH-2345-6789"
    assert normal_code(" abcd-efgh 2345 6789") == "ABCDEFGH23456789"


def test_what_is_sealed_opens_for_its_purpose_and_with_its_key_alone() -> None:
    seals, other = Seals(KEY % ("a" * 43)), Seals(KEY % ("b" * 43))
    sealed = seals.seal(b"secret", "one")
    assert seals.open(sealed, "one") == b"secret"
    assert b"secret" not in sealed
    for stranger, purpose, content in (
        (seals, "two", sealed),
        (other, "one", sealed),
        (seals, "one", sealed[:-1]),
        (seals, "one", b""),
    ):
        with pytest.raises(SealIsBroken):
            stranger.open(content, purpose)
    with pytest.raises(SealIsBroken):
        seals.open_text("&&&", "one")


# --- setting -------------------------------------------------------------------------------------


async def test_a_second_factor_is_asked_for_once_it_is_confirmed(cluster: Cluster) -> None:
    elsewhere = (await cluster.sign_in("college")).json()
    secret = await begin(cluster)
    assert await begin(cluster) == secret, "a page that is opened again shows the same"
    assert (await cluster.sign_in("college")).status_code == 201, "not confirmed yet"
    wrong = await cluster.post(f"{PATH}/confirm", cluster.as_college(), code="000000")
    assert (wrong.status_code, wrong.json()["errors"][0]["at"]) == (422, "body.code")
    code = now_code(cluster, secret)
    confirmed = await cluster.post(f"{PATH}/confirm", cluster.as_college(), code=code)
    assert len(set(confirmed.json()["recovery_codes"])) == 10
    shown = (await cluster.get(PATH, cluster.as_college())).json()
    assert (shown["is_on"], shown["recovery_codes_left"]) == (True, 10)
    over = await cluster.post("/sessions/refresh", refresh_token=elsewhere["refresh_token"])
    assert over.status_code == 401, "other sessions have ended"
    [letter] = await letters(cluster, "second_factor_on")
    assert (letter["address"], letter["token"], letter["words"]) == (
        "college@artel.demo",
        None,
        None,
    )
    for path, body in (
        ("", {"password": PASSWORD}),
        ("/confirm", {"code": now_code(cluster, secret, 1)}),
    ):
        again = await cluster.post(f"{PATH}{path}", cluster.as_college(), **body)
        assert (again.status_code, again.json()["code"]) == (409, "second-factor-on")


async def test_after_a_quarter_of_an_hour_another_secret_is_shown(cluster: Cluster) -> None:
    secret = await begin(cluster)
    cluster.service.clock.pass_(minutes=15)
    assert await begin(cluster) != secret


async def test_who_has_none_is_told_so_and_nothing_is_taken_away(cluster: Cluster) -> None:
    shown = (await cluster.get(PATH, cluster.as_college())).json()
    assert shown == {"is_on": False, "since": None, "recovery_codes_left": 0}
    for step in ("remove", "recovery-codes"):
        refused = await cluster.post(
            f"{PATH}/{step}", cluster.as_college(), password=PASSWORD, code="000000"
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "second-factor-off")
    early = await cluster.post(f"{PATH}/confirm", cluster.as_college(), code="000000")
    assert early.status_code == 422
    wrong = await cluster.post(PATH, cluster.as_college(), password="wrong")
    assert (wrong.status_code, wrong.json()["errors"][0]["at"]) == (422, "body.password")
    stranger = cluster.service.as_(cluster.college, Role.MENTOR)
    nobody = await cluster.post(PATH, stranger, password=PASSWORD)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "session-over")


async def test_no_secret_and_no_code_lies_open_in_the_database(cluster: Cluster) -> None:
    secret, codes = await guarded(cluster)
    for table in ("second_factors", "recovery_codes", "audit", "outbox", "letters"):
        rows = await cluster.service.sql(f"SELECT x::text AS row FROM {table} x")
        written = " ".join(row["row"] for row in rows)
        for word in (secret, *codes, *(normal_code(code) for code in codes)):
            assert word not in written
            assert word.encode().hex() not in written


# --- signing in ----------------------------------------------------------------------------------


async def test_the_right_password_and_the_telephones_code_sign_in(cluster: Cluster) -> None:
    secret, _ = await guarded(cluster)
    challenge = await challenge_of(cluster, member_id=str(cluster.college), is_lasting=True)
    signed_in = await say(cluster, challenge, now_code(cluster, secret))
    assert signed_in.status_code == 201, signed_in.text
    body = signed_in.json()
    assert (body["member_id"], body["roles"]) == (str(cluster.college), ["coordinator"])
    for _ in range(2):  # it is a lasting one, as was asked for in the first step
        again = await cluster.post("/sessions/refresh", refresh_token=body["refresh_token"])
        assert again.status_code == 200


async def test_a_wrong_password_tells_nothing_of_a_second_factor(cluster: Cluster) -> None:
    await guarded(cluster)
    refused = await cluster.sign_in("college", "wrong")
    assert (refused.json()["code"], "challenge" in refused.json()) == ("wrong-credentials", False)


async def test_a_code_signs_in_once_also_by_two_at_once(cluster: Cluster) -> None:
    secret, _ = await guarded(cluster)
    challenge = await challenge_of(cluster)
    code = now_code(cluster, secret)
    answers = await asyncio.gather(*(say(cluster, challenge, code) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401]
    older = await say(cluster, challenge, now_code(cluster, secret, -1))
    assert (older.status_code, older.json()["code"]) == (401, "wrong-code")


async def test_a_recovery_code_signs_in_once_in_place_of_the_telephone(cluster: Cluster) -> None:
    _, [first, *_] = await guarded(cluster)
    challenge = await challenge_of(cluster)
    assert (await say(cluster, challenge, first.lower())).status_code == 201
    assert (await say(cluster, challenge, first)).status_code == 401
    assert (await say(cluster, challenge, "not a code")).status_code == 401
    shown = (await cluster.get(PATH, cluster.as_college())).json()
    assert shown["recovery_codes_left"] == 9


async def test_a_challenge_is_good_for_five_minutes_and_its_password(cluster: Cluster) -> None:
    secret, _ = await guarded(cluster)
    for challenge in ("", "nonsense", "🔧", "AAAA" * 20):
        refused = await say(cluster, challenge, "000000")
        assert (refused.status_code, refused.json()["code"]) == (401, "challenge-over")
    old = await challenge_of(cluster)
    cluster.service.clock.pass_(minutes=5)
    late = await say(cluster, old, now_code(cluster, secret))
    assert late.json()["code"] == "challenge-over"
    before = await challenge_of(cluster)
    new = "another one, as long"
    await cluster.post("/accounts/current/password", cluster.as_college(), old=PASSWORD, new=new)
    changed = await say(cluster, before, now_code(cluster, secret))
    assert changed.json()["code"] == "challenge-over"


async def test_codes_are_guessed_ten_times_and_then_not_even_the_right_one_counts(
    cluster: Cluster,
) -> None:
    secret, codes = await guarded(cluster)
    challenge = await challenge_of(cluster)
    answers = await asyncio.gather(
        *(say(cluster, challenge, f"{n:06}") for n in range(FAILURES_MAX + 5))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [401] * FAILURES_MAX + [429] * 5
    for code in (now_code(cluster, secret), codes[0]):
        locked = await say(cluster, challenge, code)
        assert (locked.status_code, locked.json()["code"]) == (429, "too-many-failures")
    cluster.service.clock.pass_(minutes=11)
    challenge = await challenge_of(cluster)
    assert (await say(cluster, challenge, now_code(cluster, secret))).status_code == 201


async def test_another_password_by_a_letter_leaves_the_second_factor(cluster: Cluster) -> None:
    await guarded(cluster)
    await cluster.post("/password-resets", email="college@artel.demo")
    await cluster.service.due()
    token = (await letters(cluster, "reset_password"))[-1]["token"]
    new = "another one, as long"
    assert (
        await cluster.post("/password-resets/finish", token=token, password=new)
    ).status_code == 204
    assert (await cluster.sign_in("college", new)).json()["code"] == "second-factor-needed"


# --- taking it away ------------------------------------------------------------------------------


async def test_who_has_both_takes_it_away_or_renews_the_codes_of_paper(cluster: Cluster) -> None:
    secret, old = await guarded(cluster)
    for password, code, at in (
        ("wrong", now_code(cluster, secret), "body.password"),
        (PASSWORD, "000000", "body.code"),
    ):
        for step in ("recovery-codes", "remove"):
            refused = await cluster.post(
                f"{PATH}/{step}", cluster.as_college(), password=password, code=code
            )
            assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, at)
    renewed = await cluster.post(
        f"{PATH}/recovery-codes", cluster.as_college(), password=PASSWORD, code=old[0]
    )
    new = renewed.json()["recovery_codes"]
    assert not set(new) & set(old)
    assert (await say(cluster, await challenge_of(cluster), old[1])).status_code == 401
    removed = await cluster.post(
        f"{PATH}/remove", cluster.as_college(), password=PASSWORD, code=new[0]
    )
    assert removed.status_code == 204
    assert (await cluster.sign_in("college")).status_code == 201
    assert len(await letters(cluster, "second_factor_removed")) == 1


async def test_an_administrator_takes_it_from_one_who_lost_everything(cluster: Cluster) -> None:
    await guarded(cluster)
    person = cluster.people["college"]
    path, email = "/second-factors/remove", "College@artel.demo"
    assert (await cluster.post(path, cluster.as_college(), email=email)).status_code == 403
    administrator = cluster.as_administrator()
    assert (await cluster.post(path, administrator, email=email)).status_code == 204
    again = await cluster.post(path, administrator, email=email)
    assert (again.status_code, again.json()["code"]) == (409, "second-factor-off")
    nobody = await cluster.post(path, administrator, email="nobody@artel.demo")
    assert nobody.status_code == 404
    assert (await cluster.sign_in("college")).status_code == 201
    [noted] = await cluster.service.sql(
        "SELECT * FROM audit WHERE action = 'second_factor.removed'"
    )
    assert (noted["object_id"], noted["person_id"]) == (person, cluster.administrator)
