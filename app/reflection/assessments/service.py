"""What a candidate can do with the assessment of an application."""

from app.core.http.representations import Versioned, etag_of
from app.core.problems import FieldError
from app.core.unit_of_work.session import ReadSession, WriteSession, has_changes
from app.guide import Section
from app.kit.ids import ApplicationId
from app.reflection.assessments.models import AssessmentRow
from app.reflection.assessments.problems import AnswerUnknown
from app.reflection.assessments.repository import ASSESSMENT
from app.reflection.assessments.schemas import (
    ITEMS,
    QUESTIONNAIRE,
    AnswerGiven,
    Assessment,
    AssessmentPut,
    QuestionScored,
)
from app.tracking.applications import service as applications


def show(work: ReadSession, application_id: ApplicationId) -> Versioned[Assessment]:
    """Show the assessment; one not written yet has no answers."""
    applications.get_summary(work, application_id)
    return _present(application_id, work.one_or_none(ASSESSMENT, application_id=application_id))


def assess(
    work: WriteSession, application_id: ApplicationId, wanted: AssessmentPut
) -> Versioned[Assessment]:
    """Write the whole assessment."""
    application = applications.get_summary(work, application_id)
    _check(wanted)
    kept = work.one_or_none(ASSESSMENT, application_id=application_id)
    work.check_precondition(_tag(kept))
    content = {
        "questionnaire_version": wanted.questionnaire_version or QUESTIONNAIRE.version,
        "answers": {item: answer.model_dump() for item, answer in wanted.answers.items()},
        "own_score": wanted.own_score,
    }
    if kept is None:
        work.add(
            AssessmentRow,
            candidate_id=application.candidate_id,
            application_id=application_id,
            assessed_at=work.now,
            **content,
        )
    elif has_changes(kept, content):
        work.update(AssessmentRow, kept, assessed_at=work.now, **content)
    return show(work, application_id)


def _check(wanted: AssessmentPut) -> None:
    faults = [
        FieldError(f"#/answers/{item}", "unknown_item", "not an item of the questionnaire")
        for item in wanted.answers
        if item not in ITEMS
    ]
    if wanted.questionnaire_version not in {None, QUESTIONNAIRE.version}:
        detail = f"the questionnaire is at version {QUESTIONNAIRE.version}"
        faults.append(FieldError("#/questionnaire_version", "unknown_version", detail))
    if faults:
        raise AnswerUnknown(faults=faults)


def _present(application_id: ApplicationId, kept: AssessmentRow | None) -> Versioned[Assessment]:
    answers = kept.answers if kept else {}
    given = {item: AnswerGiven.model_validate(answer) for item, answer in answers.items()}
    shown = Assessment(
        application=application_id,
        questionnaire_version=kept.questionnaire_version if kept else QUESTIONNAIRE.version,
        answers=given,
        own_score=kept.own_score if kept else None,
        questions=[_score(section, given) for section in QUESTIONNAIRE.sections],
        updated_at=kept.updated_at if kept else None,
    )
    return Versioned(shown, _tag(kept))


def _score(section: Section, given: dict[str, AnswerGiven]) -> QuestionScored:
    scores = [
        answer.score
        for item in section.items
        if (answer := given.get(item.id)) and answer.score is not None
    ]
    return QuestionScored(
        id=section.id,
        answered=len(scores),
        items=len(section.items),
        score=round(sum(scores) / len(scores), 2) if scores else None,
    )


def _tag(kept: AssessmentRow | None) -> str:
    return etag_of(kept.version if kept else 0)
