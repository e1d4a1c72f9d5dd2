"""What targets list as supported is what a program can ask for: no word stands there by mistake."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from omniforce.compiler.cli.composition import PLATFORMS
from omniforce.compiler.language_uses import LANGUAGE
from omniforce.strategies.table import names

ROOT = Path(__file__).resolve().parents[2]
ONE_OF = {
    "explain": {"anchors", "shap"},
    "precision": {"fp32", "fp16", "int8"},
    "runtime": {"onnx", "openvino", "tvm", "tensorrt"},
    "source": {"file", "sklearn"},
    "strategy": set(names()),
}


def _asked() -> set[str]:
    """The words that the compiler's two modules yield, read out of them."""
    text = "".join(
        (ROOT / "compiler" / f"{name}.py").read_text(encoding="utf-8")
        for name in ("capabilities", "language_uses")
    )
    plain = set(re.findall(r'Use\(\s*"([a-zA-Z.:]+)"', text))
    return plain | set(re.findall(r'"(budget\.[a-zA-Z]+)"', text)) | LANGUAGE


@pytest.mark.parametrize("target", sorted(PLATFORMS))
def test_every_word_of_a_target_is_one_that_is_asked(target: str) -> None:
    module = "target" if target == "local" else "refusals"
    found = importlib.import_module(f"omniforce.targets.platforms.{target}.{module}")
    unknown = [
        word
        for word in found.SUPPORTS
        if word not in _asked()
        and word.partition(":")[2] not in ONE_OF.get(word.partition(":")[0], ())
    ]
    assert unknown == []


def test_every_word_of_the_language_is_yielded() -> None:
    text = (ROOT / "compiler" / "language_uses.py").read_text(encoding="utf-8")
    yielded = set(re.findall(r'Use\(\s*"([a-z]+\.[a-z]+)"', text))
    assert yielded | {"space.permutation", "space.subset"} == LANGUAGE
