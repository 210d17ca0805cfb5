"""Assessments: is this the right job? The candidate's own answers to four questions."""
