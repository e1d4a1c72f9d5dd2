"""What a report says of a trial's parameters: lists, and no digits."""

from __future__ import annotations

from omniforce.runtime.report.parameters import parameter_texts, shown_ids
from tests.support.search_spaces import space


def test_lists_and_computed_values_stand_for_their_digits() -> None:
    made = space("""
        depth: 1...3
        width: = 8 * depth
        order: permutation {conv, norm, pool}
        augment: subset {flip, crop}
        rate: {type: float, range: 0.0...1.0, when: flip in augment}
        """)
    point = {"depth": 2, "order[0]": 2, "order[1]": 0, "augment[0]": 0, "augment[1]": 0}
    assert parameter_texts(made, point) == {
        "depth": "2",
        "order": "pool, conv, norm",
        "augment": "none",
        "width": "16",
    }
    assert shown_ids(made) == ("depth", "order", "augment", "rate", "width")
