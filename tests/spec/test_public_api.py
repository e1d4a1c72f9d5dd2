"""What the package lists is there, and in order."""

from __future__ import annotations

import omniforce.spec


def test_the_list_is_sorted_and_complete() -> None:
    names = omniforce.spec.__all__
    assert names == sorted(names)
    assert all(getattr(omniforce.spec, name).__name__ == name for name in names)


def test_nothing_else_is_there() -> None:
    assert not hasattr(omniforce.spec, "Nothing")
