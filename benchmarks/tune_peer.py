"""A search at random by Ray Tune, on a local Ray of its own: the peer of two benchmarks.

python tune_peer.py TRIALS WORKERS FOLDER SECONDS     each trial sleeps for SECONDS
"""

import os
import sys
import time

os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray
from ray import tune

trials, workers, folder, seconds = sys.argv[1:5]


def train(config: dict[str, float]) -> None:
    """One trial."""
    time.sleep(float(seconds))
    tune.report({"accuracy": config["x"]})


if __name__ == "__main__":
    ray.init(
        num_cpus=int(workers), include_dashboard=False, log_to_driver=False, logging_level="ERROR"
    )
    tune.Tuner(
        train,
        param_space={"x": tune.uniform(0, 1)},
        tune_config=tune.TuneConfig(
            metric="accuracy",
            mode="max",
            num_samples=int(trials),
            max_concurrent_trials=int(workers),
            reuse_actors=True,
        ),
        run_config=tune.RunConfig(storage_path=folder, verbose=0),
    ).fit()
    ray.shutdown()
