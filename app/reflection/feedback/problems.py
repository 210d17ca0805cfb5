"""What can go wrong with feedback."""

from http import HTTPStatus

from app.core.problems import Conflict, InvalidInput, NotFound, Problem


class FeedbackNotFound(NotFound):
    """There is no feedback under this id that this key may see.

    `GET /v1/interviews/{id}/feedback` lists it.
    """

    title = "No such feedback"


class AudiencePrivate(Conflict):
    """This draft is private, so there is nobody to send it to.

    Change `audience` to `recruiter` or `company` first.
    """

    title = "A private draft is not sent"


class DirectionNotYours(InvalidInput):
    """A recruiter writes down what they tell the candidate, or what an interviewer told them.

    That is `recruiter_to_candidate` or `interviewer_to_recruiter`, and never `private`.
    """

    title = "Not yours to write"


class AcknowledgementNotYours(Problem):
    """Whom feedback is for acknowledges it.

    What a candidate gave is for the recruiter, anything else for the candidate.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Not yours to acknowledge"


class FeedbackNotYours(Problem):
    """Somebody else wrote this feedback.

    You can read it and answer it with feedback of your own.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Not yours to change"


class FeedbackRequestNotFound(NotFound):
    """No feedback is asked for on this interview. Ask for it with `PUT`."""

    title = "Nothing asked for"


class FeedbackRequestNotYours(Problem):
    """The candidate asks for feedback, and nobody else does so for them.

    `POST /v1/interviews/{id}/feedback` writes down the answer.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Not yours to ask"
