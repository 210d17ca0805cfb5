"""SVG charts of an estimate and of the calibration, with their texts."""

from app.charts import (
    Bar,
    ContributionTexts,
    ReliabilityTexts,
    contributions_chart,
    reliability_diagram,
)
from app.guidance.estimates.narrative import (
    CHART_TEXTS,
    OBSERVATION_TEXT,
    headline,
    reliability_text,
    summary,
)
from app.scoring import Calibration, Estimate


def contributions(estimate: Estimate, *, is_closed: bool = False) -> str:
    """Return the bar chart of an estimate: the baseline, then the contributions by interview."""
    bars = [
        Bar(CHART_TEXTS.baseline, estimate.baseline.log_odds, is_usual=True),
        *_contribution_bars(estimate),
    ]
    if estimate.shrinkage is not None:
        bars.append(Bar(CHART_TEXTS.hold, estimate.shrinkage.log_odds, is_usual=True))
    texts = ContributionTexts(
        CHART_TEXTS.contributions_title,
        summary(estimate, is_closed=is_closed),
        headline(estimate, is_closed=is_closed),
        CHART_TEXTS.against,
        CHART_TEXTS.towards,
    )
    return contributions_chart(texts, bars)


def reliability(calibration: Calibration | None, outcomes: int) -> str:
    """Return the reliability diagram, without dots while there are too few outcomes."""
    texts = ReliabilityTexts(
        CHART_TEXTS.reliability_title,
        reliability_text(calibration, outcomes),
        CHART_TEXTS.forecast,
        CHART_TEXTS.observed,
        CHART_TEXTS.ideal,
    )
    return reliability_diagram(calibration.bins if calibration else (), texts)


def _contribution_bars(estimate: Estimate) -> list[Bar]:
    interviews = list(
        dict.fromkeys(contribution.interview for contribution in estimate.contributions)
    )
    numbers = {interview: number for number, interview in enumerate(interviews, start=1)}
    return [
        Bar(
            OBSERVATION_TEXT[contribution.signal, contribution.level],
            contribution.log_odds,
            CHART_TEXTS.interview.format(number=numbers[contribution.interview])
            if len(numbers) > 1
            else "",
        )
        for contribution in estimate.contributions
    ]
