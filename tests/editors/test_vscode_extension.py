"""The extension for VS Code: starts `ofc lsp` for specs, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
VSCODE = """
const calls = [];
exports.calls = calls;
exports.commands = { registerCommand: (name) => { calls.push(["command", name]); return {}; } };
exports.window = { showErrorMessage: (text) => calls.push(["error", text]) };
exports.workspace = {
  workspaceFolders: [{ uri: { fsPath: "/project" } }],
  getConfiguration: () => ({ get: () => process.env.OFC_PATH }),
  onDidChangeConfiguration: () => ({}),
};
"""
CLIENT = """
const { calls } = require("vscode");
exports.TransportKind = { stdio: 0 };
exports.LanguageClient = class {
  constructor(id, name, server, client) { this.it = [id, server, client]; }
  async start() {
    calls.push(["start", ...this.it]);
    if (process.env.OFC_FAILS) throw new Error("spawn ofc ENOENT");
  }
  async stop() { calls.push(["stop"]); }
};
"""
RUN = """
const { activate, deactivate } = require("./extension.js");
activate({ subscriptions: [] }).then(deactivate).then(() => {
  console.log(JSON.stringify(require("vscode").calls));
});
"""


def _json(name: str) -> Any:
    return json.loads((EXTENSION / name).read_text(encoding="utf-8"))


@pytest.fixture
def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not on PATH")
    return found


def calls(node: str, folder: Path, **environment: str) -> list[Any]:
    """What the extension asks of VS Code and of the client, both played here."""
    shutil.copy(EXTENSION / "extension.js", folder)
    for name, text in (("vscode/index.js", VSCODE), ("vscode-languageclient/node.js", CLIENT)):
        path = folder / "node_modules" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    done = subprocess.run(
        [node, "-e", RUN], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("path", "program"),
    [
        ("ofc", "ofc"),
        (".venv/bin/ofc", "/project/.venv/bin/ofc"),
        ("/opt/omniforce/bin/ofc", "/opt/omniforce/bin/ofc"),
    ],
)
def test_it_starts_the_server_and_stops_it(
    path: str, program: str, node: str, tmp_path: Path
) -> None:
    server = {"command": program, "args": ["lsp"], "transport": 0}
    selector = {"documentSelector": [{"language": "omniforce"}]}
    assert calls(node, tmp_path, OFC_PATH=path) == [
        ["command", "omniforce.restart"],
        ["start", "omniforce", server, selector],
        ["stop"],
    ]


def test_a_server_that_does_not_start_is_said_with_a_way_out(node: str, tmp_path: Path) -> None:
    made = calls(node, tmp_path, OFC_PATH="ofc", OFC_FAILS="1")
    text = (
        "`ofc lsp` does not start: spawn ofc ENOENT. "
        "Run `pip install 'omniforce[lsp]'`, or set `omniforce.path`."
    )
    assert made[-1] == ["error", text]


def test_its_code_is_javascript(node: str) -> None:
    subprocess.run([node, "--check", EXTENSION / "extension.js"], check=True)


def test_it_is_for_the_files_that_are_specs() -> None:
    (language,) = _json("package.json")["contributes"]["languages"]
    assert language["filenames"] == ["omniforce.yaml", "omniforce.yml"]
    assert language["extensions"] == [".omniforce.yaml", ".omniforce.yml"]


def test_every_file_that_its_manifest_names_is_there_and_can_be_read() -> None:
    package = _json("package.json")
    contributes = package["contributes"]
    named = [
        package["main"],
        *(each["configuration"] for each in contributes["languages"]),
        *(each["path"] for each in contributes["grammars"]),
    ]
    assert [name for name in named if not (EXTENSION / name).is_file()] == []
    for path in EXTENSION.glob("*.json"):
        _json(path.name)


def test_its_manifest_fits_together() -> None:
    package = _json("package.json")
    contributes = package["contributes"]
    (language,) = contributes["languages"]
    (grammar,) = contributes["grammars"]
    assert f"onLanguage:{language['id']}" in package["activationEvents"]
    assert grammar["language"] == language["id"]
    assert grammar["scopeName"] == _json(grammar["path"])["scopeName"]
    assert list(contributes["configurationDefaults"]) == [f"[{language['id']}]"]
    restricted = package["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert set(restricted) <= contributes["configuration"]["properties"].keys()
    assert package["dependencies"] == {"vscode-languageclient": "9.0.1"}
