"""Commands that rewrite specs: which files, whether to write, and how not to lose anything."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeVar

import click

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem
from omniforce.spec.read_source import read_source
from omniforce.spec.source import Source

from ..diagnostics.json_ import plain_diagnostics
from ..diagnostics.width import visible
from . import exits
from .composition import DEFAULT_SPEC
from .output import Output, plural

F = TypeVar("F", bound=Callable[..., Any])
Mode = Literal["write", "check", "diff"]

ENDINGS = (".omniforce.yaml", ".omniforce.yml")
NAMES = ("omniforce.yaml", "omniforce.yml")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One file, and what it should be.

    Attributes:
        after: its new text; the old one where nothing changes.
        found: why it stays as it is, or what else is to be said of it.
        facts: what the JSON of the command says of it beside that.
        lines: what was done, for people.
        shown: the text that `found` speaks of, where that is not the old one.
    """

    source: Source
    after: str
    found: tuple[Diagnostic, ...] = ()
    facts: tuple[tuple[str, object], ...] = ()
    lines: tuple[str, ...] = ()
    shown: Source | None = None

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.after != self.source.text


def rewriting_options(function: F) -> F:
    """`[FILES...] --check --diff`, given as `files` and `mode`."""

    def command(*args: Any, check: bool, diff: bool, **rest: Any) -> Any:
        mode: Mode = "diff" if diff else "check" if check else "write"
        return function(*args, mode=mode, **rest)

    command.__name__ = function.__name__
    command.__doc__ = function.__doc__
    command.__dict__.update(function.__dict__)
    decorated: Any = click.argument("files", nargs=-1)(command)
    decorated = click.option(
        "--diff", is_flag=True, help="Shows the changes and writes nothing; exits like --check."
    )(decorated)
    return click.option(  # type: ignore[no-any-return]
        "--check", is_flag=True, help="Writes nothing; exits with 2 if a file would change."
    )(decorated)


def read_all(files: Iterable[str]) -> Iterator[Source | Rewritten]:
    """Each file once, or why it cannot be read; folders stand for the specs below them.

    Raises:
        Problem: a folder has no spec.
    """
    seen: set[str] = set()
    for name in _each(files or (DEFAULT_SPEC,)):
        place = name if name == "-" else os.path.realpath(name)
        if place not in seen:
            seen.add(place)
            yield _read(name)


def _each(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name == "-" or not os.path.isdir(name):
            yield name
            continue
        specs = sorted(_specs_below(name))
        if not specs:
            raise Problem(
                "OFC121",
                f"there is no spec in `{name}`",
                f"name the file; in folders, {' and '.join(f'`{n}`' for n in NAMES)} "
                f"and `*{ENDINGS[0]}` are found",
            )
        yield from specs


def _read(name: str) -> Source | Rewritten:
    source = read_source(name)
    if not isinstance(source, Diagnostic):
        return source
    return Rewritten(Source("<stdin>" if name == "-" else name, ""), "", (source,))


def _specs_below(folder: str) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "node_modules")
        for name in names:
            path = os.path.join(here, name)
            if (name in NAMES or name.endswith(ENDINGS)) and not os.path.islink(path):
                yield os.path.normpath(path)


def finish(output: Output, every: Iterable[Rewritten], mode: Mode, did: str) -> int:
    """Writes the files, or says what would be written.

    Args:
        output: of the command.
        every: the files.
        mode: `write`, or one of the two that write nothing.
        did: the word for what happened, such as `formatted`.

    Returns:
        The exit code: 3 where a file is refused, else 2 where `--check` or `--diff` found changes.
    """
    rewritten = tuple(every)
    found = tuple(d for each in rewritten for d in each.found)
    text = "".join(_text(output, each, mode, did) for each in rewritten)
    output.diagnose(found, {each.source.name: each.shown or each.source for each in rewritten})
    output.document(
        {
            "files": [
                {
                    "file": each.source.name,
                    "changed": each.changed,
                    "diagnostics": plain_diagnostics(each.found),
                    **dict(each.facts),
                    **({"text": each.after} if each.source.name == "<stdin>" else {}),
                    **({"diff": diff_of(each)} if mode == "diff" else {}),
                }
                for each in rewritten
            ]
        },
        text,
        exact=True,
    )
    changed = sum(each.changed for each in rewritten)
    nothing = mode == "check" and not changed and not found  # else one file says nothing at all
    if output.format == "text" and (len(rewritten) > 1 or nothing):
        verb = did if mode == "write" else f"would be {did}"
        output.message(f"{plural(changed, 'file')} {verb}, {len(rewritten) - changed} unchanged")
    if any(d.is_error for d in found):
        return exits.INVALID
    return exits.CHANGES if changed and mode != "write" else exits.OK


def _text(output: Output, each: Rewritten, mode: Mode, did: str) -> str:
    """Does what the mode says, and answers what goes to stdout."""
    name, shown = each.source.name, visible(each.source.name)
    piped = name == "<stdin>"
    if mode == "diff":
        return diff_of(each)
    if mode == "write" and piped:
        return each.after
    if not each.changed:
        for line in each.lines if output.format == "text" else ():
            output.message(f"{shown}: {line}")
        return ""
    if mode == "write":
        replace_text(name, each.source.text, each.after)
    if output.format == "text":
        for line in each.lines:
            output.message(f"{shown}: {line}")
        if not each.lines:
            output.message(f"{shown}: {did}" if mode == "write" else f"{shown}: would be {did}")
    return ""


def diff_of(each: Rewritten) -> str:
    """The changes of a file as a unified diff, with stars for what looks like a secret."""
    import difflib

    from ..lint.redaction import Redaction
    from ..lint.secrets import secrets

    before, after = (
        Redaction(secrets(source)).source(source).text
        for source in (each.source, Source(each.source.name, each.after))
    )
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        visible(each.source.name),
        visible(each.source.name),
    )
    ended = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return "".join(ended)


def replace_text(name: str, before: str, after: str) -> None:
    """Puts another text into a file, all of it or nothing; its mode stays.

    Raises:
        Problem: it changed since it was read, is a link out of its folder, or cannot be written.
    """
    path = _real(name)
    try:
        with open(path, "rb") as file:
            now = file.read()
        if now.decode("utf-8", errors="replace").removeprefix("\ufeff") != before:
            raise Problem(
                "OFC122",
                f"`{name}` changed while it was looked at",
                "nothing was written: save it in your editor, and try again",
            )
        mode = stat.S_IMODE(os.stat(path).st_mode)
        folder, base = os.path.split(path)
        staged = os.path.join(folder, f".{base}.{os.urandom(6).hex()}")
        handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(handle, "wb") as file:
                file.write(after.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            os.chmod(staged, mode)
            os.replace(staged, path)
        except BaseException:
            os.unlink(staged)
            raise
    except OSError as fault:
        why = (fault.strerror or str(fault)).lower()
        raise Problem(
            "OFC701",
            f"`{name}` cannot be written: {why}",
            "check its permissions, and its folder's",
        ) from fault


def _real(name: str) -> str:
    """The file itself; a link is followed within its own folder and below it only."""
    real = os.path.realpath(name)
    if not os.path.islink(name):
        return real
    folder = os.path.realpath(os.path.dirname(name) or ".")
    if os.path.commonpath((folder, real)) == folder:
        return real
    raise Problem(
        "OFC701",
        f"`{name}` is a link to `{real}`, which is not below its folder",
        "name the file that it links to",
    )
