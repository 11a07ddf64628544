"""Readers of live streams, each with a connection and a thread of its own."""

import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import grpc

from clipshot.gen.capture.v1 import capture_service_pb2 as messages
from clipshot.gen.capture.v1 import capture_service_pb2_grpc
from tests.serving import RunningServer


@dataclass
class Read:
    """What one reader got. Latencies in milliseconds, on the machine's monotonic clock."""

    count: int = 0
    left_out: int = 0
    gaps_without_key: int = 0
    latencies: list[float] = field(default_factory=list)
    oldest: float = 0.0


class Reader(ABC):
    """Reads in the background until it is stopped; ``pause`` seconds are slept after each message."""

    def __init__(self, server: RunningServer, pause: float = 0.0) -> None:
        self.got = Read()
        self.error: grpc.RpcError | None = None
        """Why it ended before it was stopped."""
        self._stopped = False
        self._pause = pause
        self._channel = grpc.insecure_channel(server.run["grpc"], options=[("grpc.use_local_subchannel_pool", 1)])
        self._stub = capture_service_pb2_grpc.CaptureServiceStub(self._channel)
        self._metadata = tuple(server.metadata)
        self._call: Any = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> "Reader":
        """Begin."""
        self._call = self.open(self._stub)
        self._thread.start()
        return self

    def stop(self) -> Read:
        """End, and what it got."""
        self._stopped = True
        self._call.cancel()
        self._thread.join(20)
        self._channel.close()
        if self.error is not None:
            raise self.error
        return self.got

    @abstractmethod
    def open(self, stub: Any) -> Any:
        """The call that is read."""

    @abstractmethod
    def take(self, message: Any) -> None:
        """Count one message."""

    def _run(self) -> None:
        try:
            for message in self._call:
                self.take(message)
                if self._pause:
                    time.sleep(self._pause)
        except grpc.RpcError as error:
            if not self._stopped:
                self.error = error

    def note_age(self, ready_ns: int) -> None:
        """How old a picture is on arrival, since it was encoded."""
        age = (time.monotonic_ns() - ready_ns) / 1e6
        self.got.latencies.append(age)
        self.got.oldest = max(self.got.oldest, age)


class ChunkReader(Reader):
    """Reads the session's own chunks."""

    def open(self, stub: Any) -> Any:
        request = messages.StreamChunksRequest(session_id="current")
        return stub.StreamChunks(request, metadata=self._metadata)

    def take(self, message: Any) -> None:
        if message.skipped > self.got.left_out and not message.chunks[0].key:
            self.got.gaps_without_key += 1
        self.got.left_out = message.skipped
        self.got.count += len(message.chunks)
        for chunk in message.chunks:
            self.note_age(chunk.ready_ns)


class Viewer(Reader):
    """Watches a preview; with ``acknowledge`` each third picture and each keyframe is acknowledged."""

    def __init__(self, server: RunningServer, pause: float = 0.0, *, acknowledge: bool = False) -> None:
        super().__init__(server, pause)
        self._acknowledge = acknowledge
        self._preview_id = ""
        self._last = 0

    def open(self, stub: Any) -> Any:
        request = messages.StreamPreviewRequest(session_id="current", acknowledge=self._acknowledge)
        return stub.StreamPreview(request, metadata=self._metadata)

    def take(self, message: Any) -> None:
        if message.WhichOneof("message") == "start":
            self._preview_id = message.start.preview_id
            return
        unit = message.access_unit
        if self._last and unit.sequence != self._last + 1 and not unit.key:
            self.got.gaps_without_key += 1
        self._last = unit.sequence
        self.got.count += 1
        self.got.left_out = unit.dropped
        self.note_age(unit.ready_ns)
        if self._acknowledge and (unit.key or self.got.count % 3 == 0):
            request = messages.AckPreviewRequest(preview_id=self._preview_id, sequence=unit.sequence)
            self._stub.AckPreview(request, metadata=self._metadata, timeout=10)
