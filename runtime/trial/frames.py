"""Messages on a pipe: four bytes of length, then JSON."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Mapping

_LENGTH = struct.Struct(">I")
LARGEST = 16 * 2**20


class BrokenFrame(Exception):  # noqa: N818 - a state of the pipe
    """What came is no message; the other side is not what it should be."""


def encode(message: Mapping[str, object]) -> bytes:
    """One message as it goes over the pipe."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


def send(descriptor: int, message: Mapping[str, object]) -> None:
    """Writes one message whole.

    Raises:
        OSError: the other side is gone.
    """
    left = memoryview(encode(message))
    while left:
        left = left[os.write(descriptor, left) :]


def receive(descriptor: int) -> Mapping[str, object] | None:
    """Waits for one message; None once the other side is gone.

    Raises:
        BrokenFrame: it is no message.
    """
    head = _read_exactly(descriptor, _LENGTH.size)
    if head is None:
        return None
    body = _read_exactly(descriptor, _length(head))
    return None if body is None else _parse(body)


class Decoder:
    """Makes messages of the pieces that a pipe gives."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, piece: bytes) -> Iterator[Mapping[str, object]]:
        """The messages that `piece` completes.

        Raises:
            BrokenFrame: what came is no message.
        """
        self._pending += piece
        while len(self._pending) >= _LENGTH.size:
            end = _LENGTH.size + _length(self._pending[: _LENGTH.size])
            if len(self._pending) < end:
                return
            body = bytes(self._pending[_LENGTH.size : end])
            del self._pending[:end]
            yield _parse(body)


def _length(head: bytes | bytearray) -> int:
    (length,) = _LENGTH.unpack(head)
    if length > LARGEST:
        raise BrokenFrame(f"a message of {length} bytes")
    return int(length)


def _parse(body: bytes) -> Mapping[str, object]:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise BrokenFrame(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise BrokenFrame("not an object")
    return message


def _read_exactly(descriptor: int, count: int) -> bytes | None:
    pieces = bytearray()
    while len(pieces) < count:
        piece = os.read(descriptor, count - len(pieces))
        if not piece:
            return None
        pieces += piece
    return bytes(pieces)
