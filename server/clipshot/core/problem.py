"""An error at rest: stored with what it ended, told in events."""

from dataclasses import dataclass, field

from clipshot.core.errors import ClipShotError, ErrorKind


@dataclass(frozen=True)
class Problem:
    """Why something failed; the API shows it as google.rpc.Status with one ErrorInfo."""

    kind: ErrorKind
    reason: str
    message: str
    metadata: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: ClipShotError) -> "Problem":
        """The problem that an error describes; its remedy is kept as metadata."""
        metadata = {**error.metadata, "remedy": error.remedy} if error.remedy else dict(error.metadata)
        return cls(error.kind, error.reason, error.message, metadata)
