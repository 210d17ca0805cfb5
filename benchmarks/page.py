"""docs/benchmarks.md: each measurement writes its own section."""

from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def put(title: str, section: str) -> None:
    """Write a section in the place of the one with this title, or at the end."""
    heading = f"\n## {title}\n"
    before, _, after = PAGE.read_text(encoding="utf-8").partition(heading)
    _, next_heading, rest = after.partition("\n## ")
    PAGE.write_text(before + heading + section + next_heading + rest, encoding="utf-8")
