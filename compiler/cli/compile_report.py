"""What `ofc compile` says: to people, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from ..diagnostics.json_ import plain_diagnostics
from ..output_folder import Written
from ..pipeline import Traced
from .compiling import Made
from .output import plural

KUSTOMIZATION = "kustomization.yaml"


def traced(each: Traced) -> str:
    """What one pass did."""
    lines = [f"pass {each.name}{'' if each.changed else ': no change'}"]
    lines += [f"  {line}" for line in each.changed]
    lines += [f"  because: {note}" for note in each.notes]
    return "\n".join(lines)


def report(made: Made, target: str, folder: str, written: Written | None) -> dict[str, object]:
    """One spec as a part of the document."""
    found: dict[str, object] = {
        "study": made.study,
        "target": target,
        "output": folder,
        "files": list(written.files) if written else [],
        "changed": list(written.changed) if written else [],
        "removed": list(written.removed) if written else [],
        "kept": list(written.kept) if written else [],
        "diagnostics": plain_diagnostics(made.diagnostics),
    }
    return found | ({"begun": list(written.begun)} if written and written.begun else {})


def summary(folder: str, written: Written) -> str:
    """What was written, for people."""
    counts = [f"{len(written.changed)} changed"]
    counts += [f"{len(written.removed)} removed"] if written.removed else []
    lines = [f"{plural(len(written.files), 'file')} in {folder}: {', '.join(counts)}"]
    lines += [f"{path} is yours from now on: ofc will not touch it again" for path in written.begun]
    lines += [f"{path} is not needed any more, and stays: it was edited" for path in written.kept]
    return "\n".join(lines)


def stream(files: Mapping[str, str]) -> str:
    """All objects as one stream for `kubectl apply -f -`, which knows no kustomization."""
    objects = (t for p, t in sorted(files.items()) if p.rpartition("/")[2] != KUSTOMIZATION)
    return "".join(f"---\n{text.removeprefix('---').lstrip()}" for text in objects)
