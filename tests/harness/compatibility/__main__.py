"""Compare the contract with the last release: `python -m tests.harness.compatibility`.

Exits with 1 when a client of the released contract would notice. With `--release` the committed
contract becomes the released one, unless it breaks that promise.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.harness.compatibility.findings import Finding
from tests.harness.compatibility.operations import breaks
from tests.harness.compatibility.problems import problem_breaks

OPENAPI = Path(__file__).parents[3] / "openapi"
COPIES = {"released.json": "openapi.json", "released-problems.json": "problems.json"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and release if asked to and if it may be."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.harness.compatibility", description=__doc__
    )
    parser.add_argument("--release", action="store_true", help="make it the released contract")
    parser.add_argument("--folder", type=Path, default=OPENAPI, help="where the contracts are")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    today = datetime.now(UTC).date()
    is_first = not any((folder / name).exists() for name in COPIES)
    if is_first and not options.release:
        print("No contract was released yet. Run: python3 dev.py release-contract")
        return 1
    found = [] if is_first else compare(folder, today, releasing=options.release)
    for finding in found:
        print(f"{finding}\n")
    print(f"{len(found)} breaks between {_version(folder)} and the contract released before")
    if found:
        return 1
    if options.release:
        for copy, original in COPIES.items():
            shutil.copyfile(folder / original, folder / copy)
        print("released; commit it with the tag of this version")
    return 0


def compare(folder: Path, today: date, *, releasing: bool = False) -> list[Finding]:
    """Return every break between the released and the committed contract of a folder."""
    released, problems, current, current_problems = (
        _read(folder / name) for name in (*COPIES, *COPIES.values())
    )
    return [
        *breaks(released, current, today=today, releasing=releasing),
        *problem_breaks(problems, current_problems),
    ]


def _version(folder: Path) -> str:
    return str(_read(folder / "openapi.json")["info"]["version"])


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
