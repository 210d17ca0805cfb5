"""Tenant guard: finds the tenant tables of an SQL text that have no filter on the workspace.

It parses the text on purpose: the service's own tenant filter inspects the statement as a tree.
"""

import re
from collections.abc import Iterator

from app.core.persistence.tenancy import PRE_AUTH_TABLES, tenant_tables

_SOURCE = re.compile(r"\b(?:FROM|JOIN|UPDATE|,)\s+(\w+)(?:\s+AS\s+(\w+))?", re.IGNORECASE)
_NO_ROWS = re.compile(r"\bWHERE (?:false|0 = 1)(?:\s|$)", re.IGNORECASE)
_INSERT = re.compile(r"INSERT INTO (\w+) \(([^)]*)\)", re.IGNORECASE)


def unfiltered_tables(statement: str) -> Iterator[str]:
    """Yield the tenant tables that the statement accesses without a filter on the workspace."""
    if _NO_ROWS.search(statement):
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
