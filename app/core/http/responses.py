"""Responses: from the result of a service function to the HTTP response."""

from hashlib import blake2b
from typing import Any

from fastapi import Response
from pydantic import BaseModel
from pydantic_core import to_json

from app.core.http.representations import Resource, ResourcePage, Versioned
from app.core.http.schemas import Schema
from app.core.persistence.tenancy import Role

SVG = "image/svg+xml"
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
NO_STORE = {"Cache-Control": "no-store"}

Content = BaseModel | Versioned[Any] | Resource[Any] | ResourcePage[Any] | None
"""What a service function returns; None gives 204."""


def json_response(content: Content, role: Role, *, location: str | None = None) -> Response:
    """Return the response: 201 with `Location` for a new resource, 204 for None, else 200.

    `location` is the path of the new resource with `{id}` in it. Fields that a recruiter may not
    see are left out here, through which every JSON response passes.
    """
    if content is None:
        return Response(status_code=204, headers=NO_STORE)
    headers = dict(NO_STORE)
    match content:
        case Resource():
            rendered = content.view.render(content.row, role)
            body, headers["ETag"] = to_json(rendered), content.etag
            new_id = rendered.get("id")
        case ResourcePage():
            body, new_id = to_json(content.render(role)), None
        case Versioned():
            body, new_id = _model_bytes(content.value, role), getattr(content.value, "id", None)
            headers["ETag"] = content.etag
        case _:
            body, new_id = _model_bytes(content, role), getattr(content, "id", None)
    headers.setdefault("ETag", etag_of_bytes(body))
    if location is not None:
        headers["Location"] = location.format(id=new_id)
    return Response(
        body,
        status_code=201 if location else 200,
        headers=headers,
        media_type="application/json",
    )


def svg_response(svg: str) -> Response:
    """Return an SVG image, whose policy allows the styles that it contains."""
    body = svg.encode()
    headers = NO_STORE | {"ETag": etag_of_bytes(body), "Content-Security-Policy": SVG_POLICY}
    return Response(body, headers=headers, media_type=SVG)


def not_modified(current: Response) -> Response:
    """Return the 304 response for a caller who has the current representation."""
    return Response(status_code=304, headers=NO_STORE | {"ETag": current.headers["ETag"]})


def etag_of_bytes(body: bytes) -> str:
    """Return the ETag of a body that has no version of its own, such as a page of a list."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def _model_bytes(model: BaseModel, role: Role) -> bytes:
    if role is Role.RECRUITER:
        shared = model.shared_with_recruiter if isinstance(model, Schema) else frozenset()
        hidden = type(model).model_fields.keys() - shared
        model = model.model_copy(update=dict.fromkeys(hidden))
    return model.__pydantic_serializer__.to_json(model)
