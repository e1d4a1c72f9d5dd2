"""Prepared data on disk: two files that need no unpickling, and a digest of what is in them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from omniforce.spec.problem import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Task = Literal["classification", "regression"]

ARRAYS = "data.npz"
FACTS = "dataset.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some of the rows.

    Attributes:
        x: n x d, or n x channels x height x width for images; float32.
        y: n; int64 positions in `Dataset.classes`, or float32 for a regression.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int64] | NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """What algorithms learn from.

    Attributes:
        train: what is learnt from; the features' own parameters too.
        valid: what objectives see.
        test: kept back for the chosen model; may be empty.
        task: what is learnt.
        classes: their names, in the order of `y`'s numbers; empty for a regression.
        feature_names: of the columns, or of the pixels row by row.
        steps: the feature steps with what they learnt, one JSON text each, for who must do the
            same to new rows.
        request: sha256 of everything that it was made from, so that a resumed run can tell
            whether it is still what is asked for.
    """

    train: Part
    valid: Part
    test: Part
    task: Task
    classes: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    request: str = ""

    @property
    def digest(self) -> str:
        """`sha256:...` of all values, shapes and names; not of how or when they were written."""
        found = hashlib.sha256(_names(self).encode())
        for name, array in _arrays(self).items():
            found.update(f"{name}:{array.dtype.str}:{array.shape}".encode())
            found.update(array.tobytes())
        return f"sha256:{found.hexdigest()}"

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one row."""
        return tuple(self.train.x.shape[1:])

    @staticmethod
    def open(directory: str | Path) -> Dataset:
        """Reads what `write` wrote.

        Raises:
            Problem: OFC724 where nothing was prepared there, OFC725 where it is damaged.
        """
        import numpy as np

        directory = Path(directory)
        facts = read_facts(directory)
        try:
            # Opened here, since numpy leaves a file that it cannot read open.
            with (
                (directory / ARRAYS).open("rb") as file,
                np.load(file, allow_pickle=False) as arrays,
            ):
                train, valid, test = (
                    Part(arrays[f"{part}_x"], arrays[f"{part}_y"])
                    for part in ("train", "valid", "test")
                )
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise _damaged(directory, error) from error
        return Dataset(
            train,
            valid,
            test,
            facts.task,
            facts.classes,
            facts.feature_names,
            facts.steps,
            facts.request,
        )

    def write(self, directory: Path) -> None:
        """Writes both files at once: a reader finds either all of it or nothing.

        A directory that stands there already is replaced.
        """
        import numpy as np

        directory.parent.mkdir(parents=True, exist_ok=True)
        fresh = directory.with_name(f".{directory.name}.{os.getpid()}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        try:
            with (fresh / ARRAYS).open("wb") as file:
                np.savez(file, allow_pickle=False, **_arrays(self))
                file.flush()
                os.fsync(file.fileno())
            with (fresh / FACTS).open("w", encoding="utf-8") as text:
                text.write(_facts(self))
                text.flush()
                os.fsync(text.fileno())
            _put(fresh, directory)
        except OSError as error:
            raise Problem(
                "OFC726",
                f"the prepared data cannot be written to `{directory}`: {error.strerror or error}",
                "make room on the disk or choose another state directory, then run it again",
            ) from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Facts:
    """All but the arrays."""

    task: Task
    classes: tuple[str, ...]
    feature_names: tuple[str, ...]
    steps: tuple[str, ...]
    request: str


def read_facts(directory: Path) -> Facts:
    """What a prepared directory says of itself, without its arrays.

    Raises:
        Problem: OFC724 where nothing was prepared there, OFC725 where it is damaged.
    """
    try:
        text = (directory / FACTS).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Problem(
            "OFC724",
            f"no data was prepared in `{directory}`",
            "run the study with `ofc run`, which prepares its data first",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(directory, error) from error
    try:
        found = json.loads(text)
        if found["format"] != FORMAT or found["task"] not in ("classification", "regression"):
            raise KeyError("format")
        return Facts(
            found["task"],
            tuple(found["classes"]),
            tuple(found["featureNames"]),
            tuple(json.dumps(step, sort_keys=True) for step in found["steps"]),
            found["request"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(directory, error) from error


def _damaged(directory: Path, error: Exception) -> Problem:
    return Problem(
        "OFC725",
        f"the prepared data in `{directory}` is damaged: {error}",
        f"remove it and run again: `rm -r {directory}`",
    )


def _arrays(data: Dataset) -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
    import numpy as np

    parts = {"train": data.train, "valid": data.valid, "test": data.test}
    arrays = {
        f"{name}_{side}": getattr(part, side) for name, part in parts.items() for side in "xy"
    }
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _names(data: Dataset) -> str:
    return json.dumps([data.task, data.classes, data.feature_names, data.steps])


def _facts(data: Dataset) -> str:
    facts = {
        "format": FORMAT,
        "task": data.task,
        "classes": data.classes,
        "featureNames": data.feature_names,
        "sampleShape": data.sample_shape,
        "rows": {"train": len(data.train), "valid": len(data.valid), "test": len(data.test)},
        "steps": [json.loads(step) for step in data.steps],
        "digest": data.digest,
        "request": data.request,
    }
    return json.dumps(facts, indent=2, sort_keys=True) + "\n"


def _put(fresh: Path, directory: Path) -> None:
    """Moves `fresh` to its place; the last writer wins where two did the same work."""
    old = directory.with_name(f".{directory.name}.{os.getpid()}.old")
    shutil.rmtree(old, ignore_errors=True)
    if directory.exists():
        directory.rename(old)
    fresh.rename(directory)
    shutil.rmtree(old, ignore_errors=True)
