"""Laws: any change of a spec gives diagnostics or a legal program, and never an exception."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from omniforce.compiler.capabilities import uses
from omniforce.compiler.cli.composition import PLATFORMS, catalogue
from omniforce.compiler.ir.text import parse_text, to_text
from omniforce.compiler.ir.verify import verify
from omniforce.compiler.pipeline import PASSES, compile_study
from omniforce.spec.load import load
from omniforce.spec.source import Source

STARTER = (Path(__file__).parents[2] / "compiler" / "cli" / "starter.yaml").read_text()
WORDS = re.findall(r"\w+|[^\w\s]|\s+", STARTER)
CATALOGUE = catalogue()
KUBERNETES = PLATFORMS["kubernetes"]().target

other_words = st.one_of(
    st.sampled_from(sorted(set(WORDS))),
    st.sampled_from(["-1", "0", "1e309", "null", "{}", "[]", "~", "*a", "&a", "''", "\t", "é"]),
    st.text(max_size=4),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The starter with up to three of its words replaced, doubled or left out."""
    words = list(WORDS)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(words) - 1))
        words[place] = draw(st.one_of(other_words, st.just(""), st.just(words[place] * 2)))
    return "".join(words)


@given(mutated())
def test_a_changed_spec_gives_diagnostics_or_a_legal_program(text: str) -> None:
    compiled = compile_study(load(Source("spec.yaml", text)), CATALOGUE, KUBERNETES)
    refused = any(d.is_error for d in compiled.diagnostics)
    assert (compiled.program is None) is refused
    assert all(d.help for d in compiled.diagnostics)
    if compiled.program is None:
        return
    program = compiled.program
    assert verify(program, tuple(p.name for p in PASSES)) == ()
    assert parse_text(to_text(program)) == program
    assert KUBERNETES.emit(program) == KUBERNETES.emit(program)
    assert list(uses(program))
