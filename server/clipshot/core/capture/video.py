"""Rules for how pictures are encoded: defaults, what an encoder can do, and whether two wishes agree."""

import dataclasses
from collections.abc import Sequence
from datetime import timedelta

from clipshot.core.capture.defaults import VideoDefaults
from clipshot.core.capture.encoder import Encoder, RateControl, RateControlMode, VideoConfig
from clipshot.core.capture.source import Source
from clipshot.core.errors import FieldViolation, InvalidArgumentError, PreconditionError

DEFAULT_TUNE = "zerolatency"
DEFAULT_KEYFRAME_INTERVAL = timedelta(seconds=1)
SHORTEST_KEYFRAME_INTERVAL = timedelta(milliseconds=100)
LONGEST_KEYFRAME_INTERVAL = timedelta(seconds=10)
SMALLEST_SIDE = 16


def complete_video(
    asked: VideoConfig | None, source: Source, encoders: Sequence[Encoder], defaults: VideoDefaults
) -> VideoConfig:
    """What is ``asked`` with the defaults filled in; an encoder that does not offer a default takes its own.

    Raises:
        InvalidArgumentError: VIDEO_NOT_POSSIBLE, with every field that the encoder cannot do.
        PreconditionError: ENCODER_UNAVAILABLE, when no encoder works here.
    """
    wish = asked or VideoConfig()
    encoder = _choose(wish.encoder, encoders)
    width, height = _size(wish, source)
    video = VideoConfig(
        encoder=encoder.encoder_id,
        width=width,
        height=height,
        fps=min(defaults.fps, encoder.max_fps) if wish.fps is None else wish.fps,
        rate_control=defaults.complete(wish.rate_control or RateControl(_mode(defaults, encoder))),
        preset=_default(wish.preset, defaults.preset, encoder.presets),
        tune=_default(wish.tune, DEFAULT_TUNE, encoder.tunes),
        lookahead_frames=wish.lookahead_frames or 0,
        keyframe_interval=wish.keyframe_interval or DEFAULT_KEYFRAME_INTERVAL,
    )
    violations = [*_violations(video, encoder), *_rate_violations(wish.rate_control, encoder, "video.rate_control")]
    _refuse(violations, encoder)
    return video


def complete_rate_control(
    asked: RateControl, encoder_id: str | None, encoders: Sequence[Encoder], defaults: VideoDefaults
) -> RateControl:
    """How a running encoder is to control its bitrate, with the defaults filled in.

    Raises:
        InvalidArgumentError: VIDEO_NOT_POSSIBLE, with every field that the encoder cannot do.
    """
    encoder = next((encoder for encoder in encoders if encoder.encoder_id == encoder_id), None)
    if encoder is not None:
        _refuse(_rate_violations(asked, encoder, "rate_control"), encoder)
    return defaults.complete(asked)


def differing_fields(asked: VideoConfig | None, running: VideoConfig) -> tuple[str, ...]:
    """Names of the fields that are asked for and differ from those of a running session, as in requests."""
    if asked is None:
        return ()
    return tuple(f"video.{name}" for name in _differing(asked, running))


def _refuse(violations: Sequence[FieldViolation], encoder: Encoder) -> None:
    if violations:
        raise InvalidArgumentError(
            "VIDEO_NOT_POSSIBLE",
            "; ".join(f"{violation.field}: {violation.description}" for violation in violations),
            violations=violations,
            remedy="list the encoders to see what each can do",
            metadata={"field": violations[0].field, "encoder": encoder.encoder_id},
        )


def _differing(asked: VideoConfig | RateControl, running: VideoConfig | RateControl) -> list[str]:
    names: list[str] = []
    for field in dataclasses.fields(asked):
        wanted, there = getattr(asked, field.name), getattr(running, field.name)
        if isinstance(wanted, RateControl) and isinstance(there, RateControl):
            names.extend(f"{field.name}.{inner}" for inner in _differing(wanted, there))
        elif wanted is not None and wanted != there:
            names.append(field.name)
    return names


def _choose(encoder_id: str | None, encoders: Sequence[Encoder]) -> Encoder:
    if not encoders:
        raise PreconditionError(
            "ENCODER_UNAVAILABLE",
            "no video encoder works on this machine",
            subject="encoders",
            remedy="install FFmpeg's libraries with libx264 (Debian: apt install libavcodec-extra)",
        )
    if encoder_id is None:
        return encoders[0]
    for encoder in encoders:
        if encoder.encoder_id == encoder_id:
            return encoder
    known = ", ".join(encoder.encoder_id for encoder in encoders)
    raise InvalidArgumentError.of_field(
        "video.encoder", f"{encoder_id!r} does not work here; these do: {known}", reason="ENCODER_UNKNOWN"
    )


def _size(wish: VideoConfig, source: Source) -> tuple[int, int]:
    """Width and height; one that is missing follows from the other and the shape of the source."""
    if wish.width is None and wish.height is None:
        return _even(source.width), _even(source.height)
    if wish.height is None:
        assert wish.width is not None
        return wish.width, _even(round(wish.width * source.height / source.width))
    if wish.width is None:
        return _even(round(wish.height * source.width / source.height)), wish.height
    return wish.width, wish.height


def _even(pixels: int) -> int:
    return max(pixels - pixels % 2, SMALLEST_SIDE)


def _default(asked: str | None, default: str, offered: Sequence[str]) -> str:
    if asked is not None:
        return asked
    return default if default in offered else ""


def _mode(defaults: VideoDefaults, encoder: Encoder) -> RateControlMode:
    return defaults.mode if defaults.mode in encoder.rate_controls else encoder.rate_controls[0]


def _violations(video: VideoConfig, encoder: Encoder) -> list[FieldViolation]:
    assert video.width is not None
    assert video.height is not None
    assert video.fps is not None
    assert video.lookahead_frames is not None
    assert video.keyframe_interval is not None
    found: list[FieldViolation] = []

    def check(ok: bool, field: str, description: str, reason: str) -> None:
        if not ok:
            found.append(FieldViolation(f"video.{field}", description, reason))

    for name, pixels, most in (
        ("width", video.width, encoder.max_width),
        ("height", video.height, encoder.max_height),
    ):
        check(
            SMALLEST_SIDE <= pixels <= most,
            name,
            f"{pixels} is not between {SMALLEST_SIDE} and {most}, which is what {encoder.encoder_id} can do",
            "SIZE_NOT_POSSIBLE",
        )
        check(pixels % 2 == 0, name, f"{pixels} is odd; the pictures' colour needs even sizes", "SIZE_ODD")
    check(
        1 <= video.fps <= encoder.max_fps,
        "fps",
        f"{video.fps} is not between 1 and {encoder.max_fps}",
        "RATE_NOT_POSSIBLE",
    )
    check(
        not video.preset or video.preset in encoder.presets,
        "preset",
        f"{video.preset!r} is none of {', '.join(encoder.presets)}",
        "PRESET_UNKNOWN",
    )
    check(
        not video.tune or video.tune in encoder.tunes,
        "tune",
        f"{video.tune!r} is none of {', '.join(encoder.tunes)}",
        "TUNE_UNKNOWN",
    )
    check(
        0 <= video.lookahead_frames <= encoder.max_lookahead,
        "lookahead_frames",
        f"{video.lookahead_frames} is not between 0 and {encoder.max_lookahead}",
        "LOOKAHEAD_NOT_POSSIBLE",
    )
    check(
        SHORTEST_KEYFRAME_INTERVAL <= video.keyframe_interval <= LONGEST_KEYFRAME_INTERVAL,
        "keyframe_interval",
        "must be between 0.1 s and 10 s",
        "KEYFRAME_INTERVAL_NOT_POSSIBLE",
    )
    return found


def _rate_violations(asked: RateControl | None, encoder: Encoder, where: str) -> list[FieldViolation]:
    """What is wrong with the rate control as asked; each mode has its own fields. ``where`` is its path."""
    if asked is None:
        return []
    found: list[FieldViolation] = []

    def check(ok: bool, field: str, description: str) -> None:
        if not ok:
            found.append(FieldViolation(f"{where}.{field}", description, "RATE_CONTROL_NOT_POSSIBLE"))

    crf, cbr = asked.mode is RateControlMode.CRF, asked.mode is RateControlMode.CBR
    check(
        asked.mode in encoder.rate_controls,
        "mode",
        f"{encoder.encoder_id} offers {', '.join(encoder.rate_controls)}",
    )
    check(asked.crf is None or crf, "crf", "belongs to CRF")
    check(asked.crf is None or 0 <= asked.crf <= 51, "crf", "must be between 0 and 51")
    check(asked.bitrate_kbps is None or not crf, "bitrate_kbps", "belongs to CBR and VBR; CRF takes max_bitrate_kbps")
    check(asked.max_bitrate_kbps is None or not cbr, "max_bitrate_kbps", "belongs to CRF and VBR")
    if asked.bitrate_kbps is not None and asked.max_bitrate_kbps is not None:
        check(
            asked.max_bitrate_kbps >= asked.bitrate_kbps,
            "max_bitrate_kbps",
            f"{asked.max_bitrate_kbps} is below the target of {asked.bitrate_kbps}",
        )
    return found
