"""A learnt belief as plain data, to be stored as JSON and to come back as the same bits."""

from typing import Any

import numpy as np

from app.scoring.features import PARAMETERS
from app.scoring.guard import Guard
from app.scoring.model import Fallback, Posterior
from app.scoring.signals import SignalId


def to_plain(posterior: Posterior) -> dict[str, Any]:
    """Return a belief as JSON can hold it; numbers keep every bit."""
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
        "usual": posterior.usual,
        "workspaces_pooled": posterior.workspaces_pooled,
        "fallback": posterior.fallback,
        "undirected": posterior.undirected and list(posterior.undirected),
    }


def posterior_of(plain: dict[str, Any]) -> Posterior:
    """Return a stored belief; raise ValueError if its parameters are not those of today."""
    if plain["parameters"] != list(PARAMETERS):
        message = "the stored belief is about other parameters; learn it again from the outcomes"
        raise ValueError(message)
    guard, fallback, undirected = (plain[name] for name in ("guard", "fallback", "undirected"))
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
        usual=plain["usual"],
        workspaces_pooled=plain["workspaces_pooled"],
        fallback=Fallback(fallback) if fallback else None,
        undirected=tuple(undirected) if undirected else None,
    )
