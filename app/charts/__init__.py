"""SVG charts of estimates, built as text, with a text alternative for screen readers."""

from app.charts.contributions import Bar, ContributionTexts, contributions_chart
from app.charts.reliability import ReliabilityTexts, reliability_diagram

__all__ = [
    "Bar",
    "ContributionTexts",
    "ReliabilityTexts",
    "contributions_chart",
    "reliability_diagram",
]
