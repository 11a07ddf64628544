"""How well a recording's PTS follow the pictures' own time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.acceptance.main.frames import Picture


@dataclass(frozen=True)
class Timing:
    """Milliseconds, each with the median removed."""

    raw_p95: float
    """|PTS minus stamp|: the recorder's error and the painter's own lateness together."""
    painter_p95: float
    """|stamp minus the painter's schedule|: the painter's own lateness."""
    grid_p95: float
    """|PTS minus the stamp's slot on the painter's schedule|: what the recorder answers for."""
    off_slot: float
    """Percent of the pictures whose PTS is another slot than that of their stamp."""
    drift: float
    """How far PTS and stamps move apart from the first to the last picture."""


def timing(pictures: Sequence[Picture], fps: float) -> Timing:
    """Compare PTS with stamps.

    PTS lie on a grid of ``fps`` slots a second in phase with the painter, which paints at whole multiples of 1 / fps
    after its start, as well as the machine lets it. So the slot that a picture should have is the one of the painter's
    schedule that is nearest to its stamp; there the painter's lateness of a few milliseconds is gone, and what is left
    of PTS minus slot, the constant offset (median) removed, is 0 or the recorder's own error. PTS that were off the
    grid, or pictures that were given a wrong slot, show in full.

    The drift is the slope of a line through the medians of PTS minus stamp of each whole second, times the length: single
    late pictures do not tilt it.
    """
    pts = np.array([float(picture.pts) for picture in pictures])
    stamps = seconds_of(pictures)
    slots = on_schedule(stamps, fps)
    late = centred(stamps - slots)
    raw, grid = centred(pts - stamps), centred(pts - slots)
    second = (stamps - stamps[0]).astype(int)
    full = [n for n in np.unique(second) if np.sum(second == n) > fps / 2]
    each = np.array([(stamps[second == n].mean(), np.median(raw[second == n])) for n in full])
    spread = np.cov(each.T, bias=True)
    slope = spread[0, 1] / spread[0, 0]
    return Timing(
        raw_p95=p95(raw),
        painter_p95=p95(late),
        grid_p95=p95(grid),
        off_slot=float(np.mean(np.abs(grid) * fps > 0.5) * 100),
        drift=float(slope * (stamps[-1] - stamps[0]) * 1000),
    )


def seconds_of(pictures: Sequence[Picture]) -> np.ndarray:
    """The stamps in seconds since the first; they count microseconds modulo 2^32."""
    return np.array([(picture.micros - pictures[0].micros) % 2**32 / 1e6 for picture in pictures])


def on_schedule(stamps: np.ndarray, fps: float) -> np.ndarray:
    """The painter's schedule, as far as stamps show it: each moved to the nearest slot of their common phase."""
    turns = np.exp(2j * np.pi * stamps * fps)
    phase = np.angle(turns.mean()) / (2 * np.pi)
    moved: np.ndarray = (np.round(stamps * fps - phase) + phase) / fps
    return moved


def centred(values: np.ndarray) -> np.ndarray:
    """Without the median."""
    moved: np.ndarray = values - np.median(values)
    return moved


def p95(values: np.ndarray) -> float:
    """95th percentile of the magnitude, in milliseconds."""
    return float(np.percentile(np.abs(values), 95) * 1000)
