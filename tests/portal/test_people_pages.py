"""Representatives: invited by a letter, signing by a paper, handing over, as a coordinator does it."""

from typing import Any

from tests.portal.conftest import Visitor
from tests.portal.deeds import person
from tests.portal.platform import FROM_OUR_PAGE, Page, Platform, Visit

PASSWORD = "correct horse battery"
TODAY, LATER = "2027-02-02", "2027-12-31"


def letter_to(platform: Platform, email: str) -> dict[str, Any]:
    """The newest letter to that address."""
    letters = person(platform, "admin@artel").items("/membership/letters", limit=200)
    return next(dict(letter) for letter in letters if letter["address"] == email)


def invited(platform: Platform, visit: Visit, email: str, **fields: Any) -> str:
    """Invites somebody by the form; the token of the letter's link."""
    sent = visit.send("/members/people/invite", email=email, **{"role": ["auditor"], **fields})
    assert (sent.status_code, sent.headers["location"]) == (303, "/members/people?invited=yes")
    assert 'role="status"' in visit.client.get(sent.headers["location"]).text
    token: str = letter_to(platform, email)["token"]
    return token


def newcomer(platform: Platform, visit: Visit, stranger: Visit, name: str, *roles: str) -> str:
    """Somebody new who has accepted; the id of the person."""
    email = f"{name.lower()}@people.example"
    token = invited(platform, visit, email, role=list(roles))
    said = {"token": token, "password": PASSWORD, "family_name": name, "given_name": "Лев"}
    done = stranger.client.post("/invitation", data=said)
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in?accepted=yes")
    assert name in visit.page("/members/people").text
    items = person(platform, "coordinator@safonovo").items("/membership/accounts", limit=200)
    return str(next(each["person_id"] for each in items if each["email"] == email))


def test_who_was_invited_says_a_name_and_signs_in(
    platform: Platform, visitor: Visitor, stranger: Visit
) -> None:
    visit = visitor("coordinator@vyazma")
    token = invited(platform, visit, "somov@college.example")
    assert "somov@college.example" in visit.page("/members/people").text
    offer = stranger.page(f"/invitation?token={token}")
    assert "Вяземский" in offer.text
    assert offer.one("input", name="family_name")
    for fields, fault in (
        ({"password": PASSWORD}, "family_name-fault"),
        ({"password": "short", "family_name": "Сомов", "given_name": "Лев"}, "password-fault"),
    ):
        refused = stranger.client.post("/invitation", data={"token": token, **fields})
        assert (refused.status_code, f'id="{fault}"' in refused.text) == (422, True)
        assert PASSWORD not in refused.text
    said = {"token": token, "password": PASSWORD, "family_name": "Сомов", "given_name": "Лев"}
    done = stranger.client.post("/invitation", data=said)
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in?accepted=yes")
    assert 'role="status"' in stranger.client.get(done.headers["location"]).text
    assert stranger.sign_in("somov@college.example", PASSWORD).status_code == 303
    assert "Сомов" in visit.page("/members/people").text


def test_one_who_has_an_account_accepts_with_its_password(
    platform: Platform, visitor: Visitor, stranger: Visit
) -> None:
    visit = visitor("coordinator@vyazma")
    token = invited(platform, visit, "finance@energoseti.demo")
    offer = stranger.page(f"/invitation?token={token}")
    assert "finance@energoseti.demo" in offer.text
    assert offer.all("input", name="family_name") == []
    wrong = stranger.client.post("/invitation", data={"token": token, "password": "nonsense"})
    assert (wrong.status_code, 'id="password-fault"' in wrong.text) == (401, True)
    done = stranger.client.post("/invitation", data={"token": token, "password": "demo"})
    assert done.status_code == 303
    assert stranger.sign_in("finance@energoseti.demo").headers["location"] == "/choose-member"
    other = invited(platform, visit, "elsewhere@college.example")
    said = {"token": other, "email": "finance@promsvar.demo", "password": "demo"}
    assert stranger.page(f"/invitation?token={other}").all("input", name="csrf"), "signed in now"
    assert stranger.send("/invitation", **said).status_code == 303


def test_an_invitation_is_taken_back_and_its_link_is_over(
    platform: Platform, visitor: Visitor, stranger: Visit
) -> None:
    visit = visitor("coordinator@agrovyazma")
    token = invited(platform, visit, "nobody@college.example")
    page = visit.page("/members/people")
    [form] = [each for each in page.all("form") if each["action"].endswith("/take-back")]
    for _ in range(2):
        assert visit.send(form["action"]).status_code == 303
    assert "nobody@college.example" not in visit.page("/members/people").text
    over = stranger.page(f"/invitation?token={token}")
    assert over.status == 404
    assert over.all("div", role="alert")
    accepted = stranger.client.post("/invitation", data={"token": token, "password": PASSWORD})
    assert accepted.status_code == 404


def test_faults_of_an_invitation_stand_beside_their_fields(visitor: Visitor) -> None:
    visit = visitor("coordinator@vyazma")
    for fields, fault in (
        ({"email": "somov", "role": ["auditor"]}, "email-fault"),
        ({"email": "a@@college.example", "role": ["auditor"]}, "email-fault"),
        ({"email": "a@college.example"}, "roles-fault"),
    ):
        page = Page(visit.send("/members/people/invite", **fields))
        assert page.status == 422
        assert page.one("div", id=fault)
        assert page.one("input", name="email")["value"] == fields["email"]


def test_the_administrator_invites_the_first_person_of_a_member(
    platform: Platform, visitor: Visitor
) -> None:
    member_id = person(platform, "coordinator@obraztsov").member_id
    visit = visitor("admin@artel")
    path = f"/members/{member_id}/people/invite"
    assert visit.page(f"/members/{member_id}").all("a", href=path)
    sent = visit.send(path, email="first@obraztsov.example", role=["coordinator"])
    assert sent.headers["location"] == f"/members/{member_id}?invited=yes"
    assert 'role="status"' in visit.client.get(sent.headers["location"]).text
    assert letter_to(platform, "first@obraztsov.example")["kind"] == "invite"
    assert visitor("coordinator@vyazma").page(path).status == 403


def test_papers_are_recorded_asked_for_and_revoked(platform: Platform, visitor: Visitor) -> None:
    visit = visitor("coordinator@dneprochem")
    page = visit.page("/members/people/signing")
    assert "Доверенность № 9-Д" in page.text
    own = person(platform, "coordinator@dneprochem").items("/membership/powers")[0]
    paper = {
        "person_id": own["person_id"],
        "kind": "power_of_attorney",
        "number": "77",
        "issued_on": TODAY,
        "valid_from": TODAY,
    }
    for fields, fault in (
        ({"number": ""}, "number-fault"),
        ({"issued_on": ""}, "issued_on-fault"),
        ({"valid_to": "2027-01-01"}, "valid_to-fault"),
        ({"person_id": ""}, "person_id-fault"),
    ):
        refused = Page(visit.send("/members/people/signing", **{**paper, **fields}))
        assert refused.status == 422
        assert refused.one("div", id=fault)
        assert refused.one("input", name="valid_from")["value"] == TODAY
    assert visit.send("/members/people/signing", **paper).status_code == 303
    assert "Доверенность № 77 от 02.02.2027" in visit.page("/members/people/signing").text
    early = Page(visit.send("/members/people/signing/rule", powers_required_from="2026-01-01"))
    assert early.one("div", id="powers_required_from-fault")
    rule = visit.send("/members/people/signing/rule", powers_required_from=TODAY)
    assert rule.status_code == 303
    page = visit.page("/members/people/signing")
    assert page.one("input", name="powers_required_from")["value"] == TODAY
    for form in page.all("form"):
        if form["action"].endswith("/revoke"):
            assert visit.send(form["action"]).status_code == 303
    loosened = Page(visit.send("/members/people/signing/rule", powers_required_from=""))
    assert loosened.status == 409
    assert loosened.all("div", class_="alert alert-danger")


def test_all_that_one_does_is_handed_over(
    platform: Platform, visitor: Visitor, stranger: Visit
) -> None:
    visit = visitor("coordinator@safonovo")
    leaving = newcomer(platform, visit, stranger, "Leaving", "auditor", "finance")
    follower = newcomer(platform, visit, stranger, "Follower", "approver")
    said = {"from_person_id": leaving, "to_person_id": follower, "from_on": TODAY}
    for fields, fault in (
        ({"to_person_id": leaving}, "to_person_id-fault"),
        ({"from_on": "2026-01-01"}, "from_on-fault"),
        ({"from_on": ""}, "from_on-fault"),
    ):
        refused = Page(visit.send("/members/people/hand-over", **{**said, **fields}))
        assert refused.status == 422
        assert refused.one("div", id=fault)
    own = person(platform, "coordinator@safonovo").items("/membership/powers")[0]["person_id"]
    bare = Page(visit.send("/members/people/hand-over", **{**said, "from_person_id": own}))
    assert bare.one("div", id="power-fault"), "the coordinator signs by a paper"
    planned = visit.send("/members/people/hand-over", **{**said, "from_on": LATER})
    assert planned.headers["location"] == "/members/people/hand-over"
    twice = Page(visit.send("/members/people/hand-over", **{**said, "from_on": LATER}))
    assert twice.status == 409
    [form] = [
        each
        for each in visit.page("/members/people/hand-over").all("form")
        if each["action"].endswith("/call-off")
    ]
    assert visit.send(form["action"]).status_code == 303
    assert visit.send(form["action"]).status_code == 409
    assert visit.send("/members/people/hand-over", **said).status_code == 303
    roles = {
        each["person_id"]: each["roles"]
        for each in person(platform, "coordinator@safonovo").items("/membership/accounts")
    }
    assert (roles[leaving], roles[follower]) == ([], ["approver", "auditor", "finance"])


def test_while_membership_sleeps_the_invitation_is_kept(
    platform: Platform, visitor: Visitor, stranger: Visit
) -> None:
    visit = visitor("coordinator@vyazma")
    visit.page("/members/people/invite")
    csrf = visit.csrf
    with platform.asleep("membership"):
        said = {"csrf": csrf, "email": "kept@college.example", "role": ["auditor"]}
        answer = Page(visit.client.post("/members/people/invite", data=said))
        offer = stranger.client.get("/invitation?token=kept")
    assert answer.status == 503
    assert answer.one("input", name="email")["value"] == "kept@college.example"
    assert (offer.status_code, 'class="asleep"' in offer.text) == (200, True)


def test_a_forged_form_accepts_and_invites_nobody(stranger: Visit) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert headers != FROM_OUR_PAGE
        assert stranger.client.post("/invitation", data={}, headers=headers).status_code == 403
