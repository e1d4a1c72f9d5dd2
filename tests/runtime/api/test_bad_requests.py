"""What strangers send: each gets a clear answer, nothing is stored, and no token is in the log."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omniforce.runtime.functions.api.routes import Route
from omniforce.runtime.functions.api.table import ROUTES

from .conftest import Service, compiled, serve, study_json, token_of

S = "/projects/vision/studies/s"
BEARER = f"Bearer {token_of('ada')}"
HEAD = f"host: x\r\nauthorization: {BEARER}\r\nconnection: close\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def sane(service: Service) -> bool:
    """Whether it still answers, and has nothing that it should not."""
    found = service.get("/projects/vision/studies").json["studies"]
    return [each["name"] for each in found] == ["s"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"\xff\xfe",
        b'{"trials": 1, "trials": 2}',
        b'{"trials": NaN}',
        b'{"trials": -Infinity}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"trials": ' + b"9" * 10_000 + b"}",
        b"\x00",
    ],
)
def test_a_body_that_is_no_object_of_json_is_refused(shared: Service, body: bytes) -> None:
    for place in (f"{S}/extend", f"{S}/pause", f"{S}/revise", "/projects/vision/studies"):
        said = shared.post(place, body)
        assert (said.status, said.code) == (400, "OFC834")
    assert sane(shared)


def test_a_body_of_another_type_is_refused(shared: Service) -> None:
    said = shared.ask("POST", f"/v1{S}/pause", b"<a/>", headers={"content-type": "text/xml"})
    assert (said.status, said.code) == (415, "OFC837")


def test_ten_megabytes_are_not_read(shared: Service) -> None:
    said = shared.raw(
        f"POST /v1{S}/extend HTTP/1.1\r\n{HEAD}content-length: 10000000\r\n\r\n".encode()
    )
    assert status(said) == 413
    body = b'{"parameters": {"x": "' + b"y" * 10_000_000 + b'"}}'
    with socket.create_connection(("127.0.0.1", shared.port), timeout=20) as line:
        line.sendall(
            f"POST /v1{S}/trials HTTP/1.1\r\n{HEAD}transfer-encoding: chunked\r\n\r\n".encode()
        )
        sender = threading.Thread(target=_chunks, args=(line, body))
        sender.start()
        answer = line.recv(65536)
        sender.join()
    assert status(answer) == 413
    assert sane(shared)


def _chunks(line: socket.socket, body: bytes) -> None:
    try:
        for first in range(0, len(body), 65536):
            part = body[first : first + 65536]
            line.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        line.sendall(b"0\r\n\r\n")
    except OSError:
        pass  # it had heard enough


def test_headers_have_a_bound(shared: Service) -> None:
    many = "".join(f"x-{n}: y\r\n" for n in range(150))
    assert status(shared.raw(f"GET /v1/me HTTP/1.1\r\n{HEAD}{many}\r\n".encode())) == 413
    large = f"x-large: {'y' * 100_000}\r\n"
    assert status(shared.raw(f"GET /v1/me HTTP/1.1\r\n{HEAD}{large}\r\n".encode())) in (
        413,
        431,
        400,
    )
    assert sane(shared)


@pytest.mark.parametrize(
    ("method", "path", "want"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/v2/me", 404),
        ("GET", "//v1/me", 404),
        ("GET", "/v1//me", 404),
        ("DELETE", f"/v1{S}", 405),
        ("PUT", f"/v1{S}", 405),
        ("PATCH", f"/v1{S}/pause", 405),
        ("GET", f"/v1{S}/pause", 405),
        ("POST", f"/v1{S}/watch", 405),
        ("OPTIONS", f"/v1{S}", 405),
        ("TRACE", "/v1/me", 405),
        ("SHEEP", "/v1/me", 405),
        ("POST", f"/v1{S}/destroy", 404),
    ],
)
def test_other_places_and_methods_are_refused(
    shared: Service, method: str, path: str, want: int
) -> None:
    said = shared.ask(method, path)
    assert said.status == want
    assert said.code == {404: "OFC832", 405: "OFC836"}[want]
    assert ("allow" in said.headers) == (want == 405)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/projects/../../etc/passwd",
        "/v1/projects/vision/studies/../../../me",
        "/v1/projects/vision/studies/..%2F..%2Fetc",
        "/v1/projects/vision/studies/%2e%2e/s",
        "/v1/projects/vision%2Fstudies/s",
        "/v1/projects/vision/studies/s%00",
        "/v1/projects/vision/studies/s%0d%0aset-cookie:%20a=b",
        "/v1/projects/vision/studies/s'%20OR%20'1'='1",
        "/v1/projects/vision/studies/s;%20DROP%20TABLE%20ofc_trials;--",
        "/v1/projects/vision/studies/S",
        "/v1/projects/vision/studies/%D1%95",
        "/v1/projects/vision/studies/" + "s" * 3000,
        "/v1/projects/vision/studies/s/trials/-1",
        "/v1/projects/vision/studies/s/trials/01",
        "/v1/projects/vision/studies/s/trials/1e3",
        "/v1/projects/vision/studies/s/trials/%D9%A1",
        "/v1/projects/vision/studies/s/trials/" + "9" * 30,
        "/v1/projects/vision/studies/s/trials/0/artifacts/1/..%2F..%2Fetc%2Fpasswd",
    ],
)
def test_a_path_that_is_made_up_finds_nothing(shared: Service, path: str) -> None:
    answer = shared.raw(f"GET {path} HTTP/1.1\r\n{HEAD}\r\n".encode())
    assert status(answer) in (400, 404)
    assert b"set-cookie" not in answer.lower()
    assert sane(shared)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=x",
        "limit=1&limit=2",
        "after=-2",
        "after=9999999999999999",
        "state=sheep",
        "state='%20OR%201=1",
        "where=x",
        "where=%3E1",
        "where=loss%3Ewool",
        "sheep=1",
        "limit=%FF",
        "&".join("where=x%3D1" for _ in range(21)),
        "a=" + "b" * 5000,
    ],
)
def test_a_query_that_is_made_up_is_refused(shared: Service, query: str) -> None:
    said = shared.get(f"{S}/trials?{query}")
    assert said.status in (400, 413)
    assert said.code in ("OFC834", "OFC835", "OFC848")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YWRhOnBhc3M=",
        "Bearer a b",
        f"Bearer {token_of('ada')}, Bearer x",
        f"Bearer {token_of('ada')[:-1]}",
        f"Bearer {token_of('ada').upper()}",
        "Bearer " + "x" * 2000,
        "Bearer ' OR 1=1 --",
    ],
)
def test_a_token_that_is_none_lets_nobody_in(shared: Service, given: str) -> None:
    said = shared.ask("GET", "/v1/me", who=None, headers={"authorization": given})
    assert said.status in (401, 429)  # all tests come from one address


@pytest.mark.parametrize(
    "head",
    [
        f"authorization: Bearer x\r\nauthorization: {BEARER}\r\n",
        f"authorization: {BEARER}\r\nauthorization: {BEARER}\r\n",
        f"authorization: {BEARER}\r\ncontent-length: 2\r\ncontent-length: 30\r\n",
        f"authorization: {BEARER}\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n",
        f"authorization: {BEARER}\r\ntransfer-encoding: chunked, identity\r\n",
        f"authorization: {BEARER}\r\ntransfer-encoding : chunked\r\n",
        f"authorization: {BEARER}\r\ncontent-length: +2\r\n",
        f"authorization: {BEARER}\r\n content-length: 2\r\n",
        f"authorization: {BEARER}\r\nidempotency-key: a\r\nidempotency-key: b\r\n",
        f"authorization: {BEARER}\r\nx: a\rb\r\n",
        f"authorization: {BEARER}\r\nx: a\x00b\r\n",
    ],
)
def test_a_request_that_two_would_read_differently_is_read_by_nobody(
    shared: Service, head: str
) -> None:
    hidden = f"POST /v1{S}/stop HTTP/1.1\r\nhost: x\r\nauthorization: {BEARER}\r\n\r\n"
    sent = f"POST /v1{S}/pause HTTP/1.1\r\nhost: x\r\n{head}\r\n{{}}{hidden}"
    answer = shared.raw(sent.encode())
    found = [status(b"HTTP/1.1 " + each) for each in answer.split(b"HTTP/1.1 ")[1:]]
    assert found
    assert set(found) <= {400, 401, 429, 501}  # 429: all tests come from one address
    assert shared.get(S).json["state"] == "running"


def test_a_client_that_is_slow_is_not_awaited(shared: Service) -> None:
    with socket.create_connection(("127.0.0.1", shared.port), timeout=30) as line:
        line.sendall(f"POST /v1{S}/pause HTTP/1.1\r\n{HEAD}content-length: 5\r\n\r\n{{".encode())
        with socket.create_connection(("127.0.0.1", shared.port), timeout=30) as half:
            half.sendall(b"GET /v1/me HTTP/1.1\r\nhost: x\r\n")  # and no more
            assert sane(shared)  # others are served meanwhile
            assert half.recv(65536) == b""  # after the server's own patience
        assert status(line.recv(65536)) == 408


def test_nothing_of_a_request_steers_the_log(shared: Service) -> None:
    odd = "%0A%1b%5B31mERROR forged"
    shared.raw(f"GET /v1/projects/{odd} HTTP/1.1\r\n{HEAD}\r\n".encode())
    shared.get(f"/projects/vision/studies/{odd.replace(' ', '%20')}")
    shared.get(f"{S}/trials?where={odd.replace(' ', '%20')}")
    shared.ask("GET", "/v1/me", headers={"user-agent": "\x1b[31mforged"})
    shared.post(f"{S}/trials", {"parameters": {"x\n\x1b[31mERROR forged": 1}})
    logged = shared.logged
    assert "forged" not in logged
    assert "\x1b" not in logged


def test_no_token_is_in_the_log_nor_in_an_answer(tmp_path: Path) -> None:
    for service in serve(tmp_path, f"sqlite:///{tmp_path / 'study.db'}"):
        answers = [
            service.post("/projects/vision/studies", study_json(compiled())).body,
            service.get("/me").body,
            service.get(f"/me?token={token_of('ada')}").body,
            service.get(f"/{token_of('ada')}").body,
            service.post(f"{S}/trials", {"parameters": {token_of("ada"): 1}}, key="k").body[:0],
            service.ask("GET", "/v1/me", headers={"authorization": "Bearer wrong-token"}).body,
            service.raw(f"GET /v1/me HTTP/1.1\r\n{HEAD}{HEAD}\r\n".encode()),
            service.raw(f"GET /v1/{BEARER} HTTP/1.1\r\n{HEAD}\r\n".encode()),
        ]
        for text in (service.logged, *(answer.decode() for answer in answers)):
            assert token_of("ada") not in text
            assert "wrong-token" not in text


def test_any_bytes_get_an_answer_that_is_no_fault_of_ours(shared: Service) -> None:
    """A law: 2xx or 4xx with JSON, on every route, whatever is sent."""

    @settings(
        max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(
        route=st.sampled_from([r for r in ROUTES if r.kind == "json" or r.method == "POST"]),
        names=st.lists(
            st.sampled_from(["vision", "s", "0", "1", "..", "%00", "ä", "'", "%2F"]),
            min_size=5,
            max_size=5,
        ),
        sane_names=st.booleans(),
        query=st.text(max_size=40),
        body=st.one_of(
            st.binary(max_size=200),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(["parameters", "rating", "trials", "x", "name", "steps"]),
                        inner,
                        max_size=3,
                    )
                ),
                max_leaves=6,
            ).map(lambda value: json.dumps(value).encode()),
        ),
        header=st.sampled_from(["idempotency-key", "if-none-match", "content-type", "x-any"]),
        value=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    )
    def law(
        route: Route,
        names: list[str],
        sane_names: bool,
        query: str,
        body: bytes,
        header: str,
        value: str,
    ) -> None:
        given_names = iter(["vision", "s", "0", "1", "m"] if sane_names else names)
        path = "/".join(
            next(given_names) if part.startswith("{") else part for part in route.path.split("/")
        )
        sent = (
            f"{route.method} {path}?".encode()
            + "".join(f"%{byte:02x}" for byte in query.encode()).encode()
            + b" HTTP/1.1\r\n"
            + HEAD.encode()
            + header.encode()
            + b": "
            + value.encode("latin-1")
            + b"\r\n"
            + f"content-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        answer = shared.raw(sent, end=False)
        assert 200 <= status(answer) < 500
        head, _, content = answer.partition(b"\r\n\r\n")
        if b"json" in head.lower():
            json.loads(content)

    law()
    assert shared.process.poll() is None
    assert " failed" not in shared.logged  # the line of an exception that nobody expected


def test_any_bytes_for_a_request_leave_it_standing(shared: Service) -> None:
    @settings(
        max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(st.binary(max_size=300))
    def law(sent: bytes) -> None:
        answer = shared.raw(sent)
        assert answer == b"" or 200 <= status(answer) < 500

    law()
    assert sane(shared)
