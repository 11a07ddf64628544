"""Server-sent events as ``curl -N`` prints them."""

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Frame:
    """One event of a stream."""

    id: str
    event: str
    data: Any


class EventStream:
    """A running ``curl -N``; frames are read by a thread as they come."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.comments: list[str] = []
        self._frames: queue.Queue[Frame] = queue.Queue()
        self._greeted = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for_greeting(self) -> None:
        """Until the stream is open: its first line is a comment."""
        assert self._greeted.wait(10), "the stream did not greet"

    def until(self, event: str, limit: float = 30) -> list[Frame]:
        """Every frame up to and including the next one of a type."""
        frames: list[Frame] = []
        while not frames or frames[-1].event != event:
            try:
                frames.append(self._frames.get(timeout=limit))
            except queue.Empty:
                raise AssertionError(f"no {event} within {limit} s; got {[f.event for f in frames]}") from None
        return frames

    def _read(self) -> None:
        assert self.process.stdout
        fields: dict[str, str] = {}
        for line in self.process.stdout:
            name, _, value = line.rstrip("\n").partition(":")
            if line == "\n":
                if "data" in fields:
                    self._frames.put(Frame(fields.get("id", ""), fields.get("event", ""), json.loads(fields["data"])))
                fields = {}
            elif name:
                fields[name] = value.strip()
            else:
                self.comments.append(value.strip())
                self._greeted.set()


@contextlib.contextmanager
def event_stream(command: list[str]) -> Iterator[EventStream]:
    """Run ``curl -N`` for the length of a block."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield EventStream(process)
    finally:
        process.terminate()
        process.wait(10)
