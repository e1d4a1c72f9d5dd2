"""`ofc lsp` on a spec of 500 lines: what an editor waits for, over the pipe and all.

    python benchmarks/lsp.py [LINES]

Each request follows a change of the text, so nothing of an earlier answer is kept.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from measure import machine, table

ROUNDS = 60
HEAD = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: large}
spec:
  data: {source: "sklearn://digits", target: label}
  algorithm: {estimator: "package.module:Net", metrics: [accuracy, loss]}
  params:
"""
PARAMETERS = """\
    family%d:
      type: choice
      range: {mlp, cnn}
      submodule:
        mlp: {width%d: {type: int, range: 4...256, scale: log}}
        cnn: {kernel%d: {3, 5}}
    rate%d: 1e-4...1e-1 log, default 1e-3, when family%d == mlp
    extra%d: {type: int, range: 1...$(params.p%d), when: family%d == cnn}
"""
TAIL = """\
  objectives:
    - maximize accuracy
    - minimize latency.p95 on server
  search:
    budget: {trials: 24}
  devices: {server: {runtime: onnx}}
  deployment: {model: best, to: server}
"""


def spec(lines: int) -> str:
    """A spec of about as many lines: parameters with submodules, conditions and constraints."""
    blocks = max((lines - 15) // 10, 1)
    made = [HEAD]
    made += (f"    p{i}: {{type: int, default: {i + 8}, minimum: 1}}\n" for i in range(blocks))
    made.append("  searchSpace:\n")
    made += (PARAMETERS % ((i,) * 8) for i in range(blocks))
    made.append("  constraints:\n")
    made += (f"    - extra{i} * rate{i} <= 2048\n" for i in range(blocks))
    return "".join((*made, TAIL))


class Client:
    """Just enough of an editor."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "omniforce.compiler.cli.main", "lsp"]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number = 0
        self.version = 0

    def send(self, method: str, params: object, number: int | None = None) -> None:
        """A notification, or a request where it has a number."""
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        body = json.dumps(message if number is None else {**message, "id": number}).encode()
        assert self.server.stdin is not None
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message that is wanted; the others are passed over."""
        stream = self.server.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()).strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            message: dict[str, Any] = json.loads(stream.read(length))
            if wanted(message):
                return message

    def ask(self, method: str, params: object) -> Any:
        """The answer to a request."""
        self.number += 1
        self.send(method, params, self.number)
        return self.wait(lambda m: m.get("id") == self.number)["result"]

    def change(self, text: str) -> None:
        """Has the text of the document changed."""
        self.version += 1
        document = {"uri": "untitled:large", "version": self.version}
        change = {"textDocument": document, "contentChanges": [{"text": text}]}
        self.send("textDocument/didChange", change)


def place(text: str, at: str) -> dict[str, int]:
    before = text[: text.index(at) + len(at)]
    return {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}


def main() -> None:
    """Prints the table."""
    text = spec(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
    broken = text.replace("  search:\n", "  sear\n  search:\n")
    middle = f"rate{text.count('family') // 8}: 1e-4...1e-1 log, default 1e-3, when fam"
    typed = text.replace("on server\n  search", "on \n  search").replace("model: best", "model: ")
    renaming: dict[str, object] = {"newName": "other"}
    rows: list[tuple[str, str, str, str, dict[str, object]]] = [
        ("completion of a key", "completion", text, "budget: {trials: 24", {}),
        ("completion in a broken file", "completion", broken, "  sear", {}),
        ("completion of a parameter", "completion", text, middle, {}),
        ("completion of a device", "completion", typed, "latency.p95 on ", {}),
        ("hover of a parameter", "hover", text, middle, {}),
        ("definition", "definition", text, middle, {}),
        ("references", "references", text, middle, {"context": {"includeDeclaration": True}}),
        ("rename", "rename", text, middle, renaming),
        ("outline", "documentSymbol", text, middle, {}),
        ("folding", "foldingRange", text, middle, {}),
    ]
    client = Client()
    client.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    client.send("initialized", {})
    document = {"uri": "untitled:large", "languageId": "omniforce", "version": 0, "text": text}
    client.send("textDocument/didOpen", {"textDocument": document})
    client.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics")
    figures = []
    for name, method, body, at, more in rows:
        params = {"textDocument": {"uri": "untitled:large"}, "position": place(body, at), **more}
        taken = []
        for i in range(ROUNDS):
            client.change(f"{body}# {i}\n")
            start = time.perf_counter()
            client.ask(f"textDocument/{method}", params)
            taken.append((time.perf_counter() - start) * 1e3)
        figures.append((name, taken))
    taken = []
    for i in range(10):
        client.change(f"{text}# again {i}\n")
        start = time.perf_counter()
        client.wait(lambda m: m.get("params", {}).get("version") == client.version)
        taken.append((time.perf_counter() - start) * 1e3)
    figures.append(("diagnostics, 150 ms after the last change", taken))
    client.ask("shutdown", None)
    client.send("exit", None)
    client.server.wait(30)
    print(f"{machine()}; {text.count(chr(10))} lines, {ROUNDS} requests of a kind\n")
    shown = [
        (name, f"{statistics.median(t):.1f}", f"{sorted(t)[int(len(t) * 0.95)]:.1f}")
        for name, t in figures
    ]
    print(table(("request", "p50 ms", "p95 ms"), shown))


if __name__ == "__main__":
    main()
