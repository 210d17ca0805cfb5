"""Conditional requests (RFC 9110, 13): change only what was read, send only what is new."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.problems import Fault, InvalidInput

ANY = "*"
LONGEST_TAGS = 1_000
_TAG = re.compile(r'(?:W/)?"[!#-~]*"')

Tags = frozenset[str]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must be so: the tags of `If-Match` and of `If-None-Match`, None if not sent."""

    match: Tags | None = None
    none_match: Tags | None = None

    @property
    def says_which(self) -> bool:
        """Whether the caller said which version is to be changed."""
        return self.match is not None or self.none_match == frozenset({ANY})

    def met_by(self, tag: str | None) -> bool:
        """Tell whether a change may go ahead; the tag is None where there is nothing yet."""
        if self.match is not None and (tag is None or not {tag, ANY} & self.match):
            return False
        return tag is None or not self.knows(tag)

    def knows(self, tag: str) -> bool:
        """Tell whether the caller holds this representation already."""
        return self.none_match is not None and bool({tag, ANY} & self.none_match)


NONE = Conditions()


def conditions(headers: Mapping[str, str]) -> Conditions:
    """Read the conditions of a request; what is no tag matches nothing.

    Raises InvalidInput for more than LONGEST_TAGS characters.
    """
    none_match = _tags(headers, "If-None-Match")
    if none_match is not None:
        # Weak comparison, which is what a cache does that only wants to know whether it is current.
        none_match = frozenset(tag.removeprefix("W/") for tag in none_match)
    return Conditions(_tags(headers, "If-Match"), none_match)


def _tags(headers: Mapping[str, str], name: str) -> Tags | None:
    text = headers.get(name)
    if text is None:
        return None
    if len(text) > LONGEST_TAGS:
        detail = f"send {LONGEST_TAGS:,} characters at most; one tag is enough"
        raise InvalidInput(faults=[Fault(f"header/{name}", "too_long", detail)])
    return frozenset({ANY}) if text.strip() == ANY else frozenset(_TAG.findall(text))
