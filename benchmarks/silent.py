"""`debrief serve` that drops its facts between SIGUSR1 and SIGUSR2: what requests cost untold."""

import signal

from app.cli import main
from app.core.persistence.commit_pipeline import DeferredStatement
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession

DROP, KEEP = signal.SIGUSR1, signal.SIGUSR2

_keep = UnitOfWorkRunner._tell  # noqa: SLF001 - nothing else writes events down


def _drop(_: UnitOfWorkRunner, writing: WriteSession) -> list[DeferredStatement]:
    writing.pending_events.clear()
    return []


if __name__ == "__main__":
    for number, tell in ((DROP, _drop), (KEEP, _keep)):
        signal.signal(number, lambda *_, tell=tell: setattr(UnitOfWorkRunner, "_tell", tell))
    main(["serve"])
