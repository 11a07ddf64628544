"""Sessions that are changed while they run."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from clipshot.core.capture.encoder import RateControl, RateControlMode, VideoConfig
from clipshot.core.capture.requests import SaveRequest, StartRequest, StopRequest, StopWhat, UpdateRequest
from clipshot.core.capture.session import SessionMode
from clipshot.core.capture.split_rule import SplitRule
from clipshot.core.errors import InvalidArgumentError, PreconditionError
from clipshot.core.events import payloads
from clipshot.core.idempotency import RequestKey
from clipshot.core.paging import PageRequest
from clipshot.core.store import ClipFilter, ClipOrder
from tests.integration.studio import SOURCE, Studio, studio_in


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


async def test_every_field_applies_at_once_and_is_told(studio: Studio) -> None:
    await studio.begin(SessionMode.BOTH, 0.5)
    rule, rate = SplitRule(max_duration=timedelta(minutes=5)), RateControl(RateControlMode.CRF, crf=30)
    changes = UpdateRequest("current", rate, timedelta(seconds=7), "Match", False, "Quake", rule)
    changed = await studio.capture.update_session(changes, RequestKey(str(uuid.uuid4()), "UpdateSession", "body"))
    assert (changed.title, changed.game, changed.draw_cursor) == ("Match", "Quake", False)
    assert changed.replay_duration == timedelta(seconds=7)
    assert changed.video.rate_control is not None
    assert (changed.video.rate_control.crf, changed.video.rate_control.max_bitrate_kbps) == (30, 20_000)
    assert changed.recording is not None
    assert changed.recording.split == rule
    assert (await studio.capture.get_replay_buffer("current")).capacity == timedelta(seconds=7)
    (told,) = await studio.told(payloads.SessionUpdated)
    assert isinstance(told, payloads.SessionUpdated)
    assert (told.session.title, told.session.game) == ("Match", "Quake")
    ended = await studio.capture.update_session(UpdateRequest("current", split=SplitRule()), None)
    assert ended.recording is not None
    assert ended.recording.split is None


async def test_the_bitrate_changes_while_it_runs(studio: Studio) -> None:
    video = VideoConfig(rate_control=RateControl(RateControlMode.CBR, bitrate_kbps=6000))
    await studio.capture.start_session(StartRequest(SOURCE, SessionMode.REPLAY, video), None)
    await studio.until_captured(3)
    before = (await studio.capture.get_session("current")).stats.bitrate_kbps
    slower = RateControl(RateControlMode.CBR, bitrate_kbps=500)
    await studio.capture.update_session(UpdateRequest("current", slower), None)
    await studio.until_captured(8)
    after = (await studio.capture.get_session("current")).stats.bitrate_kbps
    assert after < before / 2


async def test_title_and_game_reach_the_clips(studio: Studio) -> None:
    session = await studio.begin(SessionMode.BOTH, 0.5)
    await studio.capture.update_session(UpdateRequest("current", title="Final", game="Quake III: Arena"), None)
    await studio.capture.save_replay(SaveRequest("current"), None)
    await studio.capture.stop_session(StopRequest("current", StopWhat.RECORDING), None)
    page = await studio.clips.list(ClipFilter(games=("quake iii: arena",)), ClipOrder(), PageRequest())
    recorded, replay = page.items
    assert (recorded.title, recorded.session_id) == ("Final", session.session_id)
    assert {Path(clip.path).parent for clip in (recorded, replay)} == {studio.clips_dir / "Quake III Arena"}
    assert list((await studio.clips.list(ClipFilter(games=("Doom",)), ClipOrder(), PageRequest())).items) == []


@pytest.mark.parametrize(
    ("request_", "reason", "field"),
    [
        (UpdateRequest("current"), "UPDATE_EMPTY", ""),
        (UpdateRequest("current", title=" "), "TITLE_EMPTY", "title"),
        (UpdateRequest("current", RateControl(RateControlMode.CRF, crf=99)), "VIDEO_NOT_POSSIBLE", "rate_control.crf"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_field(
    studio: Studio, request_: UpdateRequest, reason: str, field: str
) -> None:
    await studio.begin(SessionMode.REPLAY, 0.2)
    with pytest.raises(InvalidArgumentError) as caught:
        await studio.capture.update_session(request_, None)
    assert caught.value.reason == reason
    assert [violation.field for violation in caught.value.violations] == ([field] if field else [])
    assert await studio.told(payloads.SessionUpdated) == []


@pytest.mark.parametrize(
    ("mode", "request_", "reason"),
    [
        (SessionMode.RECORD, UpdateRequest("current", replay_duration=timedelta(seconds=9)), "REPLAY_OFF"),
        (SessionMode.REPLAY, UpdateRequest("current", split=SplitRule(timedelta(minutes=1))), "NOT_RECORDING"),
    ],
)
async def test_what_is_off_cannot_be_changed(
    studio: Studio, mode: SessionMode, request_: UpdateRequest, reason: str
) -> None:
    await studio.begin(mode, 0.2)
    with pytest.raises(PreconditionError) as caught:
        await studio.capture.update_session(request_, None)
    assert caught.value.reason == reason
    assert caught.value.remedy
