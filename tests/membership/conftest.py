"""A cluster of three members for each test."""

import pytest

from tests.harness import Running
from tests.membership.cluster import Cluster


@pytest.fixture
async def cluster(membership: Running) -> Cluster:
    return await Cluster(membership).lay()
