"""Paths of references: one noun for each step of their life."""

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
from app.core.problems import CursorInvalid, MoveNotAllowed, StaleVersion
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
    summary="Name a referee",
)
async def create_reference(
    application_id: ApplicationIdPath, body: ReferenceCreate, context: Writes
) -> Response:
    """Write down who is to speak for you in this application; a person known is used again.

    Who it is stays private: a recruiter hears that there is a reference, and how far it is.
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
    """Show who speaks for you in one application, in the order you named them."""
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
        Query(description="Only those to whom you still owe something (`true`), or nothing."),
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Show the references of all your applications, and whom you have still to warn or thank."""
    return await context.read(service.list_, has_pending_action=owed, limit=limit, cursor=cursor)


@routes.get(
    "/references/{reference_id}",
    response_model=Reference,
    responses=problems(ReferenceNotFound),
    summary="Get a reference",
)
async def get_reference(reference_id: ReferenceIdPath, context: Reads) -> Response:
    """Show one reference, when each of its steps was taken, and what you still owe."""
    return await context.read(service.show, reference_id)


@routes.patch(
    "/references/{reference_id}",
    response_model=Reference,
    responses=problems(ReferenceNotFound, RefereeAlreadyNamed, MoveNotAllowed, StaleVersion),
    summary="Change a reference",
)
async def update_reference(
    reference_id: ReferenceIdPath, body: ReferenceUpdate, context: Writes
) -> Response:
    """Change the note, add to what is known of the referee, or name somebody else.

    Once a step was taken, the referee stays: somebody else is a reference of their own.
    """
    return await context.write(service.update, reference_id, body)


@routes.delete(
    "/references/{reference_id}",
    status_code=204,
    responses=problems(ReferenceNotFound, StaleVersion),
    summary="Delete a reference",
)
async def delete_reference(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Remove a reference for good; the person stays known for other applications."""
    return await context.write(service.delete, reference_id)


_STEP = problems(ReferenceNotFound, MoveNotAllowed, StaleVersion)


@routes.post(
    "/references/{reference_id}/heads-up",
    response_model=Reference,
    responses=_STEP,
    summary="Referee warned",
)
async def warn_referee(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Say that they know: a call may come, from whom, and for which role."""
    return await context.write(service.record_step, reference_id, service.WARNING)


@routes.post(
    "/references/{reference_id}/reminder",
    response_model=Reference,
    responses=_STEP,
    summary="Referee reminded",
)
async def remind_referee(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Say that you asked again whether anybody was in touch; as often as you do."""
    return await context.write(service.record_step, reference_id, service.REMINDER)


@routes.post(
    "/references/{reference_id}/request",
    response_model=Reference,
    responses=_STEP,
    summary="Reference asked for",
)
async def request_reference(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Say that the company asked for it, and that the referee watches for the call.

    Somebody who was not warned before is still to be: `needs` goes on to say so.
    """
    return await context.write(service.record_step, reference_id, service.REQUEST)


@routes.post(
    "/references/{reference_id}/delivery",
    response_model=Reference,
    responses=_STEP,
    summary="Reference given",
)
async def deliver_reference(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Say that they spoke for you; from then on you owe them thanks."""
    return await context.write(service.record_step, reference_id, service.DELIVERY)


@routes.post(
    "/references/{reference_id}/thanks",
    response_model=Reference,
    responses=_STEP,
    summary="Referee thanked",
)
async def thank_referee(reference_id: ReferenceIdPath, context: Writes) -> Response:
    """Say that you thanked them, whatever came of it; then nothing is owed any more."""
    return await context.write(service.record_step, reference_id, service.THANKS)
