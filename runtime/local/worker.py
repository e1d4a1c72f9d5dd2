"""A worker process: started once, it runs one trial after another until its pipe closes."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from omniforce.spec.problem import Problem

from ..trial.as_json import report_to_json, request_from_json
from ..trial.client import DESCRIPTOR
from ..trial.command import located
from ..trial.contract import SPEC_DIRECTORY, Phase
from ..trial.disk import disk_full, is_full
from ..trial.execute import execute
from ..trial.frames import receive, send
from ..trial.load import load_class
from .lifetime import die_with
from .memory import at_most, offer_itself


def main(arguments: list[str]) -> int:
    """Serves requests that come over one descriptor, and answers over another."""
    requests, answers, parent = (int(each) for each in arguments[:3])
    own_log = arguments[3]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    die_with(parent)
    offer_itself()
    for descriptor in (requests, answers):
        os.set_inheritable(descriptor, False)
    os.environ[DESCRIPTOR] = str(answers)
    home = os.getcwd()
    while (message := receive(requests)) is not None:
        match message["kind"]:
            case "load":
                with _output_to(own_log):
                    answer = _load(message, own_log)
                send(answers, answer)
            case "trial":
                send(answers, _run(message, answers))
                _redirect(own_log)  # for what goes wrong in here, between trials
                os.chdir(home)
                gc.collect()
            case _:  # of another release: nothing that this one could do
                return 1
    return 0


def _load(message: Mapping[str, object], log: str) -> Mapping[str, object]:
    """Imports what every trial needs, so that no trial pays for it."""
    path = [str(each) for each in cast("list[str]", message["path"])]
    sys.path.extend(path)
    if path:
        os.environ.setdefault(SPEC_DIRECTORY, path[0])
    try:
        load_class(str(message["estimator"]))
        if command := cast("list[str]", message.get("command")):
            located(command)
        if message["measures"]:
            importlib.import_module("omniforce.runtime.trial.measuring")
    except Problem as problem:
        return _problem(problem)
    except BaseException as error:  # the module's own code may do anything
        traceback.print_exc()
        return _problem(
            Problem(
                "OFC764",
                f"the estimator cannot be imported: {type(error).__name__}: {error}",
                f"its traceback is in {log}",
            )
        )
    gc.collect()
    gc.freeze()  # what is loaded now stays, so the collections between trials need not look at it
    return {"kind": "ready"}


def _run(message: Mapping[str, object], answers: int) -> Mapping[str, object]:
    request = request_from_json(cast("Mapping[str, Any]", message["request"]))

    def entering(phase: Phase) -> None:
        send(answers, {"kind": "phase", "phase": phase})

    try:
        with _output_to(str(message["log"])), at_most(request.memory):
            report = execute(request, entering)
    except Problem as problem:
        return _problem(problem)
    except OSError as error:
        if not is_full(error):
            raise
        return _problem(disk_full(str(message["log"])))
    return {"kind": "done", "report": report_to_json(report)}


def _problem(problem: Problem) -> Mapping[str, object]:
    diagnostic = problem.diagnostic
    return {
        "kind": "problem",
        "code": diagnostic.code,
        "message": diagnostic.message,
        "help": diagnostic.help,
    }


@contextmanager
def _output_to(log: str) -> Generator[None]:
    """Sends all output of this process, of C code and children too, to the end of a file."""
    before = sys.stdout, sys.stderr
    _redirect(log)
    sys.stdout, sys.stderr = _text(1), _text(2)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)
        sys.stdout, sys.stderr = before


def _redirect(log: str) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _text(descriptor: int) -> Any:
    return open(
        descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )


def _flush(stream: Any) -> None:
    try:
        stream.flush()
    except Exception:
        return


if __name__ == "__main__":
    # Exit at once: what a trial left running (threads, atexit handlers) must not hold this up.
    os._exit(main(sys.argv[1:]))
