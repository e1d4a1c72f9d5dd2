"""Templates from registries: Debian's `docker-registry`, and servers that lie."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from omniforce.compiler.templates.fetched import Fetched
from omniforce.compiler.templates.oci import ARTIFACT, CONTENT, fetch_oci
from omniforce.spec.problem import Problem
from omniforce.spec.templates.reference import Oci, parse_reference
from tests.support.registry import Registry, archive, binary, digest, registry

needs_registry = pytest.mark.skipif(binary() is None, reason="needs Debian's docker-registry")

FILES = {"template.yaml": "kind: Template\n", "data/rows.csv": "a\n1\n"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(tmp_path_factory.mktemp("registry")) as made:
        yield made


def fetched(text: str) -> Fetched:
    reference = parse_reference(text)
    assert isinstance(reference, Oci), reference
    return fetch_oci(reference)


@needs_registry
def test_a_tag_and_its_digest_give_the_same_files(server: Registry) -> None:
    manifest = server.push("templates/edge", "1.2.0", archive(FILES))
    by_tag = fetched(f"oci://{server.host}/templates/edge:1.2.0")
    files = {name: text.encode() for name, text in FILES.items()}
    assert by_tag == Fetched(files, "template.yaml", manifest)
    assert fetched(f"oci://{server.host}/templates/edge@{manifest}") == by_tag


@needs_registry
def test_an_artifact_of_another_kind_is_refused(server: Registry) -> None:
    server.push("templates/image", "1", archive(FILES), kind="application/vnd.other")
    with pytest.raises(Problem, match=r"it is a `application/vnd\.other`"):
        fetched(f"oci://{server.host}/templates/image:1")


@needs_registry
def test_what_is_not_there_is_named(server: Registry) -> None:
    with pytest.raises(Problem, match="has no such manifest") as caught:
        fetched(f"oci://{server.host}/templates/none:1")
    assert caught.value.diagnostic.code == "OFC364"


@needs_registry
def test_a_layer_that_was_changed_on_the_way_is_refused(server: Registry) -> None:
    layer = archive(FILES)
    server.push("templates/spoilt", "1", archive({**FILES, "x": "1"}))
    server.push("templates/spoilt", "1", layer)
    server.spoil(digest(layer), archive({"template.yaml": "hostile\n"}))
    with pytest.raises(Problem) as caught:
        fetched(f"oci://{server.host}/templates/spoilt:1")
    assert caught.value.diagnostic.code in ("OFC364", "OFC365")


@needs_registry
def test_an_archive_without_a_template_is_refused(server: Registry) -> None:
    server.push("templates/empty", "1", archive({"README": "x"}))
    with pytest.raises(Problem, match=r"there is no `template\.yaml` in it"):
        fetched(f"oci://{server.host}/templates/empty:1")


Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def liar(answer: Callable[[str, str], Answer]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server that answers as told; and what it was asked, path and `Authorization`."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            authorization = self.headers.get("Authorization", "")
            asked.append((self.path, authorization))
            status, headers, body = answer(self.path, authorization)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{http.server_address[1]}", asked
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


LAYER = archive(FILES)


def manifest(**other: object) -> bytes:
    return json.dumps(
        {
            "artifactType": ARTIFACT,
            "layers": [{"mediaType": CONTENT, "digest": digest(LAYER), "size": len(LAYER)}],
            **other,
        }
    ).encode()


def honest(path: str, _: str) -> Answer:
    return 200, {}, manifest() if "/manifests/" in path else LAYER


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda p, _: (200, {}, manifest() if "/manifests/" in p else LAYER[:-1] + b"x"), "digest"),
        (lambda p, _: (200, {}, b"[" * 100_000), "no JSON object"),
        (lambda p, _: (200, {}, b"[]"), "no JSON object"),
        (lambda p, _: (200, {}, manifest(layers=[])), "not one layer"),
        (lambda p, _: (200, {}, manifest(layers=None)), "not one layer"),
        (
            lambda p, _: (
                200,
                {},
                manifest(
                    layers=[{"mediaType": CONTENT, "digest": digest(LAYER), "size": 2**40}]
                ),
            ),
            "its archive has 1,099,511,627,776 bytes",
        ),
        (lambda p, _: (200, {}, b"x" * (5 * 2**20)), "larger than"),
        (lambda p, _: (500, {}, b""), "answers with 500"),
        (lambda p, _: (302, {"Location": "http://registry.example.org/x"}, b""), "not protected"),
        (lambda p, _: (302, {"Location": "file:///etc/passwd"}, b""), "answers with 302"),
        (lambda p, _: (401, {"WWW-Authenticate": "Bearer realm=\"file:///etc/passwd\""}, b""),
         "not protected"),
        (lambda p, _: (401, {}, b""), "does not let you read it"),
    ],
)  # fmt: skip
def test_a_registry_that_lies_is_refused(
    answer: Callable[[str, str], Answer], message: str
) -> None:
    with liar(answer) as (host, _), pytest.raises(Problem, match=message):
        fetched(f"oci://{host}/t:1")


def test_a_manifest_by_digest_must_have_it() -> None:
    with liar(honest) as (host, _), pytest.raises(Problem, match="the manifest has the digest"):
        fetched(f"oci://{host}/t@sha256:{'0' * 64}")


def test_docker_says_who_asks_and_a_token_is_for_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(path: str, authorization: str) -> Answer:
        if path.startswith("/token"):
            return 200, {}, b'{"token": "of-the-registry"}'
        if authorization != "Bearer of-the-registry":
            realm = f'Bearer realm="http://{hosts[0]}/token",service="s"'
            return 401, {"WWW-Authenticate": realm}, b""
        return honest(path, authorization)

    hosts: list[str] = []
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with liar(answer) as (host, asked):
        hosts.append(host)
        auth = base64.b64encode(b"reader:secret").decode()
        (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
        assert fetched(f"oci://{host}/org/t:1").file == "template.yaml"
    assert asked == [
        ("/v2/org/t/manifests/1", ""),
        ("/token?service=s&scope=repository%3Aorg%2Ft%3Apull", f"Basic {auth}"),
        ("/v2/org/t/manifests/1", "Bearer of-the-registry"),
        (f"/v2/org/t/blobs/{digest(LAYER)}", "Bearer of-the-registry"),
    ]


def test_credentials_do_not_follow_a_redirect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    auth = base64.b64encode(b"reader:secret").decode()
    with liar(honest) as (store, asked_there):

        def answer(path: str, authorization: str) -> Answer:
            if authorization != f"Basic {auth}":
                return 401, {"WWW-Authenticate": 'Basic realm="r"'}, b""
            return 307, {"Location": f"http://{store}{path}"}, b""

        with liar(answer) as (host, _):
            (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
            assert fetched(f"oci://{host}/t:1").file == "template.yaml"
    assert {authorization for _, authorization in asked_there} == {""}


def test_a_helper_of_docker_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from omniforce.compiler.templates.credentials import authorization

    helper = tmp_path / "docker-credential-test"
    helper.write_text(
        '#!/bin/sh\nread host\necho "{\\"Username\\": \\"$host\\", \\"Secret\\": \\"s\\"}"\n'
    )
    helper.chmod(0o755)
    (tmp_path / "config.json").write_text('{"credsStore": "test"}')
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert authorization("reg.example.org") == (
        "Basic " + base64.b64encode(b"reg.example.org:s").decode()
    )
