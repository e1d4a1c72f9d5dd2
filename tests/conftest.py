"""Options and fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import settings

# A law is as true on a busy machine: no test fails for being slow. CI tries the same examples
# each time, so that it judges the change; elsewhere each run looks at new ones.
settings.register_profile("suite", deadline=None, derandomize="CI" in os.environ)
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


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs `ofc` in this process and answers its exit code, stdout and stderr."""
    from omniforce.compiler.cli.main import run

    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return called
