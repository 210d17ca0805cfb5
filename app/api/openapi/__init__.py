"""The OpenAPI document: what FastAPI generates, completed for the contract."""
