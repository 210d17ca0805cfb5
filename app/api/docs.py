"""The docs page: Swagger UI served by ourselves, with nothing loaded from anywhere else.

Its parts stand under an address that changes with them, so that a browser may keep them for
good and still never shows a page put together from two editions.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from app.core.problems import PathUnknown

routes = APIRouter(include_in_schema=False)

_OWN = files("app.api") / "page"
_SWAGGER_UI = files("fastapi_swagger") / "resources"
_ASSETS = {
    "swagger-ui-bundle.js": (_SWAGGER_UI, "text/javascript"),
    "swagger-ui.css": (_SWAGGER_UI, "text/css"),
    "page.css": (_OWN, "text/css"),
    "start.js": (_OWN, "text/javascript"),
    "icon.svg": (_OWN, "image/svg+xml"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PAGE_HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
_FOR_GOOD = {"Cache-Control": "max-age=31536000, immutable"}


@routes.get("/docs")
async def docs_page() -> HTMLResponse:
    """Serve the page; its policy lets it talk to this server alone."""
    return HTMLResponse(_page(), headers=_PAGE_HEADERS)


@routes.get("/docs/assets/{edition}/{name}")
async def docs_asset(edition: str, name: str) -> Response:
    """Serve one part of the page in this edition; there is no other."""
    if name not in _ASSETS or edition != _edition():
        raise PathUnknown
    return Response(_asset(name), media_type=_ASSETS[name][1], headers=_FOR_GOOD)


@cache
def _page() -> str:
    page = (_OWN / "docs.html").read_text(encoding="utf-8")
    return page.replace("docs/assets/", f"docs/assets/{_edition()}/")


@cache
def _edition() -> str:
    return sha256(b"".join(map(_asset, _ASSETS))).hexdigest()[:12]


@cache
def _asset(name: str) -> bytes:
    return (_ASSETS[name][0] / name).read_bytes()
