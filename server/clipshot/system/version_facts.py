"""What the server is and can do on this machine."""

from collections.abc import Callable
from pathlib import Path

from clipshot.core.capture.ports import CaptureEngine
from clipshot.core.system.version import VersionInfo

API_VERSIONS = ("v1",)


class VersionFacts:
    """Asks the engine what works here. ``commit_file`` is written by the build; without it the commit is unknown."""

    def __init__(self, version: str, commit_file: Path, engine: CaptureEngine, has_gateway: Callable[[], bool]) -> None:
        self._version = version
        self._commit_file = commit_file
        self._engine = engine
        self._has_gateway = has_gateway

    async def __call__(self) -> VersionInfo:
        """The facts now: backends come and go with the display."""
        backends = [f"capture:{backend.name}" for backend in await self._engine.backends() if backend.available]
        encoders = [f"encoder:{encoder.encoder_id}" for encoder in await self._engine.encoders()]
        gateway = ["gateway"] if self._has_gateway() else []
        return VersionInfo(self._version, self._commit(), API_VERSIONS, (*backends, *encoders, *gateway))

    def _commit(self) -> str:
        try:
            return self._commit_file.read_text().strip()
        except OSError:
            return ""
