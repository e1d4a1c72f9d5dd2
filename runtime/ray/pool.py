"""The pool on Ray: as many crews as trials run at once, each replaced when it is lost."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, cast

from omniforce.spec.problem import Problem

from ..local.pool import Finished, Happening, PoolOptions
from ..trial.contract import TrialRequest, failed
from .crew import Crew, close, dismiss, hire, model_of
from .demand import Demand, no_node_fits
from .failures import lost
from .orders import Fault, News, Place
from .seat import installed
from .sending import Sending

FOR_ROOM = 300.0
"""Seconds that a cluster gets to make room for the first trial, by new nodes for instance."""

FOR_MORE = 10.0
"""Seconds that a trial with elastic bounds waits for all of its nodes before it takes fewer."""

_PATIENCE, _TRIES = 5.0, 3  # seconds for an answer that is to come at once; faults in a row


@dataclass(slots=True, eq=False)
class RayPool:
    """Runs trials in actors of Ray; see `TrialPool`.

    Attributes:
        connect: opens the session, and closes it.
        size: how many trials run at once, where there is room.
        tell: is told what people should know while nothing happens.
        sends: whether nodes get all they need by wire, even if they see this machine's files.
        patience: seconds that a cluster gets to make room for the first trial.
    """

    options: PoolOptions
    demand: Demand
    connect: Callable[[], AbstractContextManager[Any]]
    size: int
    tell: Callable[[str], None]
    sends: bool = False
    patience: float = FOR_ROOM
    _ray: Any = None
    _crews: list[Crew] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)
    _token: Path = Path()
    _sending: Sending = field(init=False)
    _faults: int = 0

    def __enter__(self) -> Self:
        try:
            self._ray = self._open.enter_context(self.connect())
            self._token = self.options.log.parent / f".ray-{uuid.uuid4().hex}"
            self._token.touch(mode=0o600)
            self._open.callback(self._token.unlink, missing_ok=True)
            self._sending = Sending(self._ray, self.options)
            self._open.callback(self._dismiss_all)
            for _ in range(self.size):
                self._hire()
            self._await_room()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def free(self) -> int:
        """How many more trials can be started now."""
        return sum(1 for crew in self._crews if crew.stage == "free")

    @property
    def running(self) -> tuple[TrialRequest, ...]:
        """The trials that run now, by number."""
        found = (crew.request for crew in self._crews if crew.request is not None)
        return tuple(sorted(found, key=lambda request: request.trial))

    def start(self, request: TrialRequest, log: Path) -> None:
        """Starts a trial; there must be a free crew."""
        crew = next(crew for crew in self._crews if crew.stage == "free")
        crew.run(request, log)

    def wait(self, seconds: float) -> tuple[Happening, ...]:
        """What happened by the first happening or the first room, or until time is up.

        Raises:
            Problem: nothing can run there.
        """
        until, free = time.monotonic() + seconds, self.free
        while True:
            left = until - time.monotonic()
            found = tuple(self._heard(max(0.0, left)))
            self._shrink()
            if found or self.free > free or time.monotonic() >= until:
                return found

    def stop(self, trial: int) -> bool:
        """Asks a trial to end early. False where it does not run."""
        crew = self._of(trial)
        if crew is None:
            return False
        for seat in crew.seats:
            seat.stop.remote(trial)
        return True

    def cancel(self, trial: int, grace: float = 0.0) -> bool:
        """Ends a trial that runs, of which nothing is heard any more. False where it does not."""
        crew = self._of(trial)
        if crew is None:
            return False
        if len(crew.seats) > 1:
            self._rest(crew)
            return True
        try:
            for seat in crew.seats:
                self._ray.get(seat.cancel.remote(trial, grace), timeout=_PATIENCE)
            # its last answer has to be out before it is asked for the next trial's
            self._ray.wait(list(crew.pending), timeout=_PATIENCE)
        except Exception:  # it is lost, or too slow to be of use
            self._replace(crew)
        else:
            self._rest(crew)
        return True

    def _of(self, trial: int) -> Crew | None:
        return next((c for c in self._crews if c.request and c.request.trial == trial), None)

    def _hire(self) -> None:
        nodes, ray = self.demand.nodes, self._ray
        free = ray.available_resources() if nodes.elastic else {}
        self._add(self.demand.most_nodes(free) if nodes.elastic else nodes.most)

    def _add(self, count: int) -> None:
        crew = hire(self._ray, self.demand, count)
        self._crews.append(crew)
        crew.look(str(self._token))

    def _replace(self, crew: Crew) -> None:
        self._crews.remove(crew)
        with suppress(Exception):
            dismiss(self._ray, crew)
        self._hire()

    def _rest(self, crew: Crew) -> None:
        """Makes a crew free for the next trial; one of several nodes meets anew each time."""
        if len(crew.seats) > 1:
            close(self._ray, (crew,), _PATIENCE)
            self._replace(crew)
            return
        crew.stage, crew.request, crew.pending = "free", None, {}

    def _shrink(self) -> None:
        """Takes fewer nodes where elastic bounds allow it and not all of them can be had."""
        for crew in tuple(self._crews):
            waited, count = time.monotonic() - crew.since, len(crew.seats)
            if crew.stage == "placing" and waited > FOR_MORE and count > self.demand.nodes.least:
                self._crews.remove(crew)
                dismiss(self._ray, crew)
                self._add(count - 1)

    def _await_room(self) -> None:
        """Waits until the first crew is free.

        Raises:
            Problem: there is no room, or no crew gets ready.
        """
        began, told = time.monotonic(), False
        while not self.free:
            self.wait(1.0)
            waited = time.monotonic() - began
            placed = any(crew.stage != "placing" for crew in self._crews)
            if placed or not no_node_fits(self.demand, self._ray.nodes()):
                continue
            if not told and waited > _PATIENCE:
                told = True
                self.tell(
                    f"no node of the cluster has {self.demand}; "
                    f"waiting {self.patience:.0f} s for one"
                )
            if waited > self.patience:
                raise Problem(
                    "OFC814",
                    f"no node of the Ray cluster has what a trial asks for: {self.demand}",
                    "ask for less in `search.trial.resources`, or add such a node to the cluster",
                )

    def _heard(self, seconds: float) -> Iterator[Happening]:
        awaited = {ref: crew for crew in self._crews for ref in crew.pending}
        if not awaited:
            time.sleep(min(seconds, 0.1))
            return
        references = list(awaited)
        ready, _ = self._ray.wait(references, timeout=seconds)
        if ready and len(references) > 1:
            ready, _ = self._ray.wait(references, num_returns=len(references), timeout=0)
        for reference in ready:
            crew = awaited[reference]
            if reference not in crew.pending or crew not in self._crews:
                continue  # it was replaced meanwhile
            rank = crew.pending.pop(reference)
            try:
                answer = self._ray.get(reference)
            except Exception as error:
                yield from self._lose(crew, error)
            else:
                self._faults = 0
                yield from self._understood(crew, rank, answer)

    def _understood(self, crew: Crew, rank: int, answer: object) -> Iterable[Happening]:
        match answer:
            case Place():
                self._placed(crew, rank, answer)
            case None:
                if not crew.pending:
                    crew.stage = "free"
            case Fault():
                raise Problem(answer.code, answer.message, answer.help)
            case News():
                return self._told(crew, rank, answer)
            case _:
                pass
        return ()

    def _placed(self, crew: Crew, rank: int, place: Place) -> None:
        if place.version != installed():
            raise Problem(
                "OFC815",
                f"the node {place.host} has omniforce {place.version}, and here is {installed()}",
                "install the same version on all nodes of the cluster as here",
            )
        crew.places[rank] = replace(place, shares=place.shares and not self.sends)
        if len(crew.places) < len(crew.seats):
            return
        crew.stage = "opening"
        for each, seat in enumerate(crew.seats):
            order = self._sending.order(crew, each, self.demand)
            crew.pending[seat.open.remote(order)] = each

    def _told(self, crew: Crew, rank: int, news: News) -> Iterable[Happening]:
        request = crew.request
        if news.fault is not None:
            raise Problem(news.fault.code, news.fault.message, news.fault.help)
        if request is None or news.cancelled:
            return ()
        crew.write(rank, news.log)
        seen = [replace(cast("Any", each), request=request) for each in news.happened]
        ended = [each for each in seen if isinstance(each, Finished)]
        found = [each for each in seen if rank == 0 and not isinstance(each, Finished)]
        if not ended:
            crew.pending[crew.seats[rank].more.remote()] = rank
            return found
        crew.done[rank] = ended[0].report
        if len(crew.done) < len(crew.seats) and ended[0].report.outcome == "completed":
            return found
        return (*found, self._over(crew, request))

    def _over(self, crew: Crew, request: TrialRequest) -> Finished:
        report = crew.report()
        if request.is_trainer and report.outcome == "completed" and not crew.shares:
            self._sending.receive(crew.seats[0], Path(request.model_dir))
        for rank in range(1, len(crew.seats)):
            shutil.rmtree(model_of(request, rank), ignore_errors=True)
        self._rest(crew)
        return Finished(request, report)

    def _lose(self, crew: Crew, error: Exception) -> Iterable[Happening]:
        """An actor, or its node, is gone: its trial with it."""
        request, began = crew.request, crew.began
        failure, message = lost(error)
        self._faults += 1
        if crew.stage in ("placing", "opening") and self._faults >= _TRIES:
            raise Problem(
                "OFC815",
                f"what runs trials does not start on the cluster's nodes: {message}",
                "install omniforce and what the estimator needs on all nodes, the same versions "
                "as here",
            ) from error
        self._replace(crew)
        if request is None:
            return ()
        return (Finished(request, failed(failure, message, time.monotonic() - began)),)

    def _dismiss_all(self) -> None:
        """Ends all trials with what they started, then the actors."""
        crews, self._crews = self._crews, []
        with suppress(Exception):
            close(self._ray, crews, _PATIENCE)
        for crew in crews:
            with suppress(Exception):
                dismiss(self._ray, crew)
