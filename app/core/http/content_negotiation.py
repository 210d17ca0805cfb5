"""Content negotiation: which media type the `Accept` header prefers (RFC 9110, 12.5.1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Preference:
    """The preference for a media type; between equal weights the more specific range wins."""

    weight: float = 0.0  # the `q` parameter: 0 is not acceptable, 1 is most preferred
    specificity: int = 0  # 0 for `*/*`, 1 for `type/*`, 2 for the exact type


def preference_for(media_type: str, accept: str) -> Preference:
    """Return the preference for a media type; its weight is 0 when no range matches."""
    kind = media_type.partition("/")[0]
    ranges = {"*/*": 0, f"{kind}/*": 1, media_type: 2}
    preferences = [
        Preference(_weight(parameters), ranges[name.strip()])
        for name, *parameters in (part.lower().split(";") for part in accept.split(","))
        if name.strip() in ranges
    ]
    return max(preferences, key=lambda preference: preference.specificity, default=Preference())


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return _number(value.strip())
    return 1.0


def _number(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 1.0
