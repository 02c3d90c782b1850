"""Materials of an item, as the office lays them and everybody saves them."""

import httpx
import pytest

from tests.portal.conftest import Visitor
from tests.portal.council import Council, advice, council_of, meeting_with
from tests.portal.platform import Page, Platform, Visit

TEXT = "Справка о загрузке мастерских за квартал.".encode()


@pytest.fixture(scope="module")
def council(platform: Platform) -> Council:
    """The council as it sits."""
    return council_of(platform)


def laid(visit: Visit, path: str, name: str, content: bytes) -> httpx.Response:
    """The form of a file, sent."""
    file = (name, content, "application/octet-stream")
    return visit.client.post(path, data={"csrf": visit.csrf}, files={"file": file})


def test_a_material_is_laid_before_the_council_saved_and_taken_back(
    visitor: Visitor, platform: Platform, council: Council
) -> None:
    meeting = meeting_with(platform, council, advice("О расписании"), days=20)
    here = f"/council/meetings/{meeting['id']}"
    secretary, member = visitor(council.secretary), visitor("finance@vyazma")
    [item] = meeting["items"]
    path = f"{here}/items/{item['id']}/materials"
    assert secretary.page(here).one("form", action=path)
    assert not member.page(here).all("form", action=path)

    nothing = Page(secretary.send(path))
    assert nothing.status == 422
    assert "Выберите файл" in nothing.text
    program = Page(laid(secretary, path, "run.exe", b"\x7fELF" + bytes(60)))
    assert program.status == 422
    assert laid(secretary, path, "Справка.txt", TEXT).status_code == 303
    [link] = member.page(here).all("a", download="")
    saved = member.client.get(link["href"])
    assert (saved.status_code, saved.content) == (200, TEXT)
    assert saved.headers["content-disposition"].startswith("attachment")

    material_id = link["href"].rpartition("/")[2].removesuffix(".file")
    remove = f"{path}/{material_id}/remove"
    assert member.send(remove).status_code == 403
    with platform.asleep("council"):
        assert secretary.send(remove).status_code == 503
    assert secretary.send(remove).status_code == 303
    assert not secretary.page(here).all("a", download="")
