"""Problems of steps."""

from app.core.problems import NotFound


class StepNotFound(NotFound):
    """No step with this id exists, or it is not visible to you.

    `GET /v1/steps` lists your steps. Open steps of a cancelled interview are deleted.
    """

    title = "Step not found"
