"""Steps: what a candidate is to do next, by when, and why; read off the guide and the records."""
