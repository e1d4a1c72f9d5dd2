"""A study behind the API is the same as one at hand, for whoever asks by `StudyAccess`."""

from __future__ import annotations

import http.server
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omniforce.runtime.steering.access import StudyAccess
from omniforce.runtime.steering.remote import Api, RemoteStudy, program_of
from omniforce.runtime.steering.steering import Extension
from omniforce.runtime.steering.stored import StoredStudy
from omniforce.runtime.steering.trial_filter import Condition, TrialFilter
from omniforce.spec.problem import Problem

from .conftest import Fill, Service, compiled, study_json, token_of

Both = tuple[StudyAccess, StudyAccess]


@pytest.fixture
def api(service: Service, tmp_path: Path) -> Api:
    token = tmp_path / "token"
    token.write_text(token_of("ada") + "\n")
    return Api.at(f"http://127.0.0.1:{service.port}/v1/", "vision", token, None)


@pytest.fixture
def both(service: Service, api: Api, fill: Fill) -> Iterator[Both]:
    assert service.post("/projects/vision/studies", study_json(compiled())).status == 201
    store = service.store()
    fill(store, 7)
    yield StoredStudy(store, "s", "ada"), RemoteStudy(api, "s")
    store.close()


@pytest.mark.parametrize(
    "question",
    [
        lambda a: a.study,
        lambda a: program_of(a.record()),
        lambda a: (a.record().state, a.record().digest, a.record().extra, a.record().project),
        lambda a: a.trials(),
        lambda a: a.trials(TrialFilter(states=("failed",), most=1)),
        lambda a: a.trials(TrialFilter(where=(Condition.read("accuracy>=0.3"),), after=3)),
        lambda a: a.trial(3),
        lambda a: a.curve(),
        lambda a: a.curve(2),
        lambda a: a.curve(2, "loss"),
        lambda a: a.curve(key="other"),
        lambda a: a.log(3),
        lambda a: a.artifacts(3),
        lambda a: a.actions(),
        lambda a: a.actions(10**6),
    ],
)
def test_both_answer_the_same(both: Both, question: Callable[[StudyAccess], object]) -> None:
    here, there = both
    assert question(there) == question(here)


def test_both_do_the_same(both: Both) -> None:
    for access in both:
        assert access.pause().state == "paused"
        assert access.resume().state == "running"
        added = access.add({"x": 9})
        assert (added.point, added.origin) == ({"x": 9}, "person")
        assert access.end_early(added.number).stop is not None
        assert access.rate(added.number, 2.5).rating == 2.5
        assert access.rate(added.number, None).rating is None
        assert access.cancel(added.number).state == "cancelled"
    assert both[1].extend(Extension(trials=2)).extra == {"trials": 2}
    assert both[0].extend(Extension(trials=2)).extra == {"trials": 4}
    program = compiled(last=500)
    revision = both[1].revise(program, study_json(program).decode())
    assert (revision.number, revision.kept) == (2, 9)
    assert both[1].record() == both[0].record()
    assert both[1].stop().reason == "stopped"


@pytest.mark.parametrize(
    "deed",
    [
        lambda a: a.trial(99),
        lambda a: a.resume(),
        lambda a: a.add({"x": -1}),
        lambda a: a.extend(Extension(usd=1.0)),
        lambda a: a.cancel(0),
        lambda a: a.rate(99, 1.0),
    ],
)
def test_both_refuse_in_the_same_words(both: Both, deed: Callable[[StudyAccess], object]) -> None:
    said = []
    for access in both:
        with pytest.raises(Problem) as caught:
            deed(access)
        told = caught.value.diagnostic
        said.append((told.code, told.message, told.help))
    assert said[0] == said[1]


def test_both_tell_the_same_changes(both: Both) -> None:
    here, there = both
    here.stop()
    local = [change for some in here.changes() for change in some]
    remote = [change for some in there.changes() for change in some]
    assert remote == local


def test_the_only_study_of_a_project_need_not_be_named(service: Service, api: Api) -> None:
    with pytest.raises(Problem, match="no studies"):
        api.only_study()
    api.create(compiled(), study_json(compiled()).decode())
    api.create(compiled(), study_json(compiled()).decode())
    assert api.only_study() == "s"
    api.create(compiled("t"), study_json(compiled("t")).decode())
    with pytest.raises(Problem, match="2 studies"):
        api.only_study()


def code(make: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        make()
    return caught.value.diagnostic.code


def test_a_token_goes_over_no_open_line(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t\n")
    assert code(lambda: Api.at("http://ofc.example", "p", token, None)) == "OFC843"
    for url in ("http://localhost:1", "http://[::1]:1", "http://api.ns.svc.cluster.local"):
        assert Api.at(url, "p", token, None).client.token == "t"


def test_what_cannot_be_used_is_said(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("")
    assert code(lambda: Api.at("ftp://x", "p", None, None)) == "OFC840"
    assert code(lambda: Api.at("https://a:b@x", "p", None, None)) == "OFC840"
    assert code(lambda: Api.at("https://x", "p", empty, None)) == "OFC842"
    assert code(lambda: Api.at("https://x", "p", tmp_path / "none", None)) == "OFC842"
    assert code(lambda: Api.at("https://x", "p", None, empty)) == "OFC840"


class NoStudies(http.server.BaseHTTPRequestHandler):
    """An API without a study."""

    def do_GET(self) -> None:
        body = b'{"studies": [], "next": null}'
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_certificate_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    monkeypatch.setattr("time.sleep", lambda _: None)
    key, certificate = tmp_path / "key.pem", tmp_path / "ca.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), NoStudies) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        port = server.server_address[1]
        try:
            assert Api.at(f"https://127.0.0.1:{port}", "p", None, certificate).studies() == ()
            assert code(Api.at(f"https://127.0.0.1:{port}", "p", None, None).studies) == "OFC840"
            other = f"https://localhost:{port}"
            assert code(Api.at(other, "p", None, certificate).studies) == "OFC840"
        finally:
            server.shutdown()
            thread.join()


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A server that is no API of ours."""

    def do_GET(self) -> None:
        body = b"<html>hello</html>"
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_another_server_is_told_from_ours() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        api = Api.at(f"http://127.0.0.1:{server.server_address[1]}", "p", None, None)
        assert code(api.studies) == "OFC841"
        server.shutdown()
        thread.join()
