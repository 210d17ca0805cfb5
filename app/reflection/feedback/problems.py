"""Problems of feedback and feedback requests."""

from http import HTTPStatus

from app.core.problems import Conflict, InvalidInput, NotFound, Problem


class FeedbackNotFound(NotFound):
    """No feedback with this id is visible to you.

    `GET /v1/interviews/{id}/feedback` lists the feedback that is.
    """

    title = "Feedback not found"


class AudiencePrivate(Conflict):
    """This draft is private, so it has no recipient.

    Change `audience` to `recruiter` or `company` first.
    """

    title = "Private draft cannot be sent"


class DirectionNotYours(InvalidInput):
    """A recruiter records only what they tell the candidate, or what an interviewer told them.

    Use the direction `recruiter_to_candidate` or `interviewer_to_recruiter`, and an audience
    other than `private`.
    """

    title = "Direction not allowed"


class AcknowledgementNotYours(Problem):
    """Only the recipient of feedback can acknowledge it.

    That is the recruiter for feedback that a candidate gave, and otherwise the candidate.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Not the recipient"


class FeedbackNotYours(Problem):
    """Another member wrote this feedback, so you cannot change it.

    You can read it, and reply with feedback of your own.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Not the author"


class FeedbackRequestNotFound(NotFound):
    """There is no feedback request for this interview. Create one with `PUT`."""

    title = "Feedback request not found"


class FeedbackRequestNotYours(Problem):
    """Only the candidate can create, change or withdraw a feedback request.

    To record the answer, use `POST /v1/interviews/{id}/feedback`.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Not the candidate"
