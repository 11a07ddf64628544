"""The server's end: hands the child's pictures to the native core."""

import asyncio
import json
import subprocess
import sys
import threading
from typing import IO

import structlog

from clipshot.capture.mss.frame_pipe import BYTES_PER_PIXEL, FrameMemory, FrameNote
from clipshot.core.errors import PreconditionError
from clipshot_native import PushSource

CHILD = "clipshot.capture.mss.child"

FIRST_SECONDS = 10.0
"""How long the first picture may take: a child starts in 0.2 s, on a machine that is busy in more."""

END_SECONDS = 2.0
"""How long a child may take to end before it is killed; one picture of a large screen takes less than 0.1 s."""

_log = structlog.get_logger(__name__)


class MssFeeder:
    """Feeds one push source with the pictures of one monitor, at most ``fps`` a second, in a thread of its own.

    The thread waits in the pipe and in the native copy, neither of which holds the interpreter's lock. When the child
    dies the source is closed, so that its session ends with SOURCE_LOST; when the session has ended, the native core
    refuses pictures and the child is let go.
    """

    def __init__(self, push: PushSource, number: int, width: int, height: int, fps: int, *, draw_cursor: bool) -> None:
        self._push = push
        self._memory = FrameMemory.make(width * height * BYTES_PER_PIXEL)
        order = {
            "what": "feed",
            "number": number,
            "fps": fps,
            "cursor": draw_cursor,
            "descriptor": self._memory.descriptor,
            "slot_bytes": self._memory.slot_bytes,
        }
        self._child = subprocess.Popen(
            [sys.executable, "-m", CHILD, json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[self._memory.descriptor],
        )
        self._first = threading.Event()
        self._said = ""
        self._thread = threading.Thread(target=self._feed, name=f"mss-feeder-{number}", daemon=True)
        self._thread.start()

    async def first_picture(self) -> None:
        """Return when the source shows something.

        Raises:
            PreconditionError: SOURCE_LOST, the child ended before, or was too slow.
        """
        shown = await asyncio.to_thread(self._first.wait, FIRST_SECONDS)
        if not shown or not self._thread.is_alive():
            raise PreconditionError(
                "SOURCE_LOST",
                f"mss reads no picture: {self._said or 'it does not answer'}",
                subject="capture",
                remedy="list the sources and take one of them",
            )

    async def close(self) -> None:
        """End the child; returns when it and all that belongs to it is gone. Again does nothing."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._push.close()
        if self._child.stdin is not None and not self._child.stdin.closed:
            self._child.stdin.close()
        self._thread.join()

    def _feed(self) -> None:
        notes, answers, errors = self._child.stdout, self._child.stdin, self._child.stderr
        assert notes is not None
        assert answers is not None
        assert errors is not None
        try:
            self._hand_over(notes, answers)
        except (OSError, ValueError):
            _log.debug("mss_feeder_cut")  # the pipe was closed by either side
        finally:
            self._push.close()
            self._end(answers, errors)
            self._first.set()

    def _hand_over(self, notes: IO[bytes], answers: IO[bytes]) -> None:
        while len(raw := notes.read(FrameNote.SIZE)) == FrameNote.SIZE:
            note = FrameNote.unpack(raw)
            with self._memory.slot(note) as picture:
                stride = note.width * BYTES_PER_PIXEL
                if not self._push.push(picture, note.width, note.height, stride, note.taken_ns):
                    return
            self._first.set()
            answers.write(bytes([note.slot]))
            answers.flush()

    def _end(self, answers: IO[bytes], errors: IO[bytes]) -> None:
        try:
            answers.close()
        except OSError:
            _log.debug("mss_child_was_gone")
        try:
            code = self._child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            code = self._child.wait()
        if code:
            self._said = errors.read().decode(errors="replace").strip()
            _log.warning("mss_child_failed", code=code, reason=self._said)
        for pipe in (self._child.stdout, errors):
            if pipe is not None:
                pipe.close()
        self._memory.close()
