"""Assessment of an application: show and replace."""

from app.core.http.representations import Resource
from app.core.problems import FieldError
from app.core.unit_of_work.session import ReadSession, WriteSession, has_changes
from app.kit.ids import ApplicationId
from app.reflection.assessments import presenters
from app.reflection.assessments.models import AssessmentRow
from app.reflection.assessments.presenters import AssessmentOfApplication
from app.reflection.assessments.problems import AnswerUnknown
from app.reflection.assessments.repository import ASSESSMENT
from app.reflection.assessments.schemas import ITEMS, QUESTIONNAIRE, AssessmentPut
from app.tracking.applications import service as applications


def show(session: ReadSession, application_id: ApplicationId) -> Resource[AssessmentOfApplication]:
    """Show the assessment; without a record it has no answers."""
    applications.get_summary(session, application_id)
    record = session.one_or_none(ASSESSMENT, application_id=application_id)
    return presenters.assessment(application_id, record)


def assess(
    session: WriteSession, application_id: ApplicationId, body: AssessmentPut
) -> Resource[AssessmentOfApplication]:
    """Replace the assessment."""
    application = applications.get_summary(session, application_id)
    _check(body)
    record = session.one_or_none(ASSESSMENT, application_id=application_id)
    session.check_precondition(presenters.etag(record))
    content = {
        "questionnaire_version": body.questionnaire_version or QUESTIONNAIRE.version,
        "answers": {item: answer.model_dump() for item, answer in body.answers.items()},
        "own_score": body.own_score,
    }
    if record is None:
        session.add(
            AssessmentRow,
            candidate_id=application.candidate_id,
            application_id=application_id,
            assessed_at=session.now,
            **content,
        )
    elif has_changes(record, content):
        session.force_update(AssessmentRow, record, assessed_at=session.now, **content)
    return show(session, application_id)


def _check(body: AssessmentPut) -> None:
    errors = [
        FieldError(f"#/answers/{item}", "unknown_item", "not an item of the questionnaire")
        for item in body.answers
        if item not in ITEMS
    ]
    if body.questionnaire_version not in {None, QUESTIONNAIRE.version}:
        detail = f"the questionnaire is at version {QUESTIONNAIRE.version}"
        errors.append(FieldError("#/questionnaire_version", "unknown_version", detail))
    if errors:
        raise AnswerUnknown(faults=errors)
