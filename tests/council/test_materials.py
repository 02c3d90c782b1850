"""Materials of items: files that lie before the council in time to be read."""

import httpx

from shared.ids import new_id
from tests.council.chamber import API, INFO, Chamber, refused

TEXT = "Справка о загрузке мастерских за квартал.".encode()


async def item_of(chamber: Chamber, meeting_id: str) -> str:
    item_id: str = (await chamber.get(f"/meetings/{meeting_id}")).json()["items"][0]["id"]
    return item_id


async def lay(
    chamber: Chamber,
    item_id: str,
    content: bytes = TEXT,
    name: str = "Справка.txt",
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Somebody lays a file before the council; the secretary, unless told otherwise."""
    return await chamber.service.client.post(
        f"{API}/materials",
        params={"item_id": item_id, "file_name": name},
        content=content,
        headers={
            **(headers or chamber.as_secretary()),
            "Content-Type": "application/octet-stream",
        },
    )


async def test_r5_1_everybody_reads_what_lies_before_the_council(chamber: Chamber) -> None:
    meeting_id = await chamber.planned(INFO)
    item_id = await item_of(chamber, meeting_id)
    for _ in range(2):
        laid = await lay(chamber, item_id)
        assert laid.status_code == 201, laid.text
    [material] = laid.json()["materials"]
    assert (material["name"], material["size"]) == ("Справка.txt", len(TEXT))
    read = await chamber.get(f"/materials/{material['id']}/content", chamber.as_outsider())
    assert (read.status_code, read.content) == (200, TEXT)
    assert read.headers["content-disposition"].startswith("attachment")
    denied = await lay(chamber, item_id, headers=chamber.as_outsider())
    assert denied.status_code == 403
    assert (await lay(chamber, str(new_id()))).status_code == 404
    program = await lay(chamber, item_id, b"\x7fELF" + bytes(60))
    assert refused(program) == (422, "file-type-not-taken")


async def test_materials_come_and_go_until_there_is_no_time_to_read(chamber: Chamber) -> None:
    meeting_id = await chamber.announced(INFO)
    item_id = await item_of(chamber, meeting_id)
    laid = (await lay(chamber, item_id)).json()["materials"]
    path = f"/items/{item_id}/materials"
    for _ in range(2):
        gone = await chamber.delete(f"{path}/{laid[0]['id']}")
        assert gone.json()["materials"] == []
    assert await chamber.service.sql("SELECT FROM files") == []
    await lay(chamber, item_id)
    chamber.service.clock.set(chamber.at(4, 9))
    late = await lay(chamber, item_id, "Поздно.".encode())
    assert refused(late) == (409, "materials-late")  # MaterialsAreLate
    assert late.json()["working_days"] == 3


async def test_a_moved_meeting_takes_its_materials_along(chamber: Chamber) -> None:
    meeting_id = await chamber.announced(INFO)
    item_id = await item_of(chamber, meeting_id)
    await lay(chamber, item_id)
    moved = await chamber.post(f"/meetings/{meeting_id}/move", **chamber.call(9))
    [material] = moved.json()["items"][0]["materials"]
    read = await chamber.get(f"/materials/{material['id']}/content")
    assert read.content == TEXT


async def test_an_item_that_goes_takes_its_files_along(chamber: Chamber) -> None:
    meeting_id = await chamber.planned(INFO)
    item_id = await item_of(chamber, meeting_id)
    await lay(chamber, item_id)
    gone = await chamber.delete(f"/meetings/{meeting_id}/items/{item_id}")
    assert gone.json()["items"] == []
    assert await chamber.service.sql("SELECT FROM files") == []
