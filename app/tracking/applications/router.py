"""Routes of applications and their outcomes."""

from typing import Annotated, Literal

from fastapi import Header, Query, Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.field_types import Line
from app.core.http.routing import (
    Cursor,
    Limit,
    make_router,
    path_id,
    problems,
)
from app.core.http.schemas import Page
from app.core.problems import CursorInvalid, PreconditionFailed
from app.kit import sample_ids
from app.kit.ids import ApplicationId
from app.tracking.applications import service
from app.tracking.applications.lifecycle import Stage, Status
from app.tracking.applications.problems import (
    ApplicationNotFound,
    OutcomeAlreadyRecorded,
    OutcomeNotFound,
    RecruiterUnknown,
)
from app.tracking.applications.schemas import (
    Application,
    ApplicationCreate,
    ApplicationSort,
    ApplicationUpdate,
    OutcomePut,
    OutcomeRecorded,
)

routes = make_router(tag="Applications")

Reads = Annotated[RequestContext, require_scopes(Scope.APPLICATIONS_READ)]
Writes = Annotated[RequestContext, require_scopes(Scope.APPLICATIONS_WRITE)]
ApplicationIdPath = Annotated[ApplicationId, path_id("an application", sample_ids.APPLICATION)]


@routes.post(
    "/applications",
    status_code=201,
    response_model=Application,
    responses=problems(RecruiterUnknown),
    summary="Create an application",
)
async def create_application(body: ApplicationCreate, context: Writes) -> Response:
    """Create an application for one role at one company.

    A company or person that you named before is recognised and reused.
    """
    return await context.create("/v1/applications/{id}", service.create, body)


@routes.get(
    "/applications",
    response_model=Page[Application],
    responses=problems(CursorInvalid),
    summary="List applications",
)
async def list_applications(
    context: Reads,
    status: Annotated[
        Status | None,
        Query(description="Only applications with this status."),
    ] = None,
    stage: Annotated[Stage | None, Query(description="Only applications at this stage.")] = None,
    company: Annotated[
        Line | None, Query(description="Only applications at this company: its name or its id.")
    ] = None,
    sort: Annotated[
        ApplicationSort, Query(description="The sort order; a minus sign means descending.")
    ] = ApplicationSort.NEWEST,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """List your applications, by default the newest first."""
    return await context.read(
        service.list_,
        status=status,
        stage=stage,
        company=company,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )


@routes.get(
    "/applications/{application_id}",
    response_model=Application,
    responses=problems(ApplicationNotFound),
    summary="Get an application",
)
async def get_application(application_id: ApplicationIdPath, context: Reads) -> Response:
    """Return an application with its company and people."""
    return await context.read(service.show, application_id)


@routes.patch(
    "/applications/{application_id}",
    response_model=Application,
    responses=problems(ApplicationNotFound, PreconditionFailed, RecruiterUnknown),
    summary="Update an application",
)
async def update_application(
    application_id: ApplicationIdPath, body: ApplicationUpdate, context: Writes
) -> Response:
    """Change the fields that are sent; the others keep their values."""
    return await context.write(service.update, application_id, body)


@routes.delete(
    "/applications/{application_id}",
    status_code=204,
    responses=problems(ApplicationNotFound, PreconditionFailed),
    summary="Delete an application",
)
async def delete_application(application_id: ApplicationIdPath, context: Writes) -> Response:
    """Delete an application and everything that belongs to it, permanently."""
    return await context.write(service.delete, application_id)


@routes.get(
    "/applications/{application_id}/outcome",
    response_model=OutcomeRecorded,
    responses=problems(ApplicationNotFound, OutcomeNotFound),
    summary="Get the outcome of an application",
)
async def get_outcome(application_id: ApplicationIdPath, context: Reads) -> Response:
    """Return the outcome of an application, once one is recorded."""
    return await context.read(service.show_outcome, application_id)


@routes.put(
    "/applications/{application_id}/outcome",
    response_model=OutcomeRecorded,
    responses=problems(ApplicationNotFound, OutcomeAlreadyRecorded, PreconditionFailed),
    summary="Record the outcome of an application",
)
async def record_outcome(
    application_id: ApplicationIdPath,
    body: OutcomePut,
    context: Writes,
    _: Annotated[
        Literal["*"] | None,
        Header(
            alias="If-None-Match",
            description="`*`: record the outcome only if none is recorded yet.",
            openapi_examples={"first": {"summary": "no outcome is recorded yet", "value": "*"}},
        ),
    ] = None,
) -> Response:
    """Record the outcome of an application; the first time with `If-None-Match: *`.

    Sending the same outcome again changes nothing. To correct a recorded outcome, send
    the new one with `If-Match` set to the `ETag` of the recorded one.
    """
    return await context.write(service.record_outcome, application_id, body)


@routes.delete(
    "/applications/{application_id}/outcome",
    status_code=204,
    responses=problems(ApplicationNotFound, OutcomeNotFound, PreconditionFailed),
    summary="Delete the outcome of an application",
)
async def delete_outcome(application_id: ApplicationIdPath, context: Writes) -> Response:
    """Delete an outcome that was recorded by mistake.

    The application is active again, at the stage it had before the outcome.
    """
    return await context.write(service.retract_outcome, application_id)
