"""Serialization of a posterior as JSON; numbers keep every bit."""

from typing import Any

import numpy as np

from app.scoring.features import PARAMETERS
from app.scoring.guard import Guard
from app.scoring.model import Fallback, Posterior
from app.scoring.signals import SignalId


def to_plain(posterior: Posterior) -> dict[str, Any]:
    """Return a posterior as plain data for JSON."""
    guard = posterior.guard
    return {
        "parameters": list(PARAMETERS),
        "mean": list(posterior.mean),
        "factor": posterior.factor.tolist(),
        "outcomes_learnt_from": posterior.outcomes_learnt_from,
        "training_set": posterior.training_set,
        "provenance": dict(posterior.provenance),
        "guard": guard
        and {"model_weight": guard.model_weight, "base_rates": dict(guard.base_rates)},
        "overturned": list(posterior.overturned),
        "usual": posterior.average_shift,
        "workspaces_pooled": posterior.workspaces_pooled,
        "fallback": posterior.fallback,
        "undirected": posterior.unconstrained_mean and list(posterior.unconstrained_mean),
    }


def posterior_of(plain: dict[str, Any]) -> Posterior:
    """Return a stored posterior; raise ValueError if it has other parameters than today's model."""
    if plain["parameters"] != list(PARAMETERS):
        message = "the stored posterior has other parameters; learn it again from the outcomes"
        raise ValueError(message)
    guard, fallback, unconstrained = (plain[name] for name in ("guard", "fallback", "undirected"))
    factor = np.array(plain["factor"])
    factor.flags.writeable = False
    return Posterior(
        mean=tuple(plain["mean"]),
        factor=factor,
        outcomes_learnt_from=plain["outcomes_learnt_from"],
        training_set=plain["training_set"],
        provenance=plain["provenance"],
        guard=Guard(**guard) if guard else None,
        overturned=tuple(map(SignalId, plain["overturned"])),
        average_shift=plain["usual"],
        workspaces_pooled=plain["workspaces_pooled"],
        fallback=Fallback(fallback) if fallback else None,
        unconstrained_mean=tuple(unconstrained) if unconstrained else None,
    )
