"""The game and the pointer of sessions; the game and the markers of clips."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; what is there has no game and no markers, and pointers were shown unless told otherwise."""
    op.add_column("sessions", sa.Column("game", sa.String(), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("draw_cursor", sa.Boolean(), nullable=False, server_default=sa.text("1")))
    op.add_column("clips", sa.Column("markers", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("clips", sa.Column("game", sa.String(collation="NOCASE"), nullable=False, server_default=""))
    op.create_index("ix_clips_game", "clips", ["game", "create_time"], sqlite_where=sa.text("game <> ''"))
