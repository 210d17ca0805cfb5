"""The subject of an event, in full payloads: only the fields that a recruiter may see.

This holds for a candidate's own endpoints too, because others store what is sent there.
"""

from collections.abc import Callable

from app.core.http.representations import JsonObject, Resource, Row
from app.core.problems import NotFound
from app.core.unit_of_work.session import ReadSession
from app.kit.ids import ApplicationId, FeedbackId, InterviewId
from app.reflection.feedback import service as feedback
from app.reflection.feedback.lifecycle import Audience, FeedbackState
from app.tracking.applications import service as applications
from app.tracking.interviews import service as interviews


def snapshot(session: ReadSession, subject: str) -> JsonObject | None:
    """Return the subject as it is now.

    None when it was deleted, is private to the caller, or has no public representation.
    """
    renderer = _RENDERERS.get(subject.partition("_")[0])
    if renderer is None:
        return None
    try:
        return renderer(session, subject)
    except NotFound:
        return None


def can_view_application(session: ReadSession, application_id: str) -> bool:
    """Whether the caller may see an application now."""
    try:
        applications.get_summary(session, ApplicationId(application_id))
    except NotFound:
        return False
    return True


def _application(session: ReadSession, subject: str) -> JsonObject:
    return _shared(applications.show(session, ApplicationId(subject)))


def _interview(session: ReadSession, subject: str) -> JsonObject:
    return _shared(interviews.show(session, InterviewId(subject)))


def _feedback(session: ReadSession, subject: str) -> JsonObject | None:
    resource = feedback.show(session, FeedbackId(subject))
    row = resource.row
    is_unshared = row.audience is Audience.PRIVATE or row.state is FeedbackState.DRAFT
    return None if is_unshared else _shared(resource)


def _shared(resource: Resource[Row]) -> JsonObject:
    return resource.view.render_shared(resource.row)


_RENDERERS: dict[str, Callable[[ReadSession, str], JsonObject | None]] = {
    "app": _application,
    "int": _interview,
    "fb": _feedback,
}
