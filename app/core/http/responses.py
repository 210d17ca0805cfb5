"""From what a service returns to the bytes that are sent."""

from hashlib import blake2b
from typing import Any

from fastapi import Response
from pydantic import BaseModel

from app.core.http.content_negotiation import preference_for
from app.core.http.representations import Versioned
from app.core.http.schemas import Page, Schema
from app.core.persistence.tenancy import Role

SVG = "image/svg+xml"
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
NO_STORE = {"Cache-Control": "no-store"}


def json_response(
    content: BaseModel | Versioned[Any] | None, role: Role, *, made_at: str | None = None
) -> Response:
    """Return the answer: 201 with `Location` when something was made, 204 for nothing, else 200.

    What a recruiter may not see is taken out here, the one place every answer passes.
    """
    if content is None:
        return Response(status_code=204, headers=NO_STORE)
    value: BaseModel = content.value if isinstance(content, Versioned) else content
    if role is Role.RECRUITER:
        value = redact_for_recruiter(value)
    body = value.__pydantic_serializer__.to_json(value)
    tag = content.tag if isinstance(content, Versioned) else _tag_of_bytes(body)
    headers = NO_STORE | {"ETag": tag}
    if made_at is not None:
        headers["Location"] = made_at.format(id=getattr(value, "id", ""))
    return Response(
        body,
        status_code=201 if made_at else 200,
        headers=headers,
        media_type="application/json",
    )


def svg_response(svg: str) -> Response:
    """Return the answer that is a picture; opened by itself it may use the styles it brings."""
    body = svg.encode()
    headers = NO_STORE | {"ETag": _tag_of_bytes(body), "Content-Security-Policy": PICTURE_POLICY}
    return Response(body, headers=headers, media_type=SVG)


def prefers_svg(accept: str) -> bool:
    """Tell whether a caller would rather have a picture than JSON."""
    picture = preference_for(SVG, accept)
    return picture.weight > 0 and picture > preference_for("application/json", accept)


def not_modified(current: Response) -> Response:
    """Return the answer to a caller who holds the current representation already."""
    return Response(status_code=304, headers=NO_STORE | {"ETag": current.headers["ETag"]})


def _tag_of_bytes(body: bytes) -> str:
    """Return the entity tag of what no single row stands for, such as a page of a list."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def redact_for_recruiter(content: BaseModel) -> BaseModel:
    """Return the content without what its schema does not share with recruiters."""
    if isinstance(content, Page):
        return content.model_copy(
            update={"data": [redact_for_recruiter(item) for item in content.data]}
        )
    shared = content.shared_with_recruiter if isinstance(content, Schema) else frozenset()
    hidden = type(content).model_fields.keys() - shared
    return content.model_copy(update=dict.fromkeys(hidden))
