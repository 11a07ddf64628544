"""The tables. Migrations make them; a test compares the two.

Columns are named as the fields of core's dataclasses, so that a row becomes its dataclass by name.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from clipshot.core.capture.audio import AudioTrack
from clipshot.core.capture.encoder import VideoConfig
from clipshot.core.capture.finding import Finding
from clipshot.core.capture.marker import MarkerKind
from clipshot.core.capture.session import Recording, SessionMode, SessionState, SessionStats
from clipshot.core.clips.clip import ClipAudio, ClipMarker, ClipOrigin, ClipVideo
from clipshot.core.operations.operation import OperationState, SavedClip
from clipshot.core.problem import Problem
from clipshot.store.columns import Choice, Document, Length, Time

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", String, primary_key=True),
    Column("source_id", String, nullable=False),
    Column("backend", String, nullable=False),
    Column("title", String, nullable=False),
    Column("state", Choice(SessionState), nullable=False),
    Column("mode", Choice(SessionMode), nullable=False),
    Column("start_time", Time, nullable=False),
    Column("video", Document(VideoConfig), nullable=False),
    Column("end_time", Time),
    Column("duration", Length, nullable=False),
    Column("stats", Document(SessionStats), nullable=False),
    Column("recording", Document(Recording)),
    Column("replay_duration", Length),
    Column("error", Document(Problem)),
    Column("game", String, nullable=False, server_default=""),
    Column("draw_cursor", Boolean, nullable=False, server_default=text("1")),
    Column("audio", Document(tuple[AudioTrack, ...]), nullable=False, server_default=text("'[]'")),
    Column("findings", Document(tuple[Finding, ...]), nullable=False, server_default=text("'[]'")),
    Column("active_encoder", String, nullable=False, server_default=text("''")),
    Index("ix_sessions_state", "state", "session_id"),
)

markers = Table(
    "markers",
    metadata,
    Column("marker_id", String, primary_key=True),
    Column("session_id", String, nullable=False),
    Column("at", Length, nullable=False),
    Column("time", Time, nullable=False),
    Column("duration", Length, nullable=False),
    Column("label", String, nullable=False),
    Column("kind", Choice(MarkerKind), nullable=False),
    Column("create_time", Time, nullable=False),
    Column("attributes", Document(dict[str, str]), nullable=False),
    Index("ix_markers_at", "session_id", "at", "marker_id"),
)

operations = Table(
    "operations",
    metadata,
    Column("operation_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("state", Choice(OperationState), nullable=False),
    Column("progress", Float, nullable=False),
    Column("stage", String, nullable=False),
    Column("create_time", Time, nullable=False),
    Column("update_time", Time, nullable=False),
    Column("resource", String, nullable=False),
    Column("end_time", Time),
    Column("error", Document(Problem)),
    Column("saved_clip", Document(SavedClip)),
    Index("ix_operations_state", "state", "operation_id"),
)

clips = Table(
    "clips",
    metadata,
    # A number of its own, since the text index needs one that never changes.
    Column("number", Integer, primary_key=True),
    Column("clip_id", String, nullable=False, unique=True),
    Column("session_id", String, nullable=False),
    Column("origin", Choice(ClipOrigin), nullable=False),
    Column("title", String(collation="NOCASE"), nullable=False),
    Column("create_time", Time, nullable=False),
    Column("update_time", Time, nullable=False),
    Column("start_time", Time, nullable=False),
    Column("session_start", Length, nullable=False),
    Column("duration", Length, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("path", String, nullable=False),
    Column("container", String, nullable=False),
    Column("video", Document(ClipVideo), nullable=False),
    Column("etag", String, nullable=False),
    Column("description", String, nullable=False),
    Column("tags", Document(tuple[str, ...]), nullable=False),
    Column("favourite", Boolean, nullable=False),
    Column("protected", Boolean, nullable=False),
    Column("rating", Integer, nullable=False),
    Column("attributes", Document(dict[str, str]), nullable=False),
    Column("damaged", Boolean, nullable=False),
    Column("expire_time", Time),
    Column("markers", Document(tuple[ClipMarker, ...]), nullable=False, server_default="[]"),
    Column("game", String(collation="NOCASE"), nullable=False, server_default=""),
    Column("audio", Document(tuple[ClipAudio, ...]), nullable=False, server_default=text("'[]'")),
    # Title, description and tags in one, case folded; the text index is made of it.
    Column("search_text", Text, nullable=False),
    Index("ix_clips_create_time", "create_time", "clip_id"),
    Index("ix_clips_duration", "duration", "clip_id"),
    Index("ix_clips_size_bytes", "size_bytes", "clip_id"),
    Index("ix_clips_title", "title", "clip_id"),
    Index("ix_clips_session_id", "session_id", "create_time"),
    # Of few clips each, since an index of all would only lead astray.
    Index("ix_clips_trash", "create_time", "clip_id", sqlite_where=text("expire_time IS NOT NULL")),
    Index("ix_clips_game", "game", "create_time", sqlite_where=text("game <> ''")),
    Index("ix_clips_favourites", "create_time", "clip_id", sqlite_where=text("favourite = 1")),
)

clip_tags = Table(
    "clip_tags",
    metadata,
    Column("tag", String, primary_key=True),
    Column("clip_id", String, ForeignKey("clips.clip_id", ondelete="CASCADE"), primary_key=True),
    Index("ix_clip_tags_clip_id", "clip_id"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("sequence", Integer, primary_key=True),
    Column("type", String, nullable=False),
    Column("time", Time, nullable=False),
    Column("resource", String, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Index("ix_events_resource", "resource", "sequence"),
)

requests = Table(
    "requests",
    metadata,
    Column("request_id", String, primary_key=True),
    Column("method", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("answer", String, nullable=False),
    Column("create_time", Time, nullable=False),
    Index("ix_requests_create_time", "create_time"),
)
