"""Routes of the guide: its signals, questionnaire and steps, as data for a frontend."""

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

Language = StrEnum("Language", {code.upper(): code for code in guide.languages()})  # type: ignore[misc]  # one member for each folder

ResponseSchema = TypeVar("ResponseSchema", bound=Schema)

_Language = Annotated[Language, Query(description="The language of the texts.")]
_ENGLISH = Language("en")


@routes.get(
    "/guide/signals",
    response_model=GuideSignals,
    responses=problems(),
    summary="List the signals of the guide",
)
async def get_guide_signals(context: Reads, language: _Language = _ENGLISH) -> Response:
    """Return the eleven good signs and the five cues, with the question to ask about each."""
    return context.respond(_signals(language))


@routes.get(
    "/guide/questions",
    response_model=Questionnaire,
    responses=problems(),
    summary="Get the questionnaire",
)
async def get_guide_questions(context: Reads, language: _Language = _ENGLISH) -> Response:
    """Return the four questions that help to decide whether the job is right."""
    return context.respond(_questions(language))


@routes.get(
    "/guide/steps",
    response_model=GuideSteps,
    responses=problems(),
    summary="List the steps of the guide",
)
async def get_guide_steps(context: Reads, language: _Language = _ENGLISH) -> Response:
    """Return what to do and what to avoid in the days after an interview, and why."""
    return context.respond(_steps(language))


@cache
def _signals(language: str) -> GuideSignals:
    texts = guide.load(language)
    return _response(GuideSignals, texts.version, language, data=texts.signals)


@cache
def _questions(language: str) -> Questionnaire:
    texts = guide.load(language).questionnaire
    fields = {"title": texts.title, "intro": texts.intro, "scale": texts.scale}
    return _response(Questionnaire, texts.version, language, data=texts.sections, **fields)


@cache
def _steps(language: str) -> GuideSteps:
    texts = guide.load(language)
    return _response(GuideSteps, texts.version, language, data=texts.steps)


def _response(
    schema: type[ResponseSchema], version: str, language: str, **fields: object
) -> ResponseSchema:
    return schema.model_validate(
        {"version": version, "language": str(language), **fields}, from_attributes=True
    )
