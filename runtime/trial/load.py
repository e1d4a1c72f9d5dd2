"""The class behind `package.module:Class`."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from functools import partial
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, cast

from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.problem import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXTRAS = {
    "alembic": "search",
    "botorch": "search",
    "duckdb": "data",
    "gpytorch": "search",
    "kserve": "serve",
    "kubernetes": "kubernetes",
    "lsprotocol": "lsp",
    "numpy": "algorithms",
    "onnx": "edge",
    "onnxruntime": "edge",
    "onnxscript": "edge",
    "optuna": "optuna",
    "opentelemetry": "telemetry",
    "pandas": "data",
    "prometheus_client": "functions",
    "psycopg": "functions",
    "pygls": "lsp",
    "ray": "ray",
    "scipy": "search",
    "sklearn": "algorithms",
    "sqlalchemy": "search",
    "torch": "algorithms",
}
"""Which extra of the package brings which module."""


class Trained(Protocol):
    """What a trial asks of an estimator; `stdlib_algorithms.estimator` is the usual base."""

    def run(self) -> float | None:
        """Trains, and gives the score."""
        ...

    def metrics(self) -> Mapping[str, float]:
        """All figures of the training by name, the score among them; a class may have none."""
        ...

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The model's answers, in the form in which the exported model gives them."""
        ...

    def save(self, directory: Path) -> None:
        """Leaves the model where it can be loaded again."""
        ...

    def export_onnx(self, path: Path) -> None:
        """Writes the model in ONNX's form."""
        ...


class Restored(Trained, Protocol):
    """What can answer again after `load`."""

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The model's own answers, n x classes or n x 1."""
        ...


def missing_module(error: ImportError) -> Problem:
    """What to say of a module that is not installed."""
    module = (error.name or "").partition(".")[0]
    if module in EXTRAS:
        return Problem(
            "OFC703",
            f"the module `{module}` is not installed here",
            f"pip install 'omniforce[{EXTRAS[module]}]'",
        )
    return Problem(
        "OFC764",
        f"the estimator cannot be imported: {error}",
        "install what it needs, or put its folder on PYTHONPATH",
    )


def load_class(estimator: str) -> Callable[..., Trained]:
    """The class itself.

    Raises:
        Problem: its module is missing, misses another one, or has no such class.
    """
    module_name, _, class_name = estimator.partition(":")
    _answer_to_the_papers_name()
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise missing_module(error) from error
    found = getattr(module, class_name, None)
    if not callable(found):
        raise Problem(
            "OFC764",
            f"the module `{module_name}` has no class `{class_name}`",
            f"name a class of {module.__file__}",
        )
    return cast("Callable[..., Trained]", found)


def _answer_to_the_papers_name() -> None:
    """Has `from omnitools import estimator` give ours, unless a package of that name is there."""
    if _PAPERS in sys.modules or importlib.util.find_spec(_PAPERS) is not None:
        return
    module = ModuleType(_PAPERS, "What the paper's Listing 1 imports.")
    module.__getattr__ = _ours  # type: ignore[method-assign]
    module.__spec__ = ModuleSpec(_PAPERS, None)
    sys.modules[_PAPERS] = module


def _ours(name: str) -> ModuleType:
    if name != "estimator":
        raise AttributeError(name)
    return importlib.import_module("omniforce.stdlib_algorithms.estimator")


_PAPERS = "omnitools"


def load_trial(algorithm: AlgorithmInterface) -> Callable[..., Trained]:
    """What makes one training of the algorithm: its class, which for a program is one of ours.

    Raises:
        Problem: what is said of `load_class`.
    """
    made = load_class(algorithm.estimator)
    return partial(made, command=algorithm.command) if algorithm.command else made


def load_saved(estimator: str, directory: Path) -> Restored:
    """The estimator as its `save` left it in `directory`.

    Raises:
        Problem: its class cannot be loaded, or has no `load`.
    """
    restore = getattr(load_class(estimator), "load", None)
    if not callable(restore):
        raise Problem(
            "OFC764",
            f"the class `{estimator}` has no `load`",
            "add `save` and `load`, as `stdlib_algorithms.estimator.Deployable` says",
        )
    return cast("Restored", restore(directory))
