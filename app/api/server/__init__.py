"""The HTTP server: uvicorn with a graceful drain and a stricter HTTP parser."""
