"""What a trial costs beside the user's own training: the slope of whole `ofc run`s over trials.

Start-up, data and report are the same in a short and in a long study, so they fall out of the
difference. The peer is Optuna with its RDB storage and one process a trial worker.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import machine, table

HERE = Path(__file__).parent
FEW, MANY, ROUNDS, WORKERS = 20, 220, 5, 2
SPEC = """\
apiVersion: omniforce.dev/v1alpha1
kind: OmniForce
metadata: {{name: overhead}}
spec:
  data: {{source: "sklearn://iris", target: species}}
  algorithm: {{estimator: "noop_estimator:Noop", metrics: [accuracy]}}
  searchSpace: {{x: 0.0...1.0}}
  objectives: [maximize accuracy]
  search: {{strategy: {strategy}, budget: {{trials: {trials}}}, parallelism: {workers}}}
"""
OPTUNA = """
import sys, multiprocessing as m, optuna
url, trials, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
optuna.logging.set_verbosity(optuna.logging.ERROR)
def work(count):
    study = optuna.load_study(study_name="s", storage=url, sampler=optuna.samplers.RandomSampler())
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=count)
optuna.create_study(study_name="s", storage=url, direction="maximize")
pool = [m.Process(target=work, args=(trials // workers,)) for _ in range(workers)]
[p.start() for p in pool]; [p.join() for p in pool]
"""


def _cost(command: list[str], folder: str) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def _ours(trials: int, strategy: str) -> tuple[float, float]:
    ofc = str(Path(sys.executable).parent / "ofc")
    with tempfile.TemporaryDirectory() as folder:
        spec = SPEC.format(trials=trials, strategy=strategy, workers=WORKERS)
        (Path(folder) / "omniforce.yaml").write_text(spec)
        return _cost([ofc, "run", "-f", "omniforce.yaml"], folder)


def _optuna(trials: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/study.db"
        return _cost([sys.executable, "-c", OPTUNA, url, str(trials), str(WORKERS)], folder)


def main() -> None:
    """Prints the table."""
    ways = {
        "ofc run, random": lambda n: _ours(n, "random"),
        "ofc run, sobol": lambda n: _ours(n, "sobol"),
    }
    if importlib.util.find_spec("optuna"):
        ways["Optuna, RDB storage, processes"] = _optuna
    else:
        print("optuna: skipped, needs `pip install optuna`", file=sys.stderr)
    slopes: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            few, many = way(FEW), way(MANY)
            count = MANY - FEW
            slopes[name].append(((many[0] - few[0]) / count, (many[1] - few[1]) / count))
    print(f"{machine()}; medians of {ROUNDS} rounds, {WORKERS} workers, slope over {MANY - FEW}\n")
    rows = [
        (
            name,
            f"{1e3 * statistics.median(c for c, _ in taken):.1f}",
            f"{1e3 * statistics.median(w for _, w in taken):.1f}",
        )
        for name, taken in slopes.items()
    ]
    print(table(("way", "CPU ms a trial", "wall ms a trial"), rows))


if __name__ == "__main__":
    main()
