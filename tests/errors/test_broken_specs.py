"""Every broken spec beside this file gives the text that stands beside it.

`OFC101_unknown_key.yaml` is a spec, `OFC101_unknown_key.txt` what `ofc check` says of it. The code
in the name is the first that the text tells. Of one that begins with `OFC9` it is what
`ofc lint --select` that code says.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from omniforce.compiler.diagnostics.codes import CODES
from omniforce.compiler.diagnostics.text import render_text
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.load import Loaded, load
from omniforce.spec.read_source import read_source
from omniforce.spec.source import Source

HERE = Path(__file__).parent
BROKEN = sorted(HERE.glob("*.yaml"))


def findings(name: str) -> tuple[tuple[Diagnostic, ...], dict[str, Source]]:
    """What is wrong with a spec of this folder, and its source."""
    source = read_source(name)
    if isinstance(source, Diagnostic):
        return (source,), {}
    loaded = load(source)
    if name.startswith("OFC9"):
        return advice(loaded, name[:6])
    found = loaded.diagnostics
    if not loaded.has_errors:
        from omniforce.compiler.cli.composition import PLATFORMS, catalogue
        from omniforce.compiler.pipeline import compile_study

        asked = source.text.partition("\n")[0].removeprefix("# --target ")
        target = PLATFORMS[asked]().target if asked in PLATFORMS else None
        found = compile_study(loaded, catalogue(), target).diagnostics
    return found, {each.name: each for each in loaded.sources}


def advice(loaded: Loaded, code: str) -> tuple[tuple[Diagnostic, ...], dict[str, Source]]:
    """What the linter finds of one code, and the file as it may be shown."""
    from omniforce.compiler.cli.composition import catalogue
    from omniforce.compiler.lint.linter import Selection, lint
    from omniforce.compiler.pipeline import compile_study

    linted = lint(loaded, compile_study(loaded, catalogue()), Selection(select=(code,)))
    return linted.diagnostics, dict(linted.sources)


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_spec_gives_its_text(
    path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool
) -> None:
    monkeypatch.chdir(HERE)
    found, sources = findings(path.name)
    text = render_text(found, sources)
    expected = path.with_suffix(".txt")
    if update_golden:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    code = path.stem.split("_")[0]
    assert code == "many" or code in [d.code for d in found]
    assert {d.code for d in found} <= CODES.keys()
    assert all(d.help for d in found)


def test_every_text_has_its_spec(update_golden: bool) -> None:
    stale = [p for p in sorted(HERE.glob("*.txt")) if not p.with_suffix(".yaml").exists()]
    if update_golden:
        for path in stale:
            path.unlink()
        stale = []
    assert stale == []


def test_there_are_enough_of_them() -> None:
    assert len(BROKEN) >= 60
