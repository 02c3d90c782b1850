"""The agenda: what an item puts to the decision, and in which order items come."""

from typing import Any

import pytest

from services.council.domain.agenda import ITEMS_MAX, AgendaIsFull, require_room
from shared.ids import new_id
from tests.council.chamber import ADVICE, INFO, Chamber, refused, why

SHARING = {
    "title": "О распределении обязанностей",
    "kind": "decision",
    "decision_kind": "share_duties",
    "draft_text": "Вести сводное расписание.",
}
SETTING = {
    "title": "О сроке извещения",
    "kind": "decision",
    "decision_kind": "set_parameter",
    "parameter": "council.notice_working_days",
    "value": "7",
}


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({**INFO, "decision_kind": "recommend"}, "decision_kind"),
        ({**ADVICE, "decision_kind": None}, "decision_kind"),
        ({**ADVICE, "kind": "exclusion"}, "kind"),
        ({**ADVICE, "decision_kind": "exclude"}, "kind"),
        ({**ADVICE, "kind": "exclusion", "decision_kind": "exclude"}, "matter_id"),
        ({**ADVICE, "decision_kind": "admit"}, "matter_id"),
        ({**ADVICE, "decision_kind": "approve_plan"}, "subject_id"),
        ({**ADVICE, "subject_id": str(new_id())}, "subject_id"),
        ({**SETTING, "value": None}, "parameter"),
        ({**ADVICE, "parameter": "council.tie", "value": "chair"}, "parameter"),
        (SHARING, "addressee_ids"),
        ({**SHARING, "addressee_ids": [str(new_id())]}, "addressee_ids"),
        ({**SHARING, "addressee_ids": [str(new_id())], "draft_text": None}, "draft_text"),
        ({**ADVICE, "responsible_member_id": str(new_id())}, "addressee_ids"),
    ],
)
async def test_an_item_that_cannot_be_decided_is_refused_at_its_field(
    chamber: Chamber, item: dict[str, Any], field: str
) -> None:
    meeting_id = await chamber.planned()
    answer = await chamber.post(f"/meetings/{meeting_id}/items", **item)
    assert (answer.status_code, why(answer)) == (422, (f"body.{field}", "invalid"))  # ItemIsWrong


async def test_a_parameter_that_cannot_be_so_comes_to_no_agenda(chamber: Chamber) -> None:
    meeting_id = await chamber.planned(SETTING)
    wrong = {**SETTING, "value": "70"}
    answer = await chamber.post(f"/meetings/{meeting_id}/items", **wrong)
    assert refused(answer) == (409, "parameter-wrong")
    others = {**SETTING, "parameter": "membership.answer_working_days", "value": "12"}
    assert (await chamber.post(f"/meetings/{meeting_id}/items", **others)).status_code == 201


async def test_items_change_go_and_come_in_order_until_the_call(chamber: Chamber) -> None:
    member_id = str(chamber.members[2])
    sharing = {**SHARING, "addressee_ids": [member_id, member_id]}
    meeting_id = await chamber.planned(INFO, sharing, ADVICE)
    path = f"/meetings/{meeting_id}"
    ids = [item["id"] for item in (await chamber.get(path)).json()["items"]]
    changed = await chamber.put(f"/items/{ids[0]}", **{**INFO, "title": "Об итогах", "minutes": 15})
    assert (changed.json()["title"], changed.json()["position"]) == ("Об итогах", 1)
    shared = (await chamber.get(f"/items/{ids[1]}", chamber.as_outsider())).json()
    assert shared["addressee_ids"] == [member_id]

    ordered = await chamber.post(f"{path}/order", item_ids=[ids[2], ids[0], ids[1]])
    assert [item["id"] for item in ordered.json()["items"]] == [ids[2], ids[0], ids[1]]
    for wrong in ([ids[0]], [ids[0], ids[0], ids[1]], [*ids[:2], str(new_id())]):
        answer = await chamber.post(f"{path}/order", item_ids=wrong)
        assert (answer.status_code, why(answer)) == (422, ("body.item_ids", "invalid"))

    left = (await chamber.delete(f"{path}/items/{ids[2]}")).json()  # OrderIsWrong before
    assert [(item["id"], item["position"]) for item in left["items"]] == [(ids[0], 1), (ids[1], 2)]
    assert (await chamber.delete(f"{path}/items/{ids[2]}")).status_code == 200

    await chamber.post(f"{path}/announce")
    for answer in (
        await chamber.put(f"/items/{ids[0]}", **INFO),
        await chamber.delete(f"{path}/items/{ids[0]}"),
        await chamber.post(f"{path}/order", item_ids=ids[:2]),
    ):
        assert refused(answer) == (409, "wrong-status")


async def test_only_the_office_keeps_the_agenda(chamber: Chamber) -> None:
    meeting_id = await chamber.planned()
    for headers in (chamber.as_seated(3), chamber.as_outsider()):
        answer = await chamber.post(f"/meetings/{meeting_id}/items", headers, **INFO)
        assert answer.status_code == 403
    answer = await chamber.post(f"/meetings/{meeting_id}/items", chamber.as_head(), **INFO)
    assert answer.status_code == 201


def test_an_agenda_has_room_for_a_hundred_items() -> None:
    require_room(ITEMS_MAX - 1)
    with pytest.raises(AgendaIsFull):
        require_room(ITEMS_MAX)
