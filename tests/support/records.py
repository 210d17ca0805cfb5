"""Records for tests of services, created by the services themselves."""

from datetime import datetime, timedelta
from typing import Any

from app.kit.ids import ApplicationId, InterviewId
from app.tracking.applications import service as applications
from app.tracking.applications.schemas import ApplicationCreate
from app.tracking.interviews import service as interviews
from app.tracking.interviews.schemas import ConclusionCreate, InterviewCreate
from tests.support.callers import Services


def add_application(ada: Services, **fields: Any) -> ApplicationId:
    """Create an application, and return its id."""
    body = {"company": {"name": "Acme"}, "job_title": "Engineer"} | fields
    created = ada.write(applications.create, ApplicationCreate.model_validate(body))
    return created.row.id


def add_interview(ada: Services, application_id: ApplicationId, **fields: Any) -> InterviewId:
    """Create an interview, by default one that started an hour ago, and return its id."""
    starts_at = ada.service.clock() - timedelta(hours=1)
    body = {"round": "first", "format": "video", "starts_at": starts_at} | fields
    created = ada.write(interviews.schedule, application_id, InterviewCreate.model_validate(body))
    return created.row.interview.id


def conclude(ada: Services, interview_id: InterviewId, ended_at: datetime | None = None) -> None:
    """Conclude an interview, by default now."""
    body = ConclusionCreate(ended_at=ended_at or ada.service.clock())
    ada.write(interviews.conclude, interview_id, body)
