"""Pictures that are lost, and an encoder that is about to lose some."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from clipshot.core.capture.diagnosis.hysteresis import Hysteresis
from clipshot.core.capture.diagnosis.reading import Reading, Symptom
from clipshot.core.capture.finding import FindingKind

WINDOW = 10.0
"""Seconds that are looked back at."""

LOST_SHARE = 0.02
"""Share of the pictures of a window that must be lost: one in fifty is seen as stutter."""

LOST_LEAST = 5
"""Fewer are a hiccup at any rate."""

LOSING_LEAST = 3
"""Readings of a window in which pictures were lost; what happens in one moment is over before anybody could act."""

LOAD_HIGH = 0.9
"""Busy share from which an encoder hardly keeps up."""

LOAD_LOW = 0.75
"""Busy share up to which it does again."""

LOAD_AFTER = 5.0
"""Seconds; a cut to a new scene is shorter."""

QUEUE_STAGE = "queue"

_REMEDIES = {
    "late": "the machine is too busy to read the screen in time; end other programs, or lower the frame rate",
    QUEUE_STAGE: "the encoder is too slow; choose a faster preset, a smaller size or a lower frame rate",
    "encode": "the encoder fails on pictures; choose another encoder",
}


@dataclass(frozen=True)
class _Counters:
    at: float
    captured: int
    dropped: Mapping[str, int]


class LossWindow:
    """Pictures lost by each stage over the last seconds."""

    def __init__(self) -> None:
        self._counters: deque[_Counters] = deque()

    def look(self, reading: Reading) -> None:
        """Take the counters of now."""
        stats = reading.stats
        self._counters.append(_Counters(reading.at, stats.captured_frames, stats.dropped_frames))
        while len(self._counters) > 2 and reading.at - self._counters[1].at >= WINDOW:
            self._counters.popleft()

    @property
    def stages(self) -> tuple[str, ...]:
        """All stages that can lose pictures."""
        return tuple(self._counters[-1].dropped)

    def lost(self, stage: str) -> int:
        """How many a stage has lost."""
        return self._counters[-1].dropped.get(stage, 0) - self._counters[0].dropped.get(stage, 0)

    def is_losing(self, stage: str) -> bool:
        """Whether a stage loses so many that people see it."""
        captured = self._counters[-1].captured - self._counters[0].captured
        moments = sum(
            later.dropped.get(stage, 0) > earlier.dropped.get(stage, 0) for earlier, later in pairwise(self._counters)
        )
        return moments >= LOSING_LEAST and self.lost(stage) >= max(LOST_LEAST, LOST_SHARE * captured)


class DroppedPictures:
    """Pictures are lost, stage by stage; ends when a whole window went by without."""

    def __init__(self) -> None:
        self._window = LossWindow()
        self._dropping: dict[str, Hysteresis] = {}

    def look(self, reading: Reading) -> Iterator[Symptom]:
        """What is found now."""
        self._window.look(reading)
        for stage in self._window.stages:
            dropping = self._dropping.setdefault(stage, Hysteresis(0, 0))
            losing, lost = self._window.is_losing(stage), self._window.lost(stage)
            if dropping.look(reading.at, begins=losing, ends=lost == 0):
                yield Symptom(FindingKind.DROPPING, _REMEDIES.get(stage, f"pictures are lost in {stage}"), stage)


class BusyEncoder:
    """The encoder is at its limit."""

    def __init__(self) -> None:
        self._window = LossWindow()
        self._busy = Hysteresis(LOAD_AFTER, LOAD_AFTER)

    def look(self, reading: Reading) -> Iterator[Symptom]:
        """What is found now."""
        self._window.look(reading)
        load, losing = reading.stats.encoder_load, self._window.is_losing(QUEUE_STAGE)
        calm = load <= LOAD_LOW and self._window.lost(QUEUE_STAGE) == 0
        if self._busy.look(reading.at, begins=load >= LOAD_HIGH or losing, ends=calm):
            yield Symptom(FindingKind.ENCODER_OVERLOADED, _REMEDIES[QUEUE_STAGE])
