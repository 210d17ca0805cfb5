"""What every answer of the service promises, whatever was asked and whatever came of it.

Each test that speaks to the service over HTTP looks at it in passing: the client that the tests
share checks every answer before a test sees it.
"""

from httpx2 import Response

CAREFUL = {
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def check_answer(answer: Response) -> None:
    """Fail unless the answer has its id, its careful headers and, refused, its problem."""
    answer.read()
    headers = answer.headers
    what = f"{answer.request.method} {answer.request.url}: {answer.status_code} {dict(headers)}"
    for name, value in CAREFUL.items():
        assert headers.get_list(name) == [value], what
    (policy,) = headers.get_list("content-security-policy")
    (caching,) = headers.get_list("cache-control")
    (request_id,) = headers.get_list("x-request-id")
    assert "server" not in headers, what
    if answer.request.url.path == "/docs":
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
    elif (
        headers.get("content-type") == "image/svg+xml"
        and answer.request.url.path != "/docs/icon.svg"
    ):
        assert policy == PICTURE_POLICY, what
    else:
        assert policy == API_POLICY, what
    if answer.request.url.path.startswith("/docs/assets/") and answer.is_success:
        assert caching == "max-age=31536000, immutable"
    elif answer.request.url.path == "/docs" and answer.is_success:
        assert caching == "no-cache"
    else:
        assert caching == "no-store", what
    if answer.is_error:
        assert headers["content-type"] == "application/problem+json", what
        if answer.request.method != "HEAD":
            assert answer.json()["request_id"] == request_id
