"""`debrief serve` whose facts are dropped: what a request costs where nobody is told of it."""

from app.cli import main
from app.core.work import Work, Writing


def _drop(_: Work, writing: Writing) -> None:
    writing.announced.clear()


if __name__ == "__main__":
    Work._tell = _drop  # type: ignore[assignment, method-assign]  # noqa: SLF001 - nothing else does it
    main(["serve"])
