"""Answers to requests that do something: each is done once for its `Idempotency-Key`."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from omniforce.spec.plain.values import MalformedPlain, from_plain
from omniforce.spec.problem import Problem

from ...steering.once import KEY, DoneBefore, Once
from ...steering.revising import Revision
from ...steering.steering import Extension, Steering
from ...store.trial import Action, StudyRecord, Trial
from ...trial.contract import Json
from .answers import Answer, json_answer, malformed
from .reading import access, plain, study_document, trial_document
from .routes import Call

REPLAYED = (("idempotency-replayed", "true"),)
MOST_PARAMETERS = 10_000


def pause(call: Call) -> Answer:
    """Proposes nothing more."""
    return _on_study(call, Steering.pause)


def resume(call: Call) -> Answer:
    """Goes on."""
    return _on_study(call, Steering.resume)


def stop(call: Call) -> Answer:
    """Ends it."""
    return _on_study(call, Steering.stop)


def extend(call: Call) -> Answer:
    """Adds to the budget."""
    document = _body(call)
    try:
        extension = from_plain(Extension, document)
    except MalformedPlain as error:
        raise malformed(f"the body is no extension: {error}") from None
    if not all(math.isfinite(each) and each < 1e12 for each in _numbers(document)):
        raise malformed("the body is no extension: a number is too large")
    return _on_study(call, lambda steering: steering.extend(extension))


def cancel(call: Call) -> Answer:
    """Ends one trial."""
    return _on_trial(call, lambda steering: steering.cancel(call.trial))


def end_early(call: Call) -> Answer:
    """Asks one trial to end."""
    return _on_trial(call, lambda steering: steering.end_early(call.trial))


def rate(call: Call) -> Answer:
    """Says what a person thinks of a trial."""
    document = _body(call)
    rating = document.get("rating")
    number = isinstance(rating, int | float) and not isinstance(rating, bool)
    if set(document) != {"rating"} or not (rating is None or number):
        raise malformed('the body is not `{"rating": NUMBER or null}`')
    value = float(cast("float", rating)) if number else None
    if value is not None and (not math.isfinite(value) or abs(value) > 1e9):
        raise malformed("the rating is no number of common size")
    return _on_trial(call, lambda steering: steering.rate(call.trial, value))


def add(call: Call) -> Answer:
    """Proposes one trial by hand."""
    document = _body(call)
    parameters = document.get("parameters")
    if set(document) != {"parameters"} or not isinstance(parameters, Mapping):
        raise malformed('the body is not `{"parameters": {...}}`')
    if len(parameters) > MOST_PARAMETERS:
        raise malformed(f"there are more than {MOST_PARAMETERS} parameters")
    steering = _steering(call)
    try:
        found = steering.add(parameters)
    except DoneBefore as before:
        number = _detail(call, before.position).get("trial")
        if not isinstance(number, int):
            raise malformed("the `Idempotency-Key` was used for another deed") from None
        return json_answer(trial_document(access(call).trial(number)), headers=REPLAYED)
    call.desk.messenger.send(call.study.name)
    return json_answer(trial_document(found), 201)


def revise(call: Call) -> Answer:
    """Changes the spec."""
    program, text = _program(call)
    try:
        revision = _steering(call).revise(program, text)
    except DoneBefore as before:
        detail = _detail(call, before.position)
        known = {k: v for k, v in detail.items() if k != "digest"}
        revision = from_plain(Revision, {**known, "cancelled": []})
        return json_answer({"revision": plain(revision)}, headers=REPLAYED)
    call.desk.messenger.send(call.study.name)
    return json_answer({"revision": plain(revision)})


def create(call: Call) -> Answer:
    """Starts a study from a compiled spec; the same once more finds it."""
    from ...events import study_started
    from ...rewards import search_of

    program, text = _program(call)
    store, now = call.desk.store, call.desk.store.clock()
    is_new = store.study(program.name) is None
    try:
        record = store.create_study(
            program.name,
            text,
            program.digest,
            now,
            project=call.project,
            algorithm=search_of(program).algorithm.name,
        )
    except Problem as problem:
        if problem.diagnostic.code != "OFC756":
            raise
        raise Problem(
            "OFC756",
            f"the name `{program.name}` is taken by a study of another spec",
            "give the spec another `metadata.name`",
        ) from None
    with store.lock(record.name) as session:
        if is_new:
            session.note(call.identity.name, "create", {"digest": program.digest}, now)
        session.put([study_started(record.name, now)], now)
    call.desk.messenger.send(record.name)
    return json_answer(study_document(call, record), 201 if is_new else 200)


def _on_study(call: Call, deed: Callable[[Steering], StudyRecord]) -> Answer:
    try:
        record = deed(_steering(call))
    except DoneBefore:
        return json_answer(study_document(call, call.study), headers=REPLAYED)
    call.desk.messenger.send(record.name)
    return json_answer(study_document(call, record))


def _on_trial(call: Call, deed: Callable[[Steering], Trial]) -> Answer:
    try:
        found = deed(_steering(call))
    except DoneBefore:
        return json_answer(trial_document(access(call).trial(call.trial)), headers=REPLAYED)
    call.desk.messenger.send(call.study.name)
    return json_answer(trial_document(found))


def _steering(call: Call) -> Steering:
    store = call.desk.store
    return Steering(
        store,
        call.study.name,
        call.identity.name,
        store.clock,
        runner=call.desk.runner,
        once=_once(call),
    )


def _once(call: Call) -> Once | None:
    key = call.request.header("idempotency-key")
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise malformed("`idempotency-key` is not 1 to 200 printable characters without blanks")
    asked = "\n".join((call.request.method, *call.request.path, "")).encode() + call.request.body
    return Once(call.identity.name, key, hashlib.sha256(asked).hexdigest()[:32])


def _detail(call: Call, position: int) -> Mapping[str, Json]:
    found: tuple[Action, ...] = call.desk.store.actions(call.study.name, position - 1)
    return json.loads(found[0].detail) if found and found[0].position == position else {}


def _body(call: Call) -> Mapping[str, Json]:
    return call.request.json()


def _numbers(document: Mapping[str, Json]) -> list[float]:
    return [value for value in document.values() if isinstance(value, int | float)]


def _program(call: Call) -> tuple[Any, str]:
    """The compiled spec that was sent, and its text in our own form.

    Raises:
        Refusal: it is none that the compiler would have written.
    """
    from omniforce.compiler.ir.program import Program
    from omniforce.compiler.ir.verify import verify
    from omniforce.spec.plain.values import to_plain

    from ...rewards import NoSearch, search_of

    try:
        program = from_plain(Program, _body(call))
        search_of(program)
    except (MalformedPlain, NoSearch, ValueError, TypeError, KeyError, RecursionError) as error:
        raise malformed(
            f"the body is no compiled study: {str(error)[:300]}",
            "send the `study.json` that `ofc compile` writes",
        ) from None
    faults = verify(program)
    if faults:
        raise malformed(f"the body is no compiled study: {str(faults[0])[:300]}")
    if not re.fullmatch(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", program.name):
        raise malformed("the name of the study is none")
    if not re.fullmatch(r"sha256:[0-9a-f]{1,64}", program.digest):
        raise malformed("the digest of the study is none")
    return program, json.dumps(to_plain(program))
