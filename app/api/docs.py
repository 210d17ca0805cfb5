"""Docs page: self-hosted Swagger UI, which loads nothing from other servers.

Asset URLs contain a hash of all assets. Browsers may therefore cache them for ever, and never
combine assets of two versions.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from app.core.problems import RouteNotFound

routes = APIRouter(include_in_schema=False)

_PAGE_FOLDER = files("app.api") / "page"
_SWAGGER_UI = files("fastapi_swagger") / "resources"
_ASSETS = {
    "swagger-ui-bundle.js": (_SWAGGER_UI, "text/javascript"),
    "swagger-ui.css": (_SWAGGER_UI, "text/css"),
    "page.css": (_PAGE_FOLDER, "text/css"),
    "start.js": (_PAGE_FOLDER, "text/javascript"),
    "icon.svg": (_PAGE_FOLDER, "image/svg+xml"),
}
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PAGE_HEADERS = {"Content-Security-Policy": _CONTENT_SECURITY_POLICY, "Cache-Control": "no-cache"}
_CACHE_FOREVER = {"Cache-Control": "max-age=31536000, immutable"}


@routes.get("/docs")
async def docs_page() -> HTMLResponse:
    """Serve the page; its Content-Security-Policy allows requests to this server only."""
    return HTMLResponse(_page(), headers=_PAGE_HEADERS)


@routes.get("/docs/assets/{version}/{name}")
async def docs_asset(version: str, name: str) -> Response:
    """Serve an asset of the current version; any other version is 404."""
    if name not in _ASSETS or version != _assets_version():
        raise RouteNotFound
    return Response(_asset(name), media_type=_ASSETS[name][1], headers=_CACHE_FOREVER)


@cache
def _page() -> str:
    html = (_PAGE_FOLDER / "docs.html").read_text(encoding="utf-8")
    return html.replace("docs/assets/", f"docs/assets/{_assets_version()}/")


@cache
def _assets_version() -> str:
    return sha256(b"".join(map(_asset, _ASSETS))).hexdigest()[:12]


@cache
def _asset(name: str) -> bytes:
    return (_ASSETS[name][0] / name).read_bytes()
