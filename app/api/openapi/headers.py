"""Header and parameter objects that operations share."""

from app.core.http.idempotency import HEADER, MAX_KEY_LENGTH, REPLAYED
from app.core.http.preconditions import MAX_HEADER_LENGTH
from app.core.unit_of_work.preconditions import ANY

RESPONSE_HEADERS = {
    "X-Request-Id": {
        "description": "The id of this request; name it when you report a problem.",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z_-]+$", "maxLength": 64},
    },
    "RateLimit": {
        "description": "How many calls are left (`r`); in how many seconds there are more (`t`).",
        "schema": {"type": "string", "pattern": '^"default";r=[0-9]+;t=[0-9]+$', "maxLength": 100},
    },
    "RateLimit-Policy": {
        "description": "How many calls (`q`) are allowed in how many seconds (`w`).",
        "schema": {"type": "string", "pattern": '^"default";q=[0-9]+;w=[0-9]+$', "maxLength": 100},
    },
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$", "maxLength": 10},
    },
    "Access-Control-Allow-Origin": {
        "description": "The origin of the page that called, where the operator lets pages of that "
        "origin call (`DEBRIEF_CORS_ORIGINS`).",
        "schema": {"type": "string", "pattern": r"^(\*|[a-z+.-]+://\S+)$", "maxLength": 300},
    },
}
# No pattern: what is no tag is not refused, it matches nothing.
_TAGS_SENT = {"type": "string", "format": "entity-tags", "maxLength": MAX_HEADER_LENGTH}
ETAG_SCHEMA = {"type": "string", "pattern": '^"[!#-~]*"$', "maxLength": MAX_HEADER_LENGTH}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "Which version you have seen: the `ETag` you read, or `*` for whatever is there "
    "now. When it is no longer current, nothing is changed and the answer is 412.",
    "schema": _TAGS_SENT,
    "examples": {"any": {"summary": "whatever is there now", "value": ANY}},
}
IF_MATCH_OPTIONAL = IF_MATCH | {
    "required": False,
    "description": "Only when this is the version that is there: the `ETag` you read.",
}
IF_MATCH_OR_CREATE = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "To replace what is there: the `ETag` you read. One of the two is needed.",
    "schema": _TAGS_SENT,
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` you hold. While it is current the answer is 304, without a body.",
    "schema": _TAGS_SENT,
}
IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Makes it safe to repeat this call: a name of your choice, best a UUID. "
    "Repeated with the same name within 72 hours it is not carried out again; you get the first "
    f"answer, with `{REPLAYED}: true`.",
    "schema": {
        "type": "string",
        "pattern": "^[!-~]+$",
        "minLength": 1,
        "maxLength": MAX_KEY_LENGTH,
    },
}
