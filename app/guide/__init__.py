"""Guide for the days after an interview, as versioned data in several languages.

The texts are in TOML files, one folder per language. This package reads them once and returns
frozen values. It imports no other package of the service, so that every package may use it.
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
