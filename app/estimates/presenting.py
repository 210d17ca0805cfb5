"""From the scoring's numbers to what the contract shows, in numbers and in words."""

from typing import Any

from app import guide, scoring
from app.estimates.models import EstimateRow
from app.estimates.schemas import (
    Baseline,
    Contribution,
    Estimate,
    EstimateMade,
    Interval,
    ModelCard,
    ModelSignal,
    Question,
)
from app.estimates.wording import QUESTIONS, SAID, summary
from app.scoring import CATALOGUE, Case, Posterior, Round


def estimate(made: scoring.Estimate) -> Estimate:
    """Show an estimate."""
    return Estimate(
        probability=made.probability,
        interval=Interval(likely=made.interval["80"], wide=made.interval["95"]),
        band=made.band,
        log_odds=made.log_odds,
        baseline=Baseline(probability=made.baseline.probability, log_odds=made.baseline.log_odds),
        contributions=[
            Contribution(
                signal=each.signal,
                interview=each.interview,
                level=each.level,
                log_odds=each.log_odds,
                text=SAID[each.signal, each.level],
            )
            for each in made.contributions
        ],
        coverage=made.coverage,
        ask_next=[
            Question(
                signal=each.signal,
                interview=each.interview,
                gain=each.gain,
                text=QUESTIONS[each.signal],
            )
            for each in made.ask_next
        ],
        outcomes_learnt_from=made.outcomes_learnt_from,
        provenance=dict(made.provenance),
        model_version=made.model_version,
        inputs_digest=made.inputs_digest,
        text=summary(made),
    )


def made(row: EstimateRow) -> EstimateMade:
    """Show an estimate of the history as it was made."""
    return EstimateMade(
        id=row.id,
        application=row.application_id,
        made_at=row.created_at,
        cause=row.cause,
        estimate=Estimate.model_validate(row.answer),
    )


def inputs(case: Case) -> dict[str, Any]:
    """Return the evidence as plain data, from which the estimate can be made again."""
    return {
        "reached": case.reached,
        "interviews": [
            {"id": held.id, "round": held.round, "signals": dict(held.signals)}
            for held in case.interviews
        ],
    }


def model_card(posterior: Posterior) -> ModelCard:
    """Describe the model: what it is, where its numbers come from, what it cannot do."""
    baselines = {
        stage: scoring.estimate(Case(reached=stage), posterior).baseline for stage in Round
    }
    texts = guide.load().estimate_texts
    return ModelCard(
        name="Outcome estimate",
        version=posterior.version,
        target="That an offer will be made, whether or not it is accepted.",
        outcomes_learnt_from=posterior.outcomes_learnt_from,
        provenance=dict(posterior.provenance),
        summary=_SUMMARY,
        cannot=[*_CANNOT, texts.caveat],
        sources=list(_SOURCES),
        base_rates={stage.value: base.probability for stage, base in baselines.items()},
        signals=[
            ModelSignal(
                id=signal.id,
                kind=signal.kind.value,
                log_likelihood_ratios={str(k): value for k, value in signal.values.items()},
            )
            for signal in CATALOGUE
        ],
    )


_SUMMARY = (
    "A sum of natural log-odds: a base rate for the round reached, and for every recorded signal "
    "its worth. Favourable and unfavourable signals saturate (asinh), because agreeing signs "
    "mostly report one and the same good conversation. What is unknown adds nothing. Intervals "
    "hold the doubt about every number and the model's doubt about itself."
)
_CANNOT = (
    "Until it has learnt from outcomes every number in it is judged and not measured.",
    "It sees only what the candidate noticed, and people misjudge their own interviews.",
    "It cannot tell a warm interviewer who means to decline from one who means to offer.",
    "Even a perfect model of this kind would remove only about a tenth of the uncertainty.",
    "It does not know the other candidates, the budget or the mood of the day.",
)
_SOURCES = (
    "Interview to hire 27 % in 60,000 small firms (2024)",
    "Onsite interview to offer 30 to 40 % (2019)",
    "Interview to offer 15 to 25 %, first to second round 35 to 55 % (2026)",
    "Self-rating against supervisor's rating correlates at r = .22",
)
