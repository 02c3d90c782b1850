"""What bad input gets: a clear 4xx as problem+json, whatever the field."""

import httpx

from tests.membership.cluster import API, PASSWORD, Cluster, agreement, card

STRANGE = {
    "NUL": '"\\u0000"',
    "half of a character": '"\\ud800"',
    "the other half": '"a\\udc00b"',
    "a number": "1e400",
    "nothing": "null",
    "a list": "[[]]",
    "a body in a body": '{"a": 1}',
    "very long": '"' + "я" * 100_000 + '"',
}


def is_problem(answer: httpx.Response) -> bool:
    return (
        400 <= answer.status_code < 500
        and answer.headers["content-type"] == "application/problem+json"
        and bool(answer.json()["title"])
    )


async def test_strange_values_in_any_field_are_a_problem_of_the_request(cluster: Cluster) -> None:
    bodies = {
        "/sessions": {"email": "college@artel.demo", "password": PASSWORD, "member_id": None},
        "/sessions/refresh": {"refresh_token": "x", "member_id": None},
        "/members": card("roslavl"),
        f"/members/{cluster.college}/withdraw": {"effective_on": cluster.day(1)},
        "/agreements": agreement(cluster),
        "/accounts": {
            "email": "a@artel.demo",
            "password": "long enough",
            "family_name": "x",
            "given_name": "x",
            "patronymic": None,
            "member_id": str(cluster.college),
            "roles": ["mentor"],
        },
        f"/accounts/{cluster.people['college']}/roles": {"roles": ["mentor"], "member_id": None},
        "/accounts/current/password": {"old": PASSWORD, "new": "long enough"},
    }
    nullable = {"member_id", "kpp", "bik", "bank_account", "patronymic"}
    for path, body in bodies.items():
        headers = cluster.as_administrator() if path == "/members" else cluster.as_college()
        for field in body:
            for what, value in STRANGE.items():
                if what == "nothing" and field in nullable:
                    continue
                answer = await send(cluster, path, with_value(body, field, value), headers)
                assert is_problem(answer), (path, field, what, answer.text[:300])


def with_value(body: dict[str, object], field: str, value: str) -> str:
    import json

    members = [
        f"{json.dumps(name)}: {value if name == field else json.dumps(kept)}"
        for name, kept in body.items()
    ]
    return "{" + ", ".join(members) + "}"


async def send(
    cluster: Cluster, path: str, body: str | bytes, headers: dict[str, str]
) -> httpx.Response:
    return await cluster.service.client.post(
        f"{API}{path}", content=body, headers={**headers, "Content-Type": "application/json"}
    )


async def test_bodies_that_are_none_are_a_problem_of_the_request(cluster: Cluster) -> None:
    for body in ("", "{", "[]", "null", "[" * 50_000, b"\xff\xfe", b"{}" + b" " * 2_000_000):
        answer = await send(cluster, "/agreements", body, cluster.as_college())
        assert is_problem(answer), body[:20]


async def test_strange_addresses_are_a_problem_of_the_request(cluster: Cluster) -> None:
    for path in (
        "/members?cursor=x",
        "/members?cursor=WyJcdTAwMDAiLDVd",  # ["\\u0000", 5]
        "/members?cursor=WzUsNV0=",  # [5, 5]
        "/members?cursor=W10=",
        "/members?q=%00",
        "/members?q=",
        "/members?limit=0",
        "/members?limit=201",
        "/members?kind=cluster",
        "/members/x",
        "/agreements?cursor=WzVd",  # [5]
        "/agreements?with_id=x",
        "/accounts?cursor=WzVd",
        "/nothing",
    ):
        answer = await cluster.get(path, cluster.as_college())
        assert is_problem(answer), (path, answer.text[:300])
    assert (await cluster.get("/members?q=%ff%fe")).status_code == 200


async def test_names_bear_every_writing(cluster: Cluster) -> None:
    made = await cluster.make(subject="Станки 🛠️ и «ЧПУ» — 中文 \n вторая строка")
    assert made.json()["subject"] == "Станки 🛠️ и «ЧПУ» — 中文 \n вторая строка"


async def test_a_password_bears_every_writing(cluster: Cluster) -> None:
    new = " 🔑 \x00 ключ от всего"
    changed = await cluster.post(
        "/accounts/current/password", cluster.as_college(), old=PASSWORD, new=new
    )
    assert changed.status_code == 204
    assert (await cluster.sign_in("college", new)).status_code == 201
    assert (await cluster.sign_in("college", new.strip())).status_code == 401
