"""What follows from the record: the outcome estimate, and the next steps."""
