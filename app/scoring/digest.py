"""Digests of the inputs of an estimate: one of the model, one of the evidence.

Equal digests mean equal estimates. A stored estimate whose digests are current can be computed
again and compared.
"""

from functools import lru_cache
from typing import Final

from app.kit.digest import digest
from app.scoring.case import Case
from app.scoring.priors import SETTINGS
from app.scoring.signals import CATALOGUE

_LENGTH: Final = 16
_TABLE: Final = {row.id: dict(row.values) for row in CATALOGUE}


@lru_cache(maxsize=256)
def model_version(training_set: str) -> str:
    """Return the digest of priors, settings, signal table and training set, as 16 hex characters.

    `training_set` is the digest of the outcomes learnt from, empty when there are none.
    """
    parts = {"settings": SETTINGS, "signals": _TABLE, "training_set": training_set}
    return digest(parts, length=_LENGTH)


def inputs_digest(case: Case) -> str:
    """Return the digest of the evidence of a case, as 16 hex characters.

    Identifiers and the order of interviews are left out: they do not change the numbers.
    """
    interviews = sorted(
        (interview.round, sorted(interview.signals.items())) for interview in case.interviews
    )
    return digest({"stage": case.stage, "interviews": interviews}, length=_LENGTH)
