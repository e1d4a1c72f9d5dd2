"""Holds the line between folders: who may import whom, read from the imports themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "spec": {"spec"},
    "compiler": {"spec", "compiler"},
    "strategies": {"spec", "strategies"},
    "targets": {"spec", "compiler", "targets"},
    "runtime": {"spec", "compiler", "strategies", "targets", "runtime"},
    "stdlib_algorithms": {"spec", "runtime", "stdlib_algorithms"},
}
COMPOSITION_ROOTS = ("compiler/cli/", "runtime/app.py")
LATE = {"torch", "kfp", "kubernetes", "ray", "kserve", "botorch", "sklearn", "duckdb", "pandas"}
# A converter is imported only when a device of its kind is used, so it may import at the top.
HEAVY_ROOMS = (
    "stdlib_algorithms/",
    "strategies/bayesian/",
    "targets/devices/onnx/",
    "runtime/models/server/",
)


def _files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _imports(path: Path) -> list[tuple[str, bool]]:
    """Each imported module, and whether it is imported as the module loads."""
    tree = ast.parse(path.read_text())
    late = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_typing_only(node)
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) not in late) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.module, id(node) not in late))
    return found


def _is_typing_only(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


@pytest.mark.parametrize("folder", sorted(MAY_IMPORT))
def test_a_folder_imports_only_what_its_layer_may(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _files(folder)
        if not str(path.relative_to(ROOT)).startswith(COMPOSITION_ROOTS)
        for name, _ in _imports(path)
        if name.startswith("omniforce.") and name.split(".")[1] not in MAY_IMPORT[folder]
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", sorted(MAY_IMPORT))
def test_inside_a_folder_imports_are_relative(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _files(folder)
        for name, _ in _imports(path)
        if name.startswith(f"omniforce.{folder}")
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", sorted(MAY_IMPORT))
def test_heavy_libraries_are_imported_late(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _files(folder)
        if not str(path.relative_to(ROOT)).startswith(HEAVY_ROOMS)
        for name, at_once in _imports(path)
        if at_once and name.split(".")[0] in LATE
    ]
    assert wrong == []
