"""Pictures of estimates as SVG: pure text, made by hand, readable by screen readers."""

from app.charts.contributions import ContributionWords, Part, contributions_picture
from app.charts.reliability import ReliabilityWords, reliability_picture

__all__ = [
    "ContributionWords",
    "Part",
    "ReliabilityWords",
    "contributions_picture",
    "reliability_picture",
]
