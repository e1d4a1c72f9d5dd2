"""The `search` pipeline: prepare the data, see that the algorithm works, start the search.

    prepare -> smoke -> default -> start

Nothing of it runs while the search does: `start` sends `study.started` and ends.
"""

from __future__ import annotations

from omniforce.compiler.ir.program import Prepare, Search

from .task import ArtifactInput, Pipeline, Task, resources_of


def search_pipeline(prepare: Prepare, search: Search, name: str) -> Pipeline:
    """The tasks before a search. `smoke` makes the estimator, `default` trains it once."""
    resources = resources_of(search)
    data = ArtifactInput("data", "Dataset", "prepare", "data")
    trial = int(search.timeout)
    return Pipeline(
        f"{name}-search",
        f"prepares the data of {name}, tries the algorithm, starts the search",
        (
            prepare_task(prepare),
            Task(
                "smoke",
                "makes the estimator with its defaults, without training it",
                resources,
                timeout=min(trial, 600),
                artifacts=(data,),
                retries=0,
            ),
            Task(
                "default",
                "trains the defaults once: the figures that a search must beat",
                resources,
                timeout=trial,
                artifacts=(data,),
                makes=(("metrics", "Metrics"),),
                after=("smoke",),
            ),
            Task(
                "start",
                "sends study.started",
                resources,
                timeout=300,
                after=("default",),
            ),
        ),
    )


def prepare_task(prepare: Prepare) -> Task:
    """Reads, splits and makes the features: the first task of both pipelines, run once by cache."""
    resources = resources_of(prepare)
    return Task(
        "prepare",
        "reads the data, splits it, makes the features",
        resources,
        timeout=3600,
        makes=(("data", "Dataset"),),
        cached=True,
        cache_key=prepare.cache_key,
        volume=True,
    )
