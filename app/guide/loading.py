"""Loader of the guide: reads its TOML files once for each language.

The dataclasses are the schema: a surplus or missing key in a file is an error on loading, and TOML
itself rejects a duplicate id. Line breaks inside a text only serve its editors, so they become
spaces.
"""

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from app.guide.model import (
    Anchor,
    Answer,
    Band,
    Condition,
    Due,
    EstimateTexts,
    Guide,
    Item,
    Level,
    Phase,
    PictureTexts,
    Questionnaire,
    Section,
    Signal,
    SignalKind,
    Step,
    StepKind,
)

DEFAULT_LANGUAGE = "en"

# Parsed content of a file; the dataclasses check its keys.
_Table = dict[str, Any]


class UnknownLanguageError(LookupError):
    """Raised when the guide is not translated into a language."""

    def __init__(self, language: str, available: tuple[str, ...]) -> None:
        """Store the requested language and the available ones."""
        super().__init__(f"the guide is not available in {language!r}, only {', '.join(available)}")
        self.language = language
        self.available = available


@cache
def languages() -> tuple[str, ...]:
    """Return the available languages, as lower-case codes in alphabetical order."""
    return tuple(sorted(entry.name for entry in _root().iterdir() if _is_language(entry)))


@cache
def load(language: str = DEFAULT_LANGUAGE) -> Guide:
    """Return the guide in a language; raise UnknownLanguageError when it is not translated."""
    if language not in languages():
        raise UnknownLanguageError(language, languages())
    versions, folder = _read(_root() / "guide.toml"), _root() / language
    return Guide(
        version=versions["version"],
        language=language,
        signals=_signals(_read(folder / "signals.toml")),
        questionnaire=_questionnaire(
            versions["questionnaire_version"], _read(folder / "questions.toml")
        ),
        steps=_steps(_read(folder / "steps.toml")),
        estimate_texts=_estimate_texts(_read(folder / "estimate.toml")),
    )


def _root() -> Traversable:
    return files("app.guide")


def _is_language(entry: Traversable) -> bool:
    return entry.is_dir() and (entry / "signals.toml").is_file()


def _read(file: Traversable) -> _Table:
    table: _Table = _join_lines(tomllib.loads(file.read_text(encoding="utf-8")))
    return table


def _join_lines(value: Any) -> Any:  # noqa: ANN401 - any TOML value
    match value:
        case str():
            return " ".join(value.split())
        case dict():
            return {key: _join_lines(inner) for key, inner in value.items()}
        case list():
            return [_join_lines(inner) for inner in value]
        case _:
            return value


def _signals(table: _Table) -> tuple[Signal, ...]:
    return tuple(_signal(signal_id, row) for signal_id, row in table.items())


def _signal(signal_id: str, row: _Table) -> Signal:
    parsed = {"kind": SignalKind(row["kind"]), "levels": _levels(row["levels"])}
    return Signal(id=signal_id, **row | parsed)


def _levels(table: _Table) -> tuple[Level, ...]:
    return tuple(Level(id=level_id, **row) for level_id, row in table.items())


def _questionnaire(version: str, table: _Table) -> Questionnaire:
    parsed = {"scale": _scale(table["scale"]), "sections": _sections(table["sections"])}
    return Questionnaire(version=version, **table | parsed)


def _scale(rows: list[_Table]) -> tuple[Answer, ...]:
    # TOML has no null: the answer without a value is "not known yet".
    default: _Table = {"value": None}
    return tuple(Answer(**default | row) for row in rows)


def _sections(table: _Table) -> tuple[Section, ...]:
    return tuple(
        Section(id=section_id, **row | {"items": _items(row["items"])})
        for section_id, row in table.items()
    )


def _items(table: _Table) -> tuple[Item, ...]:
    return tuple(Item(id=item_id, **row) for item_id, row in table.items())


def _steps(table: _Table) -> tuple[Step, ...]:
    return tuple(_step(step_id, row) for step_id, row in table.items())


def _step(step_id: str, row: _Table) -> Step:
    parsed = {
        "kind": StepKind(row["kind"]),
        "phase": Phase(row["phase"]),
        "capabilities": tuple(row["capabilities"]),
        "due": _due(row["due"]) if "due" in row else None,
        "on": Condition(row["on"]) if "on" in row else None,
    }
    return Step(id=step_id, **row | parsed)


def _due(row: _Table) -> Due:
    return Due(**row | {"after": Anchor(row["after"])})


def _estimate_texts(table: _Table) -> EstimateTexts:
    bands = tuple(Band(id=band_id, **row) for band_id, row in table["bands"].items())
    pictures = PictureTexts(**table["pictures"])
    return EstimateTexts(**table | {"bands": bands, "pictures": pictures})
