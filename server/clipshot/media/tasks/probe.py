"""Facts of a file, read from its packets; nothing is decoded."""

from typing import Any

from av.audio.stream import AudioStream

from clipshot.media.tasks import TaskError
from clipshot.media.tasks.container import opened

_LABELS = ("title", "name", "handler_name")
"""Where a track's name may stand; ours is ``name``, other programs write others."""


def run(arguments: dict[str, Any]) -> dict[str, Any]:
    """Codec, size, rate, number and length of the pictures of ``source``, and its sound; ``duration`` in seconds."""
    with opened(str(arguments["source"])) as (container, stream):
        frames, first, end = 0, None, 0
        for packet in container.demux(stream):
            if packet.pts is None or packet.size == 0:
                continue
            frames += 1
            first = packet.pts if first is None else min(first, packet.pts)
            end = max(end, packet.pts + (packet.duration or 0))
        if first is None or stream.time_base is None:
            raise TaskError("FILE_BROKEN", "the file holds no pictures")
        rate = stream.average_rate
        return {
            "codec": stream.codec_context.name,
            "width": stream.codec_context.width,
            "height": stream.codec_context.height,
            "fps": float(rate) if rate else 0.0,
            "frames": frames,
            "duration": float((end - first) * stream.time_base),
            "audio": [_sound(track) for track in container.streams.audio],
        }


def _sound(track: AudioStream) -> dict[str, Any]:
    return {
        "label": next((track.metadata[name] for name in _LABELS if track.metadata.get(name)), ""),
        "codec": track.codec_context.name,
        "channels": track.channels,
        "sample_rate_hz": track.sample_rate,
    }
