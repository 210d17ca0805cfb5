"""ASGI middleware, one concern a file; `app/api/application.py` puts them in order."""
