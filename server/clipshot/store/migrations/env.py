"""Run by Alembic: migrate over the connection that the migrator hands in."""

from alembic import context

from clipshot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # the migrator's connection begins transactions itself, so that SQLite keeps this promise
)
with context.begin_transaction():
    context.run_migrations()
