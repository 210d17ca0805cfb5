"""Reproducible arithmetic: logarithm, exponential and functions of them, equal to the last bit.

Addition, multiplication, division and square root are fixed by IEEE 754. The logarithm of the C
library is not, and differs in its last bit between builds. A stored estimate must be reproducible
on another machine years later, so the few functions it needs use only the exact operations.
"""

import math

_LN2_HIGH = 6.93147180369123816490e-01  # leading bits of ln 2: exact when multiplied by an exponent
_LN2_LOW = 1.90821492927058770002e-10  # the rest of ln 2
_LN2 = 0.6931471805599453
_SQRT_HALF = 0.7071067811865476
# Twelve terms of artanh and fourteen of exp reach the precision of a double in the reduced range.
# Each coefficient is a variable, because a loop over a sequence takes three times as long.
_A1, _A2, _A3, _A4, _A5, _A6, _A7, _A8, _A9, _A10, _A11 = (1.0 / (2 * n + 1) for n in range(1, 12))
_E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12, _E13 = (
    1.0 / math.factorial(n) for n in range(2, 14)
)

_LOG_ODDS_DECIMALS = 12
_SHARE_DECIMALS = 9


def log(value: float) -> float:
    """Return the natural logarithm of a positive number."""
    mantissa, exponent = math.frexp(value)
    if mantissa < _SQRT_HALF:
        mantissa, exponent = mantissa * 2.0, exponent - 1
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    x = ratio * ratio
    series = ((((_A11 * x + _A10) * x + _A9) * x + _A8) * x + _A7) * x + _A6
    series = (((((series * x + _A5) * x + _A4) * x + _A3) * x + _A2) * x + _A1) * x + 1.0
    return exponent * _LN2_HIGH + (exponent * _LN2_LOW + 2.0 * ratio * series)


def exp(value: float) -> float:
    """Return e to the power of a number below 700."""
    halvings = math.floor(value / _LN2 + 0.5)
    x = value - halvings * _LN2_HIGH - halvings * _LN2_LOW
    series = (
        (((((_E13 * x + _E12) * x + _E11) * x + _E10) * x + _E9) * x + _E8) * x + _E7
    ) * x + _E6
    series = (((((series * x + _E5) * x + _E4) * x + _E3) * x + _E2) * x + 1.0) * x + 1.0
    return math.ldexp(series, halvings)


def probability_of(log_odds: float) -> float:
    """Return the probability of natural log-odds."""
    if log_odds >= 0.0:
        return 1.0 / (1.0 + exp(-log_odds))
    odds = exp(log_odds)
    return odds / (1.0 + odds)


def log_odds_of(probability: float) -> float:
    """Return the natural log-odds of a probability strictly between 0 and 1."""
    return log(probability / (1.0 - probability))


def saturation(strength: float) -> float:
    """Return asinh(s)/s, the factor by which evidence of total strength s saturates; 1 at 0."""
    if strength == 0.0:
        return 1.0
    return log(strength + math.sqrt(strength * strength + 1.0)) / strength


def divergence(probability: float, reference: float) -> float:
    """Return the Kullback-Leibler divergence of two Bernoulli distributions, in nats.

    The reference must lie strictly between 0 and 1 unless the probability equals it.
    """
    return _divergence_term(probability, reference) + _divergence_term(
        1.0 - probability, 1.0 - reference
    )


def _divergence_term(probability: float, reference: float) -> float:
    return probability * log(probability / reference) if probability > 0.0 else 0.0


def published_log_odds(value: float) -> float:
    """Round log-odds as they are returned and stored: twelve decimals, no negative zero."""
    return round(value, _LOG_ODDS_DECIMALS) + 0.0


def published_share(value: float) -> float:
    """Round a probability, share or gain as stored: nine decimals, no negative zero."""
    return round(value, _SHARE_DECIMALS) + 0.0
