"""The language server: speaks the protocol on stdin and stdout, and asks the other modules.

An editor sends the whole text at each change, which keeps what both hold of it the same whatever
counts as a line break. Diagnostics are worked out beside the main loop, a moment after the last
change, so that completion never waits for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sys

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.source import Source

from ...version import VERSION
from .convert import Units, to_diagnostic
from .diagnose import diagnose
from .document import Document
from .library import Library, library

QUIET = 0.15
"""Seconds without a change after which a text is diagnosed."""


class SpecServer(LanguageServer):
    """The open documents, and what is known of them.

    Attributes:
        documents: by their URI.
        found: the findings of the version that they are of, by URI.
        ended: whether the client said `shutdown`, as it must before `exit`.
    """

    def __init__(self) -> None:
        super().__init__("ofc", VERSION, lsp.TextDocumentSyncKind.Full)
        self.documents: dict[str, Document] = {}
        self.found: dict[str, tuple[int, tuple[Diagnostic, ...]]] = {}
        self.ended = False
        self._library: Library | None = None
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Semaphore(1)

    @property
    def library(self) -> Library:
        """The algorithms and strategies, found at the first use."""
        if self._library is None:
            self._library = library()
        return self._library

    def report_server_error(self, error: Exception, source: object) -> None:
        """On stderr, and never as a window of the editor; what was answered is told already."""
        if isinstance(error, JsonRpcException):
            return
        logging.getLogger(__name__).error("%s: %s", type(error).__name__, error)

    def units(self, document: Document) -> Units:
        """How this client counts in a document."""
        encoding = self.workspace.position_encoding
        name = getattr(encoding, "value", encoding)
        return Units(document.lines, str(name or "utf-16"))

    def document(self, uri: str) -> Document:
        """An open document.

        Raises:
            JsonRpcException: the client has not opened it.
        """
        document = self.documents.get(uri)
        if document is None:
            raise JsonRpcException(f"{uri} is not open", lsp.ErrorCodes.InvalidParams)
        return document

    def opened(self, uri: str, version: int | None) -> None:
        """Takes the text that the client has now, and diagnoses it soon."""
        text = self.workspace.get_text_document(uri).source.removeprefix("\ufeff")
        before = self.documents.get(uri)
        source = Source(to_fs_path(uri) or uri, text)
        self.documents[uri] = Document(source, version or 0, before)
        self._plan(uri, QUIET if before is not None else 0.0)

    def saved(self) -> None:
        """Diagnoses all again: what was saved may be a template of any of them."""
        for uri in self.documents:
            self._plan(uri, QUIET)

    def closed(self, uri: str) -> None:
        """Forgets a document, and takes back what was said of it."""
        self.documents.pop(uri, None)
        self.found.pop(uri, None)
        waiting = self._waiting.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    def _plan(self, uri: str, delay: float) -> None:
        waiting = self._waiting.get(uri)
        if waiting is not None:
            waiting.cancel()
        self._waiting[uri] = asyncio.get_running_loop().create_task(self._diagnose(uri, delay))

    async def _diagnose(self, uri: str, delay: float) -> None:
        await asyncio.sleep(delay)
        async with self._one_at_a_time:
            document = self.documents.get(uri)
            if document is None:
                return
            known = self.library.catalogue
            try:
                found = await asyncio.to_thread(diagnose, document.source, known)
            except Exception as fault:  # the editor goes on, whatever the compiler made of it
                self.report_server_error(fault, fault)
                return
        if self.documents.get(uri) is not document:
            return
        self.found[uri] = (document.version, found)
        units = self.units(document)
        shown = [to_diagnostic(d, units, uri, document.source.name) for d in found]
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri, shown, document.version)
        )


def serve() -> bool:
    """Serves one editor until it says `exit` or goes away; whether it took its leave."""
    from .features import register

    server = SpecServer()
    register(server)
    # What is loaded now stays: the collector need not look through it while somebody waits.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    # The thread that diagnoses hands over soon to a completion that came in meanwhile.
    sys.setswitchinterval(0.001)
    # The protocol has stdout for itself: whatever else is printed goes to stderr.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with contextlib.suppress(BrokenPipeError), contextlib.redirect_stdout(sys.stderr):
        server.start_io(sys.stdin.buffer, out)
    return server.ended
