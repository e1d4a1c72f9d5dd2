"""Specs to test with: a small one that is good, and what it says in full."""

from __future__ import annotations

from omniforce.spec.load import Loaded, load
from omniforce.spec.source import Source

SMALL = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  data: {source: "sklearn://digits", target: label}
  algorithm: {use: vision/classifier@1}
  searchSpace:
    learning_rate: 1e-4...1e-1 log
  objectives: [maximize accuracy]
  search:
    budget: {trials: 8}
"""

EVERYTHING = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: everything, labels: {team: vision, example.org/cost: "1.10"}}
x-owner: me@example.org
spec:
  params:
    trials: {type: int, default: 60, minimum: 1, maximum: 100, doc: How many.}
    rate: {type: float, default: 1, choices: [0.5, 1]}
    target: {type: string, default: label}
    stratify: {type: bool, default: true}
    high: {type: float, default: 1e-1}
  data:
    source: sklearn://digits
    target: $(params.target)
    split: {train: 0.6, valid: 0.2, test: 0.2, stratify: $(params.stratify), seed: 7}
    features:
      - sql: |
          select *, '$$(x)' as text, p1 / nullif(p2, 0) as ratio
          from data
      - impute: {strategy: median}
      - scale: {}
      - encode: {method: ordinal}
    privacy: {epsilon: 8, delta: 1e-5}
  algorithm: {use: vision/classifier@1, arguments: {epochs: 3, activation: "no", amp: true}}
  searchSpace:
    blocks:
      type: int
      range: [2...5]
      submodule:
        block:
          type: choice
          range: {resnet, transformer}
          submodule:
            resnet: {channels: {type: choice, range: {64, 256}}}
            transformer: {ratio: {type: ordinal, range: {1, 2, 4, 8}, default: 4}}
    learning_rate: 1e-4...$(params.high) log, default 1e-3
    optimizer: {sgd, adam}
    momentum: {type: float, range: 0...$(params.rate), when: optimizer == sgd}
    nesterov: {type: bool, when: optimizer == sgd and momentum > 0.1}
    width: {type: int, range: 8...64, step: 8, count: blocks}
    dropout: 0.1...0.9 logit
    size: [small, "on", "1.0", true, 3]
    x-note: {not: read}
  constraints:
    - blocks * channels <= 1024
  objectives:
    - maximize accuracy
    - minimize latency.p95 on jetson
    - require size <= 2MiB on jetson
  search:
    strategy: {name: bayesian, options: {warmup: 8, acquisition: log-nei}}
    budget: {trials: $(params.trials), wallClock: 2h, gpuHours: 4, usd: 10}
    parallelism: 8
    trial: {timeout: 90s, resources: {memory: 1.5GiB, gpu: 1}}
  devices:
    jetson: {runtime: tensorrt, precision: fp16, measure: {warmup: 10}, agent: edge-lab}
    server: {runtime: openvino}
  deployment:
    model: pareto(latency.p95 <= 5ms)
    to: server
    scale: {min: 0, max: 20, concurrency: 8, coldStart: {p95: 8s}}
    rollout: {canary: 33.3%, promoteWhen: error_rate < 1% for 10m}
    explain: anchors
    monitor: {drift: psi > 0.2, then: research}
  platform:
    kubernetes: {namespace: edge, models: {claimName: models}, broker: {class: Kafka}}
"""
"""Every block, and most ways of writing a thing."""


def loaded(text: str = SMALL, **params: str) -> Loaded:
    """A spec that was not read from a file."""
    return load(Source("spec.yaml", text), params)
