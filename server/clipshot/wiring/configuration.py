"""Settings that callers see and change, and what a change does to the running server."""

from collections.abc import Sequence
from dataclasses import dataclass

from clipshot.config.file_watch import FileWatch
from clipshot.config.health import SettingsProbe
from clipshot.config.keeper import FileSettingsKeeper
from clipshot.config.start import StartSettings
from clipshot.core.announce.announcer import Announcer
from clipshot.core.config.ports import Applier
from clipshot.core.config.service import ConfigService
from clipshot.logging import set_debug
from clipshot.settings import Settings
from clipshot.wiring.announcing import enabled_channels
from clipshot.wiring.foundation import Foundation
from clipshot.wiring.library import Library, clip_names
from clipshot.wiring.recorder import Recorder, capture_defaults
from clipshot.wiring.web import Web


@dataclass(frozen=True)
class Configuration:
    """The settings, and the eye on their file."""

    service: ConfigService[Settings]
    keeper: FileSettingsKeeper
    probe: SettingsProbe
    _watch: FileWatch

    @classmethod
    def build(
        cls,
        start: StartSettings,
        base: Foundation,
        library: Library,
        recorder: Recorder,
        web: Web,
        announcer: Announcer,
    ) -> "Configuration":
        """The settings that the server started with, and everything that follows their changes."""
        keeper = start.keeper
        appliers = appliers_of(library, recorder, web, announcer)
        service = ConfigService(keeper, start.reading, start.fault, appliers, base.store, base.keeper)
        probe = SettingsProbe(keeper.path, lambda: service.faults)
        return cls(service, keeper, probe, FileWatch(keeper, service.reload))

    async def start(self) -> None:
        """The server runs: its settings work."""
        await self.service.start()
        self._watch.start()

    async def stop(self) -> None:
        """Take no more changes over, and end those who watch."""
        self.service.stop()
        await self._watch.stop()


def appliers_of(library: Library, recorder: Recorder, web: Web, announcer: Announcer) -> Sequence[Applier[Settings]]:
    """What follows changes while the server runs. What is in none of them works after a restart."""

    async def capture(settings: Settings) -> Sequence[str]:
        return await recorder.capture.use_defaults(capture_defaults(settings))

    async def names(settings: Settings) -> Sequence[str]:
        library.maker.names = clip_names(settings)
        return ()

    async def announcements(settings: Settings) -> Sequence[str]:
        announcer.switch(enabled_channels(settings))
        return ()

    async def access(settings: Settings) -> Sequence[str]:
        if web.gateway is not None:
            await web.gateway.allow(cors_origins=settings.cors_origins, hosts=settings.allowed_hosts)
        return ()

    async def logs(settings: Settings) -> Sequence[str]:
        set_debug(settings.debug)
        return ()

    return (
        Applier(_CAPTURE, capture),
        Applier(frozenset({"clip_name_template", "clip_folder_template"}), names),
        Applier(frozenset({"notify_desktop", "notify_sound"}), announcements),
        Applier(frozenset({"cors_origins", "allowed_hosts"}), access),
        Applier(frozenset({"debug"}), logs),
    )


_CAPTURE = frozenset(
    {
        "replay_seconds",
        "replay_max_bytes",
        "frozen_after",
        "audio_inputs",
        "audio_bitrate_kbps",
        "video_fps",
        "video_rate_control",
        "video_crf",
        "video_bitrate_kbps",
        "video_max_bitrate_kbps",
        "video_preset",
    }
)
