"""Interviews: rounds, formats, panels, and the life of each sitting."""
