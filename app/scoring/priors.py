"""Prior of the model: every number that was chosen, in one place.

All of them are elicited. Base rates follow public reports (interview to hire 27 % in 60,000 small
firms, 2024; onsite to offer 30-40 %, 2019; interview to offer 15-25 %, 2026). The worth of the
signals, which is the coefficient of their log-likelihood ratios, is a judgement. Its standard
deviation is large for that reason. Standard deviations are in natural log-odds.
"""

from typing import Final

BASE_RATES: Final = {"first": 0.20, "second": 0.33, "final": 0.42}
"""Probability of an offer by highest round reached, when nothing was observed."""

BASE_RATE_SHARED_SD: Final = 0.55
BASE_RATE_OWN_SD: Final = 0.20
"""Standard deviation of the base rates: shared by all rounds, and of each round on its own.

Together they are about 0.6.
"""

FURTHER_ROUND_SD: Final = 0.30
"""Standard deviation of the effect of each further round held; its prior mean is 0."""

WORTH: Final = 0.80
WORTH_SHARED_SD: Final = 0.50
WORTH_OWN_SD: Final = 0.50
WORTH_RANGE_SD: Final = 0.30
"""Prior of the worth of a signal, the factor on its elicited values.

Shared: whether signals are informative here at all. Own: 0.5, combined with 0.3 nats divided by
the range of the signal's values, so that a weak signal can change its direction.
"""

TOTAL_SD: Final = 0.25
"""Standard deviation of the factor on the unsaturated sum of all values; its prior mean is 0."""

MODEL_ERROR_SD: Final = 0.20
MODEL_ERROR_PER_LOG_ODDS: Final = 0.25
"""Standard deviation of the model error: constant, and per log-odds away from the baseline.

Without these two a learnt interval is too narrow.
"""

LATEST_ROUND_WEIGHT: Final = 1.0
EARLIER_ROUND_WEIGHT: Final = 0.8
"""Evidence of earlier rounds counts less, because it is partly why the case reached this stage."""

FORM: Final = 1
"""Version of the formulas and bands; raised when one changes while the numbers here stay."""

SETTINGS: Final = {
    "form": FORM,
    "base_rates": BASE_RATES,
    "base_rate_sd": [BASE_RATE_SHARED_SD, BASE_RATE_OWN_SD],
    "further_round_sd": FURTHER_ROUND_SD,
    "worth": WORTH,
    "worth_sd": [WORTH_SHARED_SD, WORTH_OWN_SD, WORTH_RANGE_SD],
    "total_sd": TOTAL_SD,
    "model_error": [MODEL_ERROR_SD, MODEL_ERROR_PER_LOG_ODDS],
    "round_weights": [LATEST_ROUND_WEIGHT, EARLIER_ROUND_WEIGHT],
}
"""All of the above as plain data, for the digest of the model."""
