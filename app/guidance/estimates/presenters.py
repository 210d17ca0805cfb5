"""From the scoring's numbers to what the contract shows, in numbers and in words."""

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
    CalibrationFound,
    Change,
    Contribution,
    Development,
    Estimate,
    EstimateMade,
    EstimateStep,
    Hold,
    Interval,
    InterviewStep,
    ModelCard,
    ModelSignal,
    Question,
    ReliabilityBin,
    ScoreShown,
    SignalStep,
)
from app.kit.ids import ApplicationId, InterviewId
from app.scoring import CATALOGUE, Case, Interview, Level, Posterior, Round, SignalId


def estimate(
    made: scoring.Estimate, changed: scoring.Change | None = None, *, is_closed: bool = False
) -> Estimate:
    """Show an estimate, with what learning changed in it; closed is what has an outcome."""
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
                text=OBSERVATION_TEXT[each.signal, each.level],
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
        hold=_hold(made.hold),
        direction_overturned=list(made.direction_overturned),
        change=_change(changed),
        outcomes_learnt_from=made.outcomes_learnt_from,
        nothing_learnt_because=made.fallback,
        provenance=dict(made.provenance),
        model_version=made.model_version,
        inputs_digest=made.inputs_digest,
        text=summary(made, changed, is_closed=is_closed),
    )


ESTIMATE_OF_HISTORY = JsonView(
    EstimateMade,
    EstimateRecord,
    application="application_id",
    made_at="created_at",
    estimate=lambda row: object_of(Estimate, row.answer),
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


def development(
    application_id: ApplicationId, held: Sequence[Interview], rows: Sequence[StoredAnswer]
) -> Development:
    """Show each interview beside the one before, and the estimates that were made meanwhile."""
    before: list[Interview | None] = [None, *held[:-1]]
    return Development(
        application=application_id,
        interviews=[
            InterviewStep(
                interview=InterviewId(each.id),
                round=each.round,
                recorded=len(each.signals),
                signals=[_step(name, level, earlier) for name, level in each.signals.items()],
            )
            for each, earlier in zip(held, before, strict=False)
        ],
        estimates=[
            EstimateStep(
                id=row.id,
                made_at=row.created_at,
                probability=row.answer["probability"],
                likely=row.answer["interval"]["80"],
                band=row.answer["band"],
            )
            for row in rows
        ],
    )


def calibration(found: scoring.Calibration | None, outcomes: int) -> Calibration:
    """Show how estimates agreed with what happened; that it is too early, under the floor."""
    return Calibration(
        outcomes=outcomes,
        floor=scoring.FLOOR,
        found=None if found is None else _found(found),
        text=reliability_text(found, outcomes),
    )


def _found(found: scoring.Calibration) -> CalibrationFound:
    return CalibrationFound(
        base_rate=found.base_rate,
        error=found.error,
        brier=_score(found.brier),
        log_loss=_score(found.log_loss),
        bins=[
            ReliabilityBin(
                low=each.low,
                high=each.high,
                count=each.count,
                foretold=each.forecast,
                observed=each.observed,
                interval=each.interval,
            )
            for each in found.bins
        ],
    )


def _score(score: scoring.Score) -> ScoreShown:
    return ScoreShown(
        model=score.model,
        base_rate=score.base_rate,
        gain=score.gain,
        gain_interval=list(score.gain_interval),
    )


def _step(name: SignalId, level: Level, earlier: Interview | None) -> SignalStep:
    before = earlier.signals.get(name) if earlier else None
    return SignalStep(signal=name, before=before, after=level, direction=_way(name, before, level))


def _way(
    name: SignalId, before: Level | None, after: Level
) -> Literal["better", "worse", "same", "new"]:
    if before is None:
        return "new"
    worth = scoring.SIGNALS[name].values
    if worth[after] == worth[before]:
        return "same"
    return "better" if worth[after] > worth[before] else "worse"


def _hold(hold: scoring.Hold | None) -> Hold | None:
    if hold is None:
        return None
    return Hold(log_odds=hold.log_odds, model_weight=hold.model_weight, base_rate=hold.base_rate)


def _change(changed: scoring.Change | None) -> Change | None:
    if changed is None:
        return None
    return Change(
        probability_before=changed.probability_before,
        log_odds=changed.log_odds,
        baseline=changed.baseline,
        hold=changed.hold,
        contributions=[each.log_odds for each in changed.contributions],
    )


def model_card(posterior: Posterior, *, is_shared: bool) -> ModelCard:
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
        is_shared=is_shared,
        workspaces_pooled=posterior.workspaces_pooled,
        overturned=list(posterior.overturned),
        nothing_learnt_because=posterior.fallback,
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
