"""The capture half of a server, wired over real parts: native core, SQLite, workers, a folder of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from clipshot.capture.engine import NativeEngine
from clipshot.capture.leftovers import CrashLeftovers
from clipshot.capture.ring_places import RingPlaces
from clipshot.core.capture.clip_maker import ClipMaker
from clipshot.core.capture.defaults import CaptureDefaults, VideoDefaults
from clipshot.core.capture.requests import StartRequest
from clipshot.core.capture.service import CaptureService
from clipshot.core.capture.session import Session, SessionMode
from clipshot.core.clips.clip_names import ClipNames
from clipshot.core.clips.service import ClipService
from clipshot.core.clock import utc_now
from clipshot.core.events.bus import EventBus
from clipshot.core.events.event import Event
from clipshot.core.events.payloads import Payload
from clipshot.core.idempotency import IdempotencyKeeper
from clipshot.core.operations.service import OperationService
from clipshot.core.page_tokens import PageTokens
from clipshot.core.recovery import Recovery
from clipshot.core.store import EventFilter
from clipshot.media.clip_folder import ClipFolder
from clipshot.media.worker_pictures import WorkerPictures
from clipshot.media.worker_pool import WorkerPool
from clipshot.store.store import SqliteStore

SOURCE = "test:clock"
MOST_BYTES = 64 << 20
LENGTH = timedelta(seconds=20)


class Studio:
    """Everything a capture needs, below one folder."""

    def __init__(
        self,
        root: Path,
        *,
        shared_memory: Path | None = None,
        length: timedelta = LENGTH,
        backend: str = "auto",
        frozen_after: timedelta = timedelta(),
    ) -> None:
        self.root = root
        self.clips_dir = root / "clips"
        self.recordings = self.clips_dir / ".recording"
        self.damaged = root / "damaged"
        temp_dir = root / "temp"
        for folder in (self.clips_dir, temp_dir):
            folder.mkdir(parents=True, exist_ok=True)
        self.places = RingPlaces(root, temp_dir, None, shared_memory or root / "no-shared-memory")
        self.bus = EventBus(utc_now)
        self.store = SqliteStore(root / "clipshot.db", utc_now, self.bus.publish)
        self.keeper = IdempotencyKeeper(self.store, utc_now)
        self.tokens = PageTokens(b"secret")
        self.operations = OperationService(self.store, self.bus, self.keeper, self.tokens, utc_now)
        self.pool = WorkerPool(2)
        self.pictures = WorkerPictures(self.pool, root / "thumbnails")
        self.files = ClipFolder(self.clips_dir)
        self.maker = ClipMaker(self.store, self.files, self.pictures, ClipNames.of(), utc_now)
        self.leftovers = CrashLeftovers(self.places, self.recordings, self.damaged)
        self.clips = ClipService(self.store, self.files, self.pictures, self.tokens, self.keeper, utc_now)
        defaults = CaptureDefaults(length, MOST_BYTES, VideoDefaults(fps=30), frozen_after=frozen_after)
        self.capture = CaptureService(
            self.store,
            NativeEngine(self.places, self.recordings, backend),
            self.operations,
            self.maker,
            self.files,
            self.bus,
            self.keeper,
            self.tokens,
            defaults,
            utc_now,
        )
        self.recovery = Recovery(self.store, self.leftovers, self.operations, self.maker, utc_now)

    async def start(self) -> None:
        """In the order of the server."""
        await self.store.start()
        await self.recovery.start()
        await self.capture.start()
        await self.clips.start()

    async def stop(self) -> None:
        """In the order of the server."""
        await self.recovery.stop()
        await self.capture.stop()
        await self.operations.stop(3)
        await self.clips.stop()
        await self.maker.stop()
        await self.pictures.stop()
        await self.pool.stop()
        await self.store.stop()

    async def begin(self, mode: SessionMode, seconds: float = 0) -> Session:
        """A session on the test source that has been running for a while."""
        session = await self.capture.start_session(StartRequest(SOURCE, mode), None)
        if seconds:
            await self.until_captured(seconds)
        return session

    async def until_captured(self, seconds: float) -> None:
        """Wait until the current session is so long."""
        async with asyncio.timeout(60):
            while (await self.capture.get_session("current")).duration < timedelta(seconds=seconds):
                await asyncio.sleep(0.02)

    async def events(self) -> list[Event]:
        """All events stored so far."""
        async with self.store.read() as reader:
            return list(await reader.events.page(EventFilter(), 10_000))

    async def told(self, kind: type[Payload]) -> list[Payload]:
        """Payloads of a kind that were told so far."""
        return [event.payload for event in await self.events() if isinstance(event.payload, kind)]


@asynccontextmanager
async def studio_in(
    root: Path,
    *,
    shared_memory: Path | None = None,
    length: timedelta = LENGTH,
    backend: str = "auto",
    frozen_after: timedelta = timedelta(),
) -> AsyncIterator[Studio]:
    """A studio that runs for the length of a with block; ``length`` is that of replay buffers."""
    studio = Studio(root, shared_memory=shared_memory, length=length, backend=backend, frozen_after=frozen_after)
    await studio.start()
    try:
        yield studio
    finally:
        await studio.stop()
