"""Pages for contributors agree with the code: diagrams, paths and links."""

import re
from pathlib import Path

import pytest

from tests.harness.architecture import diagrams

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
_PATH = re.compile(
    r"`((?:app|migrations|tests|benchmarks|docs|openapi|requirements)/[\w./-]*\w/?)`"
)
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[\w-]+)?\)")


def test_the_diagrams_are_generated_from_the_import_contracts() -> None:
    assert diagrams.PAGE.read_text(encoding="utf-8") == diagrams.page(), "run: make architecture"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_and_link_of_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = {path for path in _PATH.findall(text) if not (ROOT / path).exists()}
    missing |= {link for link in _LINK.findall(text) if not (page.parent / link).exists()}
    assert missing == set()


def test_every_page_of_the_docs_is_in_an_index() -> None:
    for index in (ROOT / "docs" / "README.md", ROOT / "docs" / "decisions" / "README.md"):
        linked = set(_LINK.findall(index.read_text(encoding="utf-8")))
        pages = {path.name for path in index.parent.glob("*.md")} - {"README.md"}
        assert pages - linked == set(), index
