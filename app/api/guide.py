"""Paths of the guide: its signals, questions and steps, as data that a frontend can show."""

from enum import StrEnum
from functools import cache
from typing import Annotated, TypeVar

from fastapi import Query, Response

from app import guide
from app.accounts.access import Access, needs
from app.accounts.scopes import Scope
from app.core.routing import problems, router
from app.core.schemas import Schema
from app.guide import Anchor, Condition, Phase, SignalKind, StepKind

routes = router(tag="Guide")

Reads = Annotated[Access, needs(Scope.GUIDE_READ)]

Language = StrEnum("Language", {code.upper(): code for code in guide.languages()})  # type: ignore[misc]  # as many as there are folders

Told = TypeVar("Told", bound=Schema)

_Language = Annotated[Language, Query(description="The language of the texts.")]
_ENGLISH = Language("en")


class LevelTold(Schema):
    """One way a signal can have shown itself."""

    id: str
    label: str
    description: str
    said: str


class SignalTold(Schema):
    """One observable sign or cue."""

    id: str
    kind: SignalKind
    capability: str
    title: str
    description: str
    question: str
    levels: list[LevelTold]


class SignalsTold(Schema):
    """Every signal, in the order in which they are shown."""

    version: str
    language: str
    data: list[SignalTold]


class AnswerTold(Schema):
    """One point of the answer scale; no value means "not known yet"."""

    value: int | None
    label: str


class ItemTold(Schema):
    """One thing to answer."""

    id: str
    prompt: str
    hint: str
    tied_to: str | None


class SectionTold(Schema):
    """One of the four questions."""

    id: str
    capability: str
    title: str
    intro: str
    is_asked_alone: bool
    items: list[ItemTold]


class QuestionnaireTold(Schema):
    """Is this the right job? Four questions; answers are kept with this version."""

    version: str
    language: str
    title: str
    intro: str
    scale: list[AnswerTold]
    data: list[SectionTold]


class DueTold(Schema):
    """So many minutes after an instant, or before it when negative."""

    after: Anchor
    minutes: int


class StepTold(Schema):
    """One do or don't, with the reason for it."""

    id: str
    kind: StepKind
    phase: Phase
    capabilities: list[str]
    title: str
    text: str
    due: DueTold | None
    on: Condition | None


class StepsTold(Schema):
    """Every step, in the order of the days after an interview."""

    version: str
    language: str
    data: list[StepTold]


@routes.get(
    "/guide/signals",
    response_model=SignalsTold,
    responses=problems(),
    operation_id="get_guide_signals",
    summary="Get the signals",
)
async def get_guide_signals(access: Reads, language: _Language = _ENGLISH) -> Response:
    """Explain the eleven good signs and the five cues, and how to ask about each."""
    return access.tell(_signals(language))


@routes.get(
    "/guide/questions",
    response_model=QuestionnaireTold,
    responses=problems(),
    operation_id="get_guide_questions",
    summary="Get the four questions",
)
async def get_guide_questions(access: Reads, language: _Language = _ENGLISH) -> Response:
    """Give the questionnaire that helps to tell whether the job is right."""
    return access.tell(_questions(language))


@routes.get(
    "/guide/steps",
    response_model=StepsTold,
    responses=problems(),
    operation_id="get_guide_steps",
    summary="Get the steps",
)
async def get_guide_steps(access: Reads, language: _Language = _ENGLISH) -> Response:
    """Tell what to do and what to leave in the days after an interview, and why."""
    return access.tell(_steps(language))


@cache
def _signals(language: str) -> SignalsTold:
    told = guide.load(language)
    return _shown(SignalsTold, told.version, language, data=told.signals)


@cache
def _questions(language: str) -> QuestionnaireTold:
    told = guide.load(language).questionnaire
    words = {"title": told.title, "intro": told.intro, "scale": told.scale}
    return _shown(QuestionnaireTold, told.version, language, data=told.sections, **words)


@cache
def _steps(language: str) -> StepsTold:
    told = guide.load(language)
    return _shown(StepsTold, told.version, language, data=told.steps)


def _shown(schema: type[Told], version: str, language: str, **content: object) -> Told:
    return schema.model_validate(
        {"version": version, "language": str(language), **content}, from_attributes=True
    )
