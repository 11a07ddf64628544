"""Announcements: which channels there are, and which are switched on."""

import os

from clipshot.core.announce.announcement import Channel
from clipshot.core.announce.announcer import Announcer
from clipshot.desktop.notifications import DesktopNotifications
from clipshot.desktop.sounds import Sounds
from clipshot.settings import Settings
from clipshot.wiring.foundation import Foundation

DESKTOP, SOUND = "desktop", "sound"


def build_announcer(base: Foundation, settings: Settings) -> Announcer:
    """An announcer with every channel; the settings say which are used."""
    channels: dict[str, Channel] = {DESKTOP: DesktopNotifications(), SOUND: Sounds(settings.temp_dir / "sounds")}
    return Announcer(base.bus, channels, enabled_channels(settings))


def enabled_channels(settings: Settings) -> frozenset[str]:
    """The channels that NOTIFY_DESKTOP and NOTIFY_SOUND switch on."""
    switches = {DESKTOP: settings.notify_desktop, SOUND: settings.notify_sound}
    return frozenset(name for name, how in switches.items() if how == "on" or (how == "auto" and has_desktop()))


def has_desktop() -> bool:
    """Whether the server runs in a desktop session: somebody looks at a screen, and there is a bus to reach them."""
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(screen and os.environ.get("DBUS_SESSION_BUS_ADDRESS"))
