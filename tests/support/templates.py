"""Specs that are made of templates, and the templates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from omniforce.spec.blocks.study import API_VERSION
from omniforce.spec.load import Loaded, load
from omniforce.spec.read_source import read_source
from omniforce.spec.source import Source

HEAD = f"apiVersion: {API_VERSION}\nkind: OmniForce\nmetadata: {{name: digits}}\n"

TEMPLATE = f"""\
apiVersion: {API_VERSION}
kind: Template
metadata: {{name: small, version: 1.0.0}}
spec:
  params:
    width: {{type: int, default: 32, minimum: 8, maximum: 128}}
  body:
    data: {{source: "sklearn://digits", target: label}}
    algorithm: {{use: vision/classifier@1}}
    searchSpace:
      learning_rate: 1e-4...1e-1 log
      width: 4...$(params.width)
    objectives: [maximize accuracy]
    search: {{parallelism: 2}}
"""
"""Everything but a budget."""


def spec_of(use: str, rest: str = "") -> str:
    """A spec that uses templates, with a budget of its own."""
    return f"{HEAD}spec:\n  use: {use}\n  search: {{budget: {{trials: 8}}}}\n{rest}"


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Writes files below a folder."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def loaded_from(folder: Path, name: str = "omniforce.yaml", *overlays: str) -> Loaded:
    """A spec of a folder, as the commands load it."""
    from omniforce.compiler.templates.folder import TemplateFolder

    sources = [read_source(str(folder / each)) for each in (name, *overlays)]
    read = [each for each in sources if isinstance(each, Source)]
    assert len(read) == len(sources)
    return load(read[0], overlays=read[1:], templates=TemplateFolder(str(folder)))
