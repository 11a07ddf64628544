"""Saves and failures are told: on a private session bus with a real receiver, and by a player that is heard of."""

import asyncio
import os
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from clipshot.core.announce.announcement import Announcement, Channel
from clipshot.core.announce.announcer import Announcer
from clipshot.core.capture.requests import SaveRequest
from clipshot.core.capture.session import SessionMode
from clipshot.desktop.notifications import DesktopNotifications
from clipshot.desktop.sounds import Sounds
from tests.integration.studio import Studio, studio_in
from tests.native.sound_server import sound_server

GOOD, BAD = Announcement("Replay saved", "Boss <1>, 2.0 s"), Announcement("Replay not saved", "the disk is full", True)


@dataclass
class Desktop:
    """What a desktop is asked to show, over a bus of its own."""

    address: str
    shown: asyncio.Queue[list[Any]] = field(default_factory=asyncio.Queue)

    async def next(self) -> list[Any]:
        """The next notification."""
        async with asyncio.timeout(20):
            return await self.shown.get()


@pytest.fixture
async def session_bus() -> AsyncIterator[str]:
    """The address of a D-Bus daemon that only this test knows."""
    daemon = await asyncio.create_subprocess_exec(
        "dbus-daemon", "--session", "--nofork", "--print-address=1", stdout=asyncio.subprocess.PIPE
    )
    assert daemon.stdout is not None
    yield (await daemon.stdout.readline()).decode().strip()
    daemon.terminate()
    await daemon.wait()


@pytest.fixture
async def desktop(session_bus: str) -> AsyncIterator[Desktop]:
    """A notification service."""
    bus = await MessageBus(bus_address=session_bus, bus_type=BusType.SESSION).connect()
    desktop = Desktop(session_bus)

    def receive(message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL or message.member != "Notify":
            return False
        desktop.shown.put_nowait(message.body)
        return Message.new_method_return(message, "u", [desktop.shown.qsize()])

    bus.add_message_handler(receive)
    await bus.request_name("org.freedesktop.Notifications")
    yield desktop
    bus.disconnect()


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


@dataclass
class Heard:
    """A channel that remembers, and on request hangs."""

    said: list[Announcement] = field(default_factory=list)
    hangs: bool = False

    async def tell(self, announcement: Announcement) -> None:
        self.said.append(announcement)
        if self.hangs:
            await asyncio.Event().wait()


async def test_a_notification_says_what_happened(desktop: Desktop) -> None:
    channel = DesktopNotifications(desktop.address)
    await channel.tell(GOOD)
    name, replaces, icon, title, text, actions, hints, timeout = await desktop.next()
    assert (name, replaces, icon, actions) == ("ClipShot", 0, "camera-video", [])
    assert (title, text) == ("Replay saved", "Boss &lt;1&gt;, 2.0 s")
    assert hints["urgency"].value == 1
    assert timeout > 0
    await channel.tell(BAD)
    assert (await desktop.next())[6]["urgency"].value == 2


async def test_without_a_desktop_nothing_happens(
    session_bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await DesktopNotifications(session_bus).tell(GOOD)  # a bus, and nobody who shows anything
    await DesktopNotifications("unix:path=/nowhere").tell(GOOD)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    await DesktopNotifications().tell(GOOD)
    await Sounds(tmp_path, players=("no-such-player",)).tell(GOOD)
    await Sounds(tmp_path, players=("false",)).tell(GOOD)


async def test_a_tone_is_played_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    player = tmp_path / "player"
    player.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/heard-$(basename "$1")\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    sounds = Sounds(tmp_path / "sounds", players=("player",))
    for announcement in (GOOD, BAD):
        await sounds.tell(announcement)
    for name in ("saved", "failed"):
        with wave.open(str(tmp_path / f"heard-{name}.wav")) as tone:
            assert (tone.getnchannels(), tone.getframerate(), tone.getsampwidth()) == (1, 48_000, 2)
            frames = tone.readframes(tone.getnframes())
        samples = memoryview(frames).cast("h")
        assert 0.2 < len(samples) / 48_000 < 0.5
        assert 6000 < max(samples) < 10_000
        assert abs(samples[0]) < 50
        assert abs(samples[-1]) < 500


async def test_saves_are_announced_on_every_channel_that_is_on(studio: Studio, desktop: Desktop) -> None:
    heard = Heard()
    channels: dict[str, Channel] = {"desktop": DesktopNotifications(desktop.address), "sound": heard}
    announcer = Announcer(studio.bus, channels, frozenset({"desktop"}))
    announcer.start()
    await studio.begin(SessionMode.REPLAY, 1)
    await studio.capture.save_replay(SaveRequest("current", title="Boss"), None)
    assert (await desktop.next())[3:5][0] == "Replay saved"
    assert heard.said == []
    announcer.switch(frozenset({"sound"}))
    failed = await studio.capture.save_replay(SaveRequest("current", no_wait=True), None)
    await studio.operations.wait(failed.operation_id)
    async with asyncio.timeout(20):
        while not heard.said:
            await asyncio.sleep(0.01)
    assert heard.said[0].title == "Replay saved"
    assert desktop.shown.empty()
    await announcer.stop()


async def test_a_channel_that_hangs_delays_no_save(studio: Studio) -> None:
    heard = Heard(hangs=True)
    announcer = Announcer(studio.bus, {"sound": heard}, frozenset({"sound"}))
    announcer.start()
    await studio.begin(SessionMode.REPLAY, 0.5)
    for _ in range(3):
        operation = await studio.capture.save_replay(SaveRequest("current"), None)
        assert operation.saved_clip is not None
    assert len(heard.said) <= 3
    await announcer.stop()


async def test_a_tone_is_heard_through_a_sound_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sound_server() as server:
        recorder = await asyncio.create_subprocess_exec(
            *("parec", "--server", server.address, "--device", "speakers.monitor", "--raw"),
            *("--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=30"),
            stdout=asyncio.subprocess.PIPE,
        )
        assert recorder.stdout is not None
        await recorder.stdout.readexactly(4800)
        monkeypatch.setenv("PULSE_SERVER", server.address)
        playing = asyncio.create_task(Sounds(tmp_path, players=("paplay",)).tell(GOOD))
        loudest = 0
        async with asyncio.timeout(60):
            while loudest < 5000:
                loudest = max(loudest, max(memoryview(await recorder.stdout.readexactly(4800)).cast("h")))
        await playing
        recorder.terminate()
        await recorder.wait()
