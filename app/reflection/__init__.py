"""What people thought and said: debriefs, feedback, the four-question assessment."""
