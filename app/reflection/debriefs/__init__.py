"""Debriefs: the candidate's own record of one interview. Here so far: the signals observed."""
