"""Interviews: rounds, formats, panels, and the states of each interview."""
