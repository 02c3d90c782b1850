"""What all tests of notices stand on."""

import pytest

from tests.harness import Running
from tests.notices.facts import Known


@pytest.fixture
async def known(notices: Running) -> Known:
    """Two members with their people, who are known to notices."""
    return await Known(notices).lay()
