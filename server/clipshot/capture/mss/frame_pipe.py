"""How the child hands pictures over: two slots of shared memory, and a pipe that says which holds a new one.

A slot belongs to the child until it is announced, and to the server until it is given back with one byte on the child's
standard input. So a server that is busy makes the child skip pictures, and nobody waits for anybody.
"""

import mmap
import os
import struct
import sys
import tempfile
from dataclasses import dataclass

SLOTS = 2
"""One that is written while the other is read."""

BYTES_PER_PIXEL = 4
"""Blue, green, red, and one that is not used."""

_FRAME = struct.Struct("<BIIq")


@dataclass(frozen=True)
class FrameNote:
    """A slot holds a new picture. Sizes in pixels, ``taken_ns`` on the monotonic clock."""

    slot: int
    width: int
    height: int
    taken_ns: int

    SIZE = _FRAME.size

    @property
    def size_bytes(self) -> int:
        """Bytes of the picture."""
        return self.width * self.height * BYTES_PER_PIXEL

    def pack(self) -> bytes:
        """As it goes through the pipe."""
        return _FRAME.pack(self.slot, self.width, self.height, self.taken_ns)

    @classmethod
    def unpack(cls, raw: bytes) -> "FrameNote":
        """What came through the pipe."""
        return cls(*_FRAME.unpack(raw))


class FrameMemory:
    """The slots. The file has no name, so that nothing is left of it however the processes end."""

    def __init__(self, descriptor: int, slot_bytes: int) -> None:
        self.descriptor = descriptor
        self.slot_bytes = slot_bytes
        self._map = mmap.mmap(descriptor, SLOTS * slot_bytes)

    @classmethod
    def make(cls, slot_bytes: int) -> "FrameMemory":
        """New slots, in memory where the system has files that live there."""
        if sys.platform == "linux":
            descriptor = os.memfd_create("clipshot-frames")
        else:
            with tempfile.TemporaryFile() as file:
                descriptor = os.dup(file.fileno())
        os.ftruncate(descriptor, SLOTS * slot_bytes)
        return cls(descriptor, slot_bytes)

    def write(self, slot: int, picture: bytes | bytearray | memoryview) -> None:
        """Fill a slot."""
        start = slot * self.slot_bytes
        self._map[start : start + len(picture)] = picture

    def slot(self, note: FrameNote) -> memoryview:
        """The picture in a slot; to be released before :meth:`close`."""
        start = note.slot * self.slot_bytes
        return memoryview(self._map)[start : start + note.size_bytes]

    def close(self) -> None:
        """Give the memory back."""
        self._map.close()
        os.close(self.descriptor)
