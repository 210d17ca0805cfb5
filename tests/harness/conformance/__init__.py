"""The published document against the running service, by thousands of generated calls."""
