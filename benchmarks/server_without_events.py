"""`debrief serve` that drops its events between SIGUSR1 and SIGUSR2, to measure what they cost."""

import signal

from app.cli import main
from app.core.persistence.compiled import DeferredStatement
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession

DROP, KEEP = signal.SIGUSR1, signal.SIGUSR2

_keep = UnitOfWorkRunner._handle_events  # noqa: SLF001 - the only method that stores events


def _drop(_: UnitOfWorkRunner, session: WriteSession) -> list[DeferredStatement]:
    session.pending_events.clear()
    return []


if __name__ == "__main__":
    for number, handle in ((DROP, _drop), (KEEP, _keep)):
        signal.signal(
            number, lambda *_, handle=handle: setattr(UnitOfWorkRunner, "_handle_events", handle)
        )
    main(["serve"])
