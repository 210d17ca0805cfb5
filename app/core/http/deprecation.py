"""Taking leave of an operation: a year's notice, in the contract and on every answer.

    @routes.get("/old", …, **deprecated(since=date(2027, 1, 15), sunset=date(2028, 1, 15)))

puts the dates into the document, and from then on answers carry `Deprecation` (RFC 9745), `Sunset`
(RFC 8594) and `Link`. A field or a parameter of the contract is taken leave of by the same words:
`Field(deprecated=True, json_schema_extra=notice(since=…, sunset=…))`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from email.utils import format_datetime
from typing import Any, Self
from urllib.parse import quote

from app.kit.clock import start_of_day_utc

SINCE = "x-deprecated-since"
SUNSET = "x-sunset"
SUCCESSOR = "x-successor"

HEADERS: dict[str, Any] = {
    "Deprecation": {
        "description": "Since when this operation is deprecated (RFC 9745): `@` and Unix seconds.",
        "schema": {"type": "string"},
    },
    "Sunset": {
        "description": "When this operation will be gone, at the earliest (RFC 8594).",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": "Where deprecations are explained, and what to call instead.",
        "schema": {"type": "string"},
    },
}


def deprecated(*, since: date, sunset: date, instead: str | None = None) -> dict[str, Any]:
    """Return what a route is given to be deprecated.

    `instead` is the path of its successor; parameters in it are those of the path called.
    Raises ValueError when the sunset is less than a year after the notice.
    """
    told = deprecation_extra(since=since, sunset=sunset)
    if instead is not None:
        told[SUCCESSOR] = instead
    return {"deprecated": True, "openapi_extra": told}


def deprecation_extra(*, since: date, sunset: date) -> dict[str, Any]:
    """Return the words that tell, in the contract, how long something stays."""
    if sunset < a_year_after(since):
        message = f"a sunset on {sunset} is less than twelve months after {since}"
        raise ValueError(message)
    return {SINCE: since.isoformat(), SUNSET: sunset.isoformat()}


def a_year_after(day: date) -> date:
    """Return the same day twelve months later; the 1st of March for a leap day."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


@dataclass(frozen=True, slots=True)
class Deprecation:
    """What the answers of a deprecated operation tell."""

    since: date
    sunset: date
    instead: str | None

    @classmethod
    def from_extra(cls, extra: Mapping[str, Any] | None) -> Self | None:
        """Read it from what a route adds to its operation; None where that says nothing of it."""
        if not extra or SUNSET not in extra:
            return None
        since, sunset = (date.fromisoformat(extra[word]) for word in (SINCE, SUNSET))
        return cls(since, sunset, extra.get(SUCCESSOR))

    def headers(self, root: str, parameters: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
        """Return the headers, with links below the service's root path."""
        links = [f'<{root}/docs>; rel="deprecation"; type="text/html"']
        if self.instead is not None:
            # What the caller wrote into the path must stay inside the link.
            quoted = {name: quote(str(value), safe="") for name, value in parameters.items()}
            links.append(f'<{root}{self.instead.format(**quoted)}>; rel="successor-version"')
        told = {
            "deprecation": f"@{int(start_of_day_utc(self.since).timestamp())}",
            "sunset": format_datetime(start_of_day_utc(self.sunset), usegmt=True),
            "link": ", ".join(links),
        }
        return [(name.encode(), text.encode()) for name, text in told.items()]
