"""Which facts change what is on record of feedback."""

from app.core.unit_of_work.event_handlers import Subscriptions
from app.reflection.feedback import service
from app.tracking.interviews.events import InterviewConcluded

SUBSCRIPTIONS: Subscriptions = {InterviewConcluded: (service.measure_anew,)}
