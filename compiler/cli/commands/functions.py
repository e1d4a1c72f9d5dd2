"""`ofc functions`: the functions of a study on this machine, as they run on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from .. import exits
from ..composition import Chosen, spec_options
from ..duration import DURATION
from ..output import Output, output_options, pass_output
from ..state import dir_option, late

if TYPE_CHECKING:
    from ...ir.program import Program


@click.group()
@output_options()
def command() -> None:
    """Run the functions of a study here, as they run on a cluster."""


@command.command()
@spec_options
@click.option("--study", help="A study of the store, in place of FILE.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="0 takes a free one.",
)
@click.option("--store", metavar="URL", envvar="OFC_STORE_URL", help="postgresql:// or sqlite://.")
@click.option(
    "--access",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Who may ask the API; without it nobody may.",
)
@click.option(
    "--idle",
    type=DURATION,
    default="30s",
    show_default=True,
    help="How long a function stays without being asked.",
)
@click.option("--status", is_flag=True, help="Say what sleeps and what runs, and end.")
@dir_option
@output_options()
@pass_output
def serve(
    output: Output,
    chosen: Chosen,
    study: str | None,
    host: str,
    port: int,
    store: str | None,
    access: Path | None,
    idle: float,
    status: bool,
    root: Path,
) -> int:
    """Serve the functions of FILE, or of a study, behind one port until Ctrl-C.

    A POST of a CloudEvent to `/` wakes whoever has subscribed to it on a cluster as well: search,
    dispatch and the others are processes that start at the first event and end when none comes.
    Nothing runs before `study.started`, and nothing after `study.completed`.
    """
    with late():
        if status:
            return _status(output, root, study)
        from omniforce.runtime.local.stop import stoppable
        from omniforce.runtime.local_functions.serve import ServeOptions, program_of_study, serve

        if study is None:
            program = _compiled(output, chosen)
            if program is None:
                return exits.INVALID
        else:
            program = program_of_study(root, study, store)
        options = ServeOptions(
            root=root,
            base=Path(chosen.folder) if study is None else Path(),
            host=host,
            port=port,
            store=store,
            window=idle,
            access=access.absolute() if access else None,
        )
        name = program.name

        def started(address: str) -> None:
            output.document({"study": name, "url": address}, f"{address}\n")
            output.flush()

        try:
            with stoppable():
                serve(cast("Any", program), options, started)  # see `composition.Platform`
        except KeyboardInterrupt:
            return exits.INTERRUPTED
    return exits.OK


def _compiled(output: Output, chosen: Chosen) -> Program | None:
    from ...diagnostics.json_ import plain_diagnostics
    from ...pipeline import compile_study
    from ..composition import PLATFORMS, catalogue, load_spec, sources

    loaded = load_spec(chosen)
    compiled = compile_study(loaded, catalogue(), PLATFORMS["local"]().target)
    output.diagnose(compiled.diagnostics, sources([loaded]))
    if compiled.program is None:
        output.document({"diagnostics": plain_diagnostics(compiled.diagnostics)}, "")
    return compiled.program


def _status(output: Output, root: Path, study: str | None) -> int:
    from omniforce.runtime.local.shown import find_home
    from omniforce.runtime.local_functions.serve import standing_at

    name = study or find_home(root, None).study
    address, standing = standing_at(root, name)
    output.document({"url": address, **standing}, _text(address, standing))
    return exits.OK


def _text(address: str, standing: dict[str, object]) -> str:
    lines = [f"study     {standing['study']}", f"address   {address}"]
    for each in cast("list[dict[str, object]]", standing["functions"]):
        process = each["process"]
        how = "asleep" if process is None else f"awake, process {process}"
        lines.append(
            f"{each['name']!s:<10}{how}; {each['requests']} requests, {each['starts']} starts"
        )
    jobs = cast("list[int]", standing["jobs"])
    lines.append(f"trials    {len(jobs)} under way")
    tick = f"every {standing['period']:g} s" if standing["tick"] else "none"
    lines.append(f"tick      {tick}")
    return "\n".join(lines) + "\n"
