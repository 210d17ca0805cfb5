"""Reads a statement as text and tells which owned tables in it are not tied to a workspace.

Deliberately another way than the service's own fence, which reads statements as trees.
"""

import re
from collections.abc import Iterator

from app.core.persistence.tenancy import PRE_AUTH_TABLES, tenant_tables

_SOURCE = re.compile(r"\b(?:FROM|JOIN|UPDATE|,)\s+(\w+)(?:\s+AS\s+(\w+))?", re.IGNORECASE)
_NOTHING = re.compile(r"\bWHERE (?:false|0 = 1)(?:\s|$)", re.IGNORECASE)
_INSERT = re.compile(r"INSERT INTO (\w+) \(([^)]*)\)", re.IGNORECASE)


def unfenced_tables(statement: str) -> Iterator[str]:
    """Yield the owned tables that the statement reaches without naming their workspace."""
    if _NOTHING.search(statement):
        return
    guarded = tenant_tables() - PRE_AUTH_TABLES
    inserted = _INSERT.match(statement)
    if inserted:
        if inserted[1] in guarded and "workspace_id" not in inserted[2]:
            yield inserted[1]
        return
    for table, alias in _SOURCE.findall(statement):
        name = re.escape(alias or table)
        tied = rf"\b{name}\.workspace_id = |= {name}\.workspace_id\b"
        if table in guarded and not re.search(tied, statement):
            yield table
