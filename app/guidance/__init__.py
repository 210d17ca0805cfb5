"""Guidance derived from the records: the outcome estimate and the next steps."""
