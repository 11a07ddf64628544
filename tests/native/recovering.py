"""Recovers whatever it is told to, in a process of its own, since what it is given may be hostile."""

import asyncio
import shutil
from pathlib import Path
from typing import NamedTuple

import av

import clipshot_native as native


class Recovered(NamedTuple):
    """What recovery says of the file it made, and what a demuxer finds in that."""

    frames: int
    seconds: float
    packets: int
    spans: float


def recording(path: Path, target: Path) -> Recovered | str:
    """Finish a recording; the reason and why where it cannot be."""
    return asyncio.run(_recording(path, target))


def ring(folder: Path, target: Path) -> Recovered | str:
    """Save all of a ring; the reason and why where it cannot be."""
    return asyncio.run(_ring(folder, target))


async def _recording(path: Path, target: Path) -> Recovered | str:
    try:
        return _look(await native.recover_recording(str(path), str(target)).result())
    except native.NativeError as error:
        return f"{error.reason}: {error}"


async def _ring(folder: Path, target: Path) -> Recovered | str:
    try:
        pin = await native.recover_ring(str(folder))
        try:
            return _look(await pin.save(str(target), "keyframe").result())
        finally:
            pin.release()
    except native.NativeError as error:
        return f"{error.reason}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _look(result: native.SaveResult) -> Recovered:
    with av.open(result.path) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        base = stream.time_base
        assert base is not None
        times = [packet.pts for packet in packets if packet.pts is not None]
        spans = float((max(times) - min(times)) * base)
    seconds = (result.end_pts_ticks - result.first_pts_ticks) / native.TIMESCALE
    return Recovered(result.frames, seconds, len(packets), spans)
