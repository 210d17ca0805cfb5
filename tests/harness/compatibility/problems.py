"""Compare two registries of problems: clients branch on the code, and on its status."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.harness.compatibility.findings import Code, Finding, Way

Registry = Sequence[Mapping[str, Any]]


def problem_breaks(released: Registry, current: Registry) -> Iterator[Finding]:
    """Find codes that are gone or stand for another status; new ones are no break."""
    statuses = {kind["code"]: kind["status"] for kind in current}
    for number, kind in enumerate(released):
        code, status = kind["code"], kind["status"]
        if code not in statuses:
            yield Finding(Code.PROBLEM_CODE_REMOVED, Way.RESPONSE, f"#/{number}", "#", code)
        elif statuses[code] != status:
            detail = f"{code}: {status}, now {statuses[code]}"
            yield Finding(Code.PROBLEM_STATUS_CHANGED, Way.RESPONSE, f"#/{number}", "#", detail)
