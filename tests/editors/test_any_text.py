"""Laws of what an editor asks: any text is answered, and a renamed spec means the same."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("pygls", reason="needs pygls: pip install 'omniforce[lsp]'")

from omniforce.compiler.cli.lsp.actions import actions
from omniforce.compiler.cli.lsp.complete import complete
from omniforce.compiler.cli.lsp.diagnose import diagnose
from omniforce.compiler.cli.lsp.document import Document
from omniforce.compiler.cli.lsp.format import formatted
from omniforce.compiler.cli.lsp.hover import hover
from omniforce.compiler.cli.lsp.library import library
from omniforce.compiler.cli.lsp.mentions import Kind, Mention
from omniforce.compiler.cli.lsp.navigate import Refused, references, rename
from omniforce.compiler.cli.lsp.outline import folds, outline
from omniforce.spec.diagnostic import Edit
from omniforce.spec.edits import apply_edits
from omniforce.spec.source import Source
from tests.support.specs import EVERYTHING

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits-edge" / "omniforce.yaml"
SPECS = (EXAMPLE.read_text(encoding="utf-8"), EVERYTHING)
PIECES = (
    "{", "}", "[", "]", ":", " ", "\n", "- ", "#", "'", '"', "|", ">", "&a ", "*a", "$(", ")",
    "$(params.", "==", "\t", "🦊", "é", "\r\n", "when", "...", ",", "---\n", "null", "!!str ",
    "\x00", "\u2028",
)  # fmt: skip
LIBRARY = library()

places = st.integers(min_value=0, max_value=10**6)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A good spec with a few changes in it, or a few pieces of one."""
    text = draw(st.sampled_from((*SPECS, "")))
    for _ in range(draw(st.integers(0, 5))):
        at = draw(places) % (len(text) + 1)
        if draw(st.booleans()):
            text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
        else:
            text = text[:at] + text[at + draw(st.integers(1, 40)) :]
    return text


@settings(max_examples=60, deadline=None)
@given(texts(), places)
@example("spec:\n  searchSpace:\n    a: {range: 1...2, when: ' '}\n", 40)
def test_any_text_is_answered(text: str, at: int) -> None:
    source = Source("spec.yaml", text)
    document = Document(source, 1, Document(Source("spec.yaml", SPECS[0]), 0))
    before = text[: at % (len(text) + 1)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    complete(document, line, column, LIBRARY)
    hover(document, line, column, LIBRARY)
    references(document, line, column, declaration=True)
    folds(document)
    outline(document)
    formatted(source)
    actions(diagnose(source, LIBRARY.catalogue), source, 1, line)
    with contextlib.suppress(Refused):
        rename(document, line, column, "other")


def test_a_version_keeps_only_the_last_good_one() -> None:
    versions = [Document(Source("spec.yaml", SPECS[0]), 0)]
    for number, text in enumerate([SPECS[1], "a: [", SPECS[0], "]", "}", "]"], 1):
        versions.append(Document(Source("spec.yaml", text), number, versions[-1]))
    last = versions[-1].last
    assert last is versions[3]
    assert [each.last for each in versions[:-1]] == [None] * 6


OWN = EVERYTHING.replace(
    "{use: vision/classifier@1, ", "{estimator: 'package.module:Net', metrics: [accuracy], "
)


def _renamable(document: Document) -> list[Mention]:
    """Every name, less the parameters whose names an algorithm of the library wants so."""
    algorithm = LIBRARY.algorithm(document.tree)
    wanted = {a.name for a in algorithm.arguments} if algorithm is not None else set()
    kinds: tuple[Kind, ...] = ("params", "device", "parameter")
    found = [m for kind in kinds for m in document.mentions.declared(kind)]
    return [m for m in found if m.kind != "parameter" or m.name not in wanted]


@pytest.mark.parametrize("text", [*SPECS, OWN], ids=["example", "everything", "own estimator"])
def test_renaming_there_and_back_gives_the_same_text(text: str) -> None:
    source = Source("spec.yaml", text)
    document = Document(source, 1)
    before = [d.code for d in diagnose(source, LIBRARY.catalogue) if d.is_error]
    for mention in _renamable(document):
        made = rename(document, mention.span.line, mention.span.column, "other")
        edited = apply_edits(text, (Edit(span, made.text) for span in made.spans))
        other = Document(Source("spec.yaml", edited), 2)
        after = diagnose(other.source, LIBRARY.catalogue)
        assert [d.code for d in after if d.is_error] == before
        back = rename(other, mention.span.line, mention.span.column, mention.name)
        assert apply_edits(edited, (Edit(span, back.text) for span in back.spans)) == text
