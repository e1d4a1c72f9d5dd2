"""Merges the three files that git hands over, and leaves the result where git looks for it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Literal

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.load import load
from omniforce.spec.merging import merge
from omniforce.spec.problem import Problem
from omniforce.spec.source import Source
from omniforce.spec.versions import LATEST, migrate

from ..output import plural


@dataclass(frozen=True, slots=True)
class MergedFile:
    """What came of a merge.

    Attributes:
        how: by what the spec says, or by its lines where that was not possible.
        lines: what people should know.
    """

    conflicts: int
    how: Literal["values", "lines"]
    lines: tuple[str, ...] = ()


def merge_files(base: str, ours: str, theirs: str, name: str) -> MergedFile:
    """Writes the merge of the three into the second one.

    Raises:
        Problem: a file cannot be read or written, or git cannot be run.
    """
    texts = [_text(path) for path in (base, ours, theirs)]
    if None not in texts:
        sources = [Source(name, text or "") for text in texts]
        brought = _one_version(sources)
        merged = merge(*brought)
        if merged is not None:
            _write(ours, merged.text)
            lines = [] if brought == sources else [f"brought to {LATEST} before the merge"]
            if merged.conflicts:
                lines.append(f"{plural(merged.conflicts, 'value')} changed to two things")
            else:
                lines += _errors(Source(name, merged.text), brought[1], brought[2])
            return MergedFile(merged.conflicts, "values", tuple(lines))
    conflicts = _by_lines(base, ours, theirs)
    return MergedFile(conflicts, "lines", ("not all three are YAML, so git's own merge was used",))


def _errors(merged: Source, ours: Source, theirs: Source) -> list[str]:
    """What is wrong with the merge and was with neither side: keys fit, and values may not."""
    if _wrong(ours) or _wrong(theirs) or not (found := _wrong(merged)):
        return []
    return [
        f"line {d.span.line if d.span is not None else 1}: both sides together are refused, "
        f"{d.message}"
        for d in found
    ]


def _wrong(source: Source) -> list[Diagnostic]:
    return [d for d in load(source).diagnostics if d.is_error]


def _one_version(sources: list[Source]) -> list[Source]:
    """The three in the newest version, where they are of two."""
    plans = [migrate(source) for source in sources]
    written = {plan.before for plan in plans if plan is not None and plan.before}
    if len(written) < 2 or any(plan is not None and plan.by_hand for plan in plans):
        return sources
    return [
        source if plan is None else Source(source.name, plan.applied(source.text))
        for source, plan in zip(sources, plans, strict=True)
    ]


def _by_lines(base: str, ours: str, theirs: str) -> int:
    words = ["git", "merge-file", "-p", "-L", "ours", "-L", "base", "-L", "theirs"]
    try:
        done = subprocess.run(  # noqa: S603 - paths that git handed over
            [*words, ours, base, theirs], capture_output=True, check=False
        )
    except OSError as fault:
        raise Problem("OFC705", f"git cannot be run: {fault.strerror}", "install git") from fault
    if done.returncode >= 128 or done.returncode < 0:
        why = done.stderr.decode(errors="replace").strip()
        raise Problem("OFC705", f"`git merge-file` fails: {why}", "merge the file by hand")
    _write(ours, done.stdout)
    return done.returncode


def _text(path: str) -> str | None:
    """None where it is not UTF-8."""
    try:
        return Path(path).read_bytes().decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None
    except OSError as fault:
        why = (fault.strerror or str(fault)).lower()
        raise Problem(
            "OFC001", f"`{path}` cannot be read: {why}", "`git merge` names it"
        ) from fault


def _write(path: str, text: str | bytes) -> None:
    try:
        Path(path).write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    except OSError as fault:
        why = (fault.strerror or str(fault)).lower()
        raise Problem("OFC701", f"`{path}` cannot be written: {why}", "free some space") from fault
