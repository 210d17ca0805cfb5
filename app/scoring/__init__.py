"""From signals to an honest probability of an offer: pure arithmetic, no web and no database.

Elicited log-likelihood ratios are saturated, added and doubted. What is
believed about their worth is one `Posterior`, so that learning replaces a
value and no code.
"""

from app.scoring.case import Case, Interview, Round
from app.scoring.digest import inputs_digest, model_version
from app.scoring.estimation import (
    Band,
    Baseline,
    Contribution,
    Estimate,
    band_of,
    estimate,
    estimates,
    interval_around,
)
from app.scoring.features import PARAMETERS
from app.scoring.information import ANSWER_RATES, INFORMATION, AnswerRate
from app.scoring.model import ELICITED, Posterior
from app.scoring.questions import Question
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
    "INFORMATION",
    "PARAMETERS",
    "SIGNALS",
    "AnswerRate",
    "Band",
    "Baseline",
    "Case",
    "Contribution",
    "Estimate",
    "Interview",
    "Kind",
    "Level",
    "Posterior",
    "Question",
    "Round",
    "Signal",
    "SignalId",
    "UnknownLevelError",
    "UnknownSignalError",
    "band_of",
    "estimate",
    "estimates",
    "inputs_digest",
    "interval_around",
    "level_of",
    "model_version",
    "signal_of",
]
