"""Security headers that every response carries."""

from collections.abc import Iterable

Header = tuple[bytes, bytes]

# What OWASP asks of a REST service. An answer that says one of them itself keeps its own: the
# docs page has a policy under which it can run, and what is the same for everybody may be kept.
SECURITY_HEADERS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),  # pages let in by CORS are not bound by it
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


def with_default_headers(said: Iterable[Header], more: Iterable[Header]) -> list[Header]:
    """Return what an answer says, and of the other headers those that it does not say itself."""
    headers = list(said)
    names = {name for name, _ in headers}
    return headers + [header for header in more if header[0] not in names]
