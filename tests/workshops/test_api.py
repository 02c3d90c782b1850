"""Workshops through HTTP, on a real PostgreSQL."""

import pytest

from tests.harness import Running
from tests.workshops.facts import Known


@pytest.fixture
async def known(workshops: Running) -> Known:
    return await Known(workshops).lay()


async def test_a_college_books_and_the_owner_approves(known: Known) -> None:
    asked = await known.book()
    assert asked.status_code == 201, asked.text
    assert asked.json()["status"] == "requested"
    approved = await known.decide(asked.json()["id"], "approve")
    assert approved.status_code == 200, approved.text
    assert approved.json()["status"] == "confirmed"
