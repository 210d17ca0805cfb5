"""What is believed before any outcome is known: every number that was chosen, in one place.

All of them are elicited. Base rates follow public reports (interview to hire
27 % in 60,000 small firms, 2024; onsite to offer 30-40 %, 2019; interview to
offer 15-25 %, 2026). The worth of the signals rests on judgement, and its
spread is wide for that reason. Standard deviations are in natural log-odds.
"""

from typing import Final

BASE_RATES: Final = {"first": 0.20, "second": 0.33, "final": 0.42}
"""Probability of an offer by highest round reached, when nothing was observed."""

BASE_RATE_SHARED_SD: Final = 0.55
BASE_RATE_OWN_SD: Final = 0.20
"""Error of the base rates: common to all rounds, and of each round alone (together about 0.6)."""

FURTHER_ROUND_SD: Final = 0.30
"""What each further round held may add or take; 0 is expected."""

WORTH: Final = 0.80
WORTH_SHARED_SD: Final = 0.50
WORTH_OWN_SD: Final = 0.50
WORTH_REACH_SD: Final = 0.30
"""Factor on the elicited value of a signal. Shared: are the signs worth anything here at all.
Own: 0.5, joined by 0.3 nats over the reach of the signal, so that weak signals are free to turn."""

TOTAL_SD: Final = 0.25
"""Factor on the plain, unsaturated sum of all values; 0 is expected."""

MODEL_ERROR_SD: Final = 0.20
MODEL_ERROR_PER_LOG_ODDS: Final = 0.25
"""What the model cannot know about itself: always, and for each log-odds away from the baseline.
Without these two a learnt interval claims more than it keeps."""

LATEST_ROUND_WEIGHT: Final = 1.0
EARLIER_ROUND_WEIGHT: Final = 0.8
"""Earlier evidence is partly spent: it is why the case got this far."""

FORM: Final = 1
"""Counts the formulas and bands; raised when one of them changes while the numbers here stay."""

SETTINGS: Final = {
    "form": FORM,
    "base_rates": BASE_RATES,
    "base_rate_sd": [BASE_RATE_SHARED_SD, BASE_RATE_OWN_SD],
    "further_round_sd": FURTHER_ROUND_SD,
    "worth": WORTH,
    "worth_sd": [WORTH_SHARED_SD, WORTH_OWN_SD, WORTH_REACH_SD],
    "total_sd": TOTAL_SD,
    "model_error": [MODEL_ERROR_SD, MODEL_ERROR_PER_LOG_ODDS],
    "round_weights": [LATEST_ROUND_WEIGHT, EARLIER_ROUND_WEIGHT],
}
"""All of the above as plain data, for the digest that names the model."""
