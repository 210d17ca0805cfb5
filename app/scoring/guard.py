"""Guard: shrinkage of an estimate towards the base rate, so that it is never worse than that.

Bayesian model averaging of two forecasters: the model, and the base rate of the stage as learnt so
far. Each is weighted by how well it forecast the known outcomes (see `prequential`). The estimate
is their mixture.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """Parameters of the mixture: the weight of the model, and the learnt base rates."""

    model_weight: float  # 0 to 1; the base rate has the remaining weight
    base_rates: Mapping[str, float]  # probability of an offer by highest round reached

    def mixed(self, probability: float, stage: str) -> float:
        """Return the model's probability, shrunk towards the base rate of the stage."""
        return self.model_weight * probability + (1.0 - self.model_weight) * self.base_rates[stage]
