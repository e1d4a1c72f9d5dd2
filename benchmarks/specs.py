"""Specs of realistic size, made from a seed: what `language.py` and `lsp.py` measure with."""

from __future__ import annotations

import random

HEAD = """# yaml-language-server: $schema=https://omniforce.dev/schema/v1alpha2.json
#
# {name}: made from the seed {seed}
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata:
  name: {name}
  labels: {{team: team-{team}, tier: "{tier}"}}

spec:
  params:
    trials: {{type: int, default: {trials}, minimum: 4, doc: How many models are tried.}}
    parallel: {{type: int, default: 4, minimum: 1}}

  data:
    source: sklearn://digits
    target: label
    split: {{train: 0.6, valid: 0.2, test: 0.2, stratify: true, seed: {seed}}}
    features:
      - sql: |
          select *,
                 p1 * p2 as product_of_two,
                 coalesce(p3, 0) as third
          from data
      - impute: {{strategy: median}}
      - scale: {{method: standard}}

  # an image of the writer's own
  algorithm:
    image: example.org/models/net-{team}:1.{tier}
    estimator: net.estimator:Net
    metrics: [accuracy, f1]

  searchSpace:
"""
TAIL = """
  objectives:
    - maximize accuracy
    - minimize latency.p95 on edge # where it will run
    - require size <= {size}MiB on edge

  search:
    strategy: {strategy}
    budget: {{trials: $(params.trials), wallClock: {hours}h}}
    parallelism: $(params.parallel)
    seed: {seed}
    trial: {{timeout: 20m, retries: 1, resources: {{cpu: 2, memory: 4GiB}}}}

  devices:
    edge: {{runtime: onnx, precision: fp32, threads: 2, measure: {{warmup: 20, repeats: 200}}}}

  deployment:
    model: pareto(latency.p95 <= 5ms on edge)
    to: edge
    scale: {{min: 0, max: 4, concurrency: 8}}
    rollout: {{canary: 10%}}
"""


def spec(seed: int, parameters: int = 24, comments: bool = True) -> str:
    """One valid spec.

    Args:
        seed: of every choice in it.
        parameters: of the search space; one in three hangs on an earlier one.
        comments: whether every few parameters have one.
    """
    generator = random.Random(seed)
    facts = {
        "name": f"study-{seed:05d}",
        "seed": seed,
        "team": generator.randint(1, 9),
        "tier": generator.randint(0, 3),
        "trials": generator.randint(20, 400),
        "size": generator.choice([1, 2, 8, 32]),
        "hours": generator.randint(1, 24),
        "strategy": generator.choice(["auto", "random", "bayesian"]),
    }
    lines: list[str] = []
    kinds: dict[str, str] = {}
    for at in range(parameters):
        name = f"{generator.choice(['lr', 'width', 'depth', 'drop', 'act', 'reg'])}_{at}"
        if comments and at % 6 == 0:
            lines.append(f"    # what group {at // 6} is about")
        lines += _parameter(name, kinds, generator)
    constraints = _constraints(kinds, generator)
    return HEAD.format(**facts) + "\n".join(lines) + "\n" + constraints + TAIL.format(**facts)


def _parameter(name: str, kinds: dict[str, str], generator: random.Random) -> list[str]:
    when = ""
    known = [k for k, kind in list(kinds.items())[-12:] if kind == "choice"]
    if known and generator.random() < 0.33:
        when = f"{generator.choice(known)} == {generator.choice(['one', 'two'])}"
    short = f" when {when}" if when else ""
    match generator.randrange(5):
        case 0:
            kinds[name] = "choice"
            if generator.random() < 0.5:
                return [f'    {name}: "{{one, two, three}}{short}"']
            long = [f"    {name}:", "      type: choice", "      range: {one, two, three}"]
            return [*long, f"      when: {when}"] if when else long
        case 1:
            kinds[name] = "float"
            return [f"    {name}: 1e-5...1e-1 log, default 1e-3{short}"]
        case 2:
            top = generator.randint(6, 64)
            kinds[name] = f"int {top}"
            return [f"    {name}: int {generator.randint(1, 4)}...{top}{short}"]
        case 3:
            kinds[name] = "float"
            long = [f"    {name}:", "      type: float", "      range: 0...0.9", "      step: 0.1"]
            return [*long, f"      when: {when}"] if when else long
        case _:
            kinds[name] = "bool"
            return [f"    {name}: {{type: bool{f', when: {when}' if when else ''}}}"]


def _constraints(kinds: dict[str, str], generator: random.Random) -> str:
    tops = {k: int(kind.split()[1]) for k, kind in kinds.items() if kind.startswith("int")}
    whole = list(tops)
    if len(whole) < 2:
        return ""
    lines = ["", "  constraints:"]
    for _ in range(min(len(whole) // 2, 8)):
        one, other = generator.sample(whole, 2)
        bound = tops[one] * tops[other]
        lines.append(f"    - {one} * {other} <= {generator.randint(bound // 3, bound - 1)}")
    return "\n".join(dict.fromkeys(lines)) + "\n"
