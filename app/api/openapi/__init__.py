"""OpenAPI document: FastAPI generates it, and these modules complete it."""
