"""Starts a trial's processes on the nodes of a Ray cluster: what a RayJob's entrypoint runs.

    python -m omniforce.runtime.trial.ray_ranks

A placement group gets every node once, so that no process waits for another's node; each node then
starts as many processes as it is told, with what `torch.distributed` reads in their environment.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

JOB = (sys.executable, "-m", "omniforce.runtime.trial.job")
PORT = "29400"
PLACED_SECONDS = 600.0

log = logging.getLogger(__name__)


def run_node(
    node: int,
    nodes: int,
    processes: int,
    master: str,
    told: Mapping[str, str],
    command: Sequence[str] = JOB,
) -> int:
    """Runs the processes of one node to their end; gives the worst of their exit codes.

    Args:
        node: from 0.
        nodes: how many there are.
        processes: on each of them.
        master: the address of the first.
        told: further variables, the same for all.
        command: what each process runs.
    """
    started: list[subprocess.Popen[bytes]] = []
    for local in range(processes):
        variables = {
            "RANK": str(node * processes + local),
            "WORLD_SIZE": str(nodes * processes),
            "LOCAL_RANK": str(local),
            "MASTER_ADDR": master,
            "MASTER_PORT": told.get("MASTER_PORT", PORT),
        }
        environment = {**os.environ, **told, **variables}
        started.append(subprocess.Popen(list(command), env=environment))  # noqa: S603 - our own
    return max(abs(each.wait()) for each in started)


def main(environment: Mapping[str, str], command: Sequence[str] = JOB) -> int:
    """Starts all ranks; gives the worst exit code."""
    import ray
    from ray.util.placement_group import placement_group
    from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

    nodes = int(environment.get("OFC_NODES", "1"))
    processes = int(environment.get("OFC_PROCESSES", "1"))
    told = {
        name: value
        for name, value in environment.items()
        if name.startswith(("OFC_", "K_EVENT")) or name in ("MASTER_PORT", "OMP_NUM_THREADS")
    }
    ray.init(
        address=environment.get("RAY_ADDRESS") or None,
        log_to_driver=True,
        include_dashboard=False if not environment.get("RAY_ADDRESS") else None,
    )
    try:
        spread = "STRICT_SPREAD" if nodes > 1 else "PACK"
        spread = environment.get("OFC_SPREAD", spread)
        group = placement_group([{"CPU": 1}] * nodes, strategy=spread)
        ray.get(group.ready(), timeout=PLACED_SECONDS)

        def on(node: int, work: Callable[..., Any]) -> Any:
            place = PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=node)
            return ray.remote(work).options(scheduling_strategy=place, max_retries=0, num_cpus=1)

        master = ray.get(on(0, _address).remote())
        codes = ray.get(
            [
                on(node, run_node).remote(node, nodes, processes, master, told, command)
                for node in range(nodes)
            ]
        )
        return int(max(codes))
    finally:
        ray.shutdown()


def _address() -> str:
    import ray

    return str(ray.util.get_node_ip_address())  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    sys.exit(main(os.environ))
