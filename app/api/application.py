"""Application factory: the FastAPI app with its routers, middleware and exception handlers."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig

from app.accounts.router import routes as accounts
from app.api import (
    docs,
    guide,
    health,
    problem_registry,
)
from app.api.exception_handlers import register_exception_handlers
from app.api.middleware.body_size import BodySizeLimitMiddleware
from app.api.middleware.cors import ProblemCorsMiddleware
from app.api.middleware.errors import ErrorMiddleware
from app.api.middleware.head import HeadMiddleware
from app.api.middleware.metrics import MetricsMiddleware
from app.api.middleware.rate_limit import RateLimitMiddleware
from app.api.middleware.request import RequestMiddleware
from app.api.openapi import document
from app.api.openapi.metadata import METADATA
from app.core.config.settings import Settings
from app.core.observability.metrics import Metrics
from app.core.observability.telemetry import OFF
from app.guidance.estimates.router import routes as estimates
from app.guidance.steps.router import routes as steps
from app.integrations.events.router import routes as events
from app.integrations.portability.router import STREAMED, streamed
from app.integrations.portability.router import routes as portability
from app.integrations.webhooks.delivery.router import routes as deliveries
from app.integrations.webhooks.subscriptions.router import routes as webhooks
from app.kit.ids import Ids
from app.reflection.assessments.router import routes as assessments
from app.reflection.debriefs.router import routes as debriefs
from app.reflection.feedback.router import routes as feedback
from app.tracking.applications.router import routes as applications
from app.tracking.interviews.router import routes as interviews
from app.tracking.references.router import routes as references

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

ROUTERS = (
    accounts,
    applications,
    interviews,
    debriefs,
    estimates,
    feedback,
    references,
    steps,
    assessments,
    portability,
    webhooks,
    deliveries,
    events,
    guide.routes,
    problem_registry.routes,
    health.routes,
    docs.routes,
)


_CORS: dict[str, Any] = {
    "allow_methods": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    "allow_headers": [
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "Last-Event-ID",
        "Traceparent",
        "Tracestate",
        "X-Request-Id",
    ],
    "expose_headers": [
        "Allow",
        "Deprecation",
        "ETag",
        "Idempotent-Replayed",
        "Link",
        "Location",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "Sunset",
        "WWW-Authenticate",
        "X-Request-Id",
    ],
    "max_age": 600,
}


def create_app(
    settings: Settings,
    new_id: Ids,
    lifespan: Lifespan | None = None,
    *,
    metrics: Metrics | None = None,
    telemetry: TelemetryConfig = OFF,
) -> FastAPI:
    """Return the application; the caller puts its dependencies into `app.state`."""
    app = FastAPI(
        **METADATA,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        lifespan=lifespan,
        telemetry=telemetry,
    )
    for router in ROUTERS:
        app.include_router(router, max_body_size=settings.max_body_bytes)
    app.include_router(streamed)  # enforces its own size limit while it reads
    register_exception_handlers(app)
    # The middleware added last is the outermost.
    app.add_middleware(HeadMiddleware)
    streams = dict.fromkeys(STREAMED, settings.max_history_bytes)
    app.add_middleware(BodySizeLimitMiddleware, largest=settings.max_body_bytes, streams=streams)
    app.add_middleware(ErrorMiddleware)  # inside the ones that add headers, so that a 500 has them
    app.add_middleware(RateLimitMiddleware)
    if settings.cors_origins:
        app.add_middleware(ProblemCorsMiddleware, allow_origins=settings.cors_origins, **_CORS)
    app.add_middleware(ErrorMiddleware)  # for errors in the middleware above
    app.add_middleware(RequestMiddleware, new_id=new_id, hsts_seconds=settings.hsts_max_age)
    if metrics is not None:
        app.add_middleware(MetricsMiddleware, metrics=metrics)
    document.install_openapi(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name  # the name of the route function


def describe() -> dict[str, Any]:
    """Return the OpenAPI document, without a database or a server."""
    return create_app(Settings(), _no_id).openapi()


def _no_id(prefix: str) -> str:
    return prefix
