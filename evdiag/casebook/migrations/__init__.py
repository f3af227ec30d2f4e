"""The revisions of the case book's tables, as Alembic wants them."""
