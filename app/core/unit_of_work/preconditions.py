"""Preconditions of a request (RFC 9110, section 13): `If-Match` and `If-None-Match`."""

from dataclasses import dataclass

ANY = "*"

ETags = frozenset[str]


def etag_of(*versions: int) -> str:
    """Return the strong ETag of a representation, from the versions of the rows it shows."""
    return '"' + ".".join(str(version) for version in versions) + '"'


@dataclass(frozen=True, slots=True)
class Preconditions:
    """The ETags of `If-Match` and of `If-None-Match`; None for a header that was not sent."""

    match: ETags | None = None
    none_match: ETags | None = None

    @property
    def is_conditional(self) -> bool:
        """Whether the caller named the version that a write may change."""
        return self.match is not None or self.none_match == frozenset({ANY})

    def allows(self, etag: str | None) -> bool:
        """Whether a write may go ahead; the ETag is None where the resource does not exist."""
        if self.match is not None and (etag is None or not {etag, ANY} & self.match):
            return False
        return etag is None or not self.is_not_modified(etag)

    def is_not_modified(self, etag: str) -> bool:
        """Whether the caller already has this representation."""
        return self.none_match is not None and bool({etag, ANY} & self.none_match)


NO_PRECONDITIONS = Preconditions()
