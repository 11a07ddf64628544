"""Short tones, made and not recorded."""

import math
import wave
from array import array
from pathlib import Path

RATE = 48_000
"""Samples a second."""

NOTE_SECONDS = 0.12
FADE_SECONDS = 0.008
LOUDNESS = 0.25
"""Of full scale: to be heard beside a game, and not to startle."""

SAVED = (659.26, 880.0)
FAILED = (440.0, 311.13)
"""Frequencies of the notes in Hz: up for good news, down for bad."""


def write_tone(path: Path, notes: tuple[float, ...]) -> None:
    """Write notes as a WAV file, one channel of 16 bits."""
    samples = array("h", (round(value * LOUDNESS * 32767) for note in notes for value in _note(note)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(samples.itemsize)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def _note(frequency: float) -> list[float]:
    count, fade = round(NOTE_SECONDS * RATE), round(FADE_SECONDS * RATE)
    return [
        math.sin(2 * math.pi * frequency * index / RATE) * min(1.0, index / fade, (count - index) / fade)
        for index in range(count)
    ]
