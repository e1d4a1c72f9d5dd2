"""Kubeconfigs, login plugins, certificates: who asks, and whom."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from omniforce.spec.problem import Problem
from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster, connect
from omniforce.targets.platforms.kubernetes.cluster.client.identity import open_connection
from omniforce.targets.platforms.kubernetes.cluster.cluster import (
    Reference,
    Unauthorized,
    Unreachable,
)
from tests.support.api_server import ApiServer
from tests.support.clusters import client, kubeconfig, said
from tests.support.crd import needs_shared

pytestmark = needs_shared


def test_a_token_that_no_header_can_carry_is_not_shown(server: ApiServer, tmp_path: Path) -> None:
    cluster = client(server, tmp_path, "half-of-it\nother-half")
    with pytest.raises(Problem) as fault:
        cluster.version()
    assert said(fault.value) == (
        "OFC627",
        "the token of the kubeconfig is none: it has a line break in it",
    )


def test_a_pod_uses_its_own_identity(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(Problem) as fault:
        open_connection(None, None)
    assert said(fault.value)[0] == "OFC627"
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    connection = open_connection(None, None)
    assert connection.name == "this cluster"
    with pytest.raises(Problem) as fault:
        connection.ask("GET", "/version")
    assert said(fault.value)[1].startswith("this pod's identity cannot be used: ")


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[ApiServer]:
    """A server with a certificate of its own authority, which is itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here: no certificate can be made")
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    command = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=in-test"
    command += f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {certificate}"
    subprocess.run(command.split(), check=True, capture_output=True)
    with ApiServer(certificate=(certificate, key)) as server:
        yield server


def trusting(server: ApiServer, folder: Path, **cluster: Any) -> KubernetesCluster:
    path = kubeconfig(folder, server.address, token="token-of-admin")
    plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    plain["clusters"][0]["cluster"] |= cluster
    path.write_text(yaml.safe_dump(plain), encoding="utf-8")
    connection = replace(open_connection(None, str(path)), pause=lambda seconds: None)
    return KubernetesCluster(connection)


def test_a_certificate_is_held_against_its_authority(certified: ApiServer, tmp_path: Path) -> None:
    authority = {"certificate-authority": str(tmp_path / "certificate")}
    assert trusting(certified, tmp_path, **authority).version() == "v1.36.2"
    with pytest.raises(Unreachable) as fault:
        trusting(certified, tmp_path).version()
    assert said(fault.value) == (
        "OFC620",
        "the certificate of the API server of `somewhere` is not trusted: self-signed certificate",
    )


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_a_certificate_is_not_looked_at_where_the_kubeconfig_says_so(
    certified: ApiServer, tmp_path: Path
) -> None:
    cluster = trusting(certified, tmp_path, **{"insecure-skip-tls-verify": True})
    assert cluster.version() == "v1.36.2"


def test_a_login_plugin_gives_the_token(server: ApiServer, tmp_path: Path) -> None:
    answer = (
        '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",'
        '"status":{"token":"token-of-admin"}}'
    )
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "echo",
        "args": [answer],
        "interactiveMode": "Never",
    }
    cluster = connect(None, str(kubeconfig(tmp_path, server.address, exec=plugin)))
    assert cluster.get(Reference("v1", "Namespace", None, "here")) is None


def test_a_login_plugin_that_fails_is_said_to(server: ApiServer, tmp_path: Path) -> None:
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "false",
        "interactiveMode": "Never",
    }
    cluster = connect(None, str(kubeconfig(tmp_path, server.address, exec=plugin)))
    with pytest.raises(Unauthorized) as fault:
        cluster.version()
    assert said(fault.value)[1].startswith(
        "the login plugin of context `somewhere` gave no identity: "
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the kubeconfig `{}` cannot be used: "),
        ("a: [", "the kubeconfig `{}` cannot be used: "),
        ("kind: Config\ncurrent-context: x\ncontexts: []\n", "the kubeconfig `{}` cannot be used"),
    ],
)
def test_a_broken_kubeconfig_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as fault:
        open_connection(None, str(path))
    assert fault.value.diagnostic.code == "OFC627"
    assert fault.value.diagnostic.message.startswith(message.format(path))


def test_a_kubeconfig_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nothing"
    with pytest.raises(Problem) as fault:
        open_connection(None, str(path))
    assert said(fault.value) == ("OFC627", f"the kubeconfig `{path}` does not exist")


def test_an_unknown_context_is_named_with_those_that_are_there(
    server: ApiServer, tmp_path: Path
) -> None:
    path = server.kubeconfig(tmp_path / "kubeconfig")
    with pytest.raises(Problem) as fault:
        open_connection("production", str(path))
    assert said(fault.value) == (
        "OFC627",
        f"the kubeconfig `{path}` has no context `production`",
    )
    assert fault.value.diagnostic.help == "it has `in-test`"
