"""CloudEvents: what is written reads back, and what is none is refused by name."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.runtime.events import (
    MAX_BYTES,
    Event,
    MalformedEvent,
    OversizedEvent,
    from_http,
    from_text,
    study_completed,
    study_started,
    to_binary,
    to_text,
    trial_completed,
    trial_requested,
)

printable = st.text(
    st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=20
)
data = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5))
events = st.builds(
    Event,
    id=printable,
    source=printable,
    type=printable,
    subject=printable,
    data=data,
    extensions=st.lists(
        st.tuples(st.sampled_from(["ofcrunner", "x1", "y"]), printable),
        unique_by=lambda pair: pair[0],
    ).map(lambda pairs: tuple(sorted(pairs))),
)


@given(events)
def test_an_event_reads_back_from_either_mode(event: Event) -> None:
    assert from_text(to_text(event)) == event
    assert from_http(*to_binary(event)) == event
    structured = {"content-type": "application/cloudevents+json; charset=utf-8"}
    assert from_http(structured, to_text(event).encode()) == event


@given(st.binary(max_size=200), st.sampled_from(["application/cloudevents+json", "text/plain"]))
def test_any_bytes_are_an_event_or_named_malformed(body: bytes, content: str) -> None:
    for headers in ({"content-type": content}, {"ce-specversion": "1.0", "ce-id": "1"}):
        with pytest.raises(MalformedEvent):
            from_http(headers, body)


def test_a_request_names_its_runner_and_its_attempt() -> None:
    assert trial_requested("digits", 7, 2, "job", 0.0) == Event(
        id="digits-t7-a2-requested",
        source="/studies/digits",
        type="dev.omniforce.trial.requested.v1",
        subject="t7",
        time="1970-01-01T00:00:00.000+00:00",
        data={"study": "digits", "trial": 7, "attempt": 2},
        extensions=(("ofcrunner", "job"),),
    )


def test_ids_tell_study_trial_attempt_and_kind_apart_and_nothing_else() -> None:
    made = [
        study_started("s", 0.0),
        study_completed("s", "budget", 0.0),
        trial_requested("s", 1, 1, "job", 0.0),
        trial_requested("s", 1, 2, "job", 0.0),
        trial_requested("s", 11, 1, "job", 0.0),
        trial_completed("s", 1, 1, 0.0),
        study_started("t", 0.0),
    ]
    assert len({(event.source, event.id) for event in made}) == len(made)
    assert trial_completed("s", 1, 1, 0.0).id == trial_completed("s", 1, 1, 99.0).id


BINARY = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t"}
STRUCTURED = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t"}


@pytest.mark.parametrize(
    ("headers", "body", "message"),
    [
        ({}, b"{}", "it is no CloudEvent"),
        (BINARY | {"ce-specversion": "0.3"}, b"{}", "not `1.0`"),
        ({k: v for k, v in BINARY.items() if k != "ce-id"}, b"{}", "has no `id`"),
        (BINARY | {"ce-type": ""}, b"{}", "has no `type`"),
        (BINARY | {"ce-id": "x" * 501}, b"{}", "more than 500 characters"),
        (BINARY | {"ce-my_name": "x"}, b"{}", "cannot be an attribute's name"),
        (BINARY | {"ce-x": "a%00b"}, b"{}", "not printable"),
        (BINARY | {"ce-x": "%ff"}, b"{}", "not UTF-8"),
        (BINARY | {"content-type": "text/xml"}, b"<a/>", "not `application/json`"),
        (BINARY, b"[1]", "not a JSON object"),
        (BINARY, b"{", "not JSON"),
        (BINARY, b"\xff\xfe", "not JSON"),
        (BINARY, b"[" * 100_000, "not JSON"),
        ({"content-type": "application/cloudevents-batch+json"}, b"[]", "send one event"),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(
    headers: dict[str, str], body: bytes, message: str
) -> None:
    with pytest.raises(MalformedEvent, match=message):
        from_http(headers, body)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": 1}, "`id` is not a string"),
        ({"data": "text"}, "not a JSON object"),
        ({"data_base64": "AAAA"}, "data_base64"),
        ({"ext": [1]}, "neither a string"),
    ],
)
def test_a_structured_event_with_a_wrong_member_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(MalformedEvent, match=message):
        from_text(json.dumps(STRUCTURED | changes))


def test_an_event_that_a_job_sink_could_not_hand_on_is_oversized() -> None:
    with pytest.raises(OversizedEvent):
        from_http(BINARY, b" " * (MAX_BYTES + 1))
