"""Sound tracks of sessions and clips; findings and the encoder in use of sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; what is there has no sound and no findings."""
    for table, column in (("sessions", "audio"), ("sessions", "findings"), ("clips", "audio")):
        op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("sessions", sa.Column("active_encoder", sa.String(), nullable=False, server_default=sa.text("''")))
