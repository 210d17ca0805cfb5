"""Debrief: the API for the days after a job interview."""
