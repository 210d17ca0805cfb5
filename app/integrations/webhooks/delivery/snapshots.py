"""What a full payload shows of the subject of an event: as much as a recruiter may see, no more.

That holds for a candidate's own endpoints too: what is sent is stored by others.
"""

from collections.abc import Callable
from typing import Any

from app.core.http.representations import Versioned
from app.core.http.responses import redact_for_recruiter
from app.core.problems import NotFound
from app.core.unit_of_work.session import ReadSession
from app.reflection.feedback import service as feedback
from app.reflection.feedback.lifecycle import Audience, FeedbackState
from app.tracking.applications import service as applications
from app.tracking.interviews import service as interviews


def snapshot(work: ReadSession, subject: str) -> dict[str, Any] | None:
    """Return the subject as it is now; None where it is gone, private or of no shape of its own."""
    show = _SHOWN.get(subject.partition("_")[0])
    if show is None:
        return None
    try:
        found = show(work, subject)
    except NotFound:
        return None
    if found is None:
        return None
    shown = redact_for_recruiter(found.value)
    return shown.model_dump(mode="json", include=set(type(found.value).shared_with_recruiter))


def can_view_application(work: ReadSession, application: str) -> bool:
    """Tell whether this caller may see an application now."""
    try:
        applications.get_summary(work, application)  # type: ignore[arg-type]  # the id, out of a payload
    except NotFound:
        return False
    return True


def _feedback(work: ReadSession, feedback_id: Any) -> Versioned[Any] | None:  # noqa: ANN401 - an id
    found = feedback.show(work, feedback_id)
    is_private = found.value.audience is Audience.PRIVATE
    return None if is_private or found.value.state is FeedbackState.DRAFT else found


_SHOWN: dict[str, Callable[[ReadSession, Any], Versioned[Any] | None]] = {
    "app": applications.show,
    "int": interviews.show,
    "fb": _feedback,
}
