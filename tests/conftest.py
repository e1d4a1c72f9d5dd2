"""Options and fixtures that every test may use."""

from __future__ import annotations

import pytest
from hypothesis import settings

# A law is as true on a busy machine: no test fails for being slow.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what comes out over what is expected, and delete what no test writes",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
