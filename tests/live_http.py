"""Readers of the live streams over HTTP."""

import contextlib
import http.client
import json
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.serving import RunningServer

SESSION = "/api/v1/capture/sessions/current"
START, PICTURE, ERROR = 1, 2, 3
HEADER = struct.Struct(">BBHI6q")


@dataclass(frozen=True)
class Record:
    """One record of ``preview.h264``; times in nanoseconds."""

    kind: int
    key: bool
    sequence: int
    pts_ns: int
    capture_ns: int
    ready_ns: int
    sent_ns: int
    dropped: int
    payload: bytes

    @property
    def facts(self) -> dict[str, Any]:
        """The payload of a start or an error."""
        decoded: dict[str, Any] = json.loads(self.payload)
        return decoded


class Stream:
    """An answer that is read while it comes."""

    def __init__(
        self, server: RunningServer, path: str, *, key: bool = True, receive_buffer: int | None = None
    ) -> None:
        address = urlsplit(server.rest)
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
        if receive_buffer is not None:
            self._connection.sock = _small_socket(str(address.hostname), int(address.port or 0), receive_buffer)
        self._connection.request("GET", path, headers={"X-API-Key": server.key} if key else {})
        self.answer = self._connection.getresponse()

    def read(self, size: int) -> bytes:
        """So many bytes; fewer at the end of the stream."""
        return self.answer.read(size)

    def record(self) -> Record:
        """The next record of a preview.

        Raises:
            EOFError: the stream has ended.
        """
        header = self.answer.read(HEADER.size)
        if len(header) < HEADER.size:
            raise EOFError
        kind, flags, header_bytes, payload_bytes, sequence, pts, capture, ready, sent, dropped = HEADER.unpack(header)
        assert header_bytes == HEADER.size
        payload = self.answer.read(payload_bytes)
        return Record(kind, bool(flags & 1), sequence, pts, capture, ready, sent, dropped, payload)

    def close(self) -> None:
        """Go away."""
        self.answer.close()
        self._connection.close()


@contextlib.contextmanager
def reading(
    server: RunningServer, path: str, *, key: bool = True, receive_buffer: int | None = None
) -> Iterator[Stream]:
    """A reader for the length of a with block. ``receive_buffer`` makes the kernel hold little for it, in bytes."""
    stream = Stream(server, path, key=key, receive_buffer=receive_buffer)
    try:
        yield stream
    finally:
        stream.close()


def _small_socket(host: str, port: int, size: int) -> socket.socket:
    """Set before the connection is made: the window that is offered follows from it."""
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    small.settimeout(30)
    small.connect((host, port))
    return small
