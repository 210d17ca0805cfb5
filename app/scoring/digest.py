"""Names for what went into an estimate: one for the model, one for the evidence.

Equal digests mean that the numbers must be equal; a stored estimate whose
digests still hold can be computed again and compared.
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
    """Return sixteen hex characters for priors, settings, signal table and training set.

    `training_set` is the digest of the outcomes learnt from, empty when there are none.
    """
    parts = {"settings": SETTINGS, "signals": _TABLE, "training_set": training_set}
    return digest(parts, length=_LENGTH)


def inputs_digest(case: Case) -> str:
    """Return sixteen hex characters for the evidence of a case.

    Identifiers and the order of interviews are left out: they change the
    presentation and not the numbers.
    """
    interviews = sorted((held.round, sorted(held.signals.items())) for held in case.interviews)
    return digest({"stage": case.stage, "interviews": interviews}, length=_LENGTH)
