"""Routes of assessments."""

from typing import Annotated

from fastapi import Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.routing import make_router, problems
from app.core.problems import PreconditionFailed
from app.reflection.assessments import service
from app.reflection.assessments.problems import AnswerUnknown
from app.reflection.assessments.schemas import Assessment, AssessmentPut
from app.tracking.applications.problems import ApplicationNotFound
from app.tracking.applications.router import ApplicationIdPath

routes = make_router(tag="Assessments")

Reads = Annotated[RequestContext, require_scopes(Scope.ASSESSMENTS_READ)]
Writes = Annotated[RequestContext, require_scopes(Scope.ASSESSMENTS_WRITE)]


@routes.get(
    "/applications/{application_id}/assessment",
    response_model=Assessment,
    responses=problems(ApplicationNotFound),
    summary="Get the assessment of an application",
)
async def get_assessment(application_id: ApplicationIdPath, context: Reads) -> Response:
    """Return your answers on whether this job is right for you, with the score of each question."""
    return await context.read(service.show, application_id)


@routes.put(
    "/applications/{application_id}/assessment",
    response_model=Assessment,
    responses=problems(ApplicationNotFound, AnswerUnknown, PreconditionFailed),
    summary="Record the assessment of an application",
)
async def put_assessment(
    application_id: ApplicationIdPath, body: AssessmentPut, context: Writes
) -> Response:
    """Replace your answers to the four questions: the role, company, manager and gut feeling.

    The answers never change the estimate: they are about whether you want the
    job, not whether you get it.
    """
    return await context.write(service.assess, application_id, body)
