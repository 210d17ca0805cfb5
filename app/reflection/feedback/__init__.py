"""Feedback: messages about an interview between candidate, recruiter and interviewer."""
