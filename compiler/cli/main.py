"""The entry point of `ofc`: finds the command, and turns whatever happens into an exit code."""

from __future__ import annotations

import importlib
import keyword
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import click

from . import exits
from .output import REPORTS, Output, StreamGone

COMMANDS: dict[str, str] = {
    "init": "Write a commented spec to start from.",
    "check": "Check specs, and show every error with its place.",
    "fmt": "Put specs into house form, comments kept.",
    "lint": "Give advice on specs.",
    "fix": "Do as the messages advise, where that is safe.",
    "render": "Write a spec with every default.",
    "analyze": "Say how large a search space is, and what is wrong with it.",
    "graph": "Draw the program of a spec.",
    "diff": "Compare two specs by what they mean.",
    "migrate": "Bring specs to the newest version of the language.",
    "vendor": "Fetch and pin the templates of a spec.",
    "compile": "Make the manifests of a spec.",
    "verify": "Hold files or a cluster against the lock.",
    "plan": "Show what an apply would change on a cluster.",
    "apply": "Bring a cluster to what the spec says.",
    "destroy": "Remove a study from a cluster.",
    "run": "Run a study here, or go on with one.",
    "status": "Show how a study stands, here or on a cluster.",
    "watch": "Watch a study while it runs.",
    "trials": "List the trials of a study.",
    "logs": "Show the output of a trial.",
    "pause": "Propose no more trials until told otherwise.",
    "resume": "Go on with a study that was paused or stopped.",
    "stop": "End a study.",
    "extend": "Add to the budget of a study.",
    "add": "Propose one trial by hand.",
    "cancel": "End trials.",
    "rate": "Say what you think of a trial.",
    "revise": "Change the spec of a study while it runs.",
    "actions": "List what people did to a study.",
    "advise": "Say what the trials advise to change in the spec.",
    "export": "Write the trials of a study for other tools.",
    "import": "Take over an experiment of another system.",
    "functions": "Run the functions of a study here, as on a cluster.",
    "api": "Make a token for the API, and check who may do what there.",
    "serve": "Serve the chosen model here.",
    "store": "Look after the database that studies are kept in.",
    "explain": "Explain a diagnostic's code.",
    "targets": "Say what each target can express.",
    "lsp": "Serve an editor.",
    "git": "Help git to compare and merge specs.",
    "schema": "Write the JSON Schema of the spec.",
    "version": "Show the version.",
    "completion": "Write the completion script of a shell.",
}
"""Every command in the order of a study's life; `commands/<name>.py` has it as `command`, that of a
word of Python `commands/<name>_.py`."""


class LazyGroup(click.Group):
    """Imports a command when it is called, so that `check` does not pay for `run`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        module = importlib.import_module(f".commands.{name}", __package__)
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names, or a usage error with the nearest one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from omniforce.spec.readers import nearest

            meant = nearest(name, COMMANDS)
            hint = f"did you mean `ofc {meant}`?" if meant else "`ofc --help` lists the commands"
            raise click.UsageError(f"there is no command `{name}`: {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table itself, which imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), text) for code, text in exits.MEANINGS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="omniforce", prog_name="ofc", message="%(prog)s %(version)s")
def ofc() -> None:
    """One spec, from search to serving: check it, compile it, run it.

    Data goes to stdout and messages to stderr. Every command takes `-o json`.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs `ofc` and exits; never with a traceback for what a user did."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs `ofc` and answers the exit code.

    Args:
        arguments: without the program's name; None takes the process's own.
    """
    _open_the_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that lacks a letter shows its number, and no message is lost over it.
            stream.reconfigure(errors="backslashreplace")
    output = Output()
    try:
        code = _run(arguments, output)
        output.finish()
        try:
            sys.stdout.flush()
        except OSError as fault:
            raise StreamGone(fault) from fault
    except StreamGone as gone:
        _forget_stdout()
        if gone.broken_pipe:
            return exits.BROKEN_PIPE
        sys.stderr.write(f"error: stdout cannot be written: {gone}\n")
        return exits.FAILED
    return code


def _run(arguments: Sequence[str] | None, output: Output) -> int:
    try:
        code = ofc.main(arguments, prog_name="ofc", standalone_mode=False, obj=output)
    except click.UsageError as wrong:
        wrong.show()
        return exits.USAGE
    except click.exceptions.Exit as done:
        return done.exit_code
    except (click.Abort, KeyboardInterrupt):
        output.message("interrupted")
        return exits.INTERRUPTED
    except StreamGone:
        raise
    except OSError as fault:
        if _is_of_click(fault):
            raise StreamGone(fault) from fault
        return _failed(fault, output)
    except Exception as fault:
        return _failed(fault, output)
    return code if isinstance(code, int) else exits.OK


def _is_of_click(fault: OSError) -> bool:
    """Whether it is click's own writing that failed, which is done for help and usage."""
    import traceback

    (place,) = traceback.extract_tb(fault.__traceback__)[-1:]
    return os.path.dirname(place.filename) == os.path.dirname(click.__file__)


def _failed(fault: Exception, output: Output) -> int:
    from omniforce.spec.problem import Problem

    if not isinstance(fault, Problem):
        return _bug(fault, output)
    from ..diagnostics.json_ import plain_diagnostics

    if output.format in ("json", "yaml"):
        output.document({"diagnostics": plain_diagnostics([fault.diagnostic])}, "")
    elif output.format in REPORTS:
        output.diagnose([fault.diagnostic], {})
    else:
        from ..diagnostics.text import render_text

        output.message(render_text([fault.diagnostic], {}, output.paints(sys.stderr)))
    return exits.FAILED


def _bug(fault: Exception, output: Output) -> int:
    """A fault of our own: short, and what a report of it needs."""
    import traceback

    from ..errors import CompilerBug
    from ..version import VERSION

    if os.environ.get("OFC_DEBUG"):
        output.message("".join(traceback.format_exception(fault)))
    where = traceback.extract_tb(fault.__traceback__)[-1:]
    place = "".join(f" at {os.path.basename(f.filename)}:{f.lineno}" for f in where)
    what = (
        f"the pass `{fault.pass_name}` left a broken program: {'; '.join(fault.findings)}"
        if isinstance(fault, CompilerBug)
        else f"{type(fault).__name__}{place}: {fault}"
    )
    output.message(
        f"bug: {what}\n"
        f"This is a fault of ofc {VERSION}, not of your spec. Please report it with the spec and "
        "what\nOFC_DEBUG=1 prints: https://omniforce.dev/issues"
    )
    return exits.BUG


def _open_the_closed() -> None:
    """Gives a process that began without a standard stream (`>&-`) one that has no other end.

    No file that is opened later can then be taken for it. Stdout does not take anything, so that
    lost data is an error; lost messages are none.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - until the process ends
    if sys.stdout is None:
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the end


def _forget_stdout() -> None:
    """Nothing more goes to stdout, so that the interpreter's own flush at the end is silent."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())


if __name__ == "__main__":
    main()
