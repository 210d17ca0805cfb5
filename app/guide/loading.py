"""Read the guide from its files, once for each language.

The dataclasses are the schema: a key too many or too few in a file is an error
while loading, and TOML itself refuses an id that is given twice. Line breaks
inside a text are only there for whoever edits the file, so they become spaces.
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

# What a file of the guide holds once it is read; the dataclasses check its keys.
_Table = dict[str, Any]


class UnknownLanguageError(LookupError):
    """The guide has not been translated into this language."""

    def __init__(self, language: str, available: tuple[str, ...]) -> None:
        """Keep what was asked for and what there is."""
        super().__init__(f"the guide is not available in {language!r}, only {', '.join(available)}")
        self.language = language
        self.available = available


@cache
def languages() -> tuple[str, ...]:
    """Return the languages there are, as lower-case codes in alphabetical order."""
    return tuple(sorted(entry.name for entry in _root().iterdir() if _is_language(entry)))


@cache
def load(language: str = DEFAULT_LANGUAGE) -> Guide:
    """Return the guide in a language; raise UnknownLanguageError when there is no such one."""
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
    table: _Table = _unfold(tomllib.loads(file.read_text(encoding="utf-8")))
    return table


def _unfold(value: Any) -> Any:  # noqa: ANN401 - whatever TOML can hold
    match value:
        case str():
            return " ".join(value.split())
        case dict():
            return {key: _unfold(inner) for key, inner in value.items()}
        case list():
            return [_unfold(inner) for inner in value]
        case _:
            return value


def _signals(table: _Table) -> tuple[Signal, ...]:
    return tuple(_signal(signal_id, row) for signal_id, row in table.items())


def _signal(signal_id: str, row: _Table) -> Signal:
    made = {"kind": SignalKind(row["kind"]), "levels": _levels(row["levels"])}
    return Signal(id=signal_id, **row | made)


def _levels(table: _Table) -> tuple[Level, ...]:
    return tuple(Level(id=level_id, **row) for level_id, row in table.items())


def _questionnaire(version: str, table: _Table) -> Questionnaire:
    made = {"scale": _scale(table["scale"]), "sections": _sections(table["sections"])}
    return Questionnaire(version=version, **table | made)


def _scale(rows: list[_Table]) -> tuple[Answer, ...]:
    # TOML has no null: the point without a value is "not known yet".
    unknown: _Table = {"value": None}
    return tuple(Answer(**unknown | row) for row in rows)


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
    made = {
        "kind": StepKind(row["kind"]),
        "phase": Phase(row["phase"]),
        "capabilities": tuple(row["capabilities"]),
        "due": _due(row["due"]) if "due" in row else None,
        "on": Condition(row["on"]) if "on" in row else None,
    }
    return Step(id=step_id, **row | made)


def _due(row: _Table) -> Due:
    return Due(**row | {"after": Anchor(row["after"])})


def _estimate_texts(table: _Table) -> EstimateTexts:
    bands = tuple(Band(id=band_id, **row) for band_id, row in table["bands"].items())
    pictures = PictureTexts(**table["pictures"])
    return EstimateTexts(**table | {"bands": bands, "pictures": pictures})
