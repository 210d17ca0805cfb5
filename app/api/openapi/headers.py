"""Header and parameter objects that operations share in the OpenAPI document."""

from app.core.http.idempotency import HEADER, MAX_KEY_LENGTH, REPLAYED
from app.core.http.precondition_headers import MAX_HEADER_LENGTH
from app.core.unit_of_work.preconditions import ANY

RESPONSE_HEADERS = {
    "X-Request-Id": {
        "description": "The id of this request. Include it when you report a problem.",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z_-]+$", "maxLength": 64},
    },
    "RateLimit": {
        "description": "Rate limit status: requests remaining (`r`), seconds until reset (`t`).",
        "schema": {"type": "string", "pattern": '^"default";r=[0-9]+;t=[0-9]+$', "maxLength": 100},
    },
    "RateLimit-Policy": {
        "description": "Rate limit: requests allowed (`q`) in a window of `w` seconds.",
        "schema": {"type": "string", "pattern": '^"default";q=[0-9]+;w=[0-9]+$', "maxLength": 100},
    },
    "Retry-After": {
        "description": "Seconds to wait before the next attempt.",
        "schema": {"type": "string", "pattern": "^[0-9]+$", "maxLength": 10},
    },
    "Access-Control-Allow-Origin": {
        "description": "The origin of the page that sent the request, when the operator allows it "
        "(`DEBRIEF_CORS_ORIGINS`).",
        "schema": {"type": "string", "pattern": r"^(\*|[a-z+.-]+://\S+)$", "maxLength": 300},
    },
}
# No pattern: a malformed tag is not rejected, it matches nothing.
_ETAGS_SCHEMA = {"type": "string", "format": "entity-tags", "maxLength": MAX_HEADER_LENGTH}
ETAG_SCHEMA = {"type": "string", "pattern": '^"[!#-~]*"$', "maxLength": MAX_HEADER_LENGTH}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The version to change: the `ETag` you read, or `*` for any version. When it is "
    "no longer current, nothing is changed and the response is 412.",
    "schema": _ETAGS_SCHEMA,
    "examples": {"any": {"summary": "any version", "value": ANY}},
}
IF_MATCH_OPTIONAL = IF_MATCH | {
    "required": False,
    "description": "The `ETag` you read. The request is carried out only if it is still current.",
}
IF_MATCH_OR_CREATE = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "To replace an existing resource: the `ETag` you read. Either `If-Match` or "
    "`If-None-Match` is required.",
    "schema": _ETAGS_SCHEMA,
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of your copy. While it is current the response is 304 without a "
    "body.",
    "schema": _ETAGS_SCHEMA,
}
IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Makes it safe to retry this request: a key of your choice, best a UUID. "
    "A request repeated with the same key within 72 hours is not carried out again; the first "
    f"response is returned with `{REPLAYED}: true`.",
    "schema": {
        "type": "string",
        "pattern": "^[!-~]+$",
        "minLength": 1,
        "maxLength": MAX_KEY_LENGTH,
    },
}
