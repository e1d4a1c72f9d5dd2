"""The pages of the language: each snippet is good, or gives the errors that its lines announce."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.load import load
from omniforce.spec.source import Source

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted([*DOCS.glob("language.md"), *DOCS.glob("language/*.md")])

HEAD = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: page}
spec:
"""
BLOCKS = {
    "data": "data: {source: 'sklearn://digits', target: label}",
    # Of an estimator of the writer's own, any parameter may be searched.
    "algorithm": f"algorithm: {{image: 'example.org/net@sha256:{'0' * 64}', "
    "estimator: 'net.estimator:Net', metrics: [accuracy]}",
    "searchSpace": "searchSpace: {learning_rate: 1e-4...1e-1 log}",
    "objectives": "objectives: [maximize accuracy]",
    "search": "search: {budget: {trials: 8}}",
}
ANNOUNCED = re.compile(r"# error: (OFC[0-9]{3})")


def snippets() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            line = text.count("\n", 0, match.start()) + 1
            found.append((f"{page.relative_to(DOCS)}:{line}", match[1]))
    return found


def whole(snippet: str) -> str:
    """A spec with the snippet in it, and for the rest as little as there can be."""
    if re.search(r"^apiVersion:", snippet, re.MULTILINE):
        return snippet
    written = set(re.findall(r"^(\w+):", snippet, re.MULTILINE))
    rest = [text for name, text in BLOCKS.items() if name not in written]
    return HEAD + textwrap.indent("\n".join([*rest, snippet]), "  ")


def errors(text: str) -> set[tuple[int, str]]:
    loaded = load(Source("page.yaml", text))
    found = loaded.diagnostics
    if not loaded.has_errors:
        found = compile_study(loaded, catalogue()).diagnostics
    return {(d.span.line if d.span else 0, d.code) for d in found if d.is_error}


@pytest.mark.parametrize(("place", "snippet"), snippets())
def test_a_snippet_does_as_the_page_says(place: str, snippet: str) -> None:
    text = whole(snippet)
    announced = {
        (number, match[1])
        for number, line in enumerate(text.split("\n"), 1)
        for match in ANNOUNCED.finditer(line)
    }
    assert errors(text) == announced


def test_there_are_snippets() -> None:
    assert len(snippets()) >= 10
