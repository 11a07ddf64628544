"""A save that runs on a native thread."""

from clipshot.capture.native_errors import translated
from clipshot.capture.ticks import to_time
from clipshot.core.capture.footage import SavedFile
from clipshot.core.clips.clip import ClipAudio
from clipshot.core.operations.operation import StartRule
from clipshot_native import SaveJob


class NativeSaveRun:
    """A native save job, in core's terms."""

    def __init__(self, job: SaveJob) -> None:
        self._job = job

    @property
    def progress(self) -> float:
        """Share done, 0..1."""
        return self._job.progress

    def cancel(self) -> None:
        """Stop within a second."""
        self._job.cancel()

    async def result(self) -> SavedFile:
        """The file, once it is on the disk."""
        with translated():
            saved = await self._job.result()
        return SavedFile(
            path=saved.path,
            start=to_time(saved.first_pts_ticks),
            end=to_time(saved.end_pts_ticks),
            frames=saved.frames,
            start_rule=StartRule(saved.rule_used),
            fallback_reason=saved.fallback_reason,
            size_bytes=saved.size_bytes,
            width=saved.width,
            height=saved.height,
            audio=tuple(
                ClipAudio(label, "aac", channels, rate_hz) for label, channels, rate_hz, _bitrate_kbps in saved.audio
            ),
        )
