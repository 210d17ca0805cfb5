"""Persistence: connection pools, transactions, compiled statements, tenancy, base tables."""
