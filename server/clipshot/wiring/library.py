"""The library of clips: its folder, its rules, and the workers that look into files."""

from dataclasses import dataclass

from clipshot.core.capture.clip_maker import ClipMaker
from clipshot.core.clips.clip_names import ClipNames
from clipshot.core.clips.service import ClipService
from clipshot.media.clip_folder import ClipFolder
from clipshot.media.worker_pictures import WorkerPictures
from clipshot.media.worker_pool import WorkerPool
from clipshot.settings import Settings
from clipshot.wiring.foundation import Foundation


@dataclass(frozen=True)
class Library:
    """Clips, and how footage becomes one."""

    files: ClipFolder
    clips: ClipService
    maker: ClipMaker
    _pictures: WorkerPictures
    _pool: WorkerPool

    @classmethod
    def build(cls, base: Foundation, settings: Settings) -> "Library":
        """The library in CLIPS_DIR."""
        pool = WorkerPool(settings.max_workers)
        pictures = WorkerPictures(pool, settings.data_dir / "thumbnails")
        files = ClipFolder(settings.clips_dir)
        clips = ClipService(base.store, files, pictures, base.tokens, base.keeper, base.clock)
        maker = ClipMaker(base.store, files, pictures, clip_names(settings), base.clock)
        return cls(files, clips, maker, pictures, pool)

    async def start(self) -> None:
        """Begin to empty the trash."""
        await self.clips.start()

    async def stop(self) -> None:
        """End what is made of clips, and the workers."""
        await self.clips.stop()
        await self.maker.stop()
        await self._pictures.stop()
        await self._pool.stop()


def clip_names(settings: Settings) -> ClipNames:
    """How the files of clips are named."""
    return ClipNames.of(settings.clip_name_template, settings.clip_folder_template)
