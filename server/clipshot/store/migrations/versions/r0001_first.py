"""The first schema."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TEXT_INDEX = (
    "CREATE VIRTUAL TABLE clip_search USING fts5"
    "(search_text, content='clips', content_rowid='number', tokenize='trigram')",
    """
    CREATE TRIGGER clip_search_insert AFTER INSERT ON clips BEGIN
      INSERT INTO clip_search(rowid, search_text) VALUES (new.number, new.search_text);
    END
    """,
    """
    CREATE TRIGGER clip_search_delete AFTER DELETE ON clips BEGIN
      INSERT INTO clip_search(clip_search, rowid, search_text) VALUES ('delete', old.number, old.search_text);
    END
    """,
    """
    CREATE TRIGGER clip_search_update AFTER UPDATE ON clips WHEN old.search_text <> new.search_text BEGIN
      INSERT INTO clip_search(clip_search, rowid, search_text) VALUES ('delete', old.number, old.search_text);
      INSERT INTO clip_search(rowid, search_text) VALUES (new.number, new.search_text);
    END
    """,
)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(), primary_key=True),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("backend", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("start_time", sa.BigInteger(), nullable=False),
        sa.Column("video", sa.Text(), nullable=False),
        sa.Column("end_time", sa.BigInteger()),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.Column("stats", sa.Text(), nullable=False),
        sa.Column("recording", sa.Text()),
        sa.Column("replay_duration", sa.BigInteger()),
        sa.Column("error", sa.Text()),
    )
    op.create_index("ix_sessions_state", "sessions", ["state", "session_id"])
    op.create_table(
        "markers",
        sa.Column("marker_id", sa.String(), primary_key=True),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
    )
    op.create_index("ix_markers_at", "markers", ["session_id", "at", "marker_id"])
    op.create_table(
        "operations",
        sa.Column("operation_id", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("update_time", sa.BigInteger(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("end_time", sa.BigInteger()),
        sa.Column("error", sa.Text()),
        sa.Column("saved_clip", sa.Text()),
    )
    op.create_index("ix_operations_state", "operations", ["state", "operation_id"])
    op.create_table(
        "clips",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("clip_id", sa.String(), nullable=False, unique=True),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("title", sa.String(collation="NOCASE"), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("update_time", sa.BigInteger(), nullable=False),
        sa.Column("start_time", sa.BigInteger(), nullable=False),
        sa.Column("session_start", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("container", sa.String(), nullable=False),
        sa.Column("video", sa.Text(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("favourite", sa.Boolean(), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("damaged", sa.Boolean(), nullable=False),
        sa.Column("expire_time", sa.BigInteger()),
        sa.Column("search_text", sa.Text(), nullable=False),
    )
    for column in ("create_time", "duration", "size_bytes", "title"):
        op.create_index(f"ix_clips_{column}", "clips", [column, "clip_id"])
    op.create_index("ix_clips_session_id", "clips", ["session_id", "create_time"])
    for name, some in (("trash", "expire_time IS NOT NULL"), ("favourites", "favourite = 1")):
        op.create_index(f"ix_clips_{name}", "clips", ["create_time", "clip_id"], sqlite_where=sa.text(some))
    op.create_table(
        "clip_tags",
        sa.Column("tag", sa.String(), primary_key=True),
        sa.Column("clip_id", sa.String(), sa.ForeignKey("clips.clip_id", ondelete="CASCADE"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_clip_tags_clip_id", "clip_tags", ["clip_id"])
    op.create_table(
        "events",
        sa.Column("sequence", sa.Integer(), primary_key=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
    )
    op.create_index("ix_events_resource", "events", ["resource", "sequence"])
    op.create_table(
        "requests",
        sa.Column("request_id", sa.String(), primary_key=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_requests_create_time", "requests", ["create_time"])
    for statement in _TEXT_INDEX:
        op.execute(statement)
    # Names this database for good: the first half of every event id.
    meta = sa.table("meta", sa.column("key"), sa.column("value"))
    op.execute(meta.insert().values(key="epoch", value=secrets.token_hex(4)))
