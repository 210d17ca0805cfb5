"""The docs page: Swagger UI served by ourselves, with nothing loaded from anywhere else."""

from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from app.core.problems import PathUnknown

routes = APIRouter(include_in_schema=False)

_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_KEPT = {"Cache-Control": "max-age=3600"}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Debrief API</title>
<link rel="icon" href="docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript; the contract is at <a href="openapi.json">openapi.json</a>.
</noscript>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/start.js"></script>
</body>
</html>
"""
_START = """window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""


@routes.get("/docs")
async def docs_page() -> HTMLResponse:
    """Serve the page; its policy lets it talk to this server alone."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@routes.get("/docs/assets/{name}")
async def docs_asset(name: str) -> Response:
    """Serve one file of the page."""
    if name == "start.js":
        return Response(_START, media_type="text/javascript", headers=_KEPT)
    if name not in _ASSETS:
        raise PathUnknown
    return Response(_asset(name), media_type=_ASSETS[name], headers=_KEPT)


@cache
def _asset(name: str) -> bytes:
    return (files("fastapi_swagger") / "resources" / name).read_bytes()
