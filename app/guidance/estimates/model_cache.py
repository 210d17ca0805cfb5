"""Model cache: the posterior of each workspace, in the memory of the process.

The key is the digest of the training input. Reading the current digest costs one short statement,
and a posterior is deserialized once in each process.
"""

from typing import Any

from app.core.unit_of_work.session import ReadSession
from app.guidance.estimates.repository import MODEL, MODEL_VERSION
from app.scoring import ELICITED, Posterior, posterior_of

_MAX_ENTRIES = 256

_posteriors: dict[str, Posterior] = {}


def current_posterior(session: ReadSession) -> Posterior:
    """Return the posterior of the caller's workspace, or the elicited prior without a model."""
    model = session.one_or_none(MODEL_VERSION)
    if model is None or not model.training:
        return ELICITED
    cached = _posteriors.get(model.training)
    return cached if cached is not None else _read(session)


def cache_posterior(training: str, plain: dict[str, Any]) -> Posterior:
    """Deserialize a stored posterior and cache it."""
    try:
        posterior = posterior_of(plain)
    except (KeyError, ValueError):
        return ELICITED  # of another version of the service; the worker trains it again
    if len(_posteriors) >= _MAX_ENTRIES:
        _posteriors.clear()
    _posteriors[training] = posterior
    return posterior


def _read(session: ReadSession) -> Posterior:
    model = session.one_or_none(MODEL)
    return ELICITED if model is None else cache_posterior(model.training, model.posterior)
