"""The child that reads the screen with mss: ``python -m clipshot.capture.mss.child``, with JSON as its argument.

A process of its own and no thread: mss copies each picture under the interpreter's lock, several milliseconds for a
large screen in which the server could answer nobody; and what display libraries do when their display dies is not to
happen to the server.
"""

import json
import os
import select
import sys
import time
from collections import deque
from typing import Any

import mss

from clipshot.capture.mss.frame_pipe import SLOTS, FrameMemory, FrameNote


def monitors() -> list[dict[str, int]]:
    """Places and sizes of all monitors: ``left``, ``top``, ``width``, ``height``."""
    with mss.MSS() as screen:
        return [{name: monitor[name] for name in ("left", "top", "width", "height")} for monitor in screen.monitors[1:]]


class Slots:
    """The slots that are ours to write to. Waiting for the next picture and hearing from the server are one."""

    def __init__(self) -> None:
        self.free = deque(range(SLOTS))
        self.open = True
        """False once the server wants no more pictures, or is gone."""

    def wait(self, until: float) -> None:
        """Take back slots until a monotonic time in seconds."""
        while self.open:
            left = until - time.monotonic()
            readable, _, _ = select.select([sys.stdin.buffer], [], [], max(left, 0))
            if readable:
                given = os.read(sys.stdin.fileno(), SLOTS)
                self.open = bool(given)
                self.free.extend(given)
            elif left <= 0:
                return


def feed(number: int, fps: int, cursor: bool, descriptor: int, slot_bytes: int) -> None:
    """Read a monitor, counted from 1, at most ``fps`` times a second, until the server closes its end of the pipe.

    A picture that equals the one before is not handed over: comparing costs less than copying.
    """
    memory, slots = FrameMemory(descriptor, slot_bytes), Slots()
    last: bytes | bytearray = b""
    with mss.MSS(with_cursor=cursor) as screen:
        monitor = screen.monitors[number]
        start, index = time.monotonic(), 0
        while slots.open:
            if slots.free:
                taken_ns = time.monotonic_ns()
                shot = screen.grab(monitor)
                if shot.raw != last:
                    last, slot = shot.raw, slots.free.popleft()
                    memory.write(slot, last)
                    sys.stdout.buffer.write(FrameNote(slot, shot.width, shot.height, taken_ns).pack())
                    sys.stdout.buffer.flush()
            # The next time that is still to come: one that was slept through is not made up for.
            index = max(index + 1, int((time.monotonic() - start) * fps) + 1)
            slots.wait(start + index / fps)


def main(given: dict[str, Any]) -> int:
    """List monitors, or feed one."""
    try:
        if given["what"] == "list":
            print(json.dumps(monitors()))
        else:
            feed(given["number"], given["fps"], given["cursor"], given["descriptor"], given["slot_bytes"])
    except BrokenPipeError:
        return 0  # the server is gone
    except (mss.ScreenShotError, IndexError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
