"""What is learnt from: the evidence of one case and what became of it, small enough to store.

An `Outcome` is a record of fixed length. Its first sixteen bytes name the rest,
so records are brought into one order, and a set of them gets one name, without
looking at what they hold: the order in which outcomes arrive cannot show.
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
    FIRST_SIGNAL_PLACE,
    FURTHER_ROUNDS_PLACE,
    PARAMETERS,
    STAGE_PLACES,
    TOTAL_PLACE,
    Evidence,
    evidence_of,
)
from app.scoring.priors import FORM
from app.scoring.signals import CATALOGUE

Floats = NDArray[np.floating[Any]]

_NAME: Final = 16  # bytes
_RECORD: Final = np.dtype(
    [
        ("name", "<u8", (2,)),
        ("form", "<i4"),
        ("known_on", "<i4"),  # days since 1 January of year 1, counted from 1
        ("offered", "<i2"),
        ("stage", "<i2"),
        ("further_rounds", "<i4"),
        ("weight", "<f8"),
        ("favourable", "<f8", (len(CATALOGUE),)),  # nats by signal, none below 0
        ("unfavourable", "<f8", (len(CATALOGUE),)),
    ]
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case and what became of it, as a record of fixed length to be stored as it is."""

    packed: bytes

    @property
    def name(self) -> str:
        """Hex characters that name what the record holds; equal outcomes have equal names."""
        return self.packed[:_NAME].hex()

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
        """Whether the record was made by the formulas of today; if not, make it again."""
        return len(self.packed) == _RECORD.itemsize and int(self._record["form"]) == FORM

    @property
    def _record(self) -> Any:  # noqa: ANN401 - a row of a structured array has no type of its own
        return np.frombuffer(self.packed, _RECORD)[0]


def outcome_of(case: Case, *, offered: bool, known_on: date, weight: float = 1.0) -> Outcome:
    """Return the record of a case whose outcome is known.

    `weight` is how many outcomes this one counts for. Raises ValueError unless it is positive and
    finite, UnknownSignalError or UnknownLevelError on foreign words.
    """
    if not (weight > 0.0 and math.isfinite(weight)):
        message = f"an outcome weighs more than nothing and less than infinity, not {weight}"
        raise ValueError(message)
    record = np.zeros((), _RECORD)
    record["form"], record["known_on"], record["offered"] = FORM, known_on.toordinal(), offered
    record["weight"] = weight
    evidence = evidence_of(case)
    record["stage"] = STAGE_PLACES[evidence.stage]
    record["further_rounds"] = evidence.further_rounds
    record["favourable"], record["unfavourable"] = _by_signal(evidence)
    content = record.tobytes()[_NAME:]
    return Outcome(hashlib.sha256(content).digest()[:_NAME] + content)


class TrainingSet(NamedTuple):
    """Outcomes as columns, oldest first; those of one day in the order of their names."""

    features: Floats  # a row for each outcome, a column for each of PARAMETERS
    favourable: Floats  # likewise, with a column for each signal
    unfavourable: Floats
    offered: Floats  # 1 or 0
    weights: Floats
    own: Floats  # what each weighs while it is new
    aged: Floats  # half-lives before the newest, 0 or below
    names: NDArray[np.uint64]  # of what each holds, in two halves

    @property
    def size(self) -> int:
        """How many outcomes there are."""
        return len(self.offered)

    @property
    def is_finite(self) -> bool:
        """Whether every number can be calculated with."""
        return bool(np.isfinite(self.features).all() and np.isfinite(self.weights).all())

    def known(self, count: int) -> "TrainingSet":
        """Return the first rows as they weighed when the last of them was the newest."""
        rows = self.cut(slice(count))
        return rows._replace(weights=rows.own * np.exp2(rows.aged - rows.aged[-1:]))

    def cut(self, part: slice) -> "TrainingSet":
        """Return some of the rows."""
        return TrainingSet._make(column[part] for column in self)


def training_set(
    outcomes: Iterable[Outcome], *, half_life: float | None = None
) -> tuple[TrainingSet, str]:
    """Bring outcomes into their one order, weighed by age if a half-life is given, and name them.

    `half_life` is in days, and age is counted from the newest outcome, so that the same outcomes
    weigh the same tomorrow. Raises ValueError when it is not positive, or when a
    record was made by formulas of another day.
    """
    if half_life is not None and not half_life > 0.0:
        message = f"a half-life is a number of days above 0, not {half_life}"
        raise ValueError(message)
    given = np.frombuffer(b"".join([each.packed for each in outcomes]), _RECORD)
    order = np.lexsort((given["name"][:, 1], given["name"][:, 0], given["known_on"]))
    rows = given.view(f"V{_RECORD.itemsize}").take(order).view(_RECORD)
    if (rows["form"] != FORM).any():
        message = "an outcome was packed by other formulas; pack it again from its evidence"
        raise ValueError(message)
    favourable = np.ascontiguousarray(rows["favourable"])
    unfavourable = np.ascontiguousarray(rows["unfavourable"])
    own, aged = np.ascontiguousarray(rows["weight"]), _aged(rows, half_life)
    columns = TrainingSet(
        _features(rows, favourable, unfavourable),
        favourable,
        unfavourable,
        rows["offered"].astype(np.float64),
        own * np.exp2(aged),
        own,
        aged,
        np.ascontiguousarray(rows["name"]),
    )
    return columns, _digest(rows, half_life)


def saturated(strength: Floats) -> Floats:
    """Return asinh(s)/s for each strength, as `arithmetic.saturation` does for one."""
    safe = np.where(strength > 0.0, strength, 1.0)
    share: Floats = np.where(strength > 0.0, np.arcsinh(safe) / safe, 1.0)
    return share


def _features(rows: NDArray[np.void], favourable: Floats, unfavourable: Floats) -> Floats:
    """Return what `features.features_of` says of each case."""
    features = np.zeros((len(rows), len(PARAMETERS)))
    features[np.arange(len(rows)), rows["stage"]] = 1.0
    features[:, FURTHER_ROUNDS_PLACE] = rows["further_rounds"]
    raising, lowering = favourable.sum(axis=1), unfavourable.sum(axis=1)
    signals = features[:, FIRST_SIGNAL_PLACE:TOTAL_PLACE]
    np.multiply(favourable, saturated(raising)[:, None], out=signals)
    signals -= unfavourable * saturated(lowering)[:, None]
    features[:, TOTAL_PLACE] = raising - lowering
    return features


def _by_signal(evidence: Evidence) -> tuple[list[float], list[float]]:
    """Return the favourable and the unfavourable nats of each signal, over all interviews."""
    seen: list[list[float]] = [[] for _ in CATALOGUE]
    for each in evidence.observations:
        seen[each.parameter - FIRST_SIGNAL_PLACE].append(each.value)
    favourable = [math.fsum(value for value in values if value > 0.0) for values in seen]
    unfavourable = [math.fsum(-value for value in values if value < 0.0) for values in seen]
    return favourable, unfavourable


def _aged(rows: NDArray[np.void], half_life: float | None) -> Floats:
    known_on = rows["known_on"].astype(np.float64)
    if half_life is None or not len(rows):
        return np.zeros_like(known_on)
    aged: Floats = (known_on - known_on[-1]) / half_life
    return aged


def _digest(rows: NDArray[np.void], half_life: float | None) -> str:
    if not len(rows):
        return ""
    names = hashlib.sha256(np.ascontiguousarray(rows["name"]).tobytes()).hexdigest()
    return digest({"outcomes": names, "half_life": half_life})
