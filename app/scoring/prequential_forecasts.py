"""What the model would have foretold of every outcome, learnt from the older ones alone.

Belief is carried from outcome to outcome in blocks, by the slope and the curvature
where the block starts (assumed-density filtering), and brought to the true maximum at the
start of the next. A block ends early where belief has moved so far that the slope
would no longer hold.

The last walks over outcomes are remembered in memory, so that one outcome more costs one block
more. A walk goes on from where its outcomes are still the same ones, and from nothing else: what
comes of it is the same to the last bit as without a memory.
"""

import threading
from collections import OrderedDict
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.scoring.features import FIRST_SIGNAL_PLACE, TOTAL_PLACE
from app.scoring.laplace import Normal, centred, maximum, sigmoid
from app.scoring.outcomes import Floats, TrainingSet, saturated
from app.scoring.sign_constraints import (
    ConstrainedPosterior,
    Path,
    directed,
    directed_along,
)
from app.scoring.signals import CATALOGUE

_SHARE: Final = 4  # the maximum is found anew when outcomes have grown by one in four
_ONE_BY_ONE: Final = 100  # outcomes that are forecast exactly: while little is known all moves
_LONGEST: Final = 64  # outcomes of a block: its Gram matrix is factorised whole
_FARTHEST_MOVE: Final = 0.2  # nats that cases have moved since the maximum was last found, rms
_OLDEST: Final = 0.1  # half-lives: the maximum is found anew when what is known has faded more
_NEAR: Final = 1e-2  # squared deviations: a step so short leads to the maximum
_LEAST_CURVATURE: Final = 1e-9
_REACH: Final = np.array([row.reach for row in CATALOGUE]) / sum(row.reach for row in CATALOGUE)
_FARTHEST: Final = 30.0  # log-odds; no forecast is bolder, so that no loss is infinite
_REMEMBERED: Final = 32  # walks; one over 5,000 outcomes takes 1.3 MB at most
_APART: Final = 16  # outcomes between stops that are remembered


class Checkpoint(NamedTuple):
    """What is believed before an outcome: forecasts from there on follow from nothing else."""

    start: int
    seen: int  # outcomes that it follows from: a block that ends early was looked at whole
    mean: Floats
    covariance: Floats
    origin: Floats  # the maximum that was found last
    off: Floats  # from a maximum to the mean of its belief
    anew: int  # where the maximum is found anew


class ForecastRun(NamedTuple):
    """The forecasts of outcomes, and the stops from which they could be made differently."""

    names: NDArray[np.uint64]
    forecasts: Floats
    stops: list[Checkpoint]


class ForecastCache:
    """The last walks, by the belief before any outcome and by the oldest outcome."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._walks: OrderedDict[tuple[bytes, ...], ForecastRun] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, rows: TrainingSet, prior: Normal) -> ForecastRun:
        """Return a walk as far as it was made of the same outcomes before."""
        with self._lock:
            last = self._walks.get(_key(rows, prior))
        forecasts = np.empty(rows.size)
        if last is None or rows.aged.any():  # what has faded has been looked at from another day
            return ForecastRun(rows.names.copy(), forecasts, [_first(prior)])
        alike = _alike(rows.names, last.names)
        stops = [stop for stop in last.stops if stop.seen <= alike]
        forecasts[: stops[-1].start] = last.forecasts[: stops[-1].start]
        return ForecastRun(rows.names.copy(), forecasts, stops)

    def keep(self, rows: TrainingSet, prior: Normal, walk: ForecastRun) -> None:
        """Remember a walk, and forget the one that nobody has asked for the longest."""
        if rows.aged.any():
            return
        with self._lock:
            key = _key(rows, prior)
            self._walks[key] = walk
            self._walks.move_to_end(key)
            while len(self._walks) > self._most:
                self._walks.popitem(last=False)


_MEMORY: Final = ForecastCache()


def model_forecasts(rows: TrainingSet, prior: Normal, memory: ForecastCache = _MEMORY) -> Floats:
    """Forecast every outcome by the model learnt from those before it. Gives log-odds."""
    if rows.size == 0:
        return np.empty(0)
    walk = memory.begin(rows, prior)
    at, is_whole = walk.stops[-1], True
    while at.start < rows.size:
        if at.start >= max(at.anew, _ONE_BY_ONE):
            at = _found_anew(rows, prior, at)
            if walk.stops[-1].start == at.start:
                walk.stops[-1] = at
        told, following = _step(rows, prior, at)
        walk.forecasts[at.start : following.start] = told
        at, is_whole = following, is_whole and following.seen <= rows.size
        # Of a block that the end of the outcomes cut, more of them might change the last bits.
        if is_whole and at.start >= walk.stops[-1].start + _APART:
            walk.stops.append(at)
    memory.keep(rows, prior, walk)
    bounded: Floats = np.clip(walk.forecasts, -_FARTHEST, _FARTHEST)
    return bounded


def _key(rows: TrainingSet, prior: Normal) -> tuple[bytes, ...]:
    return prior.mean.tobytes(), prior.precision.tobytes(), rows.names[0].tobytes()


def _first(prior: Normal) -> Checkpoint:
    mean, covariance = prior.mean, np.linalg.inv(prior.precision)
    return Checkpoint(0, 0, mean, covariance, mean, np.zeros_like(mean), 0)


def _alike(names: NDArray[np.uint64], others: NDArray[np.uint64]) -> int:
    """Return how many names from the first one on are the same."""
    both = min(len(names), len(others))
    different = (names[:both] != others[:both]).any(axis=1)
    return int(np.argmax(different)) if different.any() else both


def _step(rows: TrainingSet, prior: Normal, at: Checkpoint) -> tuple[Floats, Checkpoint]:
    """Return the next forecasts, and the stop after them."""
    if at.start < _ONE_BY_ONE:
        return _exact(rows, prior, at)
    end = min(at.anew, at.start + _LONGEST)
    block = rows.cut(slice(at.start, end))
    block = block._replace(weights=block.own)
    path = _path(block, at.mean, at.covariance)
    # Of the cases met so far only: a forecast must not know what will be asked later.
    moves = np.tril((path.means - at.origin) @ block.features.T)
    met = np.minimum(np.arange(1, block.size + 2), block.size)
    moved = (moves * moves).sum(axis=1) > met * _FARTHEST_MOVE * _FARTHEST_MOVE
    taken = max(1, int(np.argmax(moved))) if moved.any() else block.size
    passed = Path(path.means[:taken] + at.off, at.covariance, path.gains)
    told = log_odds(block.cut(slice(taken)), directed_along(passed))
    start = at.start + taken
    following = at._replace(
        start=start,
        seen=max(at.seen, end),
        mean=path.means[taken].copy(),  # and not a view of them all
        covariance=path.covariance_at(taken),
        anew=start if moved.any() else at.anew,
    )
    return told, following


def _found_anew(rows: TrainingSet, prior: Normal, at: Checkpoint) -> Checkpoint:
    """Return the stop with the belief at the true maximum, and where it is found anew next."""
    known = rows.known(at.start)
    found = maximum(known, prior, at.mean, near=_NEAR) or prior
    covariance = np.linalg.inv(found.precision)
    off = centred(known, found.mean, covariance) - found.mean
    anew = at.start + max(1, at.start // _SHARE)
    if rows.aged.any():
        fresh = int((rows.aged[at.start :] <= rows.aged[at.start - 1] + _OLDEST).sum())
        anew = min(anew, at.start + max(1, fresh))
    return Checkpoint(at.start, at.seen, found.mean, covariance, found.mean, off, anew)


def _exact(rows: TrainingSet, prior: Normal, at: Checkpoint) -> tuple[Floats, Checkpoint]:
    """Forecast one outcome as it would have been on its day."""
    known = rows.known(at.start)
    found = maximum(known, prior, at.mean) or prior
    covariance = np.linalg.inv(found.precision)
    belief = directed(centred(known, found.mean, covariance), covariance)
    end = at.start + 1
    told = log_odds(rows.cut(slice(at.start, end)), belief)
    off = np.zeros_like(found.mean)
    return told, Checkpoint(end, end, found.mean, covariance, found.mean, off, 0)


def log_odds(rows: TrainingSet, by: ConstrainedPosterior) -> Floats:
    """Return what `estimate` says of each case before the guard, each under a belief of its own."""
    worths = by.means[:, FIRST_SIGNAL_PLACE:TOTAL_PLACE]
    sizes = np.abs(worths)
    typical = (sizes @ _REACH)[:, None]
    relative = np.divide(sizes, typical, out=np.zeros_like(sizes), where=typical > 0.0)
    plain = [*range(FIRST_SIGNAL_PLACE), TOTAL_PLACE]
    found: Floats = (rows.features[:, plain] * by.means[:, plain]).sum(axis=1)
    for sign, values in ((1.0, rows.favourable), (-1.0, rows.unfavourable)):
        strengths, effects = values * relative, values * worths
        if by.turned.any():
            agreeing = saturated(np.where(by.turned, 0.0, strengths).sum(axis=1))
            found += sign * agreeing * np.where(by.turned, 0.0, effects).sum(axis=1)
            effects = np.where(by.turned, effects, 0.0)
        found += sign * saturated(strengths.sum(axis=1)) * effects.sum(axis=1)
    return found


def _path(rows: TrainingSet, mean: Floats, covariance: Floats) -> Path:
    """Let a belief see one outcome after the other, by slope and curvature where it starts.

    Each is then as good as a measurement of its log-odds. The triangular factor of what the
    measurements have in common holds all beliefs in between, since its rows know only earlier ones.
    """
    chances = sigmoid(rows.features @ mean)
    curvatures = rows.weights * chances * (1.0 - chances)
    curvatures = np.maximum(curvatures, _LEAST_CURVATURE)
    measured = rows.weights * (rows.offered - chances) / curvatures
    spread = rows.features @ covariance
    shared = spread @ rows.features.T + np.diag(1.0 / curvatures)
    both = np.column_stack([spread, measured])
    solved = np.linalg.solve(np.linalg.cholesky(shared), both)
    gains, told = solved[:, :-1], solved[:, -1:]
    steps = np.cumsum(np.vstack([mean[None, :], gains * told]), axis=0)
    return Path(steps, covariance, gains)
