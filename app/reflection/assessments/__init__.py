"""Assessments: the candidate's answers to four questions on whether a job is right for them."""
