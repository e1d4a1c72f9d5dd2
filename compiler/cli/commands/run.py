"""`ofc run`: a study on this machine, from its data to a model that answers."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ...diagnostics.json_ import plain_diagnostics
from ...pipeline import compile_study
from .. import exits
from ..composition import PLATFORMS, Chosen, catalogue, load_spec, sources, spec_options
from ..output import Output, output_options, pass_output
from ..state import actor, dir_option, late

if TYPE_CHECKING:
    from omniforce.runtime.local.pool import Backend
    from omniforce.runtime.local.run import Result, RunOptions
    from omniforce.runtime.local.serving import Server

    from ...ir.program import Program


@click.command()
@spec_options
@click.option("--fresh", is_flag=True, help="Set an old study of this name aside, and start anew.")
@click.option(
    "--revise", is_flag=True, help="Go on with a changed spec; `ofc diff` says what it keeps."
)
@click.option("--serve/--no-serve", default=True, help="Serve the chosen model and ask it.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Where to serve; 0 takes a free one.  [default: 0, and 8080 with --keep-serving]",
)
@click.option(
    "--on",
    "backend",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="What runs the trials: processes here, or actors of Ray.",
)
@click.option(
    "--address",
    metavar="ADDRESS",
    help="A Ray cluster: `auto`, `HOST:6379` or `ray://HOST:10001`. Without it, a Ray of our own.",
)
@click.option(
    "--program",
    "compiled",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A compiled study in FILE's place, as the manifests of `--target ray` mount it.",
)
@click.option("--keep-serving", is_flag=True, help="Go on serving until Ctrl-C.")
@dir_option
@output_options()
@pass_output
def command(
    output: Output,
    chosen: Chosen,
    fresh: bool,
    revise: bool,
    serve: bool,
    port: int | None,
    keep_serving: bool,
    backend: str,
    address: str | None,
    compiled: Path | None,
    root: Path,
) -> int:
    """Run the study of FILE here, or go on with it after Ctrl-C.

    Trials run in processes of their own, or on Ray. The chosen model is trained once more,
    exported, checked, measured, served on 127.0.0.1 and asked; a report is written. All of it is
    in `.ofc/<study>`.
    """
    if fresh and revise:
        raise click.UsageError("`--fresh` and `--revise` contradict each other")
    if keep_serving and not serve:
        raise click.UsageError("`--keep-serving` and `--no-serve` contradict each other")
    if address is not None and backend != "ray":
        raise click.UsageError("`--address` is a Ray cluster's: add `--on ray`")
    from omniforce.runtime.local.stop import stoppable

    study = ""
    try:
        # from here on, so that a Ctrl-C is heard even where an import would swallow it
        with stoppable() as stop, late():
            if compiled is not None:
                program: Program | None = _read(compiled)
            else:
                program = _compiled(output, chosen, backend)
            if program is None:
                return exits.INVALID
            study = program.name
            from omniforce.runtime.local.run import RunOptions, here

            options = RunOptions(
                root=root,
                base=Path(chosen.folder),
                fresh=fresh,
                revise=revise,
                actor=actor(),
                serve=serve,
                port=port if port is not None else 8080 if keep_serving else 0,
                checkpoint=stop.checkpoint,
                backend=_on_ray(output, address) if backend == "ray" else here,
            )
            _show(output, _run(output, program, options, keep_serving))
    except KeyboardInterrupt:
        output.message(f"stopped; `{study or chosen.files[0]}` goes on with the same command")
        if "ray" in sys.modules:  # its threads may crash an interpreter that ends as usual
            sys.stdout.flush()
            os._exit(exits.INTERRUPTED)
        return exits.INTERRUPTED
    return exits.OK


def _on_ray(output: Output, address: str | None) -> Backend:
    if find_spec("ray") is None:  # named before anything is done
        raise ModuleNotFoundError("No module named 'ray'", name="ray")
    from omniforce.runtime.ray.backend import RayBackend

    return RayBackend(address, output.message)


def _read(file: Path) -> Program:
    """A study that `ofc compile` wrote.

    Raises:
        Problem: it is none, or another release's.
    """
    from omniforce.spec.plain.values import from_plain
    from omniforce.spec.problem import Problem

    from ...ir.program import Program

    try:
        return from_plain(Program, json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        message = f"`{file}` cannot be read: {error.strerror or error}"
    except (ValueError, KeyError, TypeError) as error:
        message = f"`{file}` is no compiled study: {type(error).__name__}: {error}"
    raise Problem(
        "OFC817", message, "give the `study.json` of a ConfigMap that this release compiled"
    )


def _compiled(output: Output, chosen: Chosen, backend: str) -> Program | None:
    loaded = load_spec(chosen)
    platform = PLATFORMS["local"]()
    target = platform.target
    if backend == "ray":
        from omniforce.targets.platforms.ray.refusals import RayRun

        target = cast("Any", RayRun())
    compiled = compile_study(loaded, catalogue(), target)
    output.diagnose(compiled.diagnostics, sources([loaded]))
    if compiled.program is None:
        output.document({"diagnostics": plain_diagnostics(compiled.diagnostics)}, "")
        return None
    for note in platform.notes(compiled.program):
        output.message(f"note: {note}")
    return compiled.program


def _run(output: Output, program: Program, options: RunOptions, keep_serving: bool) -> Result:
    from omniforce.runtime.local.progress import progress_for
    from omniforce.runtime.local.run import run
    from omniforce.strategies.table import make
    from omniforce.targets.platforms.local.plan import plan

    planned = plan(cast("Any", program))  # see `composition.Platform`
    hold = _Hold(output) if keep_serving else None
    with progress_for(sys.stderr, output.paints(sys.stderr)) as progress:
        return run(planned, options, make, progress, hold)


class _Hold:
    """Keeps a server up until Ctrl-C, which ends only the serving."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def __call__(self, server: Server) -> None:
        self._output.message(f"serving  {server.address} until Ctrl-C")
        try:
            server.process.wait()
        except KeyboardInterrupt:
            return


def _show(output: Output, result: Result) -> None:
    from omniforce.runtime.local.shown import plain_trial, table, trial_rows
    from omniforce.runtime.rewards import search_of

    search = search_of(result.program)
    model, check, chosen = result.model, result.check, result.chosen
    lines = [f"Pareto front of `{result.record.name}`, {len(result.front)} of "]
    lines[0] += f"{len(result.trials)} trials\n\n{table(trial_rows(search, result.front))}\n"
    if model is not None and chosen is not None:
        lines.append(f"chosen   trial {chosen.number}\nmodel    {model.directory}\n")
    lines.append(f"report   {result.home.report}\n")
    plain: dict[str, object] = {
        "study": result.record.name,
        "state": result.record.state,
        "reason": result.record.reason,
        "trials": len(result.trials),
        "front": [plain_trial(search, trial) for trial in result.front],
        "chosen": None if chosen is None else chosen.number,
        "model": None
        if model is None
        else {
            "digest": model.digest,
            "directory": str(model.directory),
            "metrics": dict(model.description.metrics),
        },
        "served": None
        if check is None
        else {"rows": check.rows, "difference": check.difference, "seconds": check.seconds},
        "report": str(result.home.report),
    }
    output.document(plain, "".join(lines))
