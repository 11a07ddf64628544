"""A recording while it runs."""

from dataclasses import dataclass, replace
from datetime import timedelta

from clipshot.core.capture.footage import FootageFacts, RecordedFile
from clipshot.core.capture.pauses import Pauses
from clipshot.core.capture.split_rule import SplitRule


@dataclass(frozen=True)
class RunningRecording:
    """The part of a recording that is written now. ``title`` is that of the recording, without a number."""

    file: RecordedFile
    title: str
    part: int = 1
    split: SplitRule | None = None

    @property
    def pauses(self) -> Pauses:
        """Its pauses, and those of the parts before."""
        return self.file.facts.pauses

    @property
    def paused(self) -> bool:
        """Nothing is recorded now."""
        return self.pauses.paused

    def is_due(self, duration: timedelta, size_bytes: int) -> bool:
        """Whether its rule wants a split, now that it is so long and so large."""
        return not self.paused and self.split is not None and self.split.is_due(duration, size_bytes)

    def next_facts(self, facts: FootageFacts, title: str) -> FootageFacts:
        """``facts`` as those of the next part: with ``title``, or with this one's and a number."""
        return replace(
            facts, title=title or self.title, part=1 if title else self.part + 1, pauses=self.file.facts.pauses
        )
