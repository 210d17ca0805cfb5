"""The guide for the days after an interview, as versioned data in several languages.

The words live in TOML files, one folder a language; this room reads them once
and hands them out as frozen values. It decides nothing and imports nothing of
the service, so that every other room may lean on it.
"""

from app.guide.loading import UnknownLanguageError, languages, load
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
    UnknownEntryError,
)

__all__ = [
    "Anchor",
    "Answer",
    "Band",
    "Condition",
    "Due",
    "EstimateTexts",
    "Guide",
    "Item",
    "Level",
    "Phase",
    "PictureTexts",
    "Questionnaire",
    "Section",
    "Signal",
    "SignalKind",
    "Step",
    "StepKind",
    "UnknownEntryError",
    "UnknownLanguageError",
    "languages",
    "load",
]
