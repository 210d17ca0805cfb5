"""Training data: the evidence and the outcome of one case, in a compact record to be stored.

An `Outcome` is a record of fixed length. Its first sixteen bytes are a digest of the rest. Records
are sorted by it and a training set is named by it without reading their content, so that the order
in which outcomes arrive has no effect.
"""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.kit.digest import digest
from app.scoring.case import Case
from app.scoring.features import (
    FIRST_SIGNAL_INDEX,
    FURTHER_ROUNDS_INDEX,
    PARAMETERS,
    STAGE_INDEX,
    TOTAL_INDEX,
    Evidence,
    evidence_of,
)
from app.scoring.priors import FORM
from app.scoring.signals import CATALOGUE

Floats = NDArray[np.floating[Any]]

_DIGEST_BYTES: Final = 16
_RECORD: Final = np.dtype(
    [
        ("name", "<u8", (2,)),
        ("form", "<i4"),
        ("known_on", "<i4"),  # days since 1 January of year 1, counted from 1
        ("offered", "<i2"),
        ("stage", "<i2"),
        ("further_rounds", "<i4"),
        ("weight", "<f8"),
        ("favourable", "<f8", (len(CATALOGUE),)),  # nats by signal, not negative
        ("unfavourable", "<f8", (len(CATALOGUE),)),
    ]
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The evidence and the outcome of one case, encoded as a record of fixed length."""

    encoded: bytes

    @property
    def name(self) -> str:
        """The digest of the record in hex; equal outcomes have equal names."""
        return self.encoded[:_DIGEST_BYTES].hex()

    @property
    def offered(self) -> bool:
        """Whether an offer was made."""
        return bool(self._record["offered"])

    @property
    def known_on(self) -> date:
        """The day on which the outcome became known."""
        return date.fromordinal(int(self._record["known_on"]))

    @property
    def is_current(self) -> bool:
        """Whether the record was encoded with today's formulas; if not, encode the case again."""
        return len(self.encoded) == _RECORD.itemsize and int(self._record["form"]) == FORM

    @property
    def _record(self) -> Any:  # noqa: ANN401 - a row of a structured array has no type of its own
        return np.frombuffer(self.encoded, _RECORD)[0]


def outcome_of(case: Case, *, offered: bool, known_on: date, weight: float = 1.0) -> Outcome:
    """Encode a case whose outcome is known.

    `weight` is how many outcomes this one counts for. Raises ValueError unless it is positive and
    finite, and UnknownSignalError or UnknownLevelError for signals and levels not in the catalogue.
    """
    if not (weight > 0.0 and math.isfinite(weight)):
        message = f"the weight of an outcome is positive and finite, not {weight}"
        raise ValueError(message)
    record = np.zeros((), _RECORD)
    record["form"], record["known_on"], record["offered"] = FORM, known_on.toordinal(), offered
    record["weight"] = weight
    evidence = evidence_of(case)
    record["stage"] = STAGE_INDEX[evidence.stage]
    record["further_rounds"] = evidence.further_rounds
    record["favourable"], record["unfavourable"] = _by_signal(evidence)
    content = record.tobytes()[_DIGEST_BYTES:]
    return Outcome(hashlib.sha256(content).digest()[:_DIGEST_BYTES] + content)


class TrainingSet(NamedTuple):
    """Outcomes as columns, oldest first; outcomes of one day in the order of their digests."""

    features: Floats  # a row for each outcome, a column for each of PARAMETERS
    favourable: Floats  # a row for each outcome, a column for each signal
    unfavourable: Floats
    offered: Floats  # 1 or 0
    weights: Floats  # base weight times decay
    base_weights: Floats
    log2_decay: Floats  # minus the age in half-lives: 0 for the newest outcome, otherwise negative
    digests: NDArray[np.uint64]  # of each record, in two halves

    @property
    def size(self) -> int:
        """The number of outcomes."""
        return len(self.offered)

    @property
    def is_finite(self) -> bool:
        """Whether all features and weights are finite."""
        return bool(np.isfinite(self.features).all() and np.isfinite(self.weights).all())

    def prefix(self, count: int) -> "TrainingSet":
        """Return the first rows, with their weights when the last of them was the newest."""
        rows = self.subset(slice(count))
        decay = np.exp2(rows.log2_decay - rows.log2_decay[-1:])
        return rows._replace(weights=rows.base_weights * decay)

    def subset(self, part: slice) -> "TrainingSet":
        """Return some of the rows."""
        return TrainingSet._make(column[part] for column in self)


def training_set(
    outcomes: Iterable[Outcome], *, half_life: float | None = None
) -> tuple[TrainingSet, str]:
    """Return the outcomes in their canonical order, weighted by age, and the digest of all of them.

    `half_life` is in days; without it age has no effect. Age is counted from the newest outcome, so
    that the weights do not depend on the current date. Raises ValueError when the half-life is not
    positive, or when a record was encoded with other formulas.
    """
    if half_life is not None and not half_life > 0.0:
        message = f"a half-life is a number of days above 0, not {half_life}"
        raise ValueError(message)
    records = np.frombuffer(b"".join([outcome.encoded for outcome in outcomes]), _RECORD)
    order = np.lexsort((records["name"][:, 1], records["name"][:, 0], records["known_on"]))
    rows = records.view(f"V{_RECORD.itemsize}").take(order).view(_RECORD)
    if (rows["form"] != FORM).any():
        message = "an outcome was encoded with other formulas; encode its case again"
        raise ValueError(message)
    favourable = np.ascontiguousarray(rows["favourable"])
    unfavourable = np.ascontiguousarray(rows["unfavourable"])
    base_weights = np.ascontiguousarray(rows["weight"])
    log2_decay = _log2_decay(rows, half_life)
    columns = TrainingSet(
        _features(rows, favourable, unfavourable),
        favourable,
        unfavourable,
        rows["offered"].astype(np.float64),
        base_weights * np.exp2(log2_decay),
        base_weights,
        log2_decay,
        np.ascontiguousarray(rows["name"]),
    )
    return columns, _digest(rows, half_life)


def saturated(strength: Floats) -> Floats:
    """Return asinh(s)/s for each strength: the array version of `arithmetic.saturation`."""
    safe = np.where(strength > 0.0, strength, 1.0)
    factor: Floats = np.where(strength > 0.0, np.arcsinh(safe) / safe, 1.0)
    return factor


def _features(rows: NDArray[np.void], favourable: Floats, unfavourable: Floats) -> Floats:
    """Return the features of each case: the array version of `features.features_of`."""
    features = np.zeros((len(rows), len(PARAMETERS)))
    features[np.arange(len(rows)), rows["stage"]] = 1.0
    features[:, FURTHER_ROUNDS_INDEX] = rows["further_rounds"]
    favourable_sum, unfavourable_sum = favourable.sum(axis=1), unfavourable.sum(axis=1)
    signals = features[:, FIRST_SIGNAL_INDEX:TOTAL_INDEX]
    np.multiply(favourable, saturated(favourable_sum)[:, None], out=signals)
    signals -= unfavourable * saturated(unfavourable_sum)[:, None]
    features[:, TOTAL_INDEX] = favourable_sum - unfavourable_sum
    return features


def _by_signal(evidence: Evidence) -> tuple[list[float], list[float]]:
    """Return the favourable and the unfavourable nats of each signal, over all interviews."""
    by_signal: list[list[float]] = [[] for _ in CATALOGUE]
    for observation in evidence.observations:
        by_signal[observation.parameter - FIRST_SIGNAL_INDEX].append(observation.value)
    favourable = [math.fsum(value for value in values if value > 0.0) for values in by_signal]
    unfavourable = [math.fsum(-value for value in values if value < 0.0) for values in by_signal]
    return favourable, unfavourable


def _log2_decay(rows: NDArray[np.void], half_life: float | None) -> Floats:
    known_on = rows["known_on"].astype(np.float64)
    if half_life is None or not len(rows):
        return np.zeros_like(known_on)
    log2_decay: Floats = (known_on - known_on[-1]) / half_life
    return log2_decay


def _digest(rows: NDArray[np.void], half_life: float | None) -> str:
    if not len(rows):
        return ""
    outcomes = hashlib.sha256(np.ascontiguousarray(rows["name"]).tobytes()).hexdigest()
    return digest({"outcomes": outcomes, "half_life": half_life})
