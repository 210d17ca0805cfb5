"""Alembic's revisions, as a package so that they are linted and typed like the rest."""
