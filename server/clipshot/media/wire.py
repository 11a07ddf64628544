"""Messages between the core and a worker: a length of four bytes, big-endian, then a JSON object."""

import asyncio
import json
import struct
from typing import Any, BinaryIO

LONGEST_MESSAGE = 1 << 20
"""Bytes; answers are facts, never pictures."""

_LENGTH = struct.Struct(">I")

Message = dict[str, Any]


class WireError(Exception):
    """The other side sent what is no message."""


def pack(message: Message) -> bytes:
    """The message as it goes through the pipe."""
    body = json.dumps(message, separators=(",", ":")).encode()
    if len(body) > LONGEST_MESSAGE:
        raise WireError(f"a message of {len(body)} bytes is too long")
    return _LENGTH.pack(len(body)) + body


async def receive(reader: asyncio.StreamReader) -> Message:
    """The next message.

    Raises:
        EOFError: the other side is gone, in the middle of a message or between two.
        WireError: what came is no message.
    """
    try:
        body = await reader.readexactly(_checked(await reader.readexactly(_LENGTH.size)))
    except asyncio.IncompleteReadError as error:
        raise EOFError("the pipe was closed") from error
    return _unpack(body)


def receive_blocking(pipe: BinaryIO) -> Message | None:
    """The next message, None when the other side has closed the pipe."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length = _checked(head)
    body = pipe.read(length)
    return _unpack(body) if len(body) == length else None


def _checked(head: bytes) -> int:
    length: int = _LENGTH.unpack(head)[0]
    if length > LONGEST_MESSAGE:
        raise WireError(f"a message of {length} bytes is too long")
    return length


def _unpack(body: bytes) -> Message:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise WireError("the message is not JSON") from error
    if not isinstance(message, dict):
        raise WireError("the message is not an object")
    return message
