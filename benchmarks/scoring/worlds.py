"""Worlds to learn in: cases, what became of them, and the true probability of each.

A world draws the outcome first, then what nobody sees (how well it went, how
warm the interviewer and how cheerful the candidate is), then the level of every signal, then
what of it is reported. What nobody sees takes few values, so the probability
of an offer given what is reported is a finite sum: the oracle is exact. No
world is drawn from the model that is tried in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.scoring import ANSWER_RATES, CATALOGUE, Case, Interview, Kind, Level, Round, SignalId
from app.scoring.priors import BASE_RATES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Dice = np.random.Generator

ROUNDS: Final = tuple(Round)
UNKNOWN: Final = 3  # after the three levels
NOT_HELD: Final = 4
_SIGNALS: Final = len(CATALOGUE)
_VALUES: Final = np.array([list(row.values.values()) for row in CATALOGUE])
_RATES: Final = np.array(
    [[0.5 * (r.offer + r.no_offer) for r in ANSWER_RATES[row.id]] for row in CATALOGUE]
)
_IS_SIGN: Final = np.array([row.kind is Kind.SIGN for row in CATALOGUE])
_STAGE_SHARES: Final = np.array([0.50, 0.30, 0.20])
_STAGE_LOG_ODDS: Final = np.log([rate / (1.0 - rate) for rate in BASE_RATES.values()])
_EARLIER: Final = 0.8  # what a signal of an earlier round is tilted, beside one of the latest
_RECORDED: Final = 0.7
_GRID: Final = np.linspace(-2.4, 2.4, 13)


class Sample(NamedTuple):
    """Cases in the order in which their outcomes became known."""

    stage: Ints  # place of the highest round
    levels: Ints  # case by round by signal: 0 to 2, UNKNOWN or NOT_HELD
    offered: Flags
    truth: Floats  # probability of an offer given all that is reported
    answered: Flags  # whether anybody said in time what became of it

    @property
    def learnt_as(self) -> Flags:
        """What each case is learnt as where silence is learnt as no offer."""
        return self.offered & self.answered

    def only(self, which: slice | NDArray[Any]) -> "Sample":
        """Return some of the cases."""
        columns: Any = (column[which] for column in self)
        return Sample(*columns)

    def of_case(self, place: int) -> Case:
        """Return one case as the estimate takes it."""
        held = [
            Interview(each, each, self._signals(place, at))
            for at, each in enumerate(ROUNDS)
            if self.levels[place, at, 0] != NOT_HELD
        ]
        return Case(tuple(held), ROUNDS[self.stage[place]])

    def _signals(self, place: int, at: int) -> dict[SignalId, Level]:
        levels = self.levels[place, at].tolist()
        return {
            row.id: list(row.values)[level]
            for row, level in zip(CATALOGUE, levels, strict=True)
            if level < UNKNOWN
        }


@dataclass(frozen=True)
class World:
    """How the unseen, the signals and the reports hang on the outcome."""

    base: Floats  # log-odds by stage
    nodes: Floats  # what the unseen can be: a row for each value, with one column for each part
    chances: Floats  # of each row, without and with an offer
    tilts: Floats  # part by signal: how far it tilts the signal towards its favourable levels
    recorded: Floats  # signal by level: the chance that it is reported at all
    inflated: float = 0.0  # the chance that a level is reported one better than it was
    answered: tuple[float, float] = (1.0, 1.0)  # chances that a rejection, an offer is told in time

    def sample(self, dice: Dice, size: int) -> Sample:
        """Draw cases with their outcomes and true probabilities."""
        stage = dice.choice(len(ROUNDS), size, p=_STAGE_SHARES)
        offered = dice.random(size) < _sigmoid(self.base[stage])
        node = np.empty(size, dtype=np.int64)
        for told in (False, True):
            which = offered == told
            node[which] = dice.choice(len(self.nodes), int(which.sum()), p=self.chances[int(told)])
        levels = np.full((size, len(ROUNDS), _SIGNALS), NOT_HELD)
        log_odds = np.zeros((size, len(self.nodes)))
        for at in range(len(ROUNDS)):
            for weight, which in ((1.0, stage == at), (_EARLIER, stage > at)):
                table = self._table(weight)
                drawn = _drawn(dice, table[node[which]])
                levels[which, at] = drawn
                log_odds[which] += _log_likelihood(table, drawn)
        top = log_odds.max(axis=1, keepdims=True)
        with_, without = (np.exp(log_odds - top) @ self.chances[told] for told in (1, 0))
        truth = _sigmoid(self.base[stage] + np.log(with_) - np.log(without))
        answered = dice.random(size) < np.where(offered, self.answered[1], self.answered[0])
        return Sample(stage, levels, offered, truth, answered)

    def _table(self, weight: float) -> Floats:
        """Return the chance of each report: node by signal by level or UNKNOWN."""
        tilt = weight * (self.nodes @ self.tilts)
        chance = _RATES * np.exp(tilt[:, :, None] * _VALUES)
        chance /= chance.sum(axis=2, keepdims=True)
        honest = 1.0 - self.inflated
        chance = honest * chance + self.inflated * np.einsum("njl,jlm->njm", chance, _BETTER)
        told = chance * self.recorded
        return np.concatenate([told, 1.0 - told.sum(axis=2, keepdims=True)], axis=2)


def _better() -> Floats:
    """Return which level is one better than which, by signal; the best stays as it is."""
    better = np.zeros((_SIGNALS, 3, 3))
    better[_IS_SIGN] = [[0, 1, 0], [0, 0, 1], [0, 0, 1]]
    better[~_IS_SIGN] = [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    return better


_BETTER: Final = _better()


def _drawn(dice: Dice, chances: Floats) -> Ints:
    at = dice.random(chances.shape[:2])[:, :, None]
    drawn: Ints = (at > np.cumsum(chances, axis=2)[:, :, :-1]).sum(axis=2)
    return drawn


def _log_likelihood(table: Floats, drawn: Ints) -> Floats:
    logs = np.log(np.maximum(table, 1e-300))
    seen = np.eye(UNKNOWN + 1)[drawn].reshape(len(drawn), logs[0].size)
    found: Floats = seen @ logs.reshape(len(table), -1).T
    return found


def _sigmoid(log_odds: Floats) -> Floats:
    chance: Floats = 1.0 / (1.0 + np.exp(-log_odds))
    return chance


# --- the families -----------------------------------------------------------


def _grid(*parts: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return the values of unseen parts and their chances without and with an offer.

    Each part is normal with deviation 1; its centre lies at the given places without and with one.
    """
    axes = np.meshgrid(*[_GRID] * len(parts), indexing="ij")
    nodes = np.stack([axis.ravel() for axis in axes], axis=1)
    chances = []
    for told in (0, 1):
        centre = np.array([part[told] for part in parts])
        heights = np.exp(-0.5 * ((nodes - centre) ** 2).sum(axis=1))
        chances.append(heights / heights.sum())
    return nodes, np.array(chances)


def _ordinary(dice: Dice) -> tuple[Floats, Floats]:
    """Return base log-odds and the strength of each signal, as a workplace might have them."""
    base = _STAGE_LOG_ODDS + dice.normal(0.0, 0.4) + dice.normal(0.0, 0.15, len(ROUNDS))
    return base, np.clip(dice.normal(1.0, 0.4, _SIGNALS), 0.1, None)


def _recorded() -> Floats:
    return np.full((_SIGNALS, 3), _RECORDED)


def one_common_factor(dice: Dice) -> World:
    """Let everything witness one thing: how well the conversation went."""
    base, strength = _ordinary(dice)
    nodes, chances = _grid((-0.5, 0.6))
    return World(base, nodes, chances, 1.1 * strength[None, :], _recorded())


def independent(dice: Dice) -> World:
    """Let each signal tell a little of the outcome and nothing of the others."""
    base, strength = _ordinary(dice)
    nodes, chances = np.array([[-0.5], [0.5]]), np.eye(2)
    return World(base, nodes, chances, 0.5 * strength[None, :], _recorded())


def warmth_and_mood(dice: Dice) -> World:
    """Let signs follow the interviewer's warmth and all reports the candidate's mood."""
    base, strength = _ordinary(dice)
    nodes, chances = _grid((-0.55, 0.65), (-0.15, 0.15))
    mood = dice.uniform(0.3, 1.2, _SIGNALS)
    return World(base, nodes, chances, np.array([1.1 * strength, mood]), _recorded())


def useless(dice: Dice) -> World:
    """Let the signals tell of the candidate's mood and of nothing else."""
    base, strength = _ordinary(dice)
    nodes, chances = _grid((0.0, 0.0))
    return World(base, nodes, chances, strength[None, :], _recorded())


def shifted_base_rate(dice: Dice) -> World:
    """Make offers far rarer, or far more frequent, than reports have it."""
    world = one_common_factor(dice)
    return replace(world, base=world.base + dice.choice([-1.2, 0.9]))


def missing_not_at_random(dice: Dice) -> World:
    """Have what went badly written down less often."""
    world = warmth_and_mood(dice)
    recorded = _recorded()
    recorded[_IS_SIGN] = [0.45, 0.65, 0.85]
    recorded[~_IS_SIGN] = [0.85, 0.65, 0.45]
    return replace(world, recorded=recorded)


def inflated_self_reports(dice: Dice) -> World:
    """Report four in ten observations one level better than they were."""
    return replace(warmth_and_mood(dice), inflated=0.4)


def reversed_signs(dice: Dice) -> World:
    """Make interviewers warmer who expect to reject; slips are what they seem."""
    base, strength = _ordinary(dice)
    nodes, chances = _grid((-0.5, 0.6))
    tilts = 1.1 * strength * np.where(_IS_SIGN, -0.7, 1.0)
    return World(base, nodes, chances, tilts[None, :], _recorded())


def ghosting(dice: Dice) -> World:
    """Leave six in ten rejections untold, and tell one offer in twenty-five late."""
    return replace(warmth_and_mood(dice), answered=(0.4, 0.96))


@dataclass(frozen=True)
class Drift:
    """One world turns into another while it is learnt from; the last is the one that is asked."""

    worlds: tuple[World, ...]

    def sample(self, dice: Dice, size: int) -> Sample:
        """Draw from each world in turn."""
        shares = [len(part) for part in np.array_split(np.arange(size), len(self.worlds))]
        drawn = [
            world.sample(dice, share) for world, share in zip(self.worlds, shares, strict=True)
        ]
        columns: Any = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
        return Sample(*columns)


def drift(dice: Dice) -> Drift:
    """Let offers become rarer over the years, and the signs tell less."""
    world = one_common_factor(dice)
    return Drift(
        tuple(
            replace(world, base=world.base + shift, tilts=world.tilts * factor)
            for shift, factor in ((0.4, 1.2), (0.2, 1.0), (0.0, 0.9), (-0.2, 0.8), (-0.4, 0.7))
        )
    )


@dataclass(frozen=True)
class Interactions:
    """What one signal tells hangs on others; the outcome is drawn last, from what is reported."""

    inner: World  # draws the reports, and knows nothing of the outcome
    base: Floats
    strength: Floats
    pairs: tuple[tuple[int, int, float], ...]

    def sample(self, dice: Dice, size: int) -> Sample:
        """Draw cases with their outcomes and true probabilities."""
        drawn = self.inner.sample(dice, size)
        sums = np.zeros((size, _SIGNALS))
        values = np.concatenate([_VALUES, np.zeros((_SIGNALS, 2))], axis=1)
        for at in range(len(ROUNDS)):
            weight = np.where(drawn.stage == at, 1.0, _EARLIER)[:, None]
            sums += weight * values[np.arange(_SIGNALS), drawn.levels[:, at]]
        log_odds = self.base[drawn.stage] + 1.3 * np.tanh(sums @ self.strength / 1.6)
        for one, other, force in self.pairs:
            log_odds += force * np.tanh(2.0 * sums[:, one]) * np.tanh(2.0 * sums[:, other])
        truth = _sigmoid(log_odds)
        return drawn._replace(truth=truth, offered=dice.random(size) < truth)


def interactions(dice: Dice) -> Interactions:
    """Let some signals tell only together with others, or cancel each other."""
    base, strength = _ordinary(dice)
    pairs = [dice.choice(_SIGNALS, 2, replace=False) for _ in range(8)]
    forces = dice.normal(0.0, 0.3, len(pairs))
    return Interactions(
        useless(dice),
        base,
        strength,
        tuple(
            (int(one), int(other), float(f)) for (one, other), f in zip(pairs, forces, strict=True)
        ),
    )


FAMILIES: Final[Mapping[str, Callable[[Dice], World | Drift | Interactions]]] = {
    "independent": independent,
    "one common factor": one_common_factor,
    "warmth and mood": warmth_and_mood,
    "interactions": interactions,
    "useless signs": useless,
    "shifted base rate": shifted_base_rate,
    "missing not at random": missing_not_at_random,
    "inflated self-reports": inflated_self_reports,
    "reversed signs": reversed_signs,
    "drift": drift,
    "ghosting": ghosting,
}

REALISTIC: Final = (
    "one common factor",
    "warmth and mood",
    "interactions",
    "missing not at random",
    "inflated self-reports",
    "ghosting",
)
"""The families that a workplace could well be, taken together in the summary."""
