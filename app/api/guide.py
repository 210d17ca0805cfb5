"""Paths of the guide: its signals, questions and steps, as data that a frontend can show."""

from enum import StrEnum
from functools import cache
from typing import Annotated, TypeVar

from fastapi import Query, Response

from app import guide
from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.api.guide_schemas import (
    GuideSignals,
    GuideSteps,
    Questionnaire,
)
from app.core.http.routing import make_router, problems
from app.core.http.schemas import Schema

routes = make_router(tag="Guide")

Reads = Annotated[RequestContext, require_scopes(Scope.GUIDE_READ)]

Language = StrEnum("Language", {code.upper(): code for code in guide.languages()})  # type: ignore[misc]  # as many as there are folders

Told = TypeVar("Told", bound=Schema)

_Language = Annotated[Language, Query(description="The language of the texts.")]
_ENGLISH = Language("en")


@routes.get(
    "/guide/signals",
    response_model=GuideSignals,
    responses=problems(),
    summary="Get the signals",
)
async def get_guide_signals(context: Reads, language: _Language = _ENGLISH) -> Response:
    """Explain the eleven good signs and the five cues, and how to ask about each."""
    return context.respond(_signals(language))


@routes.get(
    "/guide/questions",
    response_model=Questionnaire,
    responses=problems(),
    summary="Get the four questions",
)
async def get_guide_questions(context: Reads, language: _Language = _ENGLISH) -> Response:
    """Give the questionnaire that helps to tell whether the job is right."""
    return context.respond(_questions(language))


@routes.get(
    "/guide/steps",
    response_model=GuideSteps,
    responses=problems(),
    summary="Get the steps",
)
async def get_guide_steps(context: Reads, language: _Language = _ENGLISH) -> Response:
    """Tell what to do and what to leave in the days after an interview, and why."""
    return context.respond(_steps(language))


@cache
def _signals(language: str) -> GuideSignals:
    told = guide.load(language)
    return _shown(GuideSignals, told.version, language, data=told.signals)


@cache
def _questions(language: str) -> Questionnaire:
    told = guide.load(language).questionnaire
    words = {"title": told.title, "intro": told.intro, "scale": told.scale}
    return _shown(Questionnaire, told.version, language, data=told.sections, **words)


@cache
def _steps(language: str) -> GuideSteps:
    told = guide.load(language)
    return _shown(GuideSteps, told.version, language, data=told.steps)


def _shown(schema: type[Told], version: str, language: str, **content: object) -> Told:
    return schema.model_validate(
        {"version": version, "language": str(language), **content}, from_attributes=True
    )
