"""A program as an estimator: one run of it a trial, told by variables, files and HTTP.

What it says comes in by three ways that mean the same: lines in `metrics.jsonl` and `result.json`
in its folder, POSTs to a server on loopback, or `report` of `client` where it is Python. Its model
is what it leaves as `model.onnx` in `OFC_MODEL_DIR`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from omniforce.spec.problem import Problem

from . import files
from .client import DESCRIPTOR, DIRECTORY, ReportRefused, channel, checked
from .contract import SPEC_DIRECTORY
from .door import Door
from .failures import Ended, MissingMetric, classify_text
from .written import Lines, read_result, result_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL = "model.onnx"
_LOOK = 0.1  # seconds between two looks at what the program wrote
_NOTES = 20  # complaints about one trial's figures; more say nothing more


class Command:
    """One run of a program; its figures are what it reported."""

    def __init__(
        self,
        data_path: str = "",
        is_trainer: bool = False,
        seed: int = 0,
        *,
        command: Sequence[str] = (),
        model: Path | None = None,
        **_: object,
    ) -> None:
        """Finds the program; its arguments are in the environment already.

        Raises:
            Problem: there is no such program, or it may not be run.
        """
        self._command = located(command) if command else ()
        self._directory = Path(os.environ.get(DIRECTORY, "."))
        self._model = model or Path(os.environ.get("OFC_MODEL_DIR", ".")) / MODEL
        self._figures: dict[str, float] = {}
        self._result: Mapping[str, float] | None = None
        self._notes = 0

    def run(self) -> None:
        """Runs the program to its end.

        Raises:
            Ended: it ended with another status than 0, or by a signal.
            NotANumber: its result has NaN or infinity.
            MissingMetric: its result cannot be read.
        """
        files.write_parameters(self._directory, os.environ.get("OFC_PARAMS", "{}"))
        lines = Lines(self._directory / files.METRICS)
        sys.stdout.flush()
        with Door(self._report, self._end, channel().is_stopped) as door:
            status = self._run(os.environ | door.variables, lines)
        self._read(lines)
        if status:
            raise _ended(status)
        result = self._result or read_result(self._directory / files.RESULT)
        self._figures = dict(channel().latest if result is None else result)

    def _run(self, environment: Mapping[str, str], lines: Lines) -> int:
        kept = {name: value for name, value in environment.items() if name != DESCRIPTOR}
        process = subprocess.Popen(  # noqa: S603 - no shell reads it, and the spec's writer chose it
            self._command,
            cwd=_base(),
            env=kept,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_dying_with_its_parent(),  # noqa: PLW1509 - one call of the C library
        )
        try:
            while True:
                try:
                    return process.wait(timeout=_LOOK)
                except subprocess.TimeoutExpired:
                    self._read(lines)
        finally:
            _end_group(process.pid)  # what it left in the background would disturb the next trial
            process.wait()

    def _read(self, lines: Lines) -> None:
        for read in lines.new():
            try:
                self._report(read.step, read.metrics())
            except (ReportRefused, MissingMetric) as refused:
                self._note(f"-- {files.METRICS}, line {read.number}: {refused}")

    def _report(self, step: object, metrics: Mapping[str, object]) -> None:
        channel().tell(checked(step, metrics))

    def _end(self, metrics: Mapping[str, object]) -> None:
        self._result = result_of(metrics)

    def _note(self, text: str) -> None:
        self._notes += 1
        if self._notes <= _NOTES:
            print(text, file=sys.stderr, flush=True)

    def metrics(self) -> dict[str, float]:
        """What the program reported: its result, or else the last value of each figure."""
        return self._figures

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The answers of the model that it left: there is no other that they could differ from."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            str(self._left()), options, providers=["CPUExecutionProvider"]
        )
        answers = session.run(None, {session.get_inputs()[0].name: x})[0]
        return cast("NDArray[np.float32]", answers)

    def save(self, directory: Path) -> None:
        """Leaves the model, if there is one, where `load` finds it."""
        if self._model.is_file():
            shutil.copyfile(self._model, directory / MODEL)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """What can answer and be exported; it runs no program."""
        return cls(model=directory / MODEL)

    def export_onnx(self, path: Path) -> None:
        """Puts the model that the program left where it is looked for.

        Raises:
            Problem: it left none.
        """
        left = self._left()
        if not (path.exists() and left.samefile(path)):
            shutil.copyfile(left, path)

    def _left(self) -> Path:
        if not self._model.is_file():
            raise Problem(
                "OFC862",
                f"the program left no `{MODEL}`, and a device is to run its model",
                f"write it to `$OFC_MODEL_DIR/{MODEL}`, or remove `devices` and what names them",
            )
        return self._model


def located(command: Sequence[str], base: Path | None = None) -> tuple[str, ...]:
    """The command with its program's own place.

    Raises:
        Problem: there is none, it lies outside of the spec's folder, or it may not be run.
    """
    program, base = command[0], base or _base()
    if "/" not in program:
        found = shutil.which(program)
        if found is None:
            raise Problem(
                "OFC861",
                f"there is no program `{program}` on the PATH",
                f"install it, or write `./{program}` for one beside the spec",
            )
        return (found, *command[1:])
    place = (base / program).resolve()
    if not place.is_relative_to(base.resolve()):
        raise Problem(
            "OFC860",
            f"the program `{program}` lies outside of the spec's folder",
            "put the program itself there, and no link to another place",
        )
    if not place.is_file():
        raise Problem(
            "OFC861", f"there is no file `{program}` in `{base}`", "write the program's own name"
        )
    if not os.access(place, os.X_OK):
        raise Problem("OFC861", f"`{program}` may not be run", f"chmod +x {program}")
    return (str(place), *command[1:])


def _base() -> Path:
    return Path(os.environ.get(SPEC_DIRECTORY) or os.getcwd())


def _ended(status: int) -> Ended:
    from ..local.endings import ending

    if status < 0:
        return Ended(*ending(status, memory_ran_out=False))
    said = "the program ended with status"
    failure = classify_text(_last_words()) or "exit"
    return Ended(failure, f"{said} {status}")


def _last_words() -> str:
    """The last lines of the log, which tell a program's end from its status more than a number."""
    try:
        with open(os.readlink("/proc/self/fd/2"), "rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2048))
            return "\n".join(log.read().decode("utf-8", "replace").strip().splitlines()[-3:])
    except OSError:
        return ""


def _end_group(group: int) -> None:
    try:
        os.killpg(group, 9)
    except (ProcessLookupError, PermissionError):
        return


def _dying_with_its_parent() -> Callable[[], None] | None:
    """What a child does before it becomes the program; all is looked up before the fork."""
    if sys.platform != "linux":
        return None
    import ctypes

    ask = ctypes.CDLL(None).prctl

    def die_with_its_parent() -> None:
        ask(1, 9)  # PR_SET_PDEATHSIG, SIGKILL

    return die_with_its_parent
