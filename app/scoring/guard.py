"""Never worse than the base rate: how far an estimate is held to what usually happens.

Two forecasters stand side by side, the model and the base rate of the stage
as learnt so far. Each is believed by how well it foretold the outcomes that
are known (see `prequential`), and the estimate is their mixture.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """What the mixture needs: how far the model is believed, and the learnt base rates."""

    model_weight: float  # 0 to 1; the base rate has the rest
    base_rates: Mapping[str, float]  # probability of an offer by highest round reached

    def mixed(self, probability: float, stage: str) -> float:
        """Return the model's probability, held to the base rate of the stage."""
        return self.model_weight * probability + (1.0 - self.model_weight) * self.base_rates[stage]
