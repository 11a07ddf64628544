"""What mss can capture here, and whether it works."""

import asyncio
import json
import os
import sys
import time

import structlog

from clipshot.capture.mss.feeder import CHILD, MssFeeder
from clipshot.core.capture.source import Backend, Source, SourceKind
from clipshot_native import PushSource

NAME = "mss"

COST = (
    "reads and compares every picture, also of a still screen, at several times the processor time of x11; "
    "meant for systems without a backend of their own, or for CAPTURE_BACKEND=mss"
)
"""What people should know before they choose it."""

LIST_SECONDS = 5.0
"""How long the child may take to list monitors."""

KEPT_SECONDS = 5.0
"""How long a list is good: a child for each question would cost 0.2 s of a core."""

_log = structlog.get_logger(__name__)


class MssBackend:
    """Monitors as sources ``mss:<n>``, counted from 1."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._listed = float("-inf")
        self._sources: list[Source] = []
        self._reason = ""

    async def sources(self) -> list[Source]:
        """Monitors; none where mss does not work."""
        await self._list()
        return self._sources

    async def status(self) -> Backend:
        """Whether it works; the reason tells its cost where it does."""
        await self._list()
        return Backend(NAME, bool(self._sources), COST if self._sources else self._reason)

    def push_source(self, source: Source) -> PushSource:
        """What stands for a monitor in the native core."""
        return PushSource(width=source.width, height=source.height, title=source.title)

    def feed(self, push: PushSource, source: Source, fps: int, *, draw_cursor: bool) -> MssFeeder:
        """Begin to read a monitor; blocks for the milliseconds that starting a process takes."""
        number = int(source.source_id.removeprefix(f"{NAME}:"))
        return MssFeeder(push, number, source.width, source.height, fps, draw_cursor=draw_cursor)

    async def _list(self) -> None:
        async with self._turn:
            if time.monotonic() - self._listed < KEPT_SECONDS:
                return
            self._sources, self._reason = [], ""
            if sys.platform == "linux" and not os.environ.get("DISPLAY"):
                self._reason = "there is no X display; start the server inside a graphical session, or set DISPLAY"
            else:
                await self._ask()
            self._listed = time.monotonic()

    async def _ask(self) -> None:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", CHILD, json.dumps({"what": "list"})),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(LIST_SECONDS):
                out, errors = await child.communicate()
        except TimeoutError:
            self._reason = f"the display does not answer within {LIST_SECONDS:g} s"
            child.kill()
            await child.wait()
            return
        if child.returncode == 0:
            self._sources = [_source(number, monitor) for number, monitor in enumerate(json.loads(out), 1)]
            return
        self._reason = errors.decode(errors="replace").strip().rpartition("\n")[2] or "mss failed"
        _log.debug("mss_unusable", reason=self._reason)


def _source(number: int, monitor: dict[str, int]) -> Source:
    return Source(
        source_id=f"{NAME}:{number}",
        kind=SourceKind.MONITOR,
        title=f"Monitor {number}",
        backend=NAME,
        width=monitor["width"],
        height=monitor["height"],
        refresh_hz=None,
        primary=number == 1,
        x=monitor["left"],
        y=monitor["top"],
    )
