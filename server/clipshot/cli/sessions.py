"""How commands name a session, and how a session reads for people."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from clipshot.cli.errors import CommandError
from clipshot.cli.output import table
from clipshot.cli.wording import length, size

if TYPE_CHECKING:
    from rich.console import RenderableType

    from clipshot.cli.client import Client
    from clipshot.gen.capture.v1.audio_pb2 import AudioTrack
    from clipshot.gen.capture.v1.capture_service_pb2 import ListSessionsResponse
    from clipshot.gen.capture.v1.finding_pb2 import Finding
    from clipshot.gen.capture.v1.session_pb2 import ReplayBuffer, Session, SplitRule

CURRENT = "current"

SessionOption = Annotated[
    str,
    typer.Option("--session", metavar="ID", help="The session; `current` is the one that buffers, else the newest."),
]

GameOption = Annotated[
    str, typer.Option(metavar="NAME", help="Game that is played; names the folder of its clips.", show_default=False)
]

_STORAGE = {
    "memory": "memory-backed folder (survives a crash of the server)",
    "disk": "disk (survives a crash of the server)",
    "anonymous_memory": "memory of the server, since the folder is full (survives nothing)",
}


def live_sessions(client: "Client") -> "ListSessionsResponse":
    """The sessions that capture now, newest first."""
    from clipshot.gen.capture.v1.capture_service_pb2 import ListSessionsRequest
    from clipshot.gen.capture.v1.session_pb2 import Session

    states = [Session.STATE_STARTING, Session.STATE_ACTIVE, Session.STATE_PAUSED, Session.STATE_STOPPING]
    return client.capture.ListSessions(ListSessionsRequest(page_size=500, states=states))


def recording_session(client: "Client") -> "Session":
    """The one session that records.

    Raises:
        CommandError: None does, or several do.
    """
    recording = [each for each in live_sessions(client).sessions if each.HasField("recording")]
    if not recording:
        raise CommandError("nothing is being recorded", "clipshot record start begins a recording")
    if len(recording) > 1:
        ids = ", ".join(each.session_id for each in recording)
        raise CommandError(f"several sessions record: {ids}", "name one of them: clipshot record stop --session ID")
    return recording[0]


def activity(session: "Session") -> str:
    """What a session does, in a word or two."""
    from clipshot.cli.rest_form import word

    if session.state not in (session.STATE_ACTIVE, session.STATE_PAUSED):
        return word(session, "state")
    does = []
    if session.HasField("recording"):
        does.append("recording (paused)" if session.recording.paused else "recording")
    if session.HasField("replay_duration"):
        does.append("buffering")
    return " and ".join(does) or word(session, "state")


def session_facts(session: "Session") -> list[tuple[str, str]]:
    """Names and values of a session, for people."""
    video = session.video
    encoder = session.active_encoder or video.encoder
    stats = session.stats
    lost = ", ".join(f"{stage} {count}" for stage, count in sorted(stats.dropped_frames.items()) if count)
    pairs = [
        ("session", f"{session.session_id}  {session.title}".rstrip()),
        ("does", activity(session)),
        ("source", f"{session.source_id} by {session.backend}" if session.backend else session.source_id),
        (
            "picture",
            f"{video.width}x{video.height}, at most {video.fps} a second, {encoder}" if video.width else "",
        ),
        ("running", length(session.duration)),
        (
            "now",
            f"{stats.fps:.1f} pictures a second, {stats.bitrate_kbps / 1000:.1f} Mbit/s"
            if stats.encoded_frames
            else "",
        ),
        ("dropped", f"{session.dropped}" + (f" ({lost})" if lost else "")),
    ]
    if session.HasField("recording"):
        recording = session.recording
        part = f"part {recording.part}, " if recording.part > 1 else ""
        so_far = f"{part}{length(recording.duration)}, {size(recording.size_bytes)}, {recording.path}"
        pairs.append(("recording", so_far))
        pairs.append(("split", _split(recording.split) if recording.HasField("split") else ""))
    if session.HasField("replay_duration"):
        pairs.append(("replay", f"keeps the last {length(session.replay_duration)}"))
    pairs.append(("game", session.game))
    if session.audio:
        pairs.append(("sound", ", ".join(_track(track) for track in session.audio)))
    pairs += [("finding", f"{_subject(finding)}: {finding.detail}") for finding in session.findings]
    if session.HasField("error"):
        pairs.append(("error", session.error.message))
    return pairs


def track_table(tracks: "Iterable[AudioTrack]") -> "RenderableType | str":
    """Sound tracks and their levels, for people."""
    return table(
        ("track", "label", "device", "peak", "loudness", "gain", "state"),
        (
            (
                str(each.track),
                each.label,
                each.device_id or "mix",
                f"{each.peak_dbfs:.0f} dB",
                f"{each.rms_dbfs:.0f} dB",
                f"{each.gain_db:+.1f} dB",
                "muted" if each.muted else "ok" if each.connected or each.mixdown else "device gone",
            )
            for each in tracks
        ),
        empty="No sound is recorded.",
    )


def _track(track: "AudioTrack") -> str:
    if track.muted:
        return f"{track.label} (muted)"
    return f"{track.label} ({track.peak_dbfs:.0f} dB)"


def _subject(finding: "Finding") -> str:
    from clipshot.cli.rest_form import word

    return f"{word(finding, 'kind')} {finding.subject}".rstrip()


def _split(rule: "SplitRule") -> str:
    """When a recording is split by itself."""
    limits = [f"after {length(rule.max_duration)}"] if rule.HasField("max_duration") else []
    if rule.HasField("max_size_bytes"):
        limits.append(f"before {size(rule.max_size_bytes)}")
    return " or ".join(limits)


def buffer_facts(buffer: "ReplayBuffer") -> list[tuple[str, str]]:
    """Names and values of a replay buffer, for people."""
    from clipshot.cli.rest_form import word

    storage = word(buffer, "storage")
    return [
        ("held", f"{length(buffer.filled)} of {length(buffer.capacity)}"),
        ("size", f"{size(buffer.size_bytes)} of at most {size(buffer.max_bytes)}, in {buffer.segments} segments"),
        ("place", f"{buffer.path}: {_STORAGE.get(storage, storage)}"),
        ("session", buffer.session_id),
    ]
