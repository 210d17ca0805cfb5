"""Logarithm, exponential and the curves made of them, equal to the last bit everywhere.

Addition, multiplication, division and square root are fixed by IEEE 754; the
logarithm of the C library is not, and differs in its last bit between builds.
A stored estimate must come out the same on another machine years later, so
the few functions it needs are built here from the exact operations alone.
"""

import math

_LN2_HIGH = 6.93147180369123816490e-01  # the leading bits: times any exponent it stays exact
_LN2_LOW = 1.90821492927058770002e-10  # and what is left of ln 2
_LN2 = 0.6931471805599453
_SQRT_HALF = 0.7071067811865476
# Twelve terms of artanh and fourteen of exp reach the precision of a double in the reduced range.
_ARTANH_TERMS = tuple(1.0 / (2 * n + 1) for n in reversed(range(12)))
_EXP_TERMS = tuple(1.0 / math.factorial(n) for n in reversed(range(14)))

_LOG_ODDS_DECIMALS = 12
_SHARE_DECIMALS = 9


def log(value: float) -> float:
    """Return the natural logarithm of a positive number."""
    mantissa, exponent = math.frexp(value)
    if mantissa < _SQRT_HALF:
        mantissa, exponent = mantissa * 2.0, exponent - 1
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square, series = ratio * ratio, 0.0
    for term in _ARTANH_TERMS:
        series = series * square + term
    return exponent * _LN2_HIGH + (exponent * _LN2_LOW + 2.0 * ratio * series)


def exp(value: float) -> float:
    """Return e to the power of a number below 700."""
    halvings = math.floor(value / _LN2 + 0.5)
    rest, series = value - halvings * _LN2_HIGH - halvings * _LN2_LOW, 0.0
    for term in _EXP_TERMS:
        series = series * rest + term
    return math.ldexp(series, halvings)


def probability_of(log_odds: float) -> float:
    """Return the probability that these natural log-odds stand for."""
    if log_odds >= 0.0:
        return 1.0 / (1.0 + exp(-log_odds))
    odds = exp(log_odds)
    return odds / (1.0 + odds)


def log_odds_of(probability: float) -> float:
    """Return the natural log-odds of a probability strictly between 0 and 1."""
    return log(probability / (1.0 - probability))


def saturation(strength: float) -> float:
    """Return asinh(s)/s, the share of its worth that evidence of total strength s keeps; 1 at 0."""
    if strength == 0.0:
        return 1.0
    return log(strength + math.sqrt(strength * strength + 1.0)) / strength


def divergence(belief: float, reference: float) -> float:
    """Return the Kullback-Leibler divergence of a yes-or-no belief from a reference, in nats.

    The reference must lie strictly between 0 and 1 unless the belief equals it.
    """
    return _divergence_term(belief, reference) + _divergence_term(1.0 - belief, 1.0 - reference)


def _divergence_term(share: float, reference: float) -> float:
    return share * log(share / reference) if share > 0.0 else 0.0


def published_log_odds(value: float) -> float:
    """Return log-odds as they are shown and stored: twelve decimals, no negative zero."""
    return round(value, _LOG_ODDS_DECIMALS) + 0.0


def published_share(value: float) -> float:
    """Return a probability, share or gain as shown and stored: nine decimals, no negative zero."""
    return round(value, _SHARE_DECIMALS) + 0.0
