"""Request and response schemas of assessments."""

from typing import Annotated

from pydantic import Field

from app import guide
from app.core.http.field_types import ANY_SPELLING, Instant, Text
from app.core.http.schemas import Schema, example
from app.kit.ids import ApplicationId

QUESTIONNAIRE = guide.load().questionnaire
ITEMS = frozenset(item.id for section in QUESTIONNAIRE.sections for item in section.items)

_Score = Annotated[
    int,
    Field(strict=True, ge=1, le=5, description="From 1 (not at all) to 5 (fully).", examples=[4]),
    ANY_SPELLING,
]
_Version = Annotated[str, Field(max_length=40, json_schema_extra={"enum": [QUESTIONNAIRE.version]})]


class AnswerGiven(Schema):
    """An answer to one item: how far it is true, a text in your own words, or both."""

    score: Annotated[_Score | None, Field(description="Null: not known yet.")] = None
    text: Text | None = None


class AssessmentPut(Schema):
    """The whole assessment; an item that is left out becomes unanswered."""

    model_config = example(
        {
            "answers": {
                "stretch": {"score": 4, "text": "Bigger systems than now."},
                "career_fit": {"score": 5},
                "communication": {"score": 3},
            },
            "own_score": 8,
        }
    )

    questionnaire_version: Annotated[
        _Version | None,
        Field(description="The version that you answered. Left out: the current one."),
    ] = None
    answers: Annotated[
        dict[Annotated[str, Field(max_length=100)], AnswerGiven],
        Field(
            max_length=100,
            description="The answers by item id; `GET /v1/guide/questions` lists the items.",
            json_schema_extra={"propertyNames": {"enum": sorted(ITEMS)}},
        ),
    ] = Field(default_factory=dict)
    own_score: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=10), ANY_SPELLING] | None,
        Field(description="Your own overall score, 0 to 10."),
    ] = None


class ScoredQuestion(Schema):
    """One of the four questions: how many of its items are answered, and the mean score."""

    id: str
    answered: int
    items: int
    score: Annotated[float | None, Field(description="The mean of the scores given, 1 to 5.")]


class Assessment(Schema):
    """The candidate's answers on whether the job is right for them; private to the candidate."""

    application: ApplicationId
    questionnaire_version: str
    answers: dict[str, AnswerGiven]
    own_score: int | None
    questions: list[ScoredQuestion]
    updated_at: Annotated[Instant | None, Field(description="Null while nothing is answered.")]
