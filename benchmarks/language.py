"""`check` and `compile` of 500 specs in one process, what two cores bring, and how they grow.

Specs are made from seeds (`specs.py`), about 110 lines and 24 parameters each. The peers do less:
PyYAML's fast loader with `jsonschema` against our own schema finds only errors of shape, and
kfp's compiler makes one pipeline of three steps.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from measure import machine, table
from specs import spec

COUNT = 500
ROUNDS = 3


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first-seed", type=int, default=1000, help="of the specs")
    first = parser.parse_args().first_seed
    texts = [spec(first + i) for i in range(COUNT)]
    print(f"{machine()}; {COUNT} specs from the seed {first}, medians of {ROUNDS} rounds\n")
    # Other processes first: the memory of a child is never said to be less than its parent's.
    commands, grown = whole_command(texts), growth(first)
    print(one_process(texts), end="\n\n")
    print(commands, end="\n\n")
    print(grown, end="\n\n")
    print(other_tools(first))


def one_process(texts: Sequence[str]) -> str:
    """CPU a spec and memory, ours and the peers, all in this process, in turn."""
    import yaml
    from jsonschema import Draft7Validator

    from omniforce.compiler.cli.composition import PLATFORMS, catalogue
    from omniforce.compiler.pipeline import compile_study
    from omniforce.spec.json_schema.schema import json_schema
    from omniforce.spec.load import load
    from omniforce.spec.source import Source

    known = catalogue()
    target = PLATFORMS["kubernetes"]().target
    validator = Draft7Validator(json_schema())

    def check(text: str) -> None:
        compiled = compile_study(load(Source("spec.yaml", text)), known)
        assert compiled.program is not None, compiled.diagnostics

    def make(text: str) -> None:
        compiled = compile_study(load(Source("spec.yaml", text)), known, target)
        assert compiled.program is not None, compiled.diagnostics
        target.emit(compiled.program)

    def schema(text: str) -> None:
        found = list(validator.iter_errors(yaml.load(text, yaml.CSafeLoader)))
        assert len(found) < 1000

    ways: list[tuple[str, Callable[[str], None], Sequence[str]]] = [
        ("check", check, texts),
        ("compile, to manifests", make, texts),
        ("PyYAML and jsonschema", schema, texts[:100]),
        ("kfp's compiler, one pipeline", kfp_compiler(), texts[:50]),
    ]
    taken: dict[str, list[float]] = {name: [] for name, _, _ in ways}
    grown: dict[str, float] = {}
    for _, way, some in ways:
        way(some[0])
    for _ in range(ROUNDS):
        for name, way, some in ways:
            gc.collect()
            held = resident()
            start = time.process_time()
            for text in some:
                way(text)
            taken[name].append((time.process_time() - start) / len(some) * 1000)
            gc.collect()
            grown[name] = resident() - held
    rows = [
        (name, str(len(some)), f"{statistics.median(taken[name]):.2f}", f"{grown[name]:+.1f}")
        for name, _, some in ways
    ]
    return table(("in one process", "specs", "CPU ms a spec", "MB more after the last round"), rows)


def kfp_compiler() -> Callable[[str], None]:
    """A pipeline of three steps, compiled by kfp."""
    from kfp import compiler
    from three_steps import three_steps

    def way(_: str) -> None:
        with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
            compiler.Compiler().compile(three_steps, file.name)

    return way


def whole_command(texts: Sequence[str]) -> str:
    """The command over all files: one core, all cores, and once more with nothing changed."""
    ofc = str(Path(sys.executable).parent / "ofc")
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        names = [f"{scratch}/{i:05d}.omniforce.yaml" for i in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            Path(name).write_text(text, encoding="utf-8")
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["XDG_CACHE_HOME"] = f"{scratch}/cache"
        out = ["-o", f"{scratch}/dist"]
        for label, command in [
            ("ofc check, one core", [ofc, "check", "--jobs", "1", "--no-cache", *names]),
            ("ofc check, all cores", [ofc, "check", "--no-cache", *names]),
            ("ofc check, nothing changed", [ofc, "check", *names]),
            ("ofc compile, one core", [ofc, "compile", "--jobs", "1", "--no-cache", *out, *names]),
            ("ofc compile, all cores", [ofc, "compile", "--no-cache", *out, *names]),
            ("ofc compile, nothing changed", [ofc, "compile", *out, *names]),
        ]:
            start, before = time.perf_counter(), os.times()
            subprocess.run(command, env=environment, capture_output=True, check=True)
            wall, after = time.perf_counter() - start, os.times()
            cpu = after.children_user + after.children_system
            cpu -= before.children_user + before.children_system
            rows.append((label, f"{wall:.2f}", f"{cpu:.2f}", f"{cpu / len(texts) * 1000:.1f}"))
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    head = ("the command over all files", "wall s", "CPU s", "CPU ms a spec")
    return f"{table(head, rows)}\n\nThe largest of these processes had {most:.0f} MB."


def growth(first: int) -> str:
    """`check` of one spec that grows: parameters of the space, and lines of the file."""
    rows = []
    for parameters in (250, 500, 1000, 2000):
        text = spec(first, parameters)
        rows.append(_grown(f"{parameters} parameters", text))
    for lines in (2_500, 5_000, 10_000, 20_000):
        text = long_spec(first, lines)
        rows.append(_grown(f"{len(text.splitlines()):,} lines", text))
    return table(("one spec of", "CPU s", "CPU ms a line", "MB at most"), rows)


def _grown(what: str, text: str) -> tuple[str, str, str, str]:
    """A process of its own, so that its memory is its own."""
    ofc = str(Path(sys.executable).parent / "ofc")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        taken = []
        for _ in range(ROUNDS):
            process = subprocess.Popen([ofc, "check", file.name], stderr=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = status
            assert status == 0, what
            taken.append(used.ru_utime + used.ru_stime)
    seconds = statistics.median(taken)
    each = seconds / len(text.splitlines()) * 1000
    return what, f"{seconds:.2f}", f"{each:.3f}", f"{used.ru_maxrss / 1024:.0f}"


def long_spec(seed: int, lines: int) -> str:
    """A spec of so many lines: 400 parameters, and feature steps in long SQL."""
    text = spec(seed, 400)
    missing = max(0, lines - len(text.splitlines()))
    columns = 40
    step = "      - sql: |\n          select *,\n"
    step += "".join(f"                 p{i} * 2 as twice_{i},\n" for i in range(columns))
    step += "          from data\n"
    # half of the missing lines are comments and notes of the writer's own, half are features
    steps = missing // 2 // (columns + 3)
    noted = (missing - steps * (columns + 3)) // 2
    notes = "".join(
        f"  # note {i}\n  x-note-{i}: {{owner: team, text: note {i}}}\n" for i in range(noted)
    )
    head, rest = text.split("      - impute:", 1)
    return f"{head}{step * steps}      - impute:{rest}{notes}"


def other_tools(first: int) -> str:
    """What the other tools take over the same 500 specs."""
    from omniforce.spec.formatting.formatter import format_source
    from omniforce.spec.load import load
    from omniforce.spec.render import render
    from omniforce.spec.source import Source

    texts = [spec(first + i) for i in range(100)]
    rows = []
    for name, way in (
        ("fmt", lambda text: format_source(Source("spec.yaml", text))),
        ("render", lambda text: render(load(Source("spec.yaml", text)))),
    ):
        start = time.process_time()
        for text in texts:
            way(text)
        rows.append((name, f"{(time.process_time() - start) / len(texts) * 1000:.2f}"))
    return table(("tool", "CPU ms a spec"), rows)


def resident() -> float:
    """Megabytes of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


if __name__ == "__main__":
    main()
