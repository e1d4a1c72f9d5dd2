"""What can be searched: the interface of the paper's Listing 1 (section 3.2.1).

    from omniforce.stdlib_algorithms import estimator

    class MyEstimator(estimator.Estimator):
        @estimator.wrap
        def __init__(self, data_path, is_trainer, seed, *, depth: int = 3) -> None: ...
        def train(self) -> None: ...
        @estimator.wrap
        def calculate_score(self) -> float: ...
        def metrics(self) -> dict[str, float]: ...

The class of Listing 1 itself, with `from omnitools import estimator`, runs as it is printed: no
base class of ours, no `metrics`, no `seed`. Its score is the one figure that an objective names.

Parameters are the arguments of `__init__`, by name. What stands in the wrapped functions
needs to know nothing of trials: `wrap` seeds, drops what the search space left inactive, and
tells the trial what was reached.
"""

from __future__ import annotations

import functools
import inspect
import math
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast, runtime_checkable

from omniforce.runtime.trial.client import report, should_stop
from omniforce.runtime.trial.execute import seed_everything

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Deployable", "Estimator", "NotWrappable", "report", "should_stop", "wrap"]

F = TypeVar("F", bound=Callable[..., Any])


class NotWrappable(TypeError):  # noqa: N818 - what the function is
    """`wrap` was put on something else than `__init__` or `calculate_score`."""


class Estimator(ABC):
    """One training with one set of arguments.

    Attributes:
        data_path: the directory that `runtime.data` prepared; `Dataset.open` reads it.
        is_trainer: whether this trains the chosen model, and not a trial of the search; only then
            may it look at the rows kept back for the test.
        seed: of every random draw.
    """

    def __init__(self, data_path: str, is_trainer: bool, seed: int) -> None:
        self.data_path = data_path
        self.is_trainer = is_trainer
        self.seed = seed

    @abstractmethod
    def train(self) -> None:
        """Fits the model to the training rows, and says with `report` how it goes."""

    @abstractmethod
    def calculate_score(self) -> float:
        """The one figure that says how good the model is, on the validation rows."""

    @abstractmethod
    def metrics(self) -> dict[str, float]:
        """All figures of the trained model, by the names of `algorithm.yaml`."""

    def run(self) -> float:
        """Trains and scores: what a trial calls."""
        self.train()
        return self.calculate_score()


@runtime_checkable
class Deployable(Protocol):
    """An estimator whose model can leave it. A search without devices does not ask for it."""

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The model's output for `x`, n x d..., in the form in which the exported model gives it.

        Probabilities, n x classes, or predictions, n x 1.
        """
        ...

    def save(self, directory: Path) -> None:
        """Leaves all that `load` needs in an existing directory."""
        ...

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The estimator as it was saved; it can predict and export, and not train further."""
        ...

    def export_onnx(self, path: Path) -> None:
        """Writes ONNX: one float32 input `input` with a free first axis, and one output."""
        ...


def wrap(function: F) -> F:
    """Puts what a trial needs around `__init__` or `calculate_score` of an estimator.

    Around `__init__`: the generators are seeded with the argument `seed`, and arguments that the
    search space left inactive, None, are dropped, so that the function's own defaults hold.
    Around `calculate_score`: the score must be a number, and goes to the trial with the time
    since `__init__`.

    Raises:
        NotWrappable: the function has another name.
    """
    match function.__name__:
        case "__init__":
            return cast("F", _around_init(function))
        case "calculate_score":
            return cast("F", _around_score(function))
        case other:
            raise NotWrappable(f"`wrap` is for `__init__` and `calculate_score`, not `{other}`")


def _around_init(function: Callable[..., None]) -> Callable[..., None]:
    names = inspect.signature(function).parameters

    @functools.wraps(function)
    def init(self: Any, *args: object, **arguments: object) -> None:
        self._began = time.monotonic()
        given = {name: value for name, value in arguments.items() if value is not None}
        seed = given.get("seed", args[2] if len(args) > 2 else 0)
        seed_everything(int(cast("int", seed)))
        _remember(self, names, args, given)
        if "seed" not in names:  # Listing 1 has none, and its `**model_args` are the model's alone
            given.pop("seed", None)
        function(self, *args, **given)

    return init


def _remember(
    estimator: object,
    names: Mapping[str, inspect.Parameter],
    args: Sequence[object],
    given: Mapping[str, object],
) -> None:
    """Sets the arguments that `__init__` names as attributes, as Listing 1 reads them in `run`.

    `save_dir` is where the chosen model is left. What `__init__` sets itself is set after this.
    """
    plain = [n for n, p in names.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)][1:]
    defaults = {
        n: names[n].default for n in plain if names[n].default is not inspect.Parameter.empty
    }
    known = {**defaults, **dict(zip(plain, args, strict=False)), **given}
    for name in plain:
        if name in known and not hasattr(type(estimator), name):
            setattr(estimator, name, known[name])
    model = os.environ.get("OFC_MODEL_DIR")
    if known.get("is_trainer") and model is not None and not hasattr(type(estimator), "save_dir"):
        directory = Path(model) / "estimator"
        directory.mkdir(parents=True, exist_ok=True)
        vars(estimator).setdefault("save_dir", directory)


def _around_score(function: Callable[..., float]) -> Callable[..., float]:
    @functools.wraps(function)
    def score(self: Any, *args: object, **keywords: object) -> float:
        value = float(function(self, *args, **keywords))
        seconds = time.monotonic() - getattr(self, "_began", time.monotonic())
        self._scores = getattr(self, "_scores", -1) + 1
        if math.isfinite(value):  # what is not, the trial itself refuses, with its own words
            report(self._scores, {"score": value, "seconds": seconds})
        return value

    return score
