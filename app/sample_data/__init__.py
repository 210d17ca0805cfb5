"""Sample data: a job search to explore, and the objects that OpenAPI examples name."""
