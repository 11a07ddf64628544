"""What may be asked of an encoder, and what stands where nothing is asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clipshot.core.capture.defaults import VideoDefaults
from clipshot.core.capture.encoder import Encoder, RateControl, RateControlMode, VideoConfig
from clipshot.core.capture.source import Source, SourceKind
from clipshot.core.capture.video import complete_video, differing_fields
from clipshot.core.errors import InvalidArgumentError, PreconditionError

X264 = Encoder(
    encoder_id="libx264",
    codec="h264",
    hardware=False,
    vendor="",
    max_width=4096,
    max_height=2304,
    max_fps=120,
    presets=("ultrafast", "superfast", "veryfast"),
    tunes=("zerolatency", "film"),
    rate_controls=(RateControlMode.CRF, RateControlMode.CBR, RateControlMode.VBR),
    max_lookahead=250,
)


def source(width: int = 1920, height: int = 1080) -> Source:
    return Source("test:clock", SourceKind.TEST, "Clock", "test", width, height, None, primary=True)


def complete(asked: VideoConfig | None, of: Source | None = None) -> VideoConfig:
    return complete_video(asked, of or source(), [X264], VideoDefaults(fps=60))


def test_defaults() -> None:
    assert complete(None) == VideoConfig(
        encoder="libx264",
        width=1920,
        height=1080,
        fps=60,
        rate_control=RateControl(RateControlMode.CRF, crf=23.0, max_bitrate_kbps=20_000),
        preset="superfast",
        tune="zerolatency",
        lookahead_frames=0,
        keyframe_interval=timedelta(seconds=1),
    )


def test_odd_sources_lose_a_line_and_a_missing_side_keeps_the_shape() -> None:
    assert (complete(None, source(1367, 769)).width, complete(None, source(1367, 769)).height) == (1366, 768)
    assert complete(VideoConfig(width=1280)).height == 720
    assert complete(VideoConfig(height=720)).width == 1280


def test_each_rate_control_has_its_own_defaults() -> None:
    cbr = complete(VideoConfig(rate_control=RateControl(RateControlMode.CBR))).rate_control
    vbr = complete(VideoConfig(rate_control=RateControl(RateControlMode.VBR, bitrate_kbps=40_000))).rate_control
    assert cbr == RateControl(RateControlMode.CBR, bitrate_kbps=12_000)
    assert vbr == RateControl(RateControlMode.VBR, bitrate_kbps=40_000, max_bitrate_kbps=60_000)


@pytest.mark.parametrize(
    ("asked", "field", "reason"),
    [
        (VideoConfig(width=8192, height=720), "width", "SIZE_NOT_POSSIBLE"),
        (VideoConfig(height=4000, width=16), "height", "SIZE_NOT_POSSIBLE"),
        (VideoConfig(width=1281, height=720), "width", "SIZE_ODD"),
        (VideoConfig(width=1280, height=721), "height", "SIZE_ODD"),
        (VideoConfig(fps=240), "fps", "RATE_NOT_POSSIBLE"),
        (VideoConfig(fps=0), "fps", "RATE_NOT_POSSIBLE"),
        (VideoConfig(preset="warp"), "preset", "PRESET_UNKNOWN"),
        (VideoConfig(tune="loud"), "tune", "TUNE_UNKNOWN"),
        (VideoConfig(lookahead_frames=500), "lookahead_frames", "LOOKAHEAD_NOT_POSSIBLE"),
        (
            VideoConfig(keyframe_interval=timedelta(seconds=20)),
            "keyframe_interval",
            "KEYFRAME_INTERVAL_NOT_POSSIBLE",
        ),
        (VideoConfig(encoder="h264_nvenc"), "encoder", "ENCODER_UNKNOWN"),
        (VideoConfig(rate_control=RateControl(crf=52)), "rate_control.crf", "RATE_CONTROL_NOT_POSSIBLE"),
        (
            VideoConfig(rate_control=RateControl(bitrate_kbps=500)),
            "rate_control.bitrate_kbps",
            "RATE_CONTROL_NOT_POSSIBLE",
        ),
        (
            VideoConfig(rate_control=RateControl(RateControlMode.CBR, max_bitrate_kbps=500)),
            "rate_control.max_bitrate_kbps",
            "RATE_CONTROL_NOT_POSSIBLE",
        ),
        (
            VideoConfig(rate_control=RateControl(RateControlMode.VBR, bitrate_kbps=900, max_bitrate_kbps=500)),
            "rate_control.max_bitrate_kbps",
            "RATE_CONTROL_NOT_POSSIBLE",
        ),
    ],
)
def test_the_impossible_is_refused_by_the_name_of_its_field(asked: VideoConfig, field: str, reason: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        complete(asked)
    assert [(violation.field, violation.reason) for violation in caught.value.violations] == [
        (f"video.{field}", reason)
    ]
    assert caught.value.reason == ("ENCODER_UNKNOWN" if field == "encoder" else "VIDEO_NOT_POSSIBLE")


def test_every_impossible_field_is_named_at_once() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        complete(VideoConfig(fps=999, preset="warp"))
    assert [violation.field for violation in caught.value.violations] == ["video.fps", "video.preset"]


def test_the_defaults_are_those_of_the_settings() -> None:
    defaults = VideoDefaults(
        fps=24, mode=RateControlMode.VBR, bitrate_kbps=3_000, max_bitrate_kbps=5_000, preset="veryfast"
    )
    video = complete_video(None, source(), [X264], defaults)
    assert (video.fps, video.preset) == (24, "veryfast")
    assert video.rate_control == RateControl(RateControlMode.VBR, bitrate_kbps=3_000, max_bitrate_kbps=5_000)


def test_an_encoder_that_does_not_offer_a_default_takes_its_own() -> None:
    poor = replace(X264, rate_controls=(RateControlMode.CBR,), presets=("p1",), max_fps=25)
    video = complete_video(None, source(), [poor], VideoDefaults())
    assert (video.fps, video.preset, video.rate_control) == (
        25,
        "",
        RateControl(RateControlMode.CBR, bitrate_kbps=12_000),
    )


def test_without_an_encoder_the_remedy_is_told() -> None:
    with pytest.raises(PreconditionError) as caught:
        complete_video(None, source(), [], VideoDefaults(fps=60))
    assert caught.value.reason == "ENCODER_UNAVAILABLE"
    assert caught.value.remedy


def test_what_a_joining_caller_asks_is_compared_field_by_field() -> None:
    running = complete(None)
    assert differing_fields(None, running) == ()
    assert differing_fields(VideoConfig(fps=60, width=1920), running) == ()
    assert differing_fields(VideoConfig(fps=30, preset="ultrafast"), running) == ("video.fps", "video.preset")
    assert differing_fields(VideoConfig(rate_control=RateControl(crf=30.0)), running) == ("video.rate_control.crf",)
