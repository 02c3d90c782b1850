"""Fixtures of workshops."""

import pytest

from tests.harness import Running
from tests.workshops.facts import Known


@pytest.fixture
async def known(workshops: Running) -> Known:
    """A workshop that its owner approves bookings of."""
    return await Known(workshops).lay()
