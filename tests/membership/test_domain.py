"""The rules of membership as tables: no database, no clock."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.membership.commands.passwords import HASHER, NOBODYS
from services.membership.domain.accounts import (
    FAILURES_MAX,
    FAILURES_WINDOW,
    Acting,
    AdministratorActsForNobody,
    CouncilDecides,
    Failures,
    LastCoordinator,
    PasswordIsWeak,
    TooManyFailures,
    check_grant,
    check_password,
    choose,
    count_failure,
    grant_roles,
    normal_email,
    require_acts_for_members,
    require_may_grant,
    require_not_locked,
)
from services.membership.domain.agreements import (
    AgreementIsOver,
    AgreementKind,
    AgreementStatus,
    PartiesAreWrong,
    PartyHasSigned,
    Terms,
    check_terms,
    make_agreement,
    sign,
    status_of_agreement,
)
from services.membership.domain.members import (
    Member,
    MemberIsNotActive,
    MemberKind,
    NoticeIsGiven,
    NoticeIsOutOfReach,
    check_card,
    check_joined_on,
    status_of,
    withdraw,
    years_after,
)
from shared.identity import Role
from shared.refusal import Invalid, NotFound, RoleIsMissing
from tests.membership.cluster import CARDS

TODAY = date(2026, 11, 23)
IN_A_YEAR = date(2027, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRM, COLLEGE, STRANGER, PERSON, AGREEMENT = (UUID(int=number) for number in range(1, 6))
C, A, F = Role.COORDINATOR, Role.APPROVER, Role.FINANCE


def days(count: int) -> date:
    return TODAY + timedelta(days=count)


# --- members -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leaving_on", "status"),
    [(None, "active"), (days(1), "leaving"), (days(0), "withdrawn"), (days(-9), "withdrawn")],
)
def test_r5_1_a_member_takes_part_up_to_the_day_before_its_withdrawal(
    leaving_on: date | None, status: str
) -> None:
    assert status_of(leaving_on, TODAY) == status


@pytest.mark.parametrize("effective_on", [days(0), days(1), date(2029, 11, 23)])
def test_i2_notice_takes_effect_on_the_day_it_names(effective_on: date) -> None:
    left = withdraw(Member(FIRM, None, 7), effective_on, TODAY)
    assert left == Member(FIRM, effective_on, 8)


@pytest.mark.parametrize("effective_on", [days(-1), date(2029, 11, 24), date(2199, 1, 1)])
def test_i2_notice_for_a_day_that_is_over_or_far_off_is_not_understood(effective_on: date) -> None:
    with pytest.raises(NoticeIsOutOfReach):
        withdraw(Member(FIRM, None, 1), effective_on, TODAY)


def test_r5_1_notice_is_given_once() -> None:
    leaving = Member(FIRM, days(10), 2)
    assert withdraw(leaving, days(10), TODAY) is leaving
    for other in (days(9), days(11)):
        with pytest.raises(NoticeIsGiven):
            withdraw(leaving, other, TODAY)


def test_r1_1_the_kinds_of_member_are_those_of_the_regulation() -> None:
    assert set(MemberKind) == {"college", "university", "employer", "authority"}


@pytest.mark.parametrize("slug", list(CARDS))
def test_every_card_of_the_demo_is_right(slug: str) -> None:
    check_card(CARDS[slug])


@pytest.mark.parametrize(
    ("slug", "wrong", "at"),
    [
        ("smolapo", {"inn": "6799000011"}, "inn"),
        ("smolapo", {"inn": "679900001"}, "inn"),
        ("smolapo", {"inn": "679900000138"}, "inn"),
        ("obraztsov", {"inn": "6799000010"}, "inn"),
        ("smolapo", {"kpp": "67990100"}, "kpp"),
        ("smolapo", {"kpp": None}, "kpp"),
        ("obraztsov", {"kpp": "679901001"}, "kpp"),
        ("smolapo", {"ogrn": "1996700000011"}, "ogrn"),
        ("smolapo", {"ogrn": "399670000000019"}, "ogrn"),
        ("obraztsov", {"ogrn": "1996700000010"}, "ogrn"),
        ("smolapo", {"bank_account": "40702810700000000002"}, "bank_account"),
        ("smolapo", {"bank_account": None}, "bik"),
        ("smolapo", {"bik": None}, "bik"),
        ("smolapo", {"bik": "04669990"}, "bik"),
        ("smolapo", {"legal_form": "7520"}, "legal_form"),
        ("smolapo", {"legal_form": "50102"}, "inn"),
    ],
)
def test_i7_a_number_that_cannot_be_right_is_refused_beside_its_field(
    slug: str, wrong: Mapping[str, str | None], at: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_card(replace(CARDS[slug], **wrong))  # type: ignore[arg-type]
    assert [fault["at"] for fault in refused.value.facts["errors"]] == [f"body.{at}"]


def test_nobody_joins_in_the_future() -> None:
    check_joined_on(TODAY, TODAY)
    with pytest.raises(Invalid):
        check_joined_on(days(1), TODAY)


def test_years_after_the_29th_of_february_there_is_a_day() -> None:
    assert years_after(date(2028, 2, 29), 3) == date(2031, 2, 28)


# --- agreements --------------------------------------------------------------------------------


def terms(*party_ids: UUID, valid_from: date = TODAY, valid_to: date = IN_A_YEAR) -> Terms:
    return Terms(AgreementKind.SERVICES, party_ids or (FIRM, COLLEGE), valid_from, valid_to, "…")


def parties(**leaving: date) -> dict[UUID, Member]:
    return {
        FIRM: Member(FIRM, leaving.get("firm"), 1),
        COLLEGE: Member(COLLEGE, leaving.get("college"), 1),
    }


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        (terms(FIRM, FIRM), "party_ids"),
        (terms(FIRM), "party_ids"),
        (terms(FIRM, COLLEGE, STRANGER), "party_ids"),
        (terms(valid_to=days(-1)), "valid_to"),
        (terms(valid_to=date(2056, 11, 24)), "valid_to"),
    ],
)
def test_r1_2_terms_that_no_agreement_can_have(wrong: Terms, at: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_terms(wrong)
    assert refused.value.facts["errors"][0]["at"] == f"body.{at}"


def test_an_agreement_may_last_a_day_and_thirty_years() -> None:
    check_terms(terms(valid_to=TODAY))
    check_terms(terms(valid_to=date(2056, 11, 23)))


def test_i1_only_members_are_parties_and_the_maker_is_one_of_them() -> None:
    for known, maker in (
        ({FIRM: Member(FIRM, None, 1)}, FIRM),
        (parties(), STRANGER),
    ):
        with pytest.raises(PartiesAreWrong):
            make_agreement(
                AGREEMENT, terms(), known, maker_id=maker, by=PERSON, now=NOW, today=TODAY
            )


def test_who_makes_an_agreement_has_signed_it_and_the_last_signature_makes_it_active() -> None:
    made = make_agreement(
        AGREEMENT, terms(), parties(), maker_id=FIRM, by=PERSON, now=NOW, today=TODAY
    )
    assert set(made.signatures) == {FIRM}
    assert made.activated_at is None
    signed = sign(made, parties(), signer_id=COLLEGE, by=PERSON, now=NOW, today=TODAY)
    assert set(signed.signatures) == {FIRM, COLLEGE}
    assert (signed.activated_at, signed.version) == (NOW, 2)
    for signer in (FIRM, COLLEGE):
        with pytest.raises(PartyHasSigned):
            sign(signed, parties(), signer_id=signer, by=PERSON, now=NOW, today=TODAY)


LEAVING = [
    ("has left", {"firm": days(-1)}, days(0), False),
    ("leaves today", {"firm": days(0)}, days(0), False),
    ("the other has left", {"college": days(0)}, days(0), False),
    ("will have left when it begins", {"college": days(5)}, days(5), False),
    ("leaves after it has begun", {"college": days(6)}, days(5), True),
    ("had left when it began", {"college": days(0)}, days(-30), False),
]


@pytest.mark.parametrize(("_", "leaving", "valid_from", "may"), LEAVING)
def test_r5_1_nothing_new_is_agreed_with_one_who_has_left(
    _: str, leaving: dict[str, date], valid_from: date, may: bool
) -> None:
    made = make_agreement(
        AGREEMENT,
        terms(valid_from=valid_from),
        parties(),
        maker_id=FIRM,
        by=PERSON,
        now=NOW,
        today=TODAY,
    )
    if may:
        sign(made, parties(**leaving), signer_id=COLLEGE, by=PERSON, now=NOW, today=TODAY)
        return
    with pytest.raises(MemberIsNotActive):
        sign(made, parties(**leaving), signer_id=COLLEGE, by=PERSON, now=NOW, today=TODAY)
    with pytest.raises(MemberIsNotActive):
        make_agreement(
            AGREEMENT,
            terms(valid_from=valid_from),
            parties(**leaving),
            maker_id=FIRM,
            by=PERSON,
            now=NOW,
            today=TODAY,
        )


def test_an_agreement_whose_term_is_over_is_neither_made_nor_signed() -> None:
    made = make_agreement(
        AGREEMENT, terms(valid_to=TODAY), parties(), maker_id=FIRM, by=PERSON, now=NOW, today=TODAY
    )
    with pytest.raises(AgreementIsOver):
        sign(made, parties(), signer_id=COLLEGE, by=PERSON, now=NOW, today=days(1))
    with pytest.raises(AgreementIsOver):
        make_agreement(
            AGREEMENT,
            terms(valid_from=days(-9), valid_to=days(-1)),
            parties(),
            maker_id=FIRM,
            by=PERSON,
            now=NOW,
            today=TODAY,
        )


@pytest.mark.parametrize(
    ("activated_at", "valid_to", "status"),
    [
        (None, days(0), "signing"),
        (NOW, days(0), "active"),
        (NOW, days(-1), "ended"),
        (None, days(-1), "ended"),
    ],
)
def test_an_agreement_binds_up_to_its_last_day(
    activated_at: datetime | None, valid_to: date, status: str
) -> None:
    assert status_of_agreement(activated_at, valid_to, TODAY) == AgreementStatus(status)


# --- accounts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("affiliations", "wished", "member_id", "roles"),
    [
        ({FIRM: {C, A}}, None, FIRM, {C, A}),
        ({FIRM: {C}, COLLEGE: {A}}, None, None, set()),
        ({FIRM: {C}, COLLEGE: {A}}, COLLEGE, COLLEGE, {A}),
        ({None: {Role.ADMINISTRATOR}}, None, None, {Role.ADMINISTRATOR}),
        ({}, None, None, set()),
    ],
)
def test_one_acts_for_the_only_member_or_for_the_chosen_one(
    affiliations: dict[UUID | None, set[Role]],
    wished: UUID | None,
    member_id: UUID | None,
    roles: set[Role],
) -> None:
    frozen = {key: frozenset(value) for key, value in affiliations.items()}
    acting = choose(frozen, wished)
    assert acting == Acting(member_id, frozenset(roles))


def test_nobody_acts_for_a_member_that_is_not_theirs() -> None:
    everything: tuple[dict[UUID | None, frozenset[Role]], ...] = (
        {FIRM: frozenset({C})},
        {None: frozenset({Role.ADMINISTRATOR})},
        {},
    )
    for affiliations in everything:
        with pytest.raises(NotFound):
            choose(affiliations, COLLEGE)


@pytest.mark.parametrize(
    "password",
    ["123456789", "1234567890", "Qwerty12345", "пароль1234", "Anna.Ivanova@Artel.demo"],
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordIsWeak):
        check_password(password, "anna.ivanova@artel.demo", at="body.password")


def test_a_password_of_ten_characters_will_do_where_nobody_guesses_it() -> None:
    check_password("ремонт-7ме", "anna@artel.demo", at="body.password")


@pytest.mark.parametrize("email", [" Anna@Artel.Demo ", "ANNA@artel.demo", "anna@artel.demo"])
def test_an_email_is_one_however_it_is_typed(email: str) -> None:
    assert normal_email(email) == "anna@artel.demo"


def test_failures_lock_for_ten_minutes_from_the_first_one() -> None:
    failures = None
    for _ in range(FAILURES_MAX):
        require_not_locked(failures, NOW)
        failures = count_failure(failures, NOW)
    for moment in (NOW, NOW + FAILURES_WINDOW - timedelta(seconds=1)):
        with pytest.raises(TooManyFailures) as refused:
            require_not_locked(failures, moment)
        assert refused.value.facts["retry_after"] >= 1
    require_not_locked(failures, NOW + FAILURES_WINDOW)
    later = NOW + FAILURES_WINDOW
    assert count_failure(failures, later) == Failures(1, later)


@pytest.mark.parametrize(
    ("member_id", "granted"),
    [(None, {C}), (None, set()), (None, {C, Role.ADMINISTRATOR}), (FIRM, {Role.ADMINISTRATOR})],
)
def test_the_administrator_acts_for_no_member_and_others_for_one(
    member_id: UUID | None, granted: set[Role]
) -> None:
    with pytest.raises(Invalid):
        check_grant(member_id, frozenset(granted))


@pytest.mark.parametrize(
    ("granter", "member_id", "granted", "refusal"),
    [
        ({C}, None, {Role.ADMINISTRATOR}, RoleIsMissing),
        ({C}, FIRM, {Role.COUNCIL_HEAD}, CouncilDecides),
        ({Role.ADMINISTRATOR}, FIRM, {C, Role.COUNCIL_MEMBER}, CouncilDecides),
        ({C}, FIRM, {C, A, F, Role.STUDENT}, None),
        ({Role.ADMINISTRATOR}, None, {Role.ADMINISTRATOR}, None),
    ],
)
def test_r4_who_may_grant_what(
    granter: set[Role],
    member_id: UUID | None,
    granted: set[Role],
    refusal: type[Exception] | None,
) -> None:
    if refusal is None:
        require_may_grant(frozenset(granter), member_id, frozenset(granted))
        return
    with pytest.raises(refusal):
        require_may_grant(frozenset(granter), member_id, frozenset(granted))


def test_whoever_runs_the_installation_is_given_no_role_at_a_member() -> None:
    require_acts_for_members(frozenset())
    with pytest.raises(AdministratorActsForNobody):
        require_acts_for_members(frozenset({Role.ADMINISTRATOR}))


def test_a_member_keeps_a_coordinator() -> None:
    with pytest.raises(LastCoordinator):
        grant_roles(frozenset({C, A}), frozenset({A}), other_coordinators=0)
    assert grant_roles(frozenset({C}), frozenset(), other_coordinators=1) == frozenset()
    assert grant_roles(frozenset({A}), frozenset(), other_coordinators=0) == frozenset()


def test_an_unknown_email_costs_the_same_hash_as_a_known_one() -> None:
    assert not HASHER.check_needs_rehash(NOBODYS)
