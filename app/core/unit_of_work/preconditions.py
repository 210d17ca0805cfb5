"""Preconditions of a request (RFC 9110, 13): the ETags of `If-Match` and `If-None-Match`."""

from dataclasses import dataclass

ANY = "*"

Tags = frozenset[str]


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What must be so: the tags of `If-Match` and of `If-None-Match`, None if not sent."""

    match: Tags | None = None
    none_match: Tags | None = None

    @property
    def is_conditional(self) -> bool:
        """Whether the caller said which version is to be changed."""
        return self.match is not None or self.none_match == frozenset({ANY})

    def allows(self, tag: str | None) -> bool:
        """Tell whether a change may go ahead; the tag is None where there is nothing yet."""
        if self.match is not None and (tag is None or not {tag, ANY} & self.match):
            return False
        return tag is None or not self.is_not_modified(tag)

    def is_not_modified(self, tag: str) -> bool:
        """Tell whether the caller holds this representation already."""
        return self.none_match is not None and bool({tag, ANY} & self.none_match)


NO_PRECONDITIONS = Preconditions()
