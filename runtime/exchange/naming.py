"""Names of another system as the language takes them: letters, digits and `_`, each once."""

from __future__ import annotations

import re

from omniforce.spec.source import Span

from .findings import Findings

_TAKEN = frozenset({"and", "or", "not", "in", "true", "false"})
_FIGURES = frozenset({"latency", "size", "throughput"})
"""Metrics of devices, which a trial cannot report as its own."""

LONGEST = 63


class Naming:
    """Gives names, and says where one had to change."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._given: dict[str, set[str]] = {"parameter": set(), "metric": set()}

    def parameter(self, origin: str, span: Span | None) -> str:
        """A parameter's or an argument's name."""
        return self._name("parameter", origin, span, _TAKEN)

    def metric(self, origin: str, span: Span | None) -> str:
        """A metric's name."""
        return self._name("metric", origin, span, _TAKEN | _FIGURES)

    def _name(self, kind: str, origin: str, span: Span | None, taken: frozenset[str]) -> str:
        given = self._given[kind]
        wanted = re.sub(r"[^A-Za-z0-9_]+", "_", origin).strip("_") or kind
        if not wanted[0].isalpha():
            wanted = f"{kind[0]}_{wanted}"
        wanted = wanted[: LONGEST - 4]
        name, number = wanted, 2
        if wanted in taken:
            name = f"{wanted}_"
        while name in given:
            name, number = f"{wanted}_{number}", number + 1
        given.add(name)
        if name != origin:
            self._findings.otherwise(
                f"the {kind} `{_short(origin)}` is called `{name}` in the spec",
                span,
                f"`{name}` in the spec",
                "names of the language have letters, digits and `_`; let the estimator use it",
            )
        return name


def study_name(text: str | None, fallback: str) -> str:
    """A study's name, made of any text."""
    name = re.sub(r"[^a-z0-9]+", "-", (text or "").lower()).strip("-")
    if name and not name[0].isalpha():
        name = f"s-{name}"
    return name[:40].rstrip("-") or fallback


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."
