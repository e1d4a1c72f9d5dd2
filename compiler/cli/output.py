"""Data on stdout, messages on stderr, and both as text or as JSON.

Every command takes its `Output` from `output_options` and writes nothing by itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TextIO, TypeVar

import click

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.source import Source

F = TypeVar("F", bound=Callable[..., Any])

SHOWN = 100
"""Diagnostics of one run that text shows; JSON has them all."""


@dataclass(slots=True)
class Output:
    """Where and how a command writes; click carries it as the context's object.

    Attributes:
        format: of what goes to stdout; with `json`, errors go there as well, in one document.
        color: what the command line says; `auto` asks the terminal and the environment.
    """

    format: Literal["text", "json"] = "text"
    color: Literal["auto", "always", "never"] = "auto"

    def document(self, plain: Mapping[str, object], text: str) -> None:
        """The data of a command: one JSON document with `formatVersion`, or its text."""
        if self.format == "text":
            _write(sys.stdout, text)
            return
        import json

        from ..diagnostics.json_ import FORMAT_VERSION

        whole = {"formatVersion": FORMAT_VERSION, **plain}
        _write(sys.stdout, json.dumps(whole, indent=2, ensure_ascii=False) + "\n")

    def flush(self) -> None:
        """Has what was written read now, where the command goes on."""
        sys.stdout.flush()

    def raw(self, text: str) -> None:
        """Text that is the same in both formats, such as a script."""
        _write(sys.stdout, text)

    def message(self, text: str) -> None:
        """A line for people, on stderr in both formats."""
        _write(sys.stderr, text if text.endswith("\n") else text + "\n")

    def diagnose(self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source]) -> None:
        """Findings on stderr, then how many; with JSON nothing, they belong into the document."""
        found = tuple(diagnostics)
        if self.format == "json" or not found:
            return
        from ..diagnostics.text import render_text

        shown = sorted(found, key=lambda d: not d.is_error)[:SHOWN] if len(found) > SHOWN else found
        self.message(render_text(shown, sources, self.paints(sys.stderr)))
        left = f", {len(found) - SHOWN} of them not shown" if len(found) > SHOWN else ""
        self.message(f"\n{tally(found)}{left}")

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
    """`2 errors, 1 warning`."""
    errors = sum(d.is_error for d in found)
    counts = (("error", errors), ("warning", len(found) - errors))
    return ", ".join(f"{n} {word}{'s' if n > 1 else ''}" for word, n in counts if n)


def plural(count: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def output_options(*flags: str) -> Callable[[F], F]:
    """The options `-o text|json` and `--color`, for every command; it takes them by `pass_output`.

    Args:
        flags: other names for `-o/--output`, where a command needs that for itself.
    """
    names = flags or ("-o", "--output")

    def set_format(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value == "json":
            context.ensure_object(Output).format = "json"

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
            type=click.Choice(("text", "json")),
            callback=set_format,
            expose_value=False,
            is_eager=True,
            help="What stdout gets.  [default: text]",
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
