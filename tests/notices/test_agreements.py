"""What the parties of an agreement are told: to sign it, that it goes on, that it ends."""

from datetime import date

from contracts import membership
from shared.ids import new_id
from tests.notices.facts import Known


async def test_the_parties_are_told_how_an_agreement_of_any_kind_goes_on_and_ends(
    known: Known,
) -> None:
    agreement_id, parties = new_id(), (known.college, known.firm)
    terms = {
        "agreement_id": agreement_id,
        "kind": "practical_training",
        "party_ids": parties,
        "valid_from": date(2026, 12, 1),
        "valid_to": date(2027, 12, 1),
    }
    made = {**terms, "maker_id": known.college}
    await known.hear(membership.AgreementMadeV2.model_validate(made))
    assert await known.kinds(known.coordinator, waiting=True) == ["agreement_to_sign"]
    await known.hear(membership.AgreementActivatedV2.model_validate(terms))
    said = {"agreement_id": agreement_id, "party_ids": parties}
    soon = {**said, "valid_to": date(2027, 12, 1), "say_no_until_on": date(2027, 11, 1)}
    day = date(2028, 12, 1)
    for event, kind in (
        (membership.AgreementEndingSoon(**soon, days_left=60), "agreement_going_on"),
        (membership.AgreementProlonged(**said, valid_to=day), "agreement_prolonged"),
        (
            membership.AgreementProlongationDeclined(**said, by_id=known.college, valid_to=day),
            "agreement_declined",
        ),
        (
            membership.AgreementEndingSoon(
                **{**soon, "say_no_until_on": None, "valid_to": day}, days_left=30
            ),
            "agreement_ending_soon",
        ),
        (
            membership.AgreementEndingSoon(
                **{**soon, "say_no_until_on": None, "valid_to": day}, days_left=7
            ),
            "agreement_ending_soon",
        ),
        (
            membership.AgreementNoticeGiven(**said, by_id=known.college, ends_on=day),
            "agreement_notice",
        ),
    ):
        await known.hear(event)
        assert (await known.kinds(known.coordinator))[0] == kind
    assert (await known.kinds(known.coordinator)).count("agreement_ending_soon") == 2
    assert await known.kinds(known.coordinator, waiting=True) == []
