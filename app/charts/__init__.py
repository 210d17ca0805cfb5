"""Pictures of estimates as SVG: pure text, made by hand, readable by screen readers."""

from app.charts.contributions import Bar, ContributionWords, contributions_picture
from app.charts.reliability import ReliabilityWords, reliability_picture

__all__ = [
    "Bar",
    "ContributionWords",
    "ReliabilityWords",
    "contributions_picture",
    "reliability_picture",
]
