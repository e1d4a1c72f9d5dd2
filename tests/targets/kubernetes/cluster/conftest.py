"""A small API server for each test, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster
from tests.support.api_server import ApiServer
from tests.support.clusters import client


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as server:
        yield server


@pytest.fixture
def cluster(server: ApiServer, tmp_path: Path) -> KubernetesCluster:
    return client(server, tmp_path)
