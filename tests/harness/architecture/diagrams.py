"""Renders the import contracts of pyproject.toml as Mermaid diagrams and tables."""

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "architecture.md"
_BLOCK = re.compile(r"<!-- contract: (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def page() -> str:
    """Return the page as it has to be: every marked block generated from its contract."""
    contracts = {contract["id"]: contract for contract in _contracts()}
    return _BLOCK.sub(lambda block: _block(contracts[block[1]]), PAGE.read_text(encoding="utf-8"))


def _contracts() -> list[dict[str, Any]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return contracts


def _block(contract: dict[str, Any]) -> str:
    (container,) = contract["containers"]
    layers = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    lines = [
        f"<!-- contract: {contract['id']} -->",
        "```mermaid",
        "flowchart TB",
        *_edges(layers),
        "```",
        "",
        "| layer | package | contents |",
        "|---:|---|---|",
        *_rows(container, layers),
        "<!-- end -->",
    ]
    return "\n".join(lines)


def _edges(layers: Sequence[Sequence[str]]) -> Iterator[str]:
    for upper, lower in pairwise(layers):
        yield f"    {' & '.join(upper)} --> {' & '.join(lower)}"


def _rows(container: str, layers: Sequence[Sequence[str]]) -> Iterator[str]:
    for number, layer in enumerate(layers, start=1):
        for name in layer:
            path = Path(*container.split("."), name)
            is_package = (ROOT / path).is_dir()
            source = path / "__init__.py" if is_package else path.with_suffix(".py")
            shown = f"{path.as_posix()}/" if is_package else source.as_posix()
            yield f"| {number} | `{shown}` | {_summary(ROOT / source)} |"


def _summary(source: Path) -> str:
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8")))
    return (docstring or "").partition("\n\n")[0].replace("\n", " ")
