"""`model.json`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from omniforce.runtime.data.dataset import Dataset, Part  # noqa: E402
from omniforce.runtime.models.description import Description, describe, read, write  # noqa: E402
from omniforce.spec.problem import Problem  # noqa: E402


def description() -> Description:
    part = Part(np.zeros((2, 3), np.float32), np.array([0, 1]))
    steps = ('{"step": "scaling"}',)
    data = Dataset(part, part, part, "classification", ("no", "yes"), ("a", "b", "c"), steps)
    return describe(
        data,
        study="s",
        trial=7,
        algorithm="tabular/learner@1",
        arguments={"family": "mlp", "channels": [1, None]},
        metrics={"accuracy": 0.9, "size@server": 10.0},
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write(description(), tmp_path)
    assert read(tmp_path) == description()
    assert [path.name for path in tmp_path.iterdir()] == ["model.json"]


def test_it_is_json_that_a_person_can_read(tmp_path: Path) -> None:
    write(description(), tmp_path)
    found = json.loads((tmp_path / "model.json").read_text())
    assert found["arguments"] == {"family": "mlp", "channels": [1, None]}
    assert found["classes"] == ["no", "yes"]
    assert found["steps"] == [{"step": "scaling"}]


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"arguments": 1}'])
def test_what_describes_no_model_is_a_clear_error(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "model.json").write_text(text)
    with pytest.raises(Problem) as caught:
        read(tmp_path)
    assert caught.value.diagnostic.code == "OFC741"
