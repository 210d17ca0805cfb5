"""Event handlers of feedback."""

from app.core.unit_of_work.session import EventHandlers
from app.reflection.feedback import service
from app.tracking.interviews.events import InterviewConcluded

EVENT_HANDLERS: EventHandlers = {InterviewConcluded: (service.recompute_delay,)}
