"""Which facts change what is on record of feedback."""

from app.core.work import Subscriptions
from app.feedback import service
from app.interviews.events import InterviewConcluded

SUBSCRIPTIONS: Subscriptions = {InterviewConcluded: (service.measure_anew,)}
