"""Sound from a private sound server: heard on the right track, at the right time, as loud as was asked for."""

import asyncio
import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

import clipshot_native as native
from tests.native import tone
from tests.native.conftest import StartSession
from tests.native.sound_server import SoundServer, playing, sound_server
from tests.native.waiting import notice, until

SECOND = native.TIMESCALE
# What is promised, also on a machine under load; a quiet one stays below 1 ms.
IN_TIME_MS = 15.0


@pytest.fixture
def server() -> Iterator[SoundServer]:
    with sound_server() as running:
        yield running


def hearing(server: SoundServer, *inputs: str | native.AudioInput) -> native.AudioConfig:
    named = [native.AudioInput(one) if isinstance(one, str) else one for one in inputs]
    return native.AudioConfig(named, server=server.address)


async def heard(session: native.Session, index: int, dbfs: float = -30.0) -> None:
    """Waits until something is heard on a track."""
    await until(lambda: session.audio_tracks()[index].peak_dbfs > dbfs, f"track {index} is heard")


async def saved(session: native.Session, folder: Path, seconds: float) -> tuple[native.SaveResult, list[tone.Sound]]:
    pin = await session.pin(str(folder / "pin"), seconds, b"")
    result = await pin.save(str(folder / "clip.mp4")).result()
    pin.release()
    return result, tone.read(folder / "clip.mp4")


def lateness_ms(
    session: native.Session, first_ticks: int, sound: tone.Sound, truth: dict[int, dict[str, int]]
) -> list[float]:
    """How much later than it was heard each beep lies in the file."""
    begin = session.start_monotonic_ns + first_ticks * 1e9 / SECOND
    times = [begin + beep * 1e9 for beep in sound.beeps()]
    known = [(at, truth.get(round(at / 1e9), {}).get("heard_ns")) for at in times]
    return [(at - told) / 1e6 for at, told in known if told is not None]


async def test_a_beep_lies_at_its_time_in_recording_and_replay(
    server: SoundServer, start_session: StartSession, tmp_path: Path
) -> None:
    with playing(server) as player:
        session = await start_session(audio=hearing(server, "default-output", "default-input"))
        session.start_ring(str(tmp_path / "ring"), 60.0, 0)
        await session.start_recording(str(tmp_path / "all.mp4"))
        await heard(session, 1)
        await asyncio.sleep(3.2)  # three whole seconds, each with a beep
        result, clip = await saved(session, tmp_path, 3.0)
        await session.stop_recording()
        truth = player.finish()
    whole = await native.recover_recording(str(tmp_path / "all.mp4"), str(tmp_path / "plain.mp4")).result()
    for first, sounds in (result.first_pts_ticks, clip), (whole.first_pts_ticks, tone.read(tmp_path / "plain.mp4")):
        for sound in sounds[:2]:
            late = lateness_ms(session, first, sound, truth)
            assert len(late) >= 2
            assert max(map(abs, late)) < IN_TIME_MS, late
        # The limiter's look-ahead is taken out of the mixdown.
        assert sounds[0].beeps() == pytest.approx(sounds[1].beeps(), abs=2e-4)
    assert len(clip[0].samples) / tone.RATE == pytest.approx(3.0, abs=0.03)


async def test_each_input_has_its_track_behind_the_mixdown(
    server: SoundServer, start_session: StartSession, tmp_path: Path
) -> None:
    inputs = hearing(
        server, native.AudioInput("output:speakers", label="Game sound"), "default-input", "application:tenor"
    )
    bass = playing(server, "--continuous", "--frequency=400", "--amplitude=0.6", "--name=bass")
    voice = playing(server, "--continuous", "--frequency=700", "--amplitude=0.6", "--sink=voice")
    tenor = playing(server, "--continuous", "--frequency=1100", "--amplitude=0.3", "--name=tenor")
    with bass, voice, tenor:
        session = await start_session(audio=inputs)
        session.start_ring(str(tmp_path / "ring"), 60.0, 0)
        for index in range(4):
            await heard(session, index)
        await asyncio.sleep(1.5)
        statuses = session.audio_tracks()
        result, sounds = await saved(session, tmp_path, 1.0)
    titles = ["Mix", "Game sound", "Microphone", "tenor"]
    assert [track.label for track in statuses] == titles
    assert [track.device_id for track in statuses] == ["", "output:speakers", "default-input", "application:tenor"]
    assert [track.mixdown for track in statuses] == [True, False, False, False]
    assert all(track.connected for track in statuses)
    assert [sound.title for sound in sounds] == titles
    assert [title for title, *_ in result.audio] == titles
    # Bass and tenor play on the speakers, so the application is in both tracks.
    amplitudes = [[sound.level(frequency, 0.2, 0.8) for frequency in (400, 700, 1100)] for sound in sounds]
    assert amplitudes[1] == pytest.approx([0.6, 0.0, 0.3], abs=0.05)
    assert amplitudes[2] == pytest.approx([0.0, 0.6, 0.0], abs=0.05)
    assert amplitudes[3] == pytest.approx([0.0, 0.0, 0.3], abs=0.05)
    # 0.6 + 0.6 + 2 x 0.3 would be clipped; the limiter turns all down alike.
    assert amplitudes[0][0] == pytest.approx(amplitudes[0][1], rel=0.1)
    assert max(np.abs(sounds[0].samples)) < 0.97
    assert statuses[0].peak_dbfs == pytest.approx(-1.0, abs=0.2)
    assert statuses[2].rms_dbfs == pytest.approx(20 * np.log10(0.6 / 2**0.5), abs=0.5)


async def test_volume_changes_while_it_runs_without_a_click(
    server: SoundServer, start_session: StartSession, tmp_path: Path
) -> None:
    with playing(server, "--continuous", "--frequency=500"):
        session = await start_session(audio=hearing(server, "default-output"))
        session.start_ring(str(tmp_path / "ring"), 60.0, 0)
        await heard(session, 0)
        session.set_audio(0, gain_db=-20.0)
        await until(lambda: session.audio_tracks()[0].peak_dbfs < -25.0, "it is turned down")
        assert session.audio_tracks()[0].gain_db == -20.0
        session.set_audio(0, muted=True)
        await until(lambda: session.audio_tracks()[0].silent_seconds > 0.3, "it is muted")
        result, (sound,) = await saved(session, tmp_path, 2.0)
    assert result.audio == [("Desktop", 2, 48_000, 160)], "one input, one track"
    # A click is a step between samples that the tone, at its loudest, does not make. It began with one.
    begun = int(np.argmax(np.abs(sound.samples) > 0.3)) + 960
    steepest = 2 * np.pi * 500 / tone.RATE * 0.5
    assert np.abs(np.diff(sound.samples[begun:])).max() < 2 * steepest
    assert np.abs(sound.samples[-9600:]).max() < 0.001
    for wrong, field in ({"index": 7}, "index"), ({"index": 0, "gain_db": 90.0}, "gain_db"):
        with pytest.raises(native.NativeError) as refused:
            session.set_audio(**wrong)
        assert (refused.value.reason, refused.value.field) == ("INVALID_CONFIG", field)


async def test_a_server_that_goes_and_comes_back_leaves_silence_and_time_goes_on(
    server: SoundServer, start_session: StartSession, tmp_path: Path
) -> None:
    with playing(server):
        session = await start_session(audio=hearing(server, "default-output"))
        session.start_ring(str(tmp_path / "ring"), 60.0, 0)
        await heard(session, 0)
        server.stop()
        lost = (await notice(session, "audio_lost"))[-1]
        assert lost.detail == "default-output"
        assert not session.audio_tracks()[0].connected
    server.start()
    assert (await notice(session, "audio_back"))[-1].detail == "default-output"
    await until(lambda: session.audio_tracks()[0].silent_seconds > 1.0, "what was heard before is over")
    with playing(server) as player:
        await heard(session, 0)
        await asyncio.sleep(2.1)  # two more beeps
        result, (sound,) = await saved(session, tmp_path, 60.0)
        truth = player.finish()
    late = lateness_ms(session, result.first_pts_ticks, sound, truth)
    assert late
    assert max(map(abs, late)) < IN_TIME_MS, late
    assert len(sound.samples) / tone.RATE == pytest.approx(
        (result.end_pts_ticks - result.first_pts_ticks) / SECOND, abs=0.03
    )


async def test_the_default_is_followed_and_a_missing_device_is_waited_for(
    server: SoundServer, start_session: StartSession
) -> None:
    with playing(server, "--continuous", "--sink=headphones"):
        session = await start_session(audio=hearing(server, "default-output", "output:late", "application:singer"))
        assert (await notice(session, "audio_lost"))[-1].detail == "output:late"
        assert session.audio_tracks()[1].peak_dbfs == -120.0
        server.run("set-default-sink", "headphones")
        await heard(session, 1)
        server.run("load-module", "module-null-sink", "sink_name=late")
        assert (await notice(session, "audio_back"))[-1].detail == "output:late"
        with playing(server, "--continuous", "--sink=late", "--name=Singer"):
            await heard(session, 2)
            await heard(session, 3)
        await until(lambda: not session.audio_tracks()[3].connected, "the singer is gone")
        with playing(server, "--continuous", "--sink=late", "--name=Singer"):
            await until(lambda: session.audio_tracks()[3].silent_seconds < 0.2, "the singer is back")


async def test_without_a_server_there_is_a_picture_and_a_notice(start_session: StartSession, tmp_path: Path) -> None:
    nowhere = f"unix:{tmp_path}/nobody"
    config = native.AudioConfig([native.AudioInput("default-output")], server=nowhere)
    session = await start_session(audio=config)
    assert session.audio_tracks() == []
    (told,) = await notice(session, "audio_unavailable")
    assert "PULSE_SERVER" in told.detail
    with pytest.raises(native.NativeError) as refused:
        session.set_audio(0, muted=True)
    assert (refused.value.reason, refused.value.field) == ("INVALID_CONFIG", "index")
    with pytest.raises(native.NativeError) as refused:
        await native.list_audio_devices(nowhere)
    assert refused.value.reason == "AUDIO_UNAVAILABLE"


async def test_a_still_screen_keeps_its_sound(server: SoundServer, start_session: StartSession, tmp_path: Path) -> None:
    with playing(server, "--continuous"):
        session = await start_session("test:clock:320x240@1", audio=hearing(server, "default-output", "default-input"))
        session.start_ring(str(tmp_path / "ring"), 3.0, 0)
        await heard(session, 1)
        await until(lambda: session.ring_status().oldest_ticks > 2 * SECOND, "the ring evicts")
        status = session.ring_status()
        assert status.filled_ticks <= 5 * SECOND
        result, sounds = await saved(session, tmp_path, 2.5)
    length = (result.end_pts_ticks - result.first_pts_ticks) / SECOND
    assert length == pytest.approx(2.5, abs=0.02)
    assert result.frames <= 5
    for sound in sounds:
        assert sound.start == pytest.approx(0.0, abs=1e-4)
        assert len(sound.samples) / tone.RATE == pytest.approx(length, abs=0.001)
    # Loud from the first to the last moment: nothing was evicted before its picture, nothing came too late.
    for begin in np.arange(0.0, length - 0.1, 0.1):
        assert sounds[1].rms(begin, begin + 0.1) > 0.15, begin


async def test_saves_that_follow_each_other_join_to_the_sample(
    server: SoundServer, start_session: StartSession, tmp_path: Path
) -> None:
    noise = playing(server, "--continuous", "--frequency=313"), playing(server, "--sink=voice")
    with noise[0], noise[1]:
        session = await start_session(audio=hearing(server, "default-output", "default-input"))
        session.start_ring(str(tmp_path / "ring"), 60.0, 0)
        await heard(session, 1)
        await heard(session, 2)
        pins = [await session.pin(str(tmp_path / "pin0"), 1.0, b"")]
        for number in (1, 2):
            await asyncio.sleep(0.37)
            pin = await session.pin(str(tmp_path / f"pin{number}"), 0.0, b"", since_ticks=pins[-1].end_ticks)
            assert pin.start_ticks == pins[-1].end_ticks
            pins.append(pin)
        whole = await session.pin(str(tmp_path / "pin"), 0.0, b"", since_ticks=pins[0].start_ticks)
        for number, pin in enumerate([*pins, whole]):
            await pin.save(str(tmp_path / f"{number}.mp4")).result()
    parts = [tone.read(tmp_path / f"{number}.mp4") for number in range(len(pins))]
    uninterrupted = tone.read(tmp_path / f"{len(pins)}.mp4")
    for track, wanted in enumerate(uninterrupted):
        joined = np.concatenate([part[track].samples for part in parts])
        assert len(joined) == round((pins[-1].end_ticks - pins[0].start_ticks) * tone.RATE / SECOND)
        assert np.array_equal(joined, wanted.samples[: len(joined)]), f"track {track} does not join"


async def test_devices_are_listed(server: SoundServer) -> None:
    with playing(server, "--continuous", "--name=Some Game"):
        listed: dict[str, native.AudioDevice] = {}
        async with asyncio.timeout(10):
            while "application:Some Game" not in listed:
                listed = {device.device_id: device for device in await native.list_audio_devices(server.address)}
    assert {"default-output", "default-input", "output:speakers", "output:headphones", "input:mic"} <= listed.keys()
    assert [device_id for device_id in listed if "monitor" in device_id] == []
    game = listed["application:Some Game"]
    assert (game.kind, game.application, game.default) == ("application", "Some Game", False)
    assert game.pid > 0
    assert listed["output:speakers"].default
    assert not listed["output:headphones"].default
    assert listed["input:mic"].kind == "input"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"inputs": [native.AudioInput("loudspeaker")]}, "device_id"),
        ({"inputs": [native.AudioInput("default-output", gain_db=99.0)]}, "gain_db"),
        ({"inputs": [native.AudioInput("default-output", label="x" * 101)]}, "label"),
        ({"inputs": [native.AudioInput("default-output")], "bitrate_kbps": 3}, "bitrate_kbps"),
        ({"inputs": [native.AudioInput("default-output")] * 17}, "inputs"),
    ],
)
async def test_impossible_settings_are_refused_by_name(
    start_session: StartSession, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(native.NativeError) as refused:
        await start_session(audio=native.AudioConfig(**wrong))  # type: ignore[arg-type]
    assert (refused.value.reason, refused.value.field) == ("INVALID_CONFIG", field)


async def test_no_inputs_are_no_sound(start_session: StartSession) -> None:
    session = await start_session(audio=native.AudioConfig([]))
    assert session.audio_tracks() == []
    assert session.drain_notices() == []


async def test_live_readers_get_every_track_in_session_time(server: SoundServer, start_session: StartSession) -> None:
    session = await start_session(audio=hearing(server, "default-output", "default-input"))
    live = session.subscribe()
    seen: list[native.Chunk] = []

    def has_all() -> bool:
        seen.extend(live.drain())
        return {chunk.track for chunk in seen} == {0, 1, 2, 3} and len(seen) > 60

    await until(has_all, "chunks of all tracks")
    assert seen[0].key
    assert not any(chunk.key for chunk in seen if chunk.track != 0)
    for track in range(1, 4):
        times = [chunk.pts_ticks for chunk in seen if chunk.track == track]
        assert {after - before for before, after in pairwise(times)} == {1024 * SECOND // tone.RATE}
    init = live.init_segment()
    assert init is not None
    whole = io.BytesIO(init + b"".join(chunk.data for chunk in seen))
    with av.open(whole) as container:
        assert [stream.metadata.get("handler_name") for stream in container.streams.audio] == [
            "Mix",
            "Desktop",
            "Microphone",
        ]
