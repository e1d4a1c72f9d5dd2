"""The advise function: woken by the end of a study, it leaves its advice in the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.events import STUDY_COMPLETED
from omniforce.compiler.ir.program import Program
from omniforce.runtime.events import study_completed, study_started
from omniforce.runtime.functions.advise import Advise
from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import failed
from omniforce.spec.plain.values import to_plain

from .fake_study import Cluster


@pytest.fixture
def cluster(
    sqlite_address: str, tmp_path: Path, make_program: Callable[..., Program], counting: Any
) -> Iterator[Cluster]:
    directory = tmp_path / "mounted"
    directory.mkdir()
    cluster = Cluster(sqlite_address, directory, counting)
    cluster.mount(make_program())
    yield cluster
    cluster.close()


def _failing_study(store: Store, program: Program) -> None:
    text = json.dumps(to_plain(program))
    store.create_study("s", text, program.digest, 0.0)
    with store.lock("s") as session:
        numbers = session.propose([{"x": x} for x in range(5)], 1.0)
    for number in numbers:
        assert store.lease("s", number, 1, f"w{number}", 60.0, 1.0) is not None
        store.finish("s", number, 1, failed("out-of-memory", "used 3 GiB", 1.0), 2.0)
    with store.lock("s") as session:
        session.complete("budget", 3.0)


def test_the_end_of_a_study_leaves_advice_once(
    cluster: Cluster, make_program: Callable[..., Program]
) -> None:
    store = cluster.store()
    _failing_study(store, make_program())
    function = cluster.serve(Advise(lambda: 4.0), STUDY_COMPLETED)
    event = study_completed("s", "budget", 3.0)
    assert [function.send(event).status for _ in range(2)] == [202, 202]
    (action,) = store.actions("s")
    detail = json.loads(action.detail)
    assert (action.actor, action.action, detail["event"]) == ("advisor", "advised", event.id)
    assert [each["message"] for each in detail["advice"]] == [
        "100 % of the trials failed: `out-of-memory`"
    ]


def test_what_is_no_end_of_this_study_is_refused(cluster: Cluster) -> None:
    function = cluster.serve(Advise())
    assert function.send(study_started("s", 0.0)).status == 422
    assert function.send(study_completed("other", "budget", 0.0)).status == 422
    assert function.send(study_completed("s", "budget", 0.0)).status == 422  # never begun
