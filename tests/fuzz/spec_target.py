"""Throws broken specs at the compiler, guided by what they reach: `make fuzz`.

    python tests/fuzz/spec_target.py --seconds 1800 [--corpus DIR] [--seed N]

Whatever the bytes, there come diagnostics or manifests: never another exception, never more than
two seconds of CPU or 300 MB for one input. Starts from the examples and from every broken spec of
`tests/errors`, cuts them up line by line and word by word, and keeps what reaches new code.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

import atheris  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
from specs import spec  # noqa: E402 - specs made from seeds, as the benchmarks have them

SECONDS, MEGABYTES = 2.0, 300
FENCE = b"\n#---8<---\n"
"""Between a spec and an overlay that is laid over it."""

with atheris.instrument_imports(include=["omniforce"]):
    from omniforce.compiler.cli.composition import PLATFORMS, catalogue
    from omniforce.compiler.diagnostics.json_ import plain_diagnostics
    from omniforce.compiler.diagnostics.text import render_text
    from omniforce.compiler.lint.linter import lint
    from omniforce.compiler.pipeline import compile_study
    from omniforce.spec.analysis.analysis import analyze
    from omniforce.spec.formatting.formatter import format_source
    from omniforce.spec.load import load
    from omniforce.spec.render import render
    from omniforce.spec.source import Source

TARGETS = tuple(PLATFORMS)
CATALOGUE = catalogue()


class Slow(Exception):
    """An input took longer, or more memory, than any may."""


class Worst:
    """The most that one input has taken so far."""

    seconds = 0.0
    refused = 0
    compiled = 0
    inputs = 0


def seeds() -> list[bytes]:
    """The examples and the broken specs."""
    places = ("examples/*/omniforce.yaml", "tests/errors/*.yaml", "tests/golden/*/spec.yaml")
    files = sorted(f for place in places for f in ROOT.glob(place))
    made = [spec(seed, parameters).encode() for seed, parameters in ((1, 6), (2, 12), (3, 24))]
    return [*(f.read_bytes()[:20_000] for f in files), *made]


def run(data: bytes) -> None:
    """Everything that may be done with a spec without running it."""
    texts = [part.decode("utf-8", "replace") for part in data.split(FENCE)[:3]]
    overlays = [Source(f"overlay-{i}.yaml", text) for i, text in enumerate(texts[1:])]
    loaded = load(Source("spec.yaml", texts[0]), {"trials": "7"}, overlays=tuple(overlays))
    sources = {source.name: source for source in loaded.sources}
    target = PLATFORMS[TARGETS[len(data) % len(TARGETS)]]().target
    compiled = compile_study(loaded, CATALOGUE, target)
    render_text(compiled.diagnostics, sources, len(data) % 2 == 0)
    plain_diagnostics(compiled.diagnostics)
    format_source(loaded.sources[0])
    if loaded.study is not None and not loaded.has_errors:
        again = load(Source("again.yaml", render(loaded)), {})
        if again.study is None:
            raise AssertionError("a rendered spec could not be read")
        lint(loaded, compiled)
    if compiled.program is None:
        Worst.refused += 1
        return
    Worst.compiled += 1
    if loaded.study is not None and len(data) % 8 == 0:
        analyze(loaded.study.spec.search_space)
    target.emit(compiled.program)


def one_input(data: bytes) -> None:
    """One input, its time and the memory taken."""
    Worst.inputs += 1
    if Worst.inputs % 1000 == 0:
        report()  # again and again, since libFuzzer ends the process without a last word
    began = time.process_time()
    run(data)
    took = time.process_time() - began
    Worst.seconds = max(Worst.seconds, took)
    if took > SECONDS * SLOWER:
        raise Slow(f"{took:.1f} s")
    if megabytes() - BASE > MEGABYTES:
        raise Slow(f"{megabytes() - BASE:.0f} MB more than at the start")


def megabytes() -> float:
    """The most that this process has had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compiles(data: bytes) -> bool:
    """Whether a seed is a good spec, from which the far side of the compiler is reached."""
    loaded = load(Source("spec.yaml", data.decode("utf-8", "replace")), {})
    return compile_study(loaded, CATALOGUE).program is not None


SLOWER = 3.0
"""How much the instrumented code is slower than the code that people run."""

BASE = megabytes()
SEEDS = seeds()
LINES = sorted({line for seed in SEEDS for line in seed.split(b"\n")})
WORDS = sorted({word for line in LINES for word in line.split()})
GOOD = [seed for seed in SEEDS if compiles(seed)]
NUMBERS = [b"0", b"1", b"7", b"64", b"1000", b"99999999999", b"1e-9", b"1e308", b"-3", b"0.5"]
BY_KEY: dict[bytes, list[bytes]] = {}
for _line in sorted({line for seed in GOOD for line in seed.split(b"\n")}):
    BY_KEY.setdefault(_line.strip().split(b":")[0], []).append(_line.strip())


def gentle(data: bytes, generator: random.Random) -> bytes:
    """A good spec with one or two values as they stand under the same key in another."""
    lines = data.split(b"\n")
    for _ in range(generator.randint(1, 2)):
        at = generator.randrange(len(lines))
        key = lines[at].strip().split(b":")[0]
        others = BY_KEY.get(key)
        if not others:
            continue
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines[at] = indent + generator.choice(others)
        if generator.random() < 0.2:
            lines[at] = re.sub(rb"[0-9]+", lambda _: generator.choice(NUMBERS), lines[at], count=1)
    return b"\n".join(lines)


def mutate(data: bytes, longest: int, seed: int) -> bytes:
    """Half of the time as libFuzzer would; else by the lines and words of specs."""
    generator = random.Random(seed)
    chance = generator.random()
    if chance < 0.3:
        changed: bytes = atheris.Mutate(data, longest)
        return changed
    if chance < 0.7:
        return gentle(generator.choice(GOOD), generator)[:longest]
    lines = data.split(b"\n")
    for _ in range(generator.randint(1, 4)):
        at = generator.randrange(len(lines))
        match generator.randrange(7):
            case 0:
                lines.insert(at, generator.choice(LINES))
            case 1:
                lines[at] = generator.choice(LINES)
            case 2 if len(lines) > 1:
                del lines[at]
            case 3:
                other = generator.choice(SEEDS).split(b"\n")
                cut = generator.randrange(len(other))
                lines[at:at] = other[cut : cut + generator.randint(1, 12)]
            case 4:
                lines[at] = b" " * generator.randint(0, 12) + lines[at].lstrip()
            case 5:
                words = lines[at].split(b" ")
                words[generator.randrange(len(words))] = generator.choice(WORDS)
                lines[at] = b" ".join(words)
            case _:
                lines.append(FENCE.strip())
                lines += generator.choice(SEEDS).split(b"\n")[: generator.randint(1, 30)]
    return b"\n".join(lines)[:longest]


def main() -> None:
    """Runs for so long, and says what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", default="")
    options = parser.parse_args()
    folder = Path(options.corpus or tempfile.mkdtemp(prefix="ofc-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    for at, seed in enumerate(SEEDS):
        Path(folder, f"seed-{at}").write_bytes(seed)
    arguments = [
        sys.argv[0],
        str(folder),
        f"-max_total_time={options.seconds}",
        f"-seed={options.seed}",
        "-max_len=20000",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        f"-artifact_prefix={folder}/crash-",
    ]
    atheris.Setup(arguments, one_input, custom_mutator=mutate)
    atheris.Fuzz()


def report() -> None:
    """What was seen, in one line each."""
    print(
        f"inputs {Worst.inputs}, refused {Worst.refused}, compiled {Worst.compiled}, "
        f"slowest {Worst.seconds:.2f} s CPU (instrumented), "
        f"memory {megabytes():.0f} MB, {BASE:.0f} MB of it at the start",
        flush=True,
    )


if __name__ == "__main__":
    main()
