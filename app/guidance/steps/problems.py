"""What can go wrong with steps."""

from app.core.problems import NotFound


class StepNotFound(NotFound):
    """There is no step under this id that this key may see.

    `GET /v1/steps` lists them. One whose interview was cancelled is gone.
    """

    title = "No such step"
