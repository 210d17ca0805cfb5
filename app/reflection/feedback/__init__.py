"""Feedback: messages about an interview from one side to another."""
