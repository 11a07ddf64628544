"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class StoppedClock:
    """Hand it in where a Clock is wanted."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def forward(self, **by: float) -> None:
        """Move on, e.g. ``seconds=61``."""
        self.now += timedelta(**by)
