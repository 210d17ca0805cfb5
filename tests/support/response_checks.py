"""Checks of every HTTP response: headers, request id and, for errors, the problem.

The client that tests share checks each response before the test gets it.
"""

from httpx2 import Response

SECURITY_HEADERS = {
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def check_response(response: Response) -> None:
    """Fail unless the response has a request id, security headers and, for an error, a problem."""
    response.read()
    headers = response.headers
    summary = (
        f"{response.request.method} {response.request.url}: {response.status_code} {dict(headers)}"
    )
    for name, value in SECURITY_HEADERS.items():
        assert headers.get_list(name) == [value], summary
    (policy,) = headers.get_list("content-security-policy")
    (caching,) = headers.get_list("cache-control")
    (request_id,) = headers.get_list("x-request-id")
    assert "server" not in headers, summary
    if response.request.url.path == "/docs":
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
    elif (
        headers.get("content-type") == "image/svg+xml"
        and response.request.url.path != "/docs/icon.svg"
    ):
        assert policy == SVG_POLICY, summary
    else:
        assert policy == API_POLICY, summary
    if response.request.url.path.startswith("/docs/assets/") and response.is_success:
        assert caching == "max-age=31536000, immutable"
    elif response.request.url.path == "/docs" and response.is_success:
        assert caching == "no-cache"
    else:
        assert caching == "no-store", summary
    if response.is_error:
        assert headers["content-type"] == "application/problem+json", summary
        if response.request.method != "HEAD":
            assert response.json()["request_id"] == request_id
