"""Passwords that are guessed first are refused wherever somebody sets one; long and rare ones are not."""

import pytest

from services.membership.domain.accounts import PasswordIsWeak, check_password
from services.membership.domain.passwords import WORDS, is_guessed_first
from tests.membership.cluster import PASSWORD, Cluster
from tests.membership.letters import newest_token

EMAIL = "oleg.sidorov@college.example"


@pytest.mark.parametrize(
    "password",
    [
        "1234567890", "0987654321", "12345678910", "89151234567", "1q2w3e4r5t", "q1w2e3r4t5y6",
        "1qaz2wsx3edc", "qazwsxedcrfv", "qwertyuiop", "QWERTY12345", "12345qwert", "asdfghjkl;",
        "password123", "Password!!!1", "P@ssw0rd2026", "2026password", "administrator", "Admin12345!",
        "welcome1234", "iloveyou123", "letmein!!!!", "йцукенгшщз", "йцукен12345", "фывапролдж",
        "пароль12345", "Пароль!!!!!", "gfhjkm12345", "gfhjkm!!!!!", "ghbdtn12345", "gfhjkm67676",
        "администратор", "люблютебя1", "Смоленск2026", "smolensk67!", "Солнышко123", "ёжё-ёжё-ёжё-",
        "1111111111", "aaaaaaaaaaaaaaaa", "1212121212", "abcabcabcabc", "абвгдежзий",
        "oleg.sidorov@college.example", "olegsidorov1", "Oleg_Sidorov", "oleg.sidorov12345@",
        "college.example!",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert is_guessed_first(password, EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery", "another battery staple", "long enough, and rare", "mrkt-w4zz-82cd",
        "another one, as long", "generated and long", "Синий чайник едет на дачу", "паровоз-на-луне-7",
        "tr0ub4dor&3x", "hV3!kq9zRw", "кварц-медь-89-лён", "не пароль, а целая фраза",
    ],
)  # fmt: skip
def test_what_is_long_and_rare_is_taken(password: str) -> None:
    check_password(password, EMAIL, at="body.password")


def test_the_list_is_as_it_is_compared() -> None:
    assert len(WORDS) > 250
    assert [word for word in WORDS if word != word.casefold() or "ё" in word] == []


def test_why_a_password_is_refused_has_a_code() -> None:
    for password, why in (("short", "password-short"), ("qwertyuiop", "password-common")):
        with pytest.raises(PasswordIsWeak) as refused:
            check_password(password, EMAIL, at="body.new")
        assert refused.value.facts["errors"][0]["code"] == why


async def test_a_common_password_is_refused_wherever_one_is_set(cluster: Cluster) -> None:
    await cluster.post("/password-resets", email="college@artel.demo")
    await cluster.service.due()
    await cluster.post(
        "/invitations", cluster.as_college(), email="new@artel.demo", roles=["mentor"]
    )
    common, name = "gfhjkm12345", {"family_name": "Сомов", "given_name": "Лев"}
    account = {
        "email": "x@artel.demo",
        "password": common,
        **name,
        "member_id": str(cluster.college),
        "roles": ["mentor"],
    }
    for path, headers, body in (
        ("/accounts", cluster.as_college(), account),
        (
            "/accounts/current/password",
            cluster.as_college(),
            {"old": PASSWORD, "new": common},
        ),
        (
            "/password-resets/finish",
            None,
            {"token": await newest_token(cluster, "reset_password"), "password": common},
        ),
        (
            "/invitations/accept",
            None,
            {"token": await newest_token(cluster, "invite"), "password": common, **name},
        ),
    ):
        refused = await cluster.post(path, headers, **body)
        assert refused.status_code == 422, path
        assert refused.json()["errors"][0]["code"] == "password-common"
