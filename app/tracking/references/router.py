"""Routes of references; each step is recorded by a POST to a path of its own."""

from typing import Annotated

from fastapi import Query, Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.routing import (
    Cursor,
    Limit,
    StrictBool,
    make_router,
    path_id,
    problems,
)
from app.core.http.schemas import Page
from app.core.problems import CursorInvalid, InvalidTransition, PreconditionFailed
from app.kit import sample_ids
from app.kit.ids import ReferenceId
from app.tracking.applications.problems import ApplicationNotFound
from app.tracking.applications.router import ApplicationIdPath
from app.tracking.references import service
from app.tracking.references.problems import RefereeAlreadyNamed, ReferenceNotFound
from app.tracking.references.schemas import Reference, ReferenceCreate, ReferenceUpdate

routes = make_router(tag="References")

Reads = Annotated[RequestContext, require_scopes(Scope.REFERENCES_READ)]
Writes = Annotated[RequestContext, require_scopes(Scope.REFERENCES_WRITE)]
ReferenceIdPath = Annotated[ReferenceId, path_id("a reference", sample_ids.REFERENCE)]


@routes.post(
    "/applications/{application_id}/references",
    status_code=201,
    response_model=Reference,
    responses=problems(ApplicationNotFound, RefereeAlreadyNamed),
    summary="Create a reference",
)
async def create_reference(
    application_id: ApplicationIdPath, body: ReferenceCreate, context: Writes
) -> Response:
    """Name a referee for an application; a person whom you named before is reused.

    The referee stays private: a recruiter receives only events with the state of the reference.
    """
    return await context.create("/v1/references/{id}", service.create, application_id, body)


@routes.get(
    "/applications/{application_id}/references",
    response_model=Page[Reference],
    responses=problems(ApplicationNotFound, CursorInvalid),
    summary="List the references of an application",
)
async def list_references_of_application(
    application_id: ApplicationIdPath,
    context: Reads,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """List the references of an application, in the order in which they were created."""
    return await context.read(service.list_of, application_id, limit, cursor)


@routes.get(
    "/references",
    response_model=Page[Reference],
    responses=problems(CursorInvalid),
    summary="List references",
)
async def list_references(
    context: Reads,
    owed: Annotated[
        StrictBool | None,
        Query(description="Only references with pending actions (`true`), or without (`false`)."),
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """List the references of all your applications; `needs` says whom to warn or thank."""
    return await context.read(service.list_, has_pending_action=owed, limit=limit, cursor=cursor)


@routes.get(
    "/references/{reference_id}",
    response_model=Reference,
    responses=problems(ReferenceNotFound),
    summary="Get a reference",
)
async def get_reference(reference_id: ReferenceIdPath, context: Reads) -> Response:
    """Return a reference, the time of each step and your pending actions."""
    return await context.read(service.show, reference_id)


@routes.patch(
    "/references/{reference_id}",
    response_model=Reference,
    responses=problems(
        ReferenceNotFound, RefereeAlreadyNamed, InvalidTransition, PreconditionFailed
    ),
    summary="Update a reference",
)
async def update_reference(
    reference_id: ReferenceIdPath, body: ReferenceUpdate, context: Writes
) -> Response:
    """Change the note, add details of the referee, or replace the referee.

    The referee can be replaced only before the first step; after it, create another reference.
    """
    return await context.write(service.update, reference_id, body)


@routes.delete(
    "/references/{reference_id}",
    status_code=204,
    responses=problems(ReferenceNotFound, PreconditionFailed),
    summary="Delete a reference",
)
async def delete_reference(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Delete a reference permanently; the person stays available to other applications."""
    return await context.write(service.delete, reference_id)


_STEP = problems(ReferenceNotFound, InvalidTransition, PreconditionFailed)


@routes.post(
    "/references/{reference_id}/heads-up",
    response_model=Reference,
    responses=_STEP,
    summary="Record a warning to the referee",
)
async def warn_referee(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Record that the referee knows that a call may come, from whom, and for which role."""
    return await context.write(service.record_step, reference_id, service.WARNING)


@routes.post(
    "/references/{reference_id}/reminder",
    response_model=Reference,
    responses=_STEP,
    summary="Record a reminder to the referee",
)
async def remind_referee(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Record that you asked the referee again whether anybody was in touch; can be repeated."""
    return await context.write(service.record_step, reference_id, service.REMINDER)


@routes.post(
    "/references/{reference_id}/request",
    response_model=Reference,
    responses=_STEP,
    summary="Record a request for the reference",
)
async def request_reference(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Record that the company asked for the reference, and that the referee expects the call.

    If the referee was not warned before, `needs` still contains `warn`.
    """
    return await context.write(service.record_step, reference_id, service.REQUEST)


@routes.post(
    "/references/{reference_id}/delivery",
    response_model=Reference,
    responses=_STEP,
    summary="Record that the reference was given",
)
async def deliver_reference(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Record that the referee gave the reference; from then on `needs` contains `thank`."""
    return await context.write(service.record_step, reference_id, service.DELIVERY)


@routes.post(
    "/references/{reference_id}/thanks",
    response_model=Reference,
    responses=_STEP,
    summary="Record thanks to the referee",
)
async def thank_referee(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Record that you thanked the referee, whatever the outcome; `needs` is empty from then on."""
    return await context.write(service.record_step, reference_id, service.THANKS)
