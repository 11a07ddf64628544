"""What there is to capture and to encode with."""

import pytest

import clipshot_native as native
from tests.native.conftest import StartSession
from tests.native.display import xvfb

NO_DISPLAY = ":9099"


def test_the_test_source_is_always_there() -> None:
    (source,) = native.list_sources("test")
    assert (source.source_id, source.kind, source.backend) == ("test:clock", "test", "test")
    assert (source.width, source.height, source.refresh_hz) == (1280, 720, 60.0)


def test_a_monitor_is_listed_before_the_test_source() -> None:
    with xvfb(640, 480) as display:
        monitor, test = native.list_sources("auto", display.name)
        assert (monitor.source_id, monitor.kind) == ("x11:screen", "monitor")
        assert (monitor.width, monitor.height) == (640, 480)
        assert test.source_id == "test:clock"
        assert all(backend.available and backend.reason == "" for backend in native.list_backends(display.name))


def test_a_backend_that_cannot_be_used_says_why() -> None:
    backends = {backend.name: backend for backend in native.list_backends(NO_DISPLAY)}
    assert not backends["x11"].available
    assert NO_DISPLAY in backends["x11"].reason
    assert backends["test"].available
    with pytest.raises(native.NativeError) as caught:
        native.list_sources("x11", NO_DISPLAY)
    assert caught.value.reason == "DISPLAY_UNAVAILABLE"
    with pytest.raises(native.NativeError) as caught:
        native.list_sources("carrier-pigeon")
    assert caught.value.reason == "BACKEND_UNAVAILABLE"


async def test_encoders_say_what_they_can_do() -> None:
    encoders = await native.list_encoders()
    x264 = next(encoder for encoder in encoders if encoder.encoder_id == "libx264")
    assert x264.codec == "h264"
    assert "superfast" in x264.presets
    assert "zerolatency" in x264.tunes
    assert set(x264.rate_controls) == {"crf", "cbr", "vbr"}


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"fps": 0}, "fps"),
        ({"preset": "sluggish"}, "preset"),
        ({"tune": "piano"}, "tune"),
        ({"crf": 99.0}, "crf"),
        ({"rate_control": "cbr", "bitrate_kbps": 0}, "bitrate_kbps"),
        ({"rate_control": "wish"}, "rate_control"),
        ({"keyframe_seconds": 0.0}, "keyframe_seconds"),
        ({"encoder": "abacus"}, "encoder"),
        ({"width": 31}, "width"),
    ],
)
async def test_impossible_settings_name_their_field(options: dict[str, object], field: str) -> None:
    video = native.VideoConfig(**options)  # type: ignore[arg-type]
    with pytest.raises(native.NativeError) as caught:
        await native.Session.start(source_id="test:clock", video=video)
    assert (caught.value.reason, caught.value.field) == ("INVALID_CONFIG", field)


@pytest.mark.parametrize(
    ("source_id", "reason"),
    [("test:nothing", "SOURCE_NOT_FOUND"), ("nonsense", "SOURCE_NOT_FOUND"), ("x11:screen", "DISPLAY_UNAVAILABLE")],
)
async def test_a_source_that_is_not_there(source_id: str, reason: str) -> None:
    with pytest.raises(native.NativeError) as caught:
        await native.Session.start(source_id=source_id, video=native.VideoConfig(), display=NO_DISPLAY)
    assert caught.value.reason == reason


async def test_encoders_that_do_not_work_say_why() -> None:
    working = await native.list_encoders()
    assert all(encoder.available and encoder.reason == "" for encoder in working)
    known = await native.list_encoders(all=True)
    assert [encoder.encoder_id for encoder in known][-1] == "libx264", "hardware is preferred"
    assert {encoder.encoder_id for encoder in known} > {"h264_nvenc", "h264_qsv", "h264_vaapi", "h264_v4l2m2m"}
    for encoder in known:
        assert encoder.available == (encoder.encoder_id in {one.encoder_id for one in working})
        assert encoder.available != bool(encoder.reason)


async def test_auto_is_the_preferred_encoder_that_works(start_session: StartSession) -> None:
    session = await start_session(video=native.VideoConfig(fps=60, encoder="auto"))
    assert session.stats().encoder == (await native.list_encoders())[0].encoder_id
    assert not [one for one in session.drain_notices() if one.kind == "encoder_fell_back"]
