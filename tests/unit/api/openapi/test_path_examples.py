"""Example ids of path parameters."""

from app.api.openapi.path_examples import PATH_EXAMPLES
from tests.support.openapi import DOCUMENT


def test_every_example_belongs_to_an_operation_with_that_parameter() -> None:
    operations = {
        operation["operationId"]: operation
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
    }
    for operation_id, (_, sample) in PATH_EXAMPLES.items():
        (parameter,) = (
            each for each in operations[operation_id]["parameters"] if each["in"] == "path"
        )
        assert parameter["examples"]["sample"]["value"] == sample
        assert parameter["schema"]["maxLength"] == len(sample)
