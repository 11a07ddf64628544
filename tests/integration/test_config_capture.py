"""Changed defaults and the sessions that run: buffers grow, bitrates fall, and callers' own choices stay."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from clipshot.core.capture.defaults import CaptureDefaults, VideoDefaults
from clipshot.core.capture.encoder import RateControl, RateControlMode, VideoConfig
from clipshot.core.capture.requests import StartRequest
from clipshot.core.capture.session import SessionMode
from clipshot.core.events import payloads
from tests.integration.studio import LENGTH, MOST_BYTES, SOURCE, Studio, studio_in

STARTED = CaptureDefaults(LENGTH, MOST_BYTES, VideoDefaults(fps=30))


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


async def test_a_running_session_follows_its_defaults(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.5)
    video = replace(STARTED.video, fps=10, crf=40.0, max_bitrate_kbps=1_000)
    assert await studio.capture.use_defaults(CaptureDefaults(timedelta(seconds=45), MOST_BYTES * 2, video)) == []
    session, buffer = await studio.capture.get_session("current"), await studio.capture.get_replay_buffer("current")
    assert (session.replay_duration, buffer.capacity) == (timedelta(seconds=45), timedelta(seconds=45))
    assert buffer.max_bytes == MOST_BYTES * 2
    assert session.video.rate_control == RateControl(RateControlMode.CRF, crf=40.0, max_bitrate_kbps=1_000)
    assert session.video.fps == 30, "that needs another stream"
    (told,) = await studio.told(payloads.SessionUpdated)
    assert isinstance(told, payloads.SessionUpdated)
    assert told.session.replay_duration == timedelta(seconds=45)


async def test_the_stream_of_a_running_session_gets_thinner(studio: Studio) -> None:
    cbr = replace(STARTED.video, mode=RateControlMode.CBR, bitrate_kbps=6_000)
    await studio.capture.use_defaults(replace(STARTED, video=cbr))
    await studio.begin(SessionMode.REPLAY, 3)
    before = (await studio.capture.get_session("current")).stats.bitrate_kbps
    await studio.capture.use_defaults(replace(STARTED, video=replace(cbr, bitrate_kbps=500)))
    await studio.until_captured(8)
    assert (await studio.capture.get_session("current")).stats.bitrate_kbps < before / 2


async def test_what_the_caller_chose_stays(studio: Studio) -> None:
    chosen = RateControl(RateControlMode.CRF, crf=30.0)
    request = StartRequest(
        SOURCE, SessionMode.REPLAY, VideoConfig(rate_control=chosen), replay_duration=timedelta(seconds=7)
    )
    await studio.capture.start_session(request, None)
    video = replace(STARTED.video, crf=40.0)
    await studio.capture.use_defaults(CaptureDefaults(timedelta(seconds=45), MOST_BYTES * 2, video))
    session, buffer = await studio.capture.get_session("current"), await studio.capture.get_replay_buffer("current")
    assert (session.replay_duration, buffer.capacity) == (timedelta(seconds=7), timedelta(seconds=7))
    assert buffer.max_bytes == MOST_BYTES * 2, "nobody can choose that but the settings"
    assert session.video.rate_control is not None
    assert session.video.rate_control.crf == 30.0


async def test_a_session_that_cannot_follow_says_so(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.5)
    cbr = replace(STARTED.video, mode=RateControlMode.CBR)
    (note,) = await studio.capture.use_defaults(replace(STARTED, video=cbr, replay_duration=timedelta(seconds=9)))
    assert "keeps its bitrate" in note
    session = await studio.capture.get_session("current")
    assert session.replay_duration == timedelta(seconds=9), "the rest follows"
    assert session.video.rate_control == STARTED.video.rate_control, "an encoder keeps its mode"


async def test_new_sessions_take_the_new_defaults(studio: Studio) -> None:
    video = VideoDefaults(fps=12, crf=35.0, preset="ultrafast")
    await studio.capture.use_defaults(CaptureDefaults(timedelta(seconds=9), MOST_BYTES, video))
    session = await studio.begin(SessionMode.REPLAY)
    assert (session.video.fps, session.video.preset, session.replay_duration) == (12, "ultrafast", timedelta(seconds=9))
