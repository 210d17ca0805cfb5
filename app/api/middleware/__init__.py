"""ASGI middleware, one concern per module; `app/api/application.py` defines their order."""
