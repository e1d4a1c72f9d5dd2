"""Give steps whose result is known by what goes in a key to find it again.

    prepare(source=sklearn://digits, split=...)   =>  cache_key: sha256 of these
    prepare(source=s3://lake/rows.parquet)        =>  none: what stands there may change
    search(...)                                   =>  none: it measures, and learns as it goes

Needs every pass before it, since a key covers what they wrote. Promises that equal keys mean equal
results: a key is made from content only, never from time, names or places, and a step that reads
one without a key has none either.
"""

from __future__ import annotations

from dataclasses import fields, replace

from omniforce.spec.frozen import dataclass

from ..canonical import content_digest
from ..ir.program import Convert, Prepare, Program, Step, Train
from .context import Context, Outcome

PINNED = ("sklearn://",)
"""Sources whose content is fixed by the image that reads them."""

_NO_CONTENT = {"name", "span", "inputs", "after", "resources", "runner", "permissions", "cache_key"}


@dataclass(frozen=True, slots=True)
class CacheKeys:
    """Hashes the content of each step together with the keys of what it reads."""

    name: str = "cache-keys"

    def run(self, program: Program, context: Context) -> Outcome:
        """The program with the keys; steps stand after what they read, so one walk is enough."""
        keys: dict[str, str | None] = {}
        steps = []
        for step in program.steps:
            keys[step.name] = self._key(step, program, keys)
            steps.append(replace(step, cache_key=keys[step.name]))
        return Outcome(replace(program, steps=tuple(steps)))

    def _key(self, step: Step, program: Program, keys: dict[str, str | None]) -> str | None:
        read = {i.name: (keys.get(i.source.step), i.source.port) for i in step.inputs}
        if not _is_repeatable(step) or any(key is None for key, _ in read.values()):
            return None
        content = {
            "kind": type(step).__name__,
            "image": program.platform.kubernetes.images.trial,
            "inputs": {name: [key, port] for name, (key, port) in read.items()},
            "facts": {
                f.name: getattr(step, f.name) for f in fields(step) if f.name not in _NO_CONTENT
            },
        }
        return content_digest(content)


def _is_repeatable(step: Step) -> bool:
    match step:
        case Prepare(source=source):
            return source.startswith(PINNED) or "@sha256:" in source
        case Train() | Convert():
            return True
        case _:
            return False
