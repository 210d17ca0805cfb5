"""Estimate: the probability of an offer from the signals observed in interviews.

Pure arithmetic, without web or database. Log-likelihood ratios of the signals are saturated and
added to the log-odds of a base rate. One `Posterior` holds the parameters of the model and their
uncertainty, so that learning replaces a value and no code.
"""

from app.scoring.calibration import (
    FLOOR,
    Bin,
    Calibration,
    Forecast,
    Score,
    calibration_of,
    wilson,
)
from app.scoring.case import Case, Interview, Round
from app.scoring.digest import inputs_digest, model_version
from app.scoring.estimation import (
    MIN_COVERAGE,
    Band,
    Baseline,
    Contribution,
    Estimate,
    Shrinkage,
    band_of,
    estimate,
    estimates,
    interval_around,
)
from app.scoring.features import PARAMETERS
from app.scoring.guard import Guard
from app.scoring.information import ANSWER_RATES, INFORMATION, AnswerRate
from app.scoring.labels import PATIENCE_DAYS, Label, Result, label_of
from app.scoring.learning import fit, learn
from app.scoring.learning_effect import (
    Change,
    Provenance,
    Source,
    change_of,
    provenance_of,
)
from app.scoring.model import ELICITED, Fallback, Posterior
from app.scoring.next_questions import Question
from app.scoring.outcomes import Outcome, outcome_of
from app.scoring.pooling import SMALLEST_SHARED, Summary, pool, summarise
from app.scoring.serialization import posterior_of, to_plain
from app.scoring.signals import (
    CATALOGUE,
    SIGNALS,
    Kind,
    Level,
    Signal,
    SignalId,
    UnknownLevelError,
    UnknownSignalError,
    level_of,
    signal_of,
)

__all__ = [
    "ANSWER_RATES",
    "CATALOGUE",
    "ELICITED",
    "FLOOR",
    "INFORMATION",
    "MIN_COVERAGE",
    "PARAMETERS",
    "PATIENCE_DAYS",
    "SIGNALS",
    "SMALLEST_SHARED",
    "AnswerRate",
    "Band",
    "Baseline",
    "Bin",
    "Calibration",
    "Case",
    "Change",
    "Contribution",
    "Estimate",
    "Fallback",
    "Forecast",
    "Guard",
    "Interview",
    "Kind",
    "Label",
    "Level",
    "Outcome",
    "Posterior",
    "Provenance",
    "Question",
    "Result",
    "Round",
    "Score",
    "Shrinkage",
    "Signal",
    "SignalId",
    "Source",
    "Summary",
    "UnknownLevelError",
    "UnknownSignalError",
    "band_of",
    "calibration_of",
    "change_of",
    "estimate",
    "estimates",
    "fit",
    "inputs_digest",
    "interval_around",
    "label_of",
    "learn",
    "level_of",
    "model_version",
    "outcome_of",
    "pool",
    "posterior_of",
    "provenance_of",
    "signal_of",
    "summarise",
    "to_plain",
    "wilson",
]
