"""A client of a language server that runs as a process: JSON-RPC over its stdin and stdout."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

WAIT = 60


class LanguageFault(Exception):
    """The server answered a request with an error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class LanguageClient:
    """Sends requests and notifications, and keeps what comes back by itself.

    Attributes:
        notifications: what the server sent unasked, oldest first, as method and params.
        answers: to requests of the server's own, such as for its configuration, by method.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        answers: Mapping[str, object] | None = None,
    ) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.answers = answers or {}
        self.notifications: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.errors: list[bytes] = []
        self._answers: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._next = 0
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(WAIT)
        for reader in self._readers:
            reader.join(WAIT)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def begin(self, **capabilities: object) -> Any:
        """The handshake; what the server can do."""
        params = {"processId": None, "rootUri": None, "capabilities": capabilities}
        able = self.ask("initialize", params)
        self.tell("initialized", {})
        return able

    def end(self) -> int:
        """Takes leave as the protocol wants it; the server's exit code."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.process.wait(WAIT)

    def ask(self, method: str, params: object) -> Any:
        """The result of a request.

        Raises:
            LanguageFault: it is an error.
        """
        return self.result(self.request(method, params))

    def request(self, method: str, params: object) -> int:
        """Sends a request and does not wait; its number."""
        self._next += 1
        self._answers[self._next] = queue.Queue()
        self.send({"jsonrpc": "2.0", "id": self._next, "method": method, "params": params})
        return self._next

    def result(self, number: int) -> Any:
        """What the server answers to a request that was sent."""
        answer = self._answer(number)
        if "error" in answer:
            raise LanguageFault(answer["error"]["code"], answer["error"]["message"])
        return answer.get("result")

    def tell(self, method: str, params: object) -> None:
        """Sends a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: object) -> None:
        """Sends a message as it is."""
        body = json.dumps(message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def raw(self, data: bytes) -> None:
        """Sends bytes."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def open(self, uri: str, text: str, version: int = 1) -> None:
        """Opens a document, which need not be a file."""
        document = {"uri": uri, "languageId": "yaml", "version": version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, text: str, version: int) -> None:
        """Changes all of a document."""
        document = {"uri": uri, "version": version}
        params = {"textDocument": document, "contentChanges": [{"text": text}]}
        self.tell("textDocument/didChange", params)

    def diagnostics(self, uri: str, version: int | None = None) -> list[dict[str, Any]]:
        """The next findings that come for a document, of this version where one is named."""
        while True:
            method, params = self.notifications.get(timeout=WAIT)
            if method != "textDocument/publishDiagnostics" or params["uri"] != uri:
                continue
            if version is None or params.get("version") == version:
                found: list[dict[str, Any]] = params["diagnostics"]
                return found

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not line:
                return
            self._take(json.loads(stream.read(length)))

    def _answer(self, number: int) -> dict[str, Any]:
        """Waits for an answer as long as there is a server that may give one."""
        waiting = self._answers[number]
        for _ in range(WAIT * 10):
            with contextlib.suppress(queue.Empty):
                return waiting.get(timeout=0.1)
            if not self._readers[0].is_alive() and waiting.empty():
                self.process.wait(WAIT)
                errors = b"".join(self.errors).decode()
                raise EOFError(f"the server ended with {self.process.returncode}: {errors}")
        raise TimeoutError(f"no answer to request {number}")

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            waiting = self._answers.get(message["id"])
            if waiting is not None:
                waiting.put(message)
        elif "id" in message:
            result = self.answers.get(message["method"])
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        else:
            self.notifications.put((message["method"], message.get("params")))

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors.append(line)
