"""Options and fixtures that every test may use."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long an example takes is the machine's affair, and the first one sets up the parser.
settings.register_profile("ofc", deadline=None)
settings.load_profile("ofc")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what comes out over what is expected, and delete what no test writes",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
