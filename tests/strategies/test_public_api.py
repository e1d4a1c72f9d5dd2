"""What the package lists is there, and in order."""

from __future__ import annotations

import omniforce.strategies


def test_the_list_is_sorted_and_complete() -> None:
    names = omniforce.strategies.__all__
    assert names == sorted(names)
    assert all(getattr(omniforce.strategies, name).__name__ == name for name in names)


def test_nothing_else_is_there() -> None:
    assert not hasattr(omniforce.strategies, "Nothing")
