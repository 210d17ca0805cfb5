"""What a caller would rather have: the weights of `Accept` (RFC 9110, 12.5.1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Preference:
    """How much something is wanted; of equal weights the one that is named more exactly counts."""

    weight: float = 0.0  # 0 is not at all, 1 is most
    exactness: int = 0  # 0 for anything, 1 for anything of a kind, 2 for this very type


def preference_for(media_type: str, accept: str) -> Preference:
    """Return how much a caller wants a media type; nothing of it is as good as anything."""
    kind = media_type.partition("/")[0]
    ranges = {"*/*": 0, f"{kind}/*": 1, media_type: 2}
    wishes = [
        Preference(_weight(parameters), ranges[name.strip()])
        for name, *parameters in (part.lower().split(";") for part in accept.split(","))
        if name.strip() in ranges
    ]
    return max(wishes, key=lambda wish: wish.exactness, default=Preference())


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
