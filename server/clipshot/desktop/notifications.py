"""Notifications of the desktop, by the freedesktop protocol over D-Bus."""

import os
from html import escape

import structlog
from dbus_fast import BusType, DBusError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from clipshot.core.announce.announcement import Announcement

SHOWN_MILLISECONDS = 5000
"""How long a notification is shown, where the desktop heeds it."""

_NORMAL, _CRITICAL = 1, 2  # urgencies of the protocol
_SERVICE = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"

_log = structlog.get_logger(__name__)


class DesktopNotifications:
    """Shows announcements. Implements :class:`clipshot.core.announce.announcement.Channel`.

    Each one has a connection of its own: they are rare, and a desktop session may end and begin meanwhile.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address = address

    async def tell(self, announcement: Announcement) -> None:
        """Show it; where there is no desktop that would, the log says so."""
        address = self._address or os.environ.get("DBUS_SESSION_BUS_ADDRESS")
        if not address:
            _log.info("notification_not_shown", reason="there is no session bus")
            return
        bus = MessageBus(bus_address=address, bus_type=BusType.SESSION)
        try:
            await bus.connect()
            answer = await bus.call(_message(announcement))
            if answer is not None and answer.message_type is MessageType.ERROR:
                _log.info("notification_not_shown", reason=answer.error_name)
        except (OSError, EOFError, DBusError) as error:
            _log.info("notification_not_shown", reason=str(error))
        finally:
            bus.disconnect()


def _message(announcement: Announcement) -> Message:
    urgency = _CRITICAL if announcement.failed else _NORMAL
    return Message(
        destination=_SERVICE,
        path=_PATH,
        interface=_SERVICE,
        member="Notify",
        signature="susssasa{sv}i",
        body=[
            "ClipShot",
            0,  # replaces none
            "dialog-error" if announcement.failed else "camera-video",
            announcement.title,
            escape(announcement.text, quote=False),  # desktops read it as markup
            [],
            {"urgency": Variant("y", urgency), "transient": Variant("b", not announcement.failed)},
            SHOWN_MILLISECONDS,
        ],
    )
