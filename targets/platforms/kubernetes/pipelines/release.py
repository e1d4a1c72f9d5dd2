"""The `release` pipeline: from the best trial to a model that answers.

    prepare ----+-> train -> convert-<device> -> measure-<device>
    choose  ----+                    |-> register -> deploy

Started by `study.completed`; nothing of it runs before.
"""

from __future__ import annotations

from omniforce.compiler.ir.program import Convert, Prepare, Program, Register, Search, Serve, Train

from .search import prepare_task
from .task import ArtifactInput, ParameterInput, Pipeline, Task, resources_of


def release_pipeline(program: Program, prepare: Prepare, search: Search) -> Pipeline:
    """The tasks after a search; without devices it ends with the trained model."""
    steps = program.steps
    tasks = [prepare_task(prepare)]
    resources = resources_of(search)
    data = ArtifactInput("data", "Dataset", "prepare", "data")
    tasks.append(
        Task(
            "choose",
            "reads the chosen trial's parameters from the store",
            resources,
            timeout=300,
            tells=("parameters",),
            store=True,
        )
    )
    if any(isinstance(s, Train) for s in steps):
        tasks.append(
            Task(
                "train",
                "trains the chosen parameters and judges them on the test part",
                resources,
                timeout=int(search.timeout),
                artifacts=(data,),
                parameters=(ParameterInput("parameters", "choose", "parameters"),),
                makes=(("model", "Model"), ("metrics", "Metrics")),
                cached=True,
            )
        )
    for convert in (s for s in steps if isinstance(s, Convert)):
        tasks += _device_tasks(convert, search, data)
    served = next((s for s in steps if isinstance(s, Serve)), None)
    if served is not None and any(isinstance(s, Register) for s in steps):
        artifact = ArtifactInput("artifact", "Model", f"convert-{served.device.name}", "artifact")
        tasks.append(
            Task(
                "register",
                "puts the model where the server reads it, with its version",
                resources,
                timeout=600,
                artifacts=(artifact,),
                tells=("version",),
                after=(f"measure-{served.device.name}",),
                volume=True,
            )
        )
        tasks.append(
            Task(
                "deploy",
                "lets the server take the new version",
                resources,
                timeout=600,
                parameters=(ParameterInput("version", "register", "version"),),
            )
        )
    return Pipeline(
        f"{program.name}-release",
        f"trains, converts, measures and serves the best of {program.name}",
        tuple(tasks),
    )


def _device_tasks(convert: Convert, search: Search, data: ArtifactInput) -> list[Task]:
    device = convert.device.name
    resources = resources_of(search)
    return [
        Task(
            f"convert-{device}",
            f"makes of the model what {device} runs, and checks it against the original",
            resources,
            timeout=1800,
            artifacts=(ArtifactInput("model", "Model", "train", "model"), data),
            makes=(("artifact", "Model"),),
            cached=True,
            step="convert",
            device=device,
        ),
        Task(
            f"measure-{device}",
            f"times the model on {device}",
            resources,
            timeout=1800,
            artifacts=(
                ArtifactInput("artifact", "Model", f"convert-{device}", "artifact"),
                data,
            ),
            makes=(("metrics", "Metrics"),),
            step="measure",
            device=device,
        ),
    ]
