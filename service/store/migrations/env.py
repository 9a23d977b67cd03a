"""Run by Alembic: apply migrations on the connection it was given."""

from alembic import context

from service.store.tables import metadata


def migrate() -> None:
    """Apply them within the transaction that the caller has begun."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        # SQLite can undo changes of tables as well, now that we begin transactions.
        transactional_ddl=True,
        # Changing a column means a new table and a copy there.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


migrate()
