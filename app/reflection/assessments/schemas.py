"""How assessments look in the contract."""

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
    Field(strict=True, ge=1, le=5, description="1 not at all, 5 entirely.", examples=[4]),
    ANY_SPELLING,
]
_Version = Annotated[str, Field(max_length=40, json_schema_extra={"enum": [QUESTIONNAIRE.version]})]


class AnswerGiven(Schema):
    """An answer to one item: how far it holds, in your own words, or both."""

    score: Annotated[_Score | None, Field(description="Null: not known yet.")] = None
    text: Text | None = None


class AssessmentPut(Schema):
    """The whole assessment; what is left out of it is unanswered again."""

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
        Field(description="The version you answered; left out: the present one."),
    ] = None
    answers: Annotated[
        dict[Annotated[str, Field(max_length=100)], AnswerGiven],
        Field(
            max_length=100,
            description="By the ids of the items of `GET /v1/guide/questions`.",
            json_schema_extra={"propertyNames": {"enum": sorted(ITEMS)}},
        ),
    ] = Field(default_factory=dict)
    own_score: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=10), ANY_SPELLING] | None,
        Field(description="Your own overall score, 0 to 10."),
    ] = None


class QuestionScored(Schema):
    """One of the four questions: how far it is answered and what the answers come to."""

    id: str
    answered: int
    items: int
    score: Annotated[float | None, Field(description="Mean of the scores given, 1 to 5.")]


class Assessment(Schema):
    """Whether the job is right, as the candidate sees it; private to them."""

    application: ApplicationId
    questionnaire_version: str
    answers: dict[str, AnswerGiven]
    own_score: int | None
    questions: list[QuestionScored]
    updated_at: Annotated[Instant | None, Field(description="Null while nothing is answered.")]
