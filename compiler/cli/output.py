"""Data on stdout, messages on stderr, and both as text, as JSON or as a report for CI.

Every command takes its `Output` from `output_options` and writes nothing by itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO, TypeVar, cast

import click

from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.spec.source import Source

from ..diagnostics.width import json_steady, steady

if TYPE_CHECKING:
    from omniforce.spec.yaml.text import Plain

    from ..diagnostics.report import Report, Suppressed

F = TypeVar("F", bound=Callable[..., Any])

SHOWN = 100
"""Diagnostics of one run that text shows; JSON has them all."""

REPORTS = ("sarif", "github", "gitlab", "junit")
"""Formats of `-o` that hold the diagnostics and nothing else."""

FORMATS = ("text", "json", *REPORTS)
"""What `-o` takes where a command is there to show diagnostics."""

DATA = ("text", "json", "yaml")
"""What `-o` takes where a command is there to show data that people keep or hand on."""


@dataclass(slots=True)
class Output:
    """Where and how a command writes; click carries it as the context's object.

    Attributes:
        format: of what goes to stdout; with `json`, errors go there as well, in one document;
            with one of `REPORTS`, the diagnostics go there and nothing else.
        color: what the command line says; `auto` asks the terminal and the environment.
        report: all that was found so far, where a report was asked for; `finish` writes it.
    """

    format: str = "text"
    color: Literal["auto", "always", "never"] = "auto"
    report: Report | None = None

    def document(self, plain: Mapping[str, object], text: str, *, exact: bool = False) -> None:
        """The data of a command: one JSON document with `formatVersion`, or its text.

        What would steer a terminal is spelt out in the text, unless it is `exact`, a file's own,
        and goes elsewhere.
        """
        if self.format in REPORTS:
            return
        if self.format not in ("json", "yaml"):
            _write(sys.stdout, text if exact and not sys.stdout.isatty() else steady(text))
            return
        import json

        from ..diagnostics.json_ import FORMAT_VERSION

        whole = {"formatVersion": FORMAT_VERSION, **plain}
        if self.format == "yaml":
            from omniforce.spec.yaml.text import to_yaml

            _write(sys.stdout, to_yaml(cast("Plain", whole)))
            return
        text = json.dumps(whole, indent=2, ensure_ascii=False)
        _write(sys.stdout, f"{json_steady(text)}\n")

    def flush(self) -> None:
        """Has what was written read now, where the command goes on."""
        sys.stdout.flush()

    def raw(self, text: str) -> None:
        """Text that is the same in both formats, such as a script."""
        _write(sys.stdout, text)

    def message(self, text: str) -> None:
        """A line for people, on stderr in both formats."""
        shown = steady(text)
        _write(sys.stderr, shown if shown.endswith("\n") else shown + "\n")

    def diagnose(
        self,
        diagnostics: Iterable[Diagnostic],
        sources: Mapping[str, Source],
        suppressed: tuple[Suppressed, ...] | None = None,
        fails: Severity = Severity.ERROR,
    ) -> None:
        """Findings on stderr, then how many; or the one report of this run, on stdout.

        With JSON nothing: there they belong into the document.

        Args:
            diagnostics: in the order in which they are shown.
            sources: every file that was looked at, by name.
            suppressed: what comments took back; None where nobody looked for such comments.
            fails: the least severity that makes the run fail.
        """
        found = tuple(diagnostics)
        if self.format in REPORTS:
            self._report(found, sources, suppressed, fails)
            return
        if self.format in ("json", "yaml") or not found:
            return
        from ..diagnostics.text import render_text
        from ..lint.redaction import without_secrets

        found, sources = without_secrets(found, sources)

        shown = sorted(found, key=_worst_first)[:SHOWN] if len(found) > SHOWN else found
        self.message(render_text(shown, sources, self.paints(sys.stderr)))
        left = f", {len(found) - SHOWN} of them not shown" if len(found) > SHOWN else ""
        self.message(f"\n{tally(found)}{left}")

    def _report(
        self,
        found: tuple[Diagnostic, ...],
        sources: Mapping[str, Source],
        suppressed: tuple[Suppressed, ...] | None,
        fails: Severity,
    ) -> None:
        from ..diagnostics.report import Report
        from ..lint.redaction import without_secrets

        found, sources = without_secrets(found, sources)
        context = click.get_current_context(silent=True)
        command = (context.info_name if context is not None else None) or "ofc"
        if self.report is not None:
            command = self.report.command
            found = (*self.report.diagnostics, *found)
            sources = {**self.report.sources, **sources}
        self.report = Report(command, found, sources, suppressed, fails, repository_root())

    def finish(self) -> None:
        """Writes the one report of this run, if one was asked for and anything was looked at."""
        if self.report is not None:
            text = _writer(self.format)(self.report)
            _write(sys.stdout, json_steady(text) if text[:1] in "[{" else text)

    def paints(self, stream: TextIO) -> bool:
        """Whether text for `stream` has colours: the flag, then the environment, then the tty."""
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
            return True
        return stream.isatty() and os.environ.get("TERM") != "dumb"


def tally(found: tuple[Diagnostic, ...]) -> str:
    """`2 errors, 1 warning, 3 notes`."""
    counts = ((s.value, sum(d.severity is s for d in found)) for s in Severity)
    return ", ".join(f"{n} {word}{'s' if n > 1 else ''}" for word, n in counts if n)


def _worst_first(diagnostic: Diagnostic) -> int:
    return list(Severity).index(diagnostic.severity)


def repository_root() -> Path | None:
    """The folder with `.git` at or above this one, which CI gives places from; None without."""
    here = Path.cwd()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), None)


def _writer(format_: str) -> Callable[[Report], str]:
    match format_:
        case "sarif":
            from ..diagnostics.sarif import to_sarif

            return to_sarif
        case "github":
            from ..diagnostics.github import to_github

            return to_github
        case "gitlab":
            from ..diagnostics.gitlab import to_gitlab

            return to_gitlab
        case _:
            from ..diagnostics.junit import to_junit

            return to_junit


def plural(count: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def output_options(*flags: str, formats: tuple[str, ...] = ("text", "json")) -> Callable[[F], F]:
    """The options `-o text|json` and `--color`, for every command; it takes them by `pass_output`.

    Args:
        flags: other names for `-o/--output`, where a command needs that for itself.
        formats: what it takes, the default first; `FORMATS` where a command is there to show
            diagnostics. `document` writes its text for every one that is neither `json` nor a
            report.
    """
    names = flags or ("-o", "--output")

    def set_format(context: click.Context, _: click.Parameter, value: str | None) -> None:
        context.ensure_object(Output).format = value or formats[0]

    def set_color(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.ensure_object(Output).color = value  # type: ignore[assignment]

    def decorate(function: F) -> F:
        function = click.option(
            "--color",
            type=click.Choice(("auto", "always", "never")),
            callback=set_color,
            expose_value=False,
            is_eager=True,
            help="Colours in text; NO_COLOR and FORCE_COLOR are heeded.",
        )(function)
        return click.option(
            *names,
            type=click.Choice(formats),
            callback=set_format,
            expose_value=False,
            is_eager=True,
            help=f"What stdout gets.  [default: {formats[0]}]",
        )(function)

    return decorate


pass_output = click.make_pass_decorator(Output, ensure=True)
"""Hands a command its `Output` as the first argument."""


class StreamGone(Exception):  # noqa: N818 - the state of a stream, not of the run
    """Stdout or stderr takes nothing any more. Click would make an exit code of the `OSError`."""

    def __init__(self, fault: OSError) -> None:
        super().__init__(fault.strerror or str(fault))
        self.broken_pipe = isinstance(fault, BrokenPipeError)


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except OSError as fault:
        raise StreamGone(fault) from fault
