"""Joining (R1.1, domain 1.3): from a stranger's form to a member, through HTTP."""

import asyncio
from typing import Any

import pytest

from shared.identity import Role
from shared.ids import new_id
from tests.membership.cluster import CARDS, Cluster
from tests.membership.newcomers import ACCOUNT, EMAIL, SIGNER, Newcomers, application

STEPS = (
    "application.submitted",
    "application.returned",
    "application.checked",
    "application.rejected",
    "member.joined",
    "person.registered",
    "roles.granted",
    "decision.executed",
    "decision.failed",
)


async def test_a_stranger_becomes_a_member_step_by_step(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    before = len(await newcomers.told(*STEPS))
    made = await cluster.post("/applications", None, **application())
    assert made.status_code == 201, made.text
    assert made.json() == {"id": made.json()["id"], "status": "draft"}
    application_id = made.json()["id"]

    confirmed = await newcomers.by_link("confirm", application_id)
    assert confirmed.json()["status"] == "submitted"
    assert (await newcomers.step(application_id, "check")).json()["status"] == "checked"
    on_agenda = await newcomers.step(application_id, "put-on-agenda")
    assert on_agenda.json()["status"] == "on_agenda"
    assert await newcomers.decide("admit", application_id) is None
    seen = await cluster.get(f"/applications/{application_id}", newcomers.as_secretary())
    assert seen.json()["status"] == "admitted"
    signed = await newcomers.sign(application_id)
    assert signed.json()["status"] == "active", signed.text

    member = (await cluster.get(f"/members/{signed.json()['member_id']}")).json()
    assert (member["status"], member["joined_on"]) == ("active", cluster.day(0))
    assert member["inn"] == CARDS["vyazma"].inn
    token = await newcomers.token("open_account", member["id"])
    opened = await cluster.post("/applications/open-account", None, token=token, **ACCOUNT)
    assert opened.status_code == 201, opened.text
    signed_in = await cluster.post("/sessions", email=EMAIL, password=ACCOUNT["password"])
    assert (signed_in.json()["member_id"], signed_in.json()["roles"]) == (
        member["id"],
        ["coordinator"],
    )
    assert (await newcomers.told(*STEPS))[before:] == [
        "application.submitted",
        "application.checked",
        "decision.executed",
        "member.joined",
        "person.registered",
        "roles.granted",
    ]


async def test_the_log_of_an_application_says_each_status_before_and_after(
    cluster: Cluster,
) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.admitted()
    await newcomers.sign(application_id)
    rows = await cluster.service.sql(
        "SELECT before ->> 'status' AS before, after ->> 'status' AS after, after::text AS said"
        " FROM audit WHERE object_id = $1::text::uuid ORDER BY id",
        application_id,
    )
    assert [(row["before"], row["after"]) for row in rows] == [
        (None, "draft"),
        ("draft", "submitted"),
        ("submitted", "checked"),
        ("checked", "admitted"),
        ("admitted", "agreement_signed"),
        ("agreement_signed", "active"),
    ]
    assert not any("Тайнов" in row["said"] or EMAIL in row["said"] for row in rows)


# --- the form ------------------------------------------------------------------------------------

WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"inn": "6799000051"}, "body.inn", "inn-wrong-check-digit"),
    ({"ogrn": "1996700000011"}, "body.ogrn", "ogrn-wrong-check-digit"),
    ({"kpp": None}, "body.kpp", "kpp-of-another-form"),
    ({"oktmo": "6670100"}, "body.oktmo", "oktmo-wrong-length"),
    ({"okpo": "00032538"}, "body.okpo", "okpo-wrong-check-digit"),
    ({"okved": "восемь"}, "body.okved", "okved-wrong"),
    ({"ogrn_on": "2199-01-01"}, "body.ogrn_on", "day-in-the-future"),
    (
        {"licence": {"number": "1", "issued_on": "2199-01-01", "issuer": "…"}},
        "body.licence.issued_on",
        "day-in-the-future",
    ),
    (
        {"bank_details": [{"bank_account": "4" * 20, "bik": "046699901", "bank": "Банк"}]},
        "body.bank_details.0.bank_account",
        "account-wrong-check-digit",
    ),
    (
        {"head": {**SIGNER, "basis": "power_of_attorney"}},
        "body.head.basis_number",
        "power-without-number",
    ),
]


@pytest.mark.parametrize(("other", "at", "code"), WRONG)
async def test_i7_a_card_that_cannot_be_right_is_refused_beside_its_field(
    cluster: Cluster, other: dict[str, Any], at: str, code: str
) -> None:
    refused = await cluster.post("/applications", None, **application(**other))
    assert refused.status_code == 422, refused.text
    assert [(fault["at"], fault["code"]) for fault in refused.json()["errors"]] == [(at, code)]
    assert await cluster.service.sql("SELECT FROM applications") == []


async def test_the_second_account_is_looked_at_like_the_first(cluster: Cluster) -> None:
    good = {"bank_account": "40702810700000000001", "bik": "046699901", "bank": "Банк"}
    for field, value in {"bank_account": "4" * 20, "bik": "1"}.items():
        details = [good, {**good, field: value}]
        refused = await cluster.post("/applications", None, **application(bank_details=details))
        assert refused.json()["errors"][0]["at"] == f"body.bank_details.1.{field}"


async def test_an_educator_without_a_licence_is_refused(cluster: Cluster) -> None:
    body = application(licence=None)
    assert body["kind"] == "college"
    refused = await cluster.post("/applications", None, **body)  # EducatorHasNoLicence
    assert refused.json()["errors"][0]["at"] == "body.licence"


async def test_i1_who_has_no_number_in_the_registers_cannot_apply(cluster: Cluster) -> None:
    for field in ("inn", "ogrn"):
        body = application()
        del body[field]
        assert (await cluster.post("/applications", None, **body)).status_code == 422


# --- the e-mail address --------------------------------------------------------------------------


async def test_nobody_sees_an_application_before_its_address_is_confirmed(
    cluster: Cluster,
) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.apply()
    secretary = newcomers.as_secretary()
    assert (await cluster.get(f"/applications/{application_id}", secretary)).status_code == 404
    assert (await cluster.get("/applications", secretary)).json()["items"] == []
    assert (await newcomers.step(application_id, "check")).status_code == 404
    assert await newcomers.told("application.submitted") == []


async def test_a_link_serves_one_purpose_once_and_expires(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.apply()
    token = await newcomers.token("confirm", application_id)
    for path, more in {
        "look": {},
        "mend": application(),
        "sign": {"sha256": "0" * 64, **SIGNER},
        "open-account": ACCOUNT,
    }.items():
        refused = await cluster.post(f"/applications/{path}", None, token=token, **more)
        assert (refused.status_code, refused.json()["code"]) == (404, "link-over"), path
    assert (await cluster.post("/applications/confirm", token=token)).status_code == 200
    again = await cluster.post("/applications/confirm", token=token)
    assert (again.status_code, again.json()["code"]) == (404, "link-over")

    late = await newcomers.apply("roslavl")
    token = await newcomers.token("confirm", late)
    cluster.service.clock.pass_(days=3)
    assert (await cluster.post("/applications/confirm", token=token)).status_code == 404
    await cluster.service.due()
    assert (
        await cluster.service.sql("SELECT FROM applications WHERE id = $1::text::uuid", late) == []
    )


async def test_a_link_is_kept_as_a_hash_and_told_by_no_answer(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    made = await cluster.post("/applications", None, **application())
    token = await newcomers.token("confirm", made.json()["id"])
    confirmed = await cluster.post("/applications/confirm", token=token)
    assert token not in made.text + confirmed.text
    [link] = await cluster.service.sql("SELECT * FROM links WHERE used_at IS NOT NULL")
    assert token.encode() not in bytes(link["token_hash"])
    outbox = await cluster.service.sql("SELECT string_agg(body, '') AS all FROM outbox")
    assert EMAIL not in outbox[0]["all"]


async def test_nobodys_mailbox_is_filled_by_a_form(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    for _ in range(3):
        await newcomers.apply()
    refused = await cluster.post("/applications", None, **application())
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-drafts")
    assert refused.headers["retry-after"]


async def test_the_mailbox_is_the_demos_alone(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    await newcomers.apply()
    assert (await cluster.get("/letters", cluster.as_administrator())).status_code == 404


# --- the secretary -------------------------------------------------------------------------------


async def test_contacts_are_seen_by_the_secretariat_and_the_applicant_alone(
    cluster: Cluster,
) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.submitted()
    for role in Role:
        for path in ("/applications", f"/applications/{application_id}"):
            answer = await cluster.get(path, cluster.service.as_(cluster.college, role))
            may = role in {Role.COUNCIL_SECRETARY, Role.ADMINISTRATOR}
            assert answer.status_code == (200 if may else 403), role
            if not may:
                assert "Тайнов" not in answer.text
    seen = await cluster.get(f"/applications/{application_id}", newcomers.as_secretary())
    assert seen.json()["card"]["contact"]["family_name"] == "Тайнов"
    followed = await cluster.post(
        "/applications/look", token=await newcomers.token("follow", application_id)
    )
    assert followed.json()["card"]["contact"]["email"] == EMAIL


async def test_what_is_given_back_is_mended_by_the_link_and_comes_again(
    cluster: Cluster,
) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.submitted()
    back = await newcomers.step(application_id, "return", reason="Нет краткого названия.")
    assert (back.json()["status"], back.json()["reason"]) == (
        "returned",
        "Нет краткого названия.",
    )
    assert (await newcomers.step(application_id, "check")).status_code == 409
    mended = await newcomers.by_link(
        "mend", application_id, **application(name="Вяземский политех (демо)")
    )
    assert mended.status_code == 200, mended.text
    assert (mended.json()["status"], mended.json()["name"], mended.json()["reason"]) == (
        "submitted",
        "Вяземский политех (демо)",
        None,
    )
    assert await newcomers.told("application.submitted", "application.returned") == [
        "application.submitted",
        "application.returned",
        "application.submitted",
    ]


async def test_a_confirmed_address_cannot_be_changed_by_mending(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.submitted()
    await newcomers.step(application_id, "return", reason="Нет телефона.")
    contact = {**application()["contact"], "email": "somebody@else.demo"}
    mended = await newcomers.by_link("mend", application_id, **application(contact=contact))
    assert mended.json()["card"]["contact"]["email"] == EMAIL


async def test_a_rejected_application_has_its_reason_and_comes_to_nothing(
    cluster: Cluster,
) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.checked()
    rejected = await newcomers.step(application_id, "reject", reason="Не ведёт деятельности.")
    assert (rejected.json()["status"], rejected.json()["reason"]) == (
        "rejected",
        "Не ведёт деятельности.",
    )
    for step in ("check", "put-on-agenda"):
        refused = await newcomers.step(application_id, step)
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong-status"), step
        assert refused.json()["application_status"] == "rejected"  # ApplicationIsElsewhere
    assert await newcomers.decide("admit", application_id) == "application-not-ready"
    [letter] = await cluster.service.sql("SELECT words FROM letters WHERE kind = 'rejected'")
    assert letter["words"] == "Не ведёт деятельности."


async def test_i7_those_who_could_be_the_same_are_found_and_shown(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    one = await newcomers.submitted("smolapo")
    seen = await cluster.get(f"/applications/{one}", newcomers.as_secretary())
    assert seen.json()["duplicates"] == [
        {
            "by": "inn",
            "member_id": str(cluster.college),
            "application_id": None,
            "name": CARDS["smolapo"].name,
        }
    ]
    refused = await newcomers.step(one, "check")
    assert (refused.status_code, refused.json()["code"]) == (409, "member-known")

    await newcomers.checked("vyazma")
    second = await newcomers.submitted("vyazma")
    seen = await cluster.get(f"/applications/{second}", newcomers.as_secretary())
    assert [duplicate["by"] for duplicate in seen.json()["duplicates"]] == ["inn"]
    refused = await newcomers.step(second, "check")
    assert (refused.status_code, refused.json()["code"]) == (409, "applicant-known")
    named = await newcomers.submitted(
        "roslavl", name=CARDS["smolapo"].name, full_name=CARDS["smolapo"].full_name
    )
    seen = await cluster.get(f"/applications/{named}", newcomers.as_secretary())
    assert [duplicate["by"] for duplicate in seen.json()["duplicates"]] == ["name"] * 2


async def test_the_list_is_narrowed_by_status_and_words(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    one, other = await newcomers.submitted("vyazma"), await newcomers.checked("roslavl")
    for query, ids in {
        "": [other, one],
        "?status=checked": [other],
        "?status=submitted": [one],
        f"?q={CARDS['vyazma'].inn}": [one],
        "?q=%25": [],
    }.items():
        listed = await cluster.get(f"/applications{query}", newcomers.as_secretary())
        assert [item["id"] for item in listed.json()["items"]] == ids, query
    page = await cluster.get("/applications?limit=1", newcomers.as_secretary())
    cursor = page.json()["next_cursor"]
    page = await cluster.get(f"/applications?limit=1&cursor={cursor}", newcomers.as_secretary())
    assert [item["id"] for item in page.json()["items"]] == [one]


async def test_two_secretaries_do_not_overwrite_each_other(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.submitted()
    seen = await cluster.get(f"/applications/{application_id}", newcomers.as_secretary())
    headers = {**newcomers.as_secretary(), "If-Match": seen.headers["etag"]}
    path = f"/applications/{application_id}"
    assert (await cluster.post(f"{path}/check", headers)).status_code == 200
    late = await cluster.post(f"{path}/reject", headers, reason="Не то.")
    assert late.status_code == 412


# --- the council and the accession ---------------------------------------------------------------


async def test_admission_of_what_is_unknown_or_not_ready_fails_by_name(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    assert await newcomers.decide("admit", new_id()) == "unknown-application"
    assert await newcomers.decide("admit", None) == "unknown-application"
    submitted = await newcomers.submitted()
    assert await newcomers.decide("admit", submitted) == "application-not-ready"
    await newcomers.step(submitted, "check")
    assert await newcomers.decide("admit", submitted, is_binding=False) == "not-binding"
    assert await newcomers.decide("admit", submitted) is None
    assert await newcomers.decide("admit", submitted) == "application-not-ready"


async def test_what_is_signed_is_exactly_what_was_read(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.admitted()
    token = await newcomers.token("sign", application_id)
    refused = await cluster.post("/applications/sign", token=token, sha256="0" * 64, **SIGNER)
    assert (refused.status_code, refused.json()["code"]) == (409, "accession-differs")
    read = await cluster.post("/applications/look", token=token)
    text = read.json()["accession"]["text"]
    assert CARDS["vyazma"].full_name in text
    assert "Кластер не является юридическим лицом и стороной соглашения" in text  # R1.2, I1
    signed = await cluster.post(
        "/applications/sign",
        token=token,
        sha256=read.json()["accession"]["sha256"].upper(),
        **SIGNER,
    )
    assert signed.json()["status"] == "active"
    again = await cluster.post("/applications/sign", token=token, sha256="0" * 64, **SIGNER)
    assert again.json()["code"] == "link-over"


async def test_i7_who_joined_in_the_meantime_does_not_join_twice(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.admitted()
    body = {name: getattr(CARDS["vyazma"], name) for name in CARDS["vyazma"].__slots__}
    assert (await cluster.post("/members", cluster.as_administrator(), **body)).status_code == 201
    refused = await newcomers.sign(application_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "member-known")
    seen = await cluster.get(f"/applications/{application_id}", newcomers.as_secretary())
    assert seen.json()["status"] == "admitted"


async def test_the_invited_may_have_an_account_and_proves_it(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    contact = {**application()["contact"], "email": "firm@artel.demo"}
    member_id = await newcomers.joined(contact=contact)
    token = await newcomers.token("open_account", member_id)
    body = {**ACCOUNT, "token": token, "password": "not the password"}
    refused = await cluster.post("/applications/open-account", None, **body)
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong-credentials")
    opened = await cluster.post("/applications/open-account", None, **{**ACCOUNT, "token": token})
    assert opened.json() == {
        "person_id": str(cluster.people["firm"]),
        "member_id": str(member_id),
    }
    signed_in = await cluster.sign_in("firm")
    assert {member["id"] for member in signed_in.json()["members"]} == {
        str(cluster.firm),
        str(member_id),
    }


async def test_the_invited_takes_no_weak_password_and_keeps_the_link(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    token = await newcomers.token("open_account", await newcomers.joined())
    weak = {**ACCOUNT, "token": token, "password": "qwertyuiop"}
    assert (await cluster.post("/applications/open-account", None, **weak)).status_code == 422
    good = {**ACCOUNT, "token": token}
    assert (await cluster.post("/applications/open-account", None, **good)).status_code == 201
    assert (await cluster.post("/applications/open-account", None, **good)).status_code == 404


async def test_two_of_one_name_get_two_addresses(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    slugs = []
    for slug in ("vyazma", "roslavl"):
        member_id = await newcomers.joined(slug, name="Колледж «Ель»")
        slugs.append((await cluster.get(f"/members/{member_id}")).json()["slug"])
    assert slugs == ["kolledzh-el", "kolledzh-el-2"]


async def test_letters_and_links_are_forgotten_when_they_are_over(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    await newcomers.joined()
    cluster.service.clock.pass_(days=400)
    await cluster.service.due()
    for table in ("letters", "links"):
        assert await cluster.service.sql(f"SELECT FROM {table}") == []


# --- at the same moment --------------------------------------------------------------------------


async def test_two_clicks_on_one_link_make_one_member(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.admitted()
    token = await newcomers.token("sign", application_id)
    read = await cluster.post("/applications/look", token=token)
    body = {"token": token, "sha256": read.json()["accession"]["sha256"], **SIGNER}
    answers = await asyncio.gather(
        *(cluster.post("/applications/sign", None, **body) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    assert len(await newcomers.told("member.joined")) == 4  # the cluster's three and this one


async def test_who_signs_while_it_is_entered_by_hand_joins_once_i7(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_id = await newcomers.admitted("vyazma")
    body = {name: getattr(CARDS["vyazma"], name) for name in CARDS["vyazma"].__slots__}
    signed, entered = await asyncio.gather(
        newcomers.sign(application_id),
        cluster.post("/members", cluster.as_administrator(), **body),
    )
    assert sorted([signed.status_code, entered.status_code]) in ([200, 409], [201, 409])


async def test_nobody_joins_while_the_council_ends_the_cluster_r8_1(cluster: Cluster) -> None:
    newcomers = Newcomers(cluster)
    application_ids = [await newcomers.admitted(slug) for slug in ("vyazma", "roslavl")]
    *_, why = await asyncio.gather(
        *(newcomers.sign(application_id) for application_id in application_ids),
        newcomers.decide("end_cluster", None),
        return_exceptions=True,
    )
    assert why is None
    rows = await cluster.service.sql("SELECT FROM members WHERE withdrawn_at IS NULL")
    assert rows == [], "whoever came just before has left with all the others"
    rows = await cluster.service.sql(
        "SELECT FROM applications WHERE status NOT IN ('active', 'rejected')"
    )
    assert rows == []
