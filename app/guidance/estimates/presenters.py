"""Presenters: from results of the scoring to response schemas, with their texts."""

from collections.abc import Sequence
from typing import Any, Literal

from app import guide, scoring
from app.core.http.representations import JsonView, object_of
from app.guidance.estimates.narrative import (
    OBSERVATION_TEXT,
    QUESTIONS,
    reliability_text,
    summary,
)
from app.guidance.estimates.repository import EstimateRecord, StoredAnswer
from app.guidance.estimates.schemas import (
    Baseline,
    Calibration,
    CalibrationResult,
    Change,
    Contribution,
    Development,
    Estimate,
    EstimateStep,
    Interval,
    InterviewStep,
    ModelCard,
    ModelSignal,
    Question,
    ReliabilityBin,
    Score,
    Shrinkage,
    SignalStep,
    StoredEstimate,
)
from app.kit.ids import ApplicationId, InterviewId
from app.scoring import CATALOGUE, Case, Interview, Level, Posterior, Round, SignalId


def estimate(
    result: scoring.Estimate, change: scoring.Change | None = None, *, is_closed: bool = False
) -> Estimate:
    """Return the response for an estimate; `is_closed` when the application has an outcome."""
    return Estimate(
        probability=result.probability,
        intervals=[
            _interval(0.8, result.interval["80"]),
            _interval(0.95, result.interval["95"]),
        ],
        band=result.band,
        log_odds=result.log_odds,
        baseline=Baseline(
            probability=result.baseline.probability, log_odds=result.baseline.log_odds
        ),
        contributions=[
            Contribution(
                signal=contribution.signal,
                interview=contribution.interview,
                level=contribution.level,
                log_odds=contribution.log_odds,
                text=OBSERVATION_TEXT[contribution.signal, contribution.level],
            )
            for contribution in result.contributions
        ],
        coverage=result.coverage,
        next_questions=[
            Question(
                signal=question.signal,
                interview=question.interview,
                gain=question.gain,
                text=QUESTIONS[question.signal],
            )
            for question in result.next_questions
        ],
        shrinkage=_shrinkage(result.shrinkage),
        reversed_signals=list(result.reversed_signals),
        change=_change(change),
        outcomes_learnt_from=result.outcomes_learnt_from,
        fallback_reason=result.fallback,
        provenance=dict(result.provenance),
        model_version=result.model_version,
        inputs_digest=result.inputs_digest,
        text=summary(result, change, is_closed=is_closed),
    )


ESTIMATE_OF_HISTORY = JsonView(
    StoredEstimate,
    EstimateRecord,
    application="application_id",
    made_at="created_at",
    estimate=lambda row: object_of(Estimate, row.answer),
)


def inputs(case: Case) -> dict[str, Any]:
    """Return the evidence as plain data, from which the estimate can be computed again."""
    return {
        "reached": case.reached,
        "interviews": [
            {
                "id": interview.id,
                "round": interview.round,
                "signals": dict(interview.signals),
            }
            for interview in case.interviews
        ],
    }


def development(
    application_id: ApplicationId, interviews: Sequence[Interview], rows: Sequence[StoredAnswer]
) -> Development:
    """Return each interview compared with the one before, and the estimates over time."""
    previous: list[Interview | None] = [None, *interviews[:-1]]
    return Development(
        application=application_id,
        interviews=[
            InterviewStep(
                interview=InterviewId(interview.id),
                round=interview.round,
                recorded=len(interview.signals),
                signals=[
                    _signal_step(name, level, before) for name, level in interview.signals.items()
                ],
            )
            for interview, before in zip(interviews, previous, strict=False)
        ],
        estimates=[
            EstimateStep(
                id=row.id,
                made_at=row.created_at,
                probability=row.answer["probability"],
                intervals=row.answer["intervals"],
                band=row.answer["band"],
            )
            for row in rows
        ],
    )


def calibration(result: scoring.Calibration | None, outcomes: int) -> Calibration:
    """Return the response for a calibration; the result is None below the floor of outcomes."""
    return Calibration(
        outcomes=outcomes,
        minimum_outcomes=scoring.FLOOR,
        result=None if result is None else _calibration_result(result),
        text=reliability_text(result, outcomes),
    )


def _calibration_result(result: scoring.Calibration) -> CalibrationResult:
    return CalibrationResult(
        base_rate=result.base_rate,
        error=result.error,
        brier=_score(result.brier),
        log_loss=_score(result.log_loss),
        bins=[
            ReliabilityBin(
                low=bin_.low,
                high=bin_.high,
                count=bin_.count,
                forecast=bin_.forecast,
                observed=bin_.observed,
                interval=_interval(0.9, bin_.interval),
            )
            for bin_ in result.bins
        ],
    )


def _interval(level: float, bounds: tuple[float, float]) -> Interval:
    return Interval(level=level, low=bounds[0], high=bounds[1])


def _score(score: scoring.Score) -> Score:
    return Score(
        model=score.model,
        base_rate=score.base_rate,
        gain=score.gain,
        gain_interval=_interval(0.9, score.gain_interval),
    )


def _signal_step(name: SignalId, level: Level, previous: Interview | None) -> SignalStep:
    before = previous.signals.get(name) if previous else None
    direction = _direction(name, before, level)
    return SignalStep(signal=name, before=before, after=level, direction=direction)


def _direction(
    name: SignalId, before: Level | None, after: Level
) -> Literal["better", "worse", "same", "new"]:
    if before is None:
        return "new"
    values = scoring.SIGNALS[name].values
    if values[after] == values[before]:
        return "same"
    return "better" if values[after] > values[before] else "worse"


def _shrinkage(shrinkage: scoring.Shrinkage | None) -> Shrinkage | None:
    if shrinkage is None:
        return None
    return Shrinkage(
        log_odds=shrinkage.log_odds,
        model_weight=shrinkage.model_weight,
        base_rate=shrinkage.base_rate,
    )


def _change(change: scoring.Change | None) -> Change | None:
    if change is None:
        return None
    return Change(
        probability_before=change.probability_before,
        log_odds=change.log_odds,
        baseline=change.baseline,
        shrinkage=change.shrinkage,
        contributions=[contribution.log_odds for contribution in change.contributions],
    )


def model_card(posterior: Posterior, *, is_shared: bool) -> ModelCard:
    """Return the model card: what the model is, its parameters and sources, its limitations."""
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
        limitations=[*_LIMITATIONS, texts.caveat],
        sources=list(_SOURCES),
        is_shared=is_shared,
        workspaces_pooled=posterior.workspaces_pooled,
        reversed_signals=list(posterior.overturned),
        fallback_reason=posterior.fallback,
        base_rates={stage.value: base.probability for stage, base in baselines.items()},
        signals=[
            ModelSignal(
                id=signal.id,
                kind=signal.kind.value,
                log_likelihood_ratios={str(k): value for k, value in signal.values.items()},
                worth=round(posterior.worth_of(signal), 9),
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
_LIMITATIONS = (
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
