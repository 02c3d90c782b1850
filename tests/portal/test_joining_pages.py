"""Joining without an account: the card, the letters' links, and what the secretariat does with it."""

import re

import pytest

from services.portal.forms import Typed
from services.portal.pages import card
from tests.people import eventually
from tests.portal.conftest import Visitor
from tests.portal.deeds import application_form, decide, letter, person
from tests.portal.platform import FROM_OUR_PAGE, Page, Platform, Visit

PASSWORD = "correct horse battery"
LINKS = ("/join/status", "/join/mend", "/join/sign")


def send(visit: Visit, **changes: str) -> Page:
    """Sends the application, and shows what is answered."""
    return Page(visit.client.post("/join", data=application_form(**changes)))


def submitted(platform: Platform, visit: Visit, email: str, **changes: str) -> str:
    """An application whose address is confirmed; its id."""
    answer = visit.client.post(
        "/join", data=application_form(**{"contact.email": email, **changes})
    )
    assert (answer.status_code, answer.headers.get("location")) == (303, "/join/sent")
    token = letter(platform, email, "confirm")
    done = visit.client.post("/join/confirm", data={"token": token})
    assert done.status_code == 200, done.text
    name = changes.get("name", application_form()["name"])
    found = person(platform, "admin@artel").items("/membership/applications", limit=200)
    return str(next(each["id"] for each in found if each["name"] == name))


# --- applying ----------------------------------------------------------------------------------


def test_the_way_in_stands_on_the_sign_in_page(stranger: Visit) -> None:
    assert stranger.page("/sign-in").one("a", href="/join")
    page = stranger.page("/join")
    assert page.status == 200
    assert page.one("form", action="/join")
    asked = {each.name for each in card.fields_of(card.groups_of())}
    written = {each["name"] for tag in ("input", "select", "textarea") for each in page.all(tag)}
    assert asked <= written


def test_what_is_missing_is_said_beside_each_field_and_nothing_typed_is_lost(
    stranger: Visit,
) -> None:
    page = send(stranger, inn="", okved="", **{"head.post": ""})
    assert page.status == 422
    for field in ("inn", "okved", "head-post"):
        assert page.one("div", id=f"{field}-fault")
        assert page.one("input", id=field)["aria-invalid"] == "true"
        assert page.one("a", href=f"#{field}"), "the summary leads to the field"
    assert page.one("input", id="ogrn")["value"] == application_form()["ogrn"]
    assert application_form()["legal_address"] in page.html
    assert re.search(r'value="12300"', page.html)
    assert len(re.findall(r'<option value="employer" selected', page.html)) == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("inn", "6799000903", "контрольная цифра"),
        ("ogrn", "1206700000012", "контрольная цифра"),
        ("kpp", "12", "КПП"),
        ("oktmo", "667", "ОКТМО"),
    ],
)
def test_a_mistyped_number_is_said_beside_its_field_at_once(
    stranger: Visit, field: str, value: str, words: str
) -> None:
    answer = stranger.client.post(
        f"/join/check?field={field}", data=application_form(**{field: value})
    )
    assert answer.status_code == 200
    right = stranger.client.post(f"/join/check?field={field}", data=application_form())
    assert right.text == ""
    page = send(stranger, **{field: value})
    assert page.status == 422
    assert page.one("input", id=field)["aria-invalid"] == "true"
    assert answer.text in page.html
    assert words in answer.text


def test_a_field_that_nobody_asked_about_is_never_checked(stranger: Visit) -> None:
    for field in ("", "no_such", "../inn"):
        answer = stranger.client.post(f"/join/check?field={field}", data=application_form())
        assert (answer.status_code, answer.text) == (200, "")


def test_what_only_the_service_knows_is_said_beside_its_field_too(stranger: Visit) -> None:
    page = send(stranger, kind="college")
    assert page.status == 422
    assert page.one("input", id="licence-number")["aria-invalid"] == "true"
    page = send(stranger, **{"contact.phones": ",".join("123456")})
    assert page.one("input", id="contact-phones")["aria-invalid"] == "true"
    page = send(stranger, **{"contact.email": "no address"})
    assert page.one("input", id="contact-email")["aria-invalid"] == "true"
    page = send(stranger, ogrn_on="2031-01-01")
    assert page.one("input", id="ogrn-on")["aria-invalid"] == "true"


def test_one_more_account_keeps_what_was_typed(stranger: Visit) -> None:
    said = application_form(**{"bank_details.0.bank_account": "1", "more": "account"})
    page = Page(stranger.client.post("/join", data=said))
    assert page.status == 200
    assert page.one("input", name="bank_details.1.bik")
    assert page.one("input", name="bank_details.0.bank_account")["value"] == "1"
    assert page.one("input", name="accounts")["value"] == "2"
    half = send(stranger, **{"bank_details.0.bank_account": "40702810700000000001"})
    assert half.status == 422
    assert half.one("input", id="bank-details-0-bik")["aria-invalid"] == "true"


def test_while_membership_sleeps_the_whole_card_is_kept(
    platform: Platform, stranger: Visit
) -> None:
    with platform.asleep("membership"):
        page = send(stranger)
    assert page.status == 503
    assert page.all("div", class_="alert alert-danger")
    assert page.one("input", id="inn")["value"] == application_form()["inn"]


def test_too_many_unconfirmed_applications_are_told_where_to_look(stranger: Visit) -> None:
    said = {"contact.email": "often@desna.demo"}
    for _ in range(3):
        assert stranger.client.post("/join", data=application_form(**said)).status_code == 303
    page = send(stranger, **said)
    assert page.status == 429
    assert "почт" in page.text


def test_a_forged_application_is_not_sent(stranger: Visit) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert headers != FROM_OUR_PAGE
    for path in ("/join", "/join/confirm", "/join/mend", "/join/sign", "/join/account"):
        assert stranger.client.post(path, data={}, headers=headers).status_code == 403


# --- by the letters' links -----------------------------------------------------------------------


def test_from_a_stranger_to_a_coordinator_who_signs_in(
    platform: Platform, stranger: Visit, visitor: Visitor
) -> None:
    email = "first@desna.demo"
    application_id = submitted(
        platform, stranger, email, name="ООО «Исток» (демо)", inn="6799000910"
    )
    look = stranger.page(f"/join/status?token={letter(platform, email, 'follow')}")
    assert look.status == 200
    assert "Ждёт проверки" in look.text
    assert "6799000910" in look.text

    admin = visitor("admin@artel")
    path = f"/members/applications/{application_id}"
    etag = admin.page(path).all("input", name="etag")[0]["value"]
    checked = admin.send(f"{path}/check", etag=etag)
    assert (checked.status_code, checked.headers["location"]) == (303, path)
    decide(platform, "admit", application_id)

    token = letter(platform, email, "sign")
    page = stranger.page(f"/join/sign?token={token}")
    assert "СОГЛАШЕНИЕ О ПРИСОЕДИНЕНИИ" in page.text
    assert page.one("input", id="head-family-name")["value"] == "Рогова"
    sha256 = page.one("input", name="sha256")["value"]
    signer = {
        "head.family_name": "Рогова",
        "head.given_name": "Инна",
        "head.post": "директор",
        "head.basis": "charter",
    }
    other = stranger.client.post("/join/sign", data={"token": token, "sha256": "0" * 64, **signer})
    assert other.status_code == 409
    assert 'role="alert"' in other.text
    empty = stranger.client.post("/join/sign", data={"token": token, "sha256": sha256})
    assert empty.status_code == 422
    assert Page(empty).one("input", id="head-post")["aria-invalid"] == "true"
    signed = stranger.client.post("/join/sign", data={"token": token, "sha256": sha256, **signer})
    assert signed.status_code == 200, signed.text
    assert "Вы участник кластера" in signed.text

    token = letter(platform, email, "open_account")
    assert stranger.page(f"/join/account?token={token}").one("input", name="token")
    who = {"token": token, "family_name": "Рогова", "given_name": "Инна"}
    for fields, fault in (
        ({"password": "short", "again": "short"}, "password-fault"),
        ({"password": PASSWORD, "again": "another"}, "again-fault"),
        ({"password": "qwertyuiop", "again": "qwertyuiop"}, "password-fault"),
    ):
        refused = stranger.client.post("/join/account", data={**who, **fields})
        assert refused.status_code == 422
        assert f'id="{fault}"' in refused.text
        assert 'value="Рогова"' in refused.text
    done = stranger.client.post(
        "/join/account", data={**who, "password": PASSWORD, "again": PASSWORD}
    )
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in?account=open")
    assert 'role="status"' in stranger.client.get(done.headers["location"]).text
    assert stranger.sign_in(email, PASSWORD).status_code == 303
    assert admin.page(path).all("span", class_="pill pill-success")


def test_an_application_given_back_is_mended_with_everything_that_was_typed(
    platform: Platform, stranger: Visit, visitor: Visitor
) -> None:
    email, name = "mend@desna.demo", "ООО «Родник» (демо)"
    application_id = submitted(platform, stranger, email, name=name, inn="6799000927")
    admin = visitor("admin@artel")
    path = f"/members/applications/{application_id}"
    silent = admin.send(f"{path}/return", reason=" ")
    assert silent.status_code == 422
    assert Page(silent).one("textarea", id="return-words")["aria-invalid"] == "true"
    assert admin.send(f"{path}/return", reason="Укажите ОКПО.").status_code == 303
    assert "Укажите ОКПО." in admin.page(path).text

    token = letter(platform, email, "mend")
    page = stranger.page(f"/join/mend?token={token}")
    assert "Укажите ОКПО." in page.text
    assert page.one("input", id="name")["value"] == name
    assert page.one("input", id="contact-phones")["value"].count(",") == 1
    said = application_form(
        **{"name": name, "inn": "6799000927", "contact.email": email, "token": token}
    )
    wrong = Page(stranger.client.post("/join/mend", data={**said, "inn": "1", "reason": "Почему"}))
    assert (wrong.status, wrong.one("input", name="token")["value"]) == (422, token)
    assert "Почему" in wrong.text
    done = stranger.client.post("/join/mend", data={**said, "okpo": "00032537"})
    assert done.status_code == 200, done.text
    assert "00032537" in admin.page(path).text
    again = stranger.client.post("/join/mend", data=said)
    assert again.status_code == 404
    assert 'value="6799000927"' in again.text, "what was typed stays"


def test_a_link_that_is_over_says_so_and_shows_the_way(stranger: Visit) -> None:
    for path in LINKS:
        for token in ("nonsense", "", "x" * 200):
            page = stranger.page(f"{path}?token={token}")
            assert page.status == 404
            assert page.one("a", href="/join", class_="btn")
    for path in ("/join/confirm", "/join/account"):
        assert stranger.page(f"{path}?token=nonsense").status == 200, "nothing is spent by looking"
    confirmed = stranger.client.post("/join/confirm", data={"token": "nonsense"})
    assert confirmed.status_code == 404
    assert 'role="alert"' in confirmed.text
    opened = stranger.client.post(
        "/join/account",
        data={
            "token": "nonsense",
            "family_name": "Рогова",
            "given_name": "Инна",
            "password": PASSWORD,
            "again": PASSWORD,
        },
    )
    assert opened.status_code == 404
    assert 'role="alert"' in opened.text


def test_while_membership_sleeps_the_links_stay_good(platform: Platform, stranger: Visit) -> None:
    email = "asleep@desna.demo"
    answer = stranger.client.post("/join", data=application_form(**{"contact.email": email}))
    assert answer.status_code == 303
    token = letter(platform, email, "confirm")
    with platform.asleep("membership"):
        page = Page(stranger.client.post("/join/confirm", data={"token": token}))
        assert page.status == 503
        for path in LINKS:
            assert stranger.page(f"{path}?token={token}").status == 503
        account = Page(
            stranger.client.post(
                "/join/account",
                data={
                    "token": token,
                    "family_name": "Рогова",
                    "given_name": "Инна",
                    "password": PASSWORD,
                    "again": PASSWORD,
                },
            )
        )
        assert (account.status, account.one("input", id="family-name")["value"]) == (503, "Рогова")
    assert page.one("input", name="token")["value"] == token
    assert stranger.client.post("/join/confirm", data={"token": token}).status_code == 200


# --- what the secretariat sees -------------------------------------------------------------------


def test_applications_are_found_by_state_and_by_words(
    platform: Platform, stranger: Visit, visitor: Visitor
) -> None:
    submitted(platform, stranger, "list@desna.demo", name="ООО «Заря» (демо)", inn="6799000934")
    admin = visitor("admin@artel")
    page = admin.page("/members/applications")
    assert "ООО «Заря» (демо)" in page.text
    assert "Кардымовский завод" in page.text
    assert page.one("a", href="/members/cases", class_="tab")
    assert "Кардымовский" not in admin.page("/members/applications?q=6799000934").text
    assert admin.page("/members/applications?state=rejected&q=Заря").all(
        "div", class_="empty empty-part"
    )
    assert admin.page("/members/applications?state=nonsense").status == 200
    with platform.asleep("membership"):
        assert admin.page("/members/applications").all("div", class_="asleep")


def test_those_who_could_be_the_same_are_shown_and_a_known_one_is_not_checked(
    platform: Platform, stranger: Visit, visitor: Visitor
) -> None:
    known = person(platform, "coordinator@stankoservis")
    inn = known.get(f"/membership/members/{known.member_id}").json()
    application_id = submitted(
        platform,
        stranger,
        "twin@desna.demo",
        name="ООО «Двойник» (демо)",
        inn=inn["inn"],
        kpp=inn["kpp"],
    )
    admin = visitor("admin@artel")
    path = f"/members/applications/{application_id}"
    page = admin.page(path)
    assert page.one("a", href=f"/members/{known.member_id}")
    refused = admin.send(f"{path}/check")
    assert refused.status_code == 409
    assert "уже участвует" in refused.text
    assert admin.send(f"{path}/reject", reason="Уже участвует.").status_code == 303
    over = admin.page(path)
    assert not over.all("form", action=f"{path}/check")
    assert "Уже участвует." in over.text


def test_an_application_that_changed_meanwhile_is_not_decided_on(
    platform: Platform, stranger: Visit, visitor: Visitor
) -> None:
    application_id = submitted(
        platform, stranger, "late@desna.demo", name="ООО «Вечер» (демо)", inn="6799000941"
    )
    admin = visitor("admin@artel")
    path = f"/members/applications/{application_id}"
    answer = admin.send(f"{path}/reject", etag='"9"', reason="Потому что.")
    assert answer.status_code == 412
    assert "Потому что." in answer.text, "what was typed stays"
    assert admin.send(f"{path}/no-such-step").status_code == 404
    assert admin.send(f"{path}/check").status_code == 303
    assert admin.send(f"{path}/put-on-agenda").status_code == 303
    assert "В повестке" in admin.page(path).text
    with platform.asleep("membership"):
        assert admin.send(f"{path}/reject", reason="Позже").status_code == 503


def test_nobody_but_the_secretariat_sees_applications(visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    assert visit.page("/members/applications").status == 403
    assert not visit.page("/members").all("a", href="/members/applications")


# --- the card as a form --------------------------------------------------------------------------


def test_a_card_is_sent_on_as_the_service_takes_it() -> None:
    _, typed = card.read(application_form(is_state="1", **{"bank_details.0.bik": "046699901"}))
    body = card.body_of(typed)
    assert body["is_state"] is True
    assert body["licence"] is None
    assert body["contact"]["phones"] == ["+7 48153 0-00-01", "+7 48153 0-00-02"]
    assert body["bank_details"] == [{"bank_account": None, "bik": "046699901", "bank": None}]
    assert body["head"]["basis_number"] is None
    assert card.body_of(Typed({}))["bank_details"] == []


def test_the_number_of_accounts_is_never_more_than_the_service_takes() -> None:
    for count, expected in (("99", 10), ("0", 1), ("²", 1), ("-3", 1), ("1000000", 1)):
        groups, _ = card.read({"accounts": count})
        assert sum(each.words == "Bank account" for each in groups) == expected


def test_the_list_follows_what_the_secretariat_does(
    platform: Platform, stranger: Visit, visitor: Visitor
) -> None:
    submitted(platform, stranger, "live@desna.demo", name="ООО «Утро» (демо)", inn="6799000959")
    admin = visitor("admin@artel")
    section = admin.page("/members/applications").one("section", id="list")
    assert "live:members" in section["hx-trigger"]
    assert eventually(lambda: "ООО «Утро» (демо)" in admin.page("/members/applications").text)
