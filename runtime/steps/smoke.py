"""Makes the estimator with the space's defaults, without training it.

Finds in seconds what would end every trial: a class that cannot be imported, data of a shape that
the model does not take, an argument it does not know. The paper's smoke test (section 3.2.3).
"""

from __future__ import annotations

from omniforce.spec.problem import Problem

from ..trial.load import load_trial
from .defaults import default_arguments
from .task import Task


def run(task: Task) -> None:
    """Makes it, and says what went wrong if it cannot be made.

    Raises:
        Problem: the algorithm cannot be made with these arguments.
    """
    search = task.search
    make = load_trial(search.algorithm)
    arguments = default_arguments(search)
    try:
        make(data_path=task.value("data"), is_trainer=False, seed=search.seed, **arguments)
    except Exception as error:
        raise Problem(
            "OFC773",
            f"the estimator cannot be made with its defaults: {type(error).__name__}: {error}",
            f"the arguments were {dict(arguments)}",
        ) from error
