"""From assessment rows to responses."""

from typing import NamedTuple

from app.core.http.representations import JsonObject, JsonView, Resource, object_of
from app.core.unit_of_work.preconditions import etag_of
from app.guide import Section
from app.kit.ids import ApplicationId
from app.reflection.assessments.repository import AssessmentRecord
from app.reflection.assessments.schemas import QUESTIONNAIRE, AnswerGiven, Assessment


class AssessmentOfApplication(NamedTuple):
    """The assessment of an application; without a record, nothing is answered."""

    application: ApplicationId
    record: AssessmentRecord | None


def _answers(row: AssessmentOfApplication) -> JsonObject:
    answers = row.record.answers if row.record else {}
    return {item: object_of(AnswerGiven, answer) for item, answer in answers.items()}


def _questions(row: AssessmentOfApplication) -> list[JsonObject]:
    answers = row.record.answers if row.record else {}
    return [_question(section, answers) for section in QUESTIONNAIRE.sections]


def _question(section: Section, answers: JsonObject) -> JsonObject:
    scores = [
        score
        for item in section.items
        if (score := answers.get(item.id, {}).get("score")) is not None
    ]
    return {
        "id": section.id,
        "answered": len(scores),
        "items": len(section.items),
        "score": round(sum(scores) / len(scores), 2) if scores else None,
    }


def _questionnaire_version(row: AssessmentOfApplication) -> str:
    return row.record.questionnaire_version if row.record else QUESTIONNAIRE.version


ASSESSMENT = JsonView(
    Assessment,
    AssessmentOfApplication,
    questionnaire_version=_questionnaire_version,
    answers=_answers,
    own_score=lambda row: row.record and row.record.own_score,
    questions=_questions,
    updated_at=lambda row: row.record and row.record.updated_at,
)


def etag(record: AssessmentRecord | None) -> str:
    """Return the ETag of an assessment, also of one that is not recorded yet."""
    return etag_of(record.version if record else 0)


def assessment(
    application_id: ApplicationId, record: AssessmentRecord | None
) -> Resource[AssessmentOfApplication]:
    """Return the assessment of an application as it is shown."""
    return Resource(AssessmentOfApplication(application_id, record), ASSESSMENT, etag(record))
