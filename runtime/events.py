"""The events of a study: CloudEvents 1.0, built and read (binary and structured HTTP mode)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias, cast

from omniforce.compiler.events import (
    DEVICE_MEASURED,
    MODEL_TRAINED,
    STUDY_CHANGED,
    STUDY_COMPLETED,
    STUDY_STARTED,
    TRIAL_COMPLETED,
    TRIAL_REQUESTED,
)

from .trial.contract import Json

MAX_BYTES = 1024 * 1024
"""What a JobSink can hand to a Job (demand 7)."""
MAX_ATTRIBUTE = 4096
MAX_KEY = 500
"""Of the attributes that the store knows an event by."""

_NAME = re.compile(r"[a-z0-9]{1,20}")
_TEXT = ("id", "source", "type", "subject", "time", "dataschema", "datacontenttype")
_JSON_TYPES = ("application/json", "text/json")

Headers: TypeAlias = Mapping[str, str]


class MalformedEvent(Exception):  # noqa: N818 - it says what the sender sent
    """Not a CloudEvent; sending it again cannot help."""


class OversizedEvent(MalformedEvent):
    """More than `MAX_BYTES`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One CloudEvent.

    Attributes:
        id: the same whenever it is sent again; receivers know an event by source and id.
        time: RFC 3339, or empty.
        extensions: by name, such as `ofcrunner`.
    """

    id: str
    source: str
    type: str
    subject: str = ""
    time: str = ""
    data: Mapping[str, Json]
    extensions: tuple[tuple[str, str], ...] = ()


def source_of(study: str) -> str:
    """What a study's events come from."""
    return f"/studies/{study}"


def ping_source(namespace: str, name: str) -> str:
    """What the events of a PingSource come from."""
    return f"/apis/v1/namespaces/{namespace}/pingsources/{name}"


def study_started(study: str, now: float) -> Event:
    """The first event: wakes the search and makes the tick."""
    return _event(STUDY_STARTED, study, "started", "", {"study": study}, now)


def study_changed(study: str, action: str, position: int, now: float) -> Event:
    """Somebody did something to the study; `position` is the deed's in the store."""
    data: dict[str, Json] = {"study": study, "action": action}
    return _event(STUDY_CHANGED, study, f"changed-{position}", "", data, now)


def study_completed(study: str, reason: str, now: float) -> Event:
    """The last event: removes the tick and starts the release."""
    return _event(STUDY_COMPLETED, study, "completed", "", {"study": study, "reason": reason}, now)


def trial_requested(study: str, trial: int, attempt: int, runner: str, now: float) -> Event:
    """Asks for an attempt; `runner` says by whom, else two runners would both run it (demand 8)."""
    return _event(
        TRIAL_REQUESTED,
        study,
        f"t{trial}-a{attempt}-requested",
        f"t{trial}",
        {"study": study, "trial": trial, "attempt": attempt},
        now,
        (("ofcrunner", runner),),
    )


def trial_completed(study: str, trial: int, attempt: int, now: float) -> Event:
    """Says that the store has an attempt's report."""
    return _event(
        TRIAL_COMPLETED,
        study,
        f"t{trial}-a{attempt}-completed",
        f"t{trial}",
        {"study": study, "trial": trial, "attempt": attempt},
        now,
    )


def model_trained(study: str, trial: int, attempt: int, device: str, now: float) -> Event:
    """Says that the store has an attempt's model, and that one device is to measure it."""
    return _of_device(MODEL_TRAINED, "trained", study, trial, attempt, device, now)


def device_measured(study: str, trial: int, attempt: int, device: str, now: float) -> Event:
    """Says that the store has the figures of one device."""
    return _of_device(DEVICE_MEASURED, "measured", study, trial, attempt, device, now)


def _of_device(
    type: str, kind: str, study: str, trial: int, attempt: int, device: str, now: float
) -> Event:
    data: dict[str, Json] = {"study": study, "trial": trial, "attempt": attempt, "device": device}
    name = f"t{trial}-a{attempt}-{device}-{kind}"
    return _event(type, study, name, f"t{trial}", data, now, (("ofcdevice", device),))


def to_binary(event: Event) -> tuple[dict[str, str], bytes]:
    """Headers and body of an event in HTTP's binary mode, the one that brokers like best."""
    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "time": event.time,
        **dict(event.extensions),
    }
    headers = {f"ce-{name}": _escaped(value) for name, value in attributes.items() if value}
    headers["content-type"] = "application/json"
    return headers, json.dumps(event.data, sort_keys=True).encode()


def to_text(event: Event) -> str:
    """An event in structured mode, as the outbox keeps it."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": event.source,
            "type": event.type,
            **({"subject": event.subject} if event.subject else {}),
            **({"time": event.time} if event.time else {}),
            **dict(event.extensions),
            "datacontenttype": "application/json",
            "data": event.data,
        },
        sort_keys=True,
    )


def from_text(text: str | bytes) -> Event:
    """An event out of its structured form.

    Raises:
        MalformedEvent: it is none.
    """
    document = dict(_object(_json(text), "the body"))
    if "data_base64" in document:
        raise MalformedEvent("`data_base64` is not read here; send `data` as JSON")
    data = document.pop("data", {})
    for name, value in document.items():
        if not isinstance(value, str) and name in _TEXT:
            raise MalformedEvent(f"`{name}` is not a string")
    return _checked({name: _plain(value) for name, value in document.items()}, data)


def from_http(headers: Headers, body: bytes) -> Event:
    """An event out of a request, in either mode; header names are in small letters.

    Raises:
        OversizedEvent: the body is too large.
        MalformedEvent: it is no CloudEvent 1.0 with a JSON object as its data.
    """
    if len(body) > MAX_BYTES:
        raise OversizedEvent(f"the event has more than {MAX_BYTES} bytes")
    content = headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if content == "application/cloudevents+json":
        return from_text(body)
    if content.startswith("application/cloudevents"):
        raise MalformedEvent(f"`{content}` is not read here; send one event as JSON")
    if "ce-specversion" not in headers:
        raise MalformedEvent("the request has no `ce-specversion` header: it is no CloudEvent")
    if body and content not in _JSON_TYPES:
        raise MalformedEvent(f"the data is `{content}`, not `application/json`")
    attributes = {
        name[3:]: _unescaped(value) for name, value in headers.items() if name.startswith("ce-")
    }
    return _checked(attributes, _json(body) if body else {})


def _event(
    type: str,
    study: str,
    kind: str,
    subject: str,
    data: Mapping[str, Json],
    now: float,
    extensions: tuple[tuple[str, str], ...] = (),
) -> Event:
    return Event(
        id=f"{study}-{kind}",
        source=source_of(study),
        type=type,
        subject=subject,
        time=datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
        data=data,
        extensions=extensions,
    )


def _checked(attributes: dict[str, str], data: object) -> Event:
    if attributes.get("specversion") != "1.0":
        raise MalformedEvent(
            f"the event's `specversion` is `{attributes.get('specversion', '')}`, not `1.0`"
        )
    for name in ("id", "source", "type"):
        if not attributes.get(name):
            raise MalformedEvent(f"the event has no `{name}`")
        if len(attributes[name]) > MAX_KEY:
            raise MalformedEvent(f"the event's `{name}` has more than {MAX_KEY} characters")
    for name, value in attributes.items():
        if not _NAME.fullmatch(name):
            raise MalformedEvent(f"`{name[:40]}` cannot be an attribute's name")
        if len(value) > MAX_ATTRIBUTE or not value.isprintable():
            raise MalformedEvent(f"`{name}` is too long or not printable")
    known = {"specversion", *_TEXT}
    return Event(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        subject=attributes.get("subject", ""),
        time=attributes.get("time", ""),
        data=cast("Mapping[str, Json]", _object(data, "the event's data")),
        extensions=tuple(sorted((n, v) for n, v in attributes.items() if n not in known)),
    )


def _json(text: str | bytes) -> object:
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedEvent(f"the body is not JSON: {error}") from error
    return document


def _object(document: object, what: str) -> Mapping[str, object]:
    if not isinstance(document, dict):
        raise MalformedEvent(f"{what} is not a JSON object")
    return cast("Mapping[str, object]", document)  # JSON has no other keys


def _plain(value: object) -> str:
    """An attribute as text; CloudEvents knows booleans and integers beside strings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise MalformedEvent("an attribute is neither a string, a number nor a truth value")


def _escaped(value: str) -> str:
    """CloudEvents' percent-encoding of header values: spaces, quotes, `%` and beyond ASCII."""
    return "".join(
        character
        if "!" <= character <= "~" and character not in '"%'
        else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in value
    )


def _unescaped(value: str) -> str:
    try:
        return _percent_decoded(value)
    except UnicodeDecodeError as error:
        raise MalformedEvent("a header is not UTF-8 after percent-decoding") from error


def _percent_decoded(value: str) -> str:
    from urllib.parse import unquote

    return unquote(value, errors="strict")
