"""The same model by Markov chain Monte Carlo: what Laplace's approximation costs.

Needs the optional packages of `debrief[sampler]`. The sampler is not told to
keep to the directions, so it is compared with the belief before that.
"""

from collections.abc import Iterator
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from numpyro.distributions import Bernoulli, MultivariateNormal
from numpyro.infer import MCMC, NUTS

from app.scoring import ELICITED, PARAMETERS, fit
from app.scoring.laplace import sigmoid
from app.scoring.learning import normal_of
from app.scoring.outcomes import training_set
from benchmarks.scoring.measures import outcomes_of
from benchmarks.scoring.worlds import Floats, warmth_and_mood

_SIZES: Final = (20, 100, 500)
_ASKED: Final = 500
_WARM_UP: Final = 1_000
_DRAWS: Final = 4_000


def compared() -> Iterator[str]:
    """Compare the medians of the probability, in hundredths, and the widths of the interval."""
    yield "Laplace against NUTS: the probabilities of 500 cases, in hundredths."
    yield "| n | largest difference | mean difference | sd of the log-odds, ours / sampler |"
    yield "|---:|---:|---:|---:|"
    dice = np.random.default_rng(1)
    world = warmth_and_mood(dice)
    asked = training_set(outcomes_of(world.sample(dice, _ASKED)))[0].features
    for size in _SIZES:
        outcomes = outcomes_of(world.sample(dice, size))
        rows, _ = training_set(outcomes)
        drawn = asked @ _draws(rows.features, rows.offered).T
        belief = normal_of(fit(outcomes))
        spread = np.sqrt(np.einsum("ij,jk,ik->i", asked, np.linalg.inv(belief.precision), asked))
        apart = 100.0 * np.abs(sigmoid(asked @ belief.mean) - sigmoid(np.median(drawn, axis=1)))
        ratio = float((spread / drawn.std(axis=1)).mean())
        yield f"| {size} | {apart.max():.2f} | {apart.mean():.2f} | {ratio:.3f} |"


def _draws(features: Floats | Any, offered: Floats | Any) -> Floats:  # noqa: ANN401 - of any precision
    """Return draws from the posterior, a row for each."""
    numpyro.enable_x64()
    mean, factor = jnp.array(ELICITED.mean), np.asarray(ELICITED.factor)
    covariance = jnp.array(factor @ factor.T)

    def model() -> None:
        theta = numpyro.sample("theta", MultivariateNormal(mean, covariance))
        log_odds = jnp.array(features) @ theta
        numpyro.sample("offered", Bernoulli(logits=log_odds), obs=jnp.array(offered))

    chain = MCMC(
        NUTS(model), num_warmup=_WARM_UP, num_samples=_DRAWS, progress_bar=False, num_chains=1
    )
    chain.run(jax.random.PRNGKey(1))
    found: Floats = np.asarray(chain.get_samples()["theta"]).reshape(-1, len(PARAMETERS))
    return found
