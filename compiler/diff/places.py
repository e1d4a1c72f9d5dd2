"""Where a change is written, in the file before and in the one after."""

from __future__ import annotations

from collections.abc import Mapping

from omniforce.spec.expression.print import to_text
from omniforce.spec.load import Loaded
from omniforce.spec.source import Span

from ..lint.parameters import Written, written_parameters
from .change import Change


class Places:
    """The places of one spec by dotted path; the nearest block where a value was not written."""

    def __init__(self, loaded: Loaded) -> None:
        self._spans: Mapping[str, Span] = {
            ".".join(map(str, path)): span for path, span in loaded.spans.items()
        }
        study = loaded.study
        self._parameters: Mapping[str, Written] = {}
        self._texts: dict[tuple[str, str], Span] = {}
        if study is None:
            return
        self._parameters = written_parameters(loaded.filled, study.spec.search_space)
        lists = {"objectives": study.spec.objectives, "constraints": study.spec.constraints}
        for key, items in lists.items():
            for place, item in enumerate(items):
                if span := loaded.spans.get(("spec", key, place)):
                    self._texts[f"spec.{key}", to_text(item)] = span

    def before(self, change: Change) -> Span | None:
        """The place of what was there; None for what was not."""
        return None if change.before is None else self._at(change.path, change.before)

    def after(self, change: Change) -> Span | None:
        """The place of what is there now; None for what is not."""
        return None if change.after is None else self._at(change.path, change.after)

    def _at(self, path: str, text: str) -> Span | None:
        if found := self._texts.get((path, text)):
            return found
        block, _, rest = path.partition("searchSpace.")
        if block == "spec.":
            name, _, key = rest.partition(".")
            written = self._parameters.get(name)
            if written is not None:
                return written.at(key) if key else written.line
            path = f"spec.algorithm.arguments.{name}"
        while path:
            if found := self._spans.get(path):
                return found
            path = path.rpartition(".")[0]
        return None
