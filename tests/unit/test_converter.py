"""Dataclasses and proto messages: equal names map, both ways; nothing is forgotten without being named here."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.message import Message

from clipshot.api.converter import from_proto, to_proto
from clipshot.core.capture.audio import AudioConfig, AudioDevice, AudioDevices, AudioInput, AudioTrack
from clipshot.core.capture.encoder import Encoder, RateControl, RateControlMode, VideoConfig
from clipshot.core.capture.finding import Finding
from clipshot.core.capture.live_previews import PreviewStart
from clipshot.core.capture.live_streams import AccessUnit, MediaChunk
from clipshot.core.capture.marker import Marker
from clipshot.core.capture.replay_buffer import ReplayBuffer
from clipshot.core.capture.screenshot import Screenshot
from clipshot.core.capture.session import Recording, Session, SessionState, SessionStats
from clipshot.core.capture.source import Backend, Source
from clipshot.core.clips.clip import Clip, ClipAudio, ClipVideo
from clipshot.core.config.setting import Config, ConfigOutcome, Setting, SettingChange, SettingFault
from clipshot.core.events import payloads
from clipshot.core.events.subscription import Gap
from clipshot.core.operations.operation import Operation, SavedClip
from clipshot.core.system.health import Component, Health, PluginCounts
from clipshot.core.system.metrics import DiskMetrics, Metrics, PluginMetrics, ProcessMetrics
from clipshot.core.system.version import VersionInfo
from clipshot.gen.capture.v1 import (
    audio_pb2,
    capture_service_pb2,
    encoder_pb2,
    finding_pb2,
    marker_pb2,
    screenshot_pb2,
    session_pb2,
    source_pb2,
    stream_pb2,
)
from clipshot.gen.clips.v1 import clip_pb2
from clipshot.gen.config.v1 import config_service_pb2, setting_pb2
from clipshot.gen.events.v1 import event_service_pb2, payloads_pb2
from clipshot.gen.operations.v1 import operation_pb2
from clipshot.gen.system.v1 import health_pb2, metrics_pb2, system_service_pb2
from tests.samples import PAYLOAD_CLASSES, sample

_PAIRS: list[tuple[Any, type[Message], set[str]]] = [
    # dataclass, message, fields of the message that the servicer fills
    (Encoder, encoder_pb2.Encoder, set()),
    (RateControl, encoder_pb2.RateControl, set()),
    (VideoConfig, encoder_pb2.VideoConfig, set()),
    (Marker, marker_pb2.Marker, set()),
    (AudioDevice, audio_pb2.AudioDevice, set()),
    (AudioInput, audio_pb2.AudioInput, set()),
    (AudioConfig, audio_pb2.AudioConfig, set()),
    (AudioTrack, audio_pb2.AudioTrack, set()),
    (AudioDevices, capture_service_pb2.ListAudioDevicesResponse, set()),
    (Screenshot, screenshot_pb2.Screenshot, set()),
    (Finding, finding_pb2.Finding, set()),
    (MediaChunk, stream_pb2.MediaChunk, set()),
    (AccessUnit, stream_pb2.AccessUnit, set()),
    (PreviewStart, capture_service_pb2.StreamPreviewResponse.Start, set()),
    (ReplayBuffer, session_pb2.ReplayBuffer, set()),
    (Recording, session_pb2.Recording, set()),
    (Session, session_pb2.Session, set()),
    (SessionStats, session_pb2.SessionStats, set()),
    (Backend, source_pb2.Backend, set()),
    (Source, source_pb2.Source, set()),
    (Setting, setting_pb2.Setting, set()),
    (SettingFault, setting_pb2.SettingFault, set()),
    (SettingChange, setting_pb2.SettingChange, set()),
    (Config, setting_pb2.Config, set()),
    (ConfigOutcome, config_service_pb2.ConfigOutcome, set()),
    (Clip, clip_pb2.Clip, {"media_url", "thumbnail_url"}),
    (ClipVideo, clip_pb2.Clip.Video, set()),
    (ClipAudio, clip_pb2.Clip.Audio, set()),
    (Gap, event_service_pb2.SubscribeResponse.Gap, set()),
    (Operation, operation_pb2.Operation, set()),
    (SavedClip, operation_pb2.SavedClip, set()),
    (Component, health_pb2.HealthResponse.Component, set()),
    (Health, health_pb2.HealthResponse, set()),
    (PluginCounts, health_pb2.HealthResponse.Plugins, set()),
    (Metrics, metrics_pb2.MetricsResponse, set()),
    (PluginMetrics, metrics_pb2.MetricsResponse.PluginMetrics, set()),
    (ProcessMetrics, metrics_pb2.MetricsResponse.ProcessMetrics, set()),
    (DiskMetrics, metrics_pb2.MetricsResponse.DiskMetrics, set()),
    (VersionInfo, system_service_pb2.VersionInfo, set()),
    *((kind, getattr(payloads_pb2, kind.__name__), set()) for kind in PAYLOAD_CLASSES if kind is not payloads.Custom),
]

_KEPT_BESIDE = {"Clip": {"damaged"}}
"""Fields of dataclasses that the messages tell in another way."""


@pytest.mark.parametrize(
    ("kind", "message_type", "filled_later"), _PAIRS, ids=lambda value: getattr(value, "__name__", "")
)
class TestEveryMessage:
    def test_fields_have_the_same_names(self, kind: Any, message_type: type[Message], filled_later: set[str]) -> None:
        message_fields = {field.name for field in message_type.DESCRIPTOR.fields}
        properties = {name for name in message_fields if isinstance(getattr(kind, name, None), property)}
        ours = {field.name for field in dataclasses.fields(kind)} - _KEPT_BESIDE.get(kind.__name__, set())
        assert ours | properties | filled_later == message_fields

    def test_values_come_back(self, kind: Any, message_type: type[Message], filled_later: set[str]) -> None:
        value = sample(kind, progress=0.5, damaged=False)
        message = to_proto(value, message_type)
        assert from_proto(message_type.FromString(message.SerializeToString()), kind) == _without(value)

    def test_every_field_is_set(self, kind: Any, message_type: type[Message], filled_later: set[str]) -> None:
        value = sample(kind)
        message = to_proto(value, message_type)
        unset = {f.name for f in message.DESCRIPTOR.fields} - {f.name for f, _ in message.ListFields()} - filled_later
        assert not {name for name in unset if getattr(value, name) not in (False, 0)}


def _without(value: Any) -> Any:
    """The value as a message can tell it: a clip's damage shows in its state only."""
    if isinstance(value, Clip):
        return dataclasses.replace(value, damaged=False)
    nested = getattr(value, "clip", None)
    return dataclasses.replace(value, clip=_without(nested)) if nested else value


def test_all_payload_messages_are_walked() -> None:
    walked = {message.DESCRIPTOR.name for _, message, _ in _PAIRS}
    assert set(payloads_pb2.DESCRIPTOR.message_types_by_name) <= walked


def test_absent_is_none_and_unspecified_is_the_default() -> None:
    config = from_proto(encoder_pb2.VideoConfig(rate_control=encoder_pb2.RateControl()), VideoConfig)
    assert config.fps is None
    assert config.tune is None
    assert config.rate_control == RateControl(mode=RateControlMode.CRF, crf=None)


def test_present_but_empty_is_not_absent() -> None:
    assert from_proto(encoder_pb2.VideoConfig(tune=""), VideoConfig).tune == ""


def test_none_is_absent_and_zero_lengths_are_there() -> None:
    session = dataclasses.replace(sample(Session), end_time=None, error=None, duration=timedelta())
    message = to_proto(session, session_pb2.Session)
    assert not message.HasField("end_time")
    assert not message.HasField("error")
    assert message.HasField("duration")


def test_messages_whose_fields_are_all_zero_are_there() -> None:
    health = dataclasses.replace(sample(Health), plugins=PluginCounts(0, 0))
    assert to_proto(health, health_pb2.HealthResponse).HasField("plugins")


def test_enums_map_by_name() -> None:
    for state in SessionState:
        message = to_proto(dataclasses.replace(sample(Session), state=state), session_pb2.Session)
        assert session_pb2.Session.State.Name(message.state) == f"STATE_{state.name}"
