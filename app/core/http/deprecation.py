"""Deprecation of operations and fields, announced at least a year before their sunset.

    @routes.get("/old", …, **deprecated(since=date(2027, 1, 15), sunset=date(2028, 1, 15)))

adds the dates to the OpenAPI document, and the headers `Deprecation` (RFC 9745), `Sunset` (RFC
8594) and `Link` to every response. A field or a parameter is deprecated by
`Field(deprecated=True, json_schema_extra=deprecation_extra(since=…, sunset=…))`.
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
        "description": "When the operation was deprecated (RFC 9745): `@` and Unix seconds.",
        "schema": {"type": "string"},
    },
    "Sunset": {
        "description": "The earliest time at which the operation is removed (RFC 8594).",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": "Links to the documentation of deprecations and to the successor operation.",
        "schema": {"type": "string"},
    },
}


def deprecated(*, since: date, sunset: date, instead: str | None = None) -> dict[str, Any]:
    """Return the keyword arguments of a deprecated route.

    `instead` is the path of its successor, with the same path parameters.
    Raises ValueError when the sunset is less than a year after the notice.
    """
    extra = deprecation_extra(since=since, sunset=sunset)
    if instead is not None:
        extra[SUCCESSOR] = instead
    return {"deprecated": True, "openapi_extra": extra}


def deprecation_extra(*, since: date, sunset: date) -> dict[str, Any]:
    """Return the OpenAPI extensions with both dates.

    Raises ValueError when the sunset is less than a year after the notice.
    """
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
    """The dates and the successor of a deprecated operation."""

    since: date
    sunset: date
    instead: str | None

    @classmethod
    def from_extra(cls, extra: Mapping[str, Any] | None) -> Self | None:
        """Read it from the `openapi_extra` of a route; None for one that is not deprecated."""
        if not extra or SUNSET not in extra:
            return None
        since, sunset = (date.fromisoformat(extra[name]) for name in (SINCE, SUNSET))
        return cls(since, sunset, extra.get(SUCCESSOR))

    def headers(self, root: str, parameters: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
        """Return the response headers; links begin with the root path of the service."""
        links = [f'<{root}/docs>; rel="deprecation"; type="text/html"']
        if self.instead is not None:
            # Quoted, so that a path parameter of the caller cannot end the link.
            quoted = {name: quote(str(value), safe="") for name, value in parameters.items()}
            links.append(f'<{root}{self.instead.format(**quoted)}>; rel="successor-version"')
        headers = {
            "deprecation": f"@{int(start_of_day_utc(self.since).timestamp())}",
            "sunset": format_datetime(start_of_day_utc(self.sunset), usegmt=True),
            "link": ", ".join(links),
        }
        return [(name.encode(), text.encode()) for name, text in headers.items()]
