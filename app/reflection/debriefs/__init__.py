"""Debriefs: the candidate's record of one interview: its signals and their release."""
