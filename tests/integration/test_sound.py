"""Sound of sessions over a private sound server: devices, tracks, levels, gain and mute, clips, and what goes wrong."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import pytest

from clipshot.core.capture.audio import AudioConfig, AudioInput, AudioKind, AudioTrack
from clipshot.core.capture.finding import FindingKind
from clipshot.core.capture.requests import AudioTrackRequest, StartRequest, StopRequest, StopWhat
from clipshot.core.capture.session import Session, SessionMode
from clipshot.core.clips.clip import ClipAudio
from clipshot.core.errors import ClipShotError
from clipshot.core.events.payloads import HealthChanged, SessionUpdated
from clipshot.core.idempotency import RequestKey
from clipshot.core.paging import PageRequest
from clipshot.core.store import ClipFilter, ClipOrder
from tests.integration.studio import SOURCE, Studio, studio_in
from tests.native.sound_server import SoundServer, playing, sound_server

DESKTOP = AudioInput("default-output", "Desktop")
VOICE = AudioInput("input:mic", "Voice", gain_db=-6)
BOTH = AudioConfig((DESKTOP, VOICE), 128)
SILENCE = -120.0


@pytest.fixture
def sounds(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A sound server that the native core finds."""
    with sound_server() as server:
        monkeypatch.setenv("PULSE_SERVER", server.address)
        yield server


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


async def begin(studio: Studio, audio: AudioConfig | None, mode: SessionMode = SessionMode.RECORD) -> Session:
    return await studio.capture.start_session(StartRequest(SOURCE, mode, audio=audio), None)


async def until(studio: Studio, true: Callable[[Session], bool], what: str) -> Session:
    """The current session, once something is true of it; the limit guards against hanging only."""
    session = await studio.capture.get_session("current")
    try:
        async with asyncio.timeout(30):
            while not true(session):
                await asyncio.sleep(0.05)
                session = await studio.capture.get_session("current")
    except TimeoutError:
        pytest.fail(f"not so in time: {what}; {session}")
    return session


async def refused(call: object, reason: str) -> ClipShotError:
    with pytest.raises(ClipShotError) as caught:
        await call  # type: ignore[misc]
    assert caught.value.reason == reason
    return caught.value


def track(session: Session, number: int) -> AudioTrack:
    return next(entry for entry in session.audio if entry.track == number)


def kinds(session: Session) -> list[FindingKind]:
    return [finding.kind for finding in session.findings]


async def test_devices_are_listed_with_what_they_give(sounds: SoundServer, studio: Studio) -> None:
    with playing(sounds, "--continuous"):
        async with asyncio.timeout(20):
            while not (applications := (await studio.capture.list_audio_devices([AudioKind.APPLICATION])).devices):
                await asyncio.sleep(0.05)
    assert applications[0].pid
    found = await studio.capture.list_audio_devices()
    assert found.unavailable_reason == ""
    by_id = {device.device_id: device for device in found.devices}
    assert {"default-output", "default-input", "output:speakers", "output:headphones", "input:mic"} <= set(by_id)
    assert by_id["output:speakers"].is_default
    assert not by_id["output:headphones"].is_default
    assert by_id["input:mic"].kind is AudioKind.INPUT
    inputs = await studio.capture.list_audio_devices([AudioKind.INPUT])
    assert {device.kind for device in inputs.devices} == {AudioKind.INPUT}


async def test_a_recording_has_a_mix_and_a_track_for_each_device(sounds: SoundServer, studio: Studio) -> None:
    with playing(sounds, "--continuous"):
        session = await begin(studio, BOTH)
        session = await until(studio, lambda seen: len(seen.audio) == 3 and track(seen, 2).peak_dbfs > -40, "heard")
        assert [(entry.track, entry.mixdown, entry.device_id) for entry in session.audio] == [
            (1, True, ""),
            (2, False, "default-output"),
            (3, False, "input:mic"),
        ]
        assert track(session, 2).label == "Desktop"
        assert track(session, 3).gain_db == -6
        await until(studio, lambda seen: track(seen, 1).peak_dbfs > -40, "the mix has it too")
        await studio.until_captured(2)
        await studio.capture.stop_session(StopRequest("current", StopWhat.ALL), None)
    (clip,) = (await studio.clips.list(ClipFilter(), ClipOrder(), PageRequest())).items
    assert clip.audio == tuple(ClipAudio(label, "aac", 2, 48_000) for label in ("Mix", "Desktop", "Voice"))
    with av.open(clip.path) as film:
        assert len(film.streams.audio) == 3
    probed = await studio.pictures.probe(clip.path)
    assert probed.audio == clip.audio
    ended = await studio.capture.get_session(session.session_id)
    assert [entry.label for entry in ended.audio] == ["Mix", "Desktop", "Voice"]


async def test_levels_come_with_each_look_at_a_watched_session(sounds: SoundServer, studio: Studio) -> None:
    await begin(studio, AudioConfig((DESKTOP,)))
    seen: list[float] = []
    with playing(sounds, "--continuous"):
        async with asyncio.timeout(30):
            async for session in studio.capture.watch_session("current"):
                seen.append(session.audio[0].peak_dbfs)
                if seen[-1] > -40:
                    break
    assert seen[-1] > -40


async def test_a_track_is_muted_while_it_is_recorded(sounds: SoundServer, studio: Studio) -> None:
    with playing(sounds, "--continuous"):
        await begin(studio, BOTH)
        await until(studio, lambda seen: track(seen, 2).peak_dbfs > -40, "heard")
        key = RequestKey(str(uuid.uuid4()), "UpdateAudioTrack", "body")
        request = AudioTrackRequest("current", 2, gain_db=-3, muted=True)
        for _ in range(2):
            answer = await studio.capture.update_audio_track(request, key)
            assert (track(answer, 2).muted, track(answer, 2).gain_db) == (True, -3)
        assert len(await studio.told(SessionUpdated)) == 1
        await until(studio, lambda seen: track(seen, 2).peak_dbfs == SILENCE, "silent")
        await studio.capture.update_audio_track(AudioTrackRequest("current", 2, muted=False), None)
        await until(studio, lambda seen: track(seen, 2).peak_dbfs > -40, "heard again")
    # Whoever joins is compared with what is heard now.
    changed = AudioConfig((replace(DESKTOP, gain_db=-3), VOICE))
    joined = await begin(studio, changed, SessionMode.REPLAY)
    assert joined.mode is SessionMode.BOTH


async def test_what_cannot_be_changed_is_refused(sounds: SoundServer, studio: Studio) -> None:
    await begin(studio, BOTH)
    update = studio.capture.update_audio_track
    await refused(update(AudioTrackRequest("current", 2), None), "UPDATE_EMPTY")
    await refused(update(AudioTrackRequest("current", 4, muted=True), None), "AUDIO_TRACK_NOT_FOUND")
    mix = await refused(update(AudioTrackRequest("current", 1, muted=True), None), "AUDIO_TRACK_IS_MIX")
    assert mix.remedy
    loud = await refused(update(AudioTrackRequest("current", 2, gain_db=1000), None), "AUDIO_NOT_POSSIBLE")
    assert loud.metadata["field"] == "audio.gain_db"


async def test_other_sound_cannot_join_a_session(sounds: SoundServer, studio: Studio) -> None:
    await begin(studio, BOTH)
    other = await refused(begin(studio, AudioConfig((DESKTOP,)), SessionMode.REPLAY), "SESSION_DIFFERS")
    assert other.metadata["fields"] == "audio.inputs"
    rate = await refused(begin(studio, replace(BOTH, bitrate_kbps=96), SessionMode.REPLAY), "SESSION_DIFFERS")
    assert rate.metadata["fields"] == "audio.bitrate_kbps"
    assert (await begin(studio, None, SessionMode.REPLAY)).mode is SessionMode.BOTH


async def test_without_a_sound_server_the_session_goes_on_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, studio: Studio
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    found = await studio.capture.list_audio_devices()
    assert found.devices == ()
    assert found.unavailable_reason
    await begin(studio, BOTH)
    session = await until(studio, lambda seen: FindingKind.AUDIO_UNAVAILABLE in kinds(seen), "found")
    assert session.audio == ()
    await studio.until_captured(2)
    told = [payload for payload in await studio.told(HealthChanged) if isinstance(payload, HealthChanged)]
    assert [(one.finding, one.active) for one in told if one.finding is FindingKind.AUDIO_UNAVAILABLE] == [
        (FindingKind.AUDIO_UNAVAILABLE, True)
    ]
    await studio.capture.stop_session(StopRequest("current", StopWhat.ALL), None)
    (clip,) = (await studio.clips.list(ClipFilter(), ClipOrder(), PageRequest())).items
    assert clip.audio == ()


async def test_a_device_that_goes_and_comes_back_is_told(sounds: SoundServer, studio: Studio) -> None:
    await begin(studio, BOTH)
    await until(studio, lambda seen: len(seen.audio) == 3 and track(seen, 3).connected, "connected")
    sounds.stop()
    lost = await until(studio, lambda seen: kinds(seen).count(FindingKind.AUDIO_LOST) == 2, "lost")
    assert {finding.subject for finding in lost.findings} == {"track 2", "track 3"}
    sounds.start()
    await until(studio, lambda seen: FindingKind.AUDIO_LOST not in kinds(seen), "back")
    heard: list[tuple[str, bool]] = []
    async with asyncio.timeout(20):
        while len(heard) < 4:
            told = [one for one in await studio.told(HealthChanged) if isinstance(one, HealthChanged)]
            heard = [(one.subject, one.active) for one in told if one.finding is FindingKind.AUDIO_LOST]
            await asyncio.sleep(0.05)
    assert sorted(heard) == [("track 2", False), ("track 2", True), ("track 3", False), ("track 3", True)]
