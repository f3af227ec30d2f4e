"""Alembic's way in: the connection, and the transaction on it, are the caller's."""

from __future__ import annotations

from alembic import context

from evdiag.casebook.migrating import VERSION_TABLE
from evdiag.casebook.model import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
