"""What is believed in a workspace, at hand for every estimate.

A belief is found again by the name of the cases that it was learnt from, so that reading it costs
one short statement, and building it is done once in each process.
"""

from typing import Any

from app.core.unit_of_work.session import ReadSession
from app.guidance.estimates.repository import MODEL, MODEL_VERSION
from app.scoring import ELICITED, Posterior, posterior_of

_KEPT = 256

_beliefs: dict[str, Posterior] = {}


def current_posterior(session: ReadSession) -> Posterior:
    """Return what is believed about the signals in the caller's workspace."""
    model = session.one_or_none(MODEL_VERSION)
    if model is None or not model.training:
        return ELICITED
    known = _beliefs.get(model.training)
    return known if known is not None else _read(session)


def cache_posterior(training: str, plain: dict[str, Any]) -> Posterior:
    """Return the belief that is stored as plain data, and keep it at hand."""
    try:
        made = posterior_of(plain)
    except (KeyError, ValueError):
        return ELICITED  # of another version; the worker learns it again
    if len(_beliefs) >= _KEPT:
        _beliefs.clear()
    _beliefs[training] = made
    return made


def _read(session: ReadSession) -> Posterior:
    model = session.one_or_none(MODEL)
    return ELICITED if model is None else cache_posterior(model.training, model.posterior)
