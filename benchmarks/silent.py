"""`debrief serve` whose facts are dropped: what a request costs where nobody is told of it."""

from app.cli import main
from app.core.transactions import Last
from app.core.work import Work, Writing


def _drop(_: Work, writing: Writing) -> list[Last]:
    writing.announced.clear()
    return []


if __name__ == "__main__":
    Work._tell = _drop  # type: ignore[assignment, method-assign]  # noqa: SLF001 - nothing else does it
    main(["serve"])
