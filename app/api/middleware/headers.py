"""Security headers of every response."""

from collections.abc import Iterable

Header = tuple[bytes, bytes]

# OWASP's recommendations for REST services. A response that sets one of these headers keeps its
# value: the docs page needs its own policy, and public responses may be cached.
SECURITY_HEADERS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),  # does not apply to CORS requests
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


def with_default_headers(response: Iterable[Header], defaults: Iterable[Header]) -> list[Header]:
    """Return the headers of a response, and the defaults that it does not set itself."""
    headers = list(response)
    names = {name for name, _ in headers}
    return headers + [header for header in defaults if header[0] not in names]
