"""Steps: what a candidate has to do next, by when, and why; from the guide and the records."""
