"""The HTTP application: all routers, middleware and handlers put together."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from app.accounts.router import routes as accounts
from app.api import contract, docs, guide, health, problems, registry
from app.api.middleware import BodyLimit, QuotaLimit, RequestEnvelope
from app.applications.router import routes as applications
from app.assessments.router import routes as assessments
from app.core.settings import Settings
from app.debriefs.router import routes as debriefs
from app.estimates.router import routes as estimates
from app.exchange.router import STREAMED, streamed
from app.exchange.router import routes as exchange
from app.feedback.router import routes as feedback
from app.interviews.router import routes as interviews
from app.kit.ids import Ids

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

ROUTERS = (
    accounts,
    applications,
    interviews,
    debriefs,
    estimates,
    feedback,
    assessments,
    exchange,
    guide.routes,
    registry.routes,
    health.routes,
    docs.routes,
)


_CORS: dict[str, Any] = {
    "allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
    "allow_headers": [
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
    ],
    "expose_headers": [
        "ETag",
        "Idempotent-Replayed",
        "Location",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "X-Request-Id",
    ],
    "max_age": 600,
}


def create_app(settings: Settings, new_id: Ids, lifespan: Lifespan | None = None) -> FastAPI:
    """Return the application; what it works on is put into `app.state` by the caller."""
    app = FastAPI(
        **contract.METADATA,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        lifespan=lifespan,
    )
    for router in ROUTERS:
        app.include_router(router, max_body_size=settings.max_body_bytes)
    app.include_router(streamed)  # it counts what it reads
    problems.install(app)
    # The last one added is the first that a request meets.
    streams = dict.fromkeys(STREAMED, settings.max_history_bytes)
    app.add_middleware(BodyLimit, largest=settings.max_body_bytes, by_path=streams)
    app.add_middleware(QuotaLimit)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins, **_CORS)
    app.add_middleware(RequestEnvelope, new_id=new_id)
    contract.publish(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.operation_id or route.name


def describe() -> dict[str, Any]:
    """Return the OpenAPI document, without a database or a server."""
    return create_app(Settings(), _no_id).openapi()


def _no_id(prefix: str) -> str:
    return prefix
