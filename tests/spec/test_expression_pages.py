"""The pages of expressions and the search space show what they speak of, and the way out works."""

from __future__ import annotations

import re
import textwrap

import pytest

from omniforce.compiler.diagnostics.page import PAGES
from omniforce.spec.load import load
from omniforce.spec.source import Source

FRAME = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: page}
spec:
  data: {source: "sklearn://digits"}
  algorithm: {use: vision/classifier@1}
  search: {budget: {trials: 3}}
  devices: {server: {runtime: onnx}}
"""
OBJECTIVES = "objectives: [maximize accuracy, minimize latency.p95 on server]\n"
SPACE = "searchSpace: {depth: 1...3}\n"


def codes_of(snippet: str) -> set[str]:
    rest = "" if "objectives:" in snippet else OBJECTIVES
    rest += "" if "searchSpace:" in snippet else SPACE
    text = FRAME + textwrap.indent(rest + snippet, "  ")
    return {d.code for d in load(Source("page.yaml", text)).diagnostics}


@pytest.mark.parametrize("code", sorted(p.stem for p in PAGES.glob("OFC2*.md")))
def test_a_page_shows_its_code_and_a_way_out(code: str) -> None:
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    example, way_out = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert code in codes_of(example)
    assert codes_of(way_out) <= {"OFC315"}  # a snippet need not use the frame's device
