"""Callers for tests of services: they call service functions without HTTP."""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from app.accounts.scopes import SCOPES
from app.core.persistence.tenancy import Caller, Role
from app.core.unit_of_work.preconditions import Preconditions
from app.core.unit_of_work.session import ReadSession, WriteSession
from tests.support.service import Person, Service

P = ParamSpec("P")
Result = TypeVar("Result")


def caller_of(person: Person, role: Role = Role.CANDIDATE) -> Caller:
    """Return the caller that authentication gives for the key of a member."""
    return Caller(person.workspace_id, person.member_id, role, SCOPES[role])


class Services:
    """Runs service functions as one caller."""

    def __init__(self, service: Service, caller: Caller) -> None:
        self.service = service
        self.caller = caller

    def read(
        self,
        function: Callable[Concatenate[ReadSession, P], Result],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Result:
        """Run a function that reads."""
        return self.service.runner.read_sync(self.caller, function, *args, **kwargs)

    def write(
        self,
        function: Callable[Concatenate[WriteSession, P], Result],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Result:
        """Run a function that writes."""
        return self.service.runner.write_sync(self.caller, function, *args, **kwargs)

    def events(self) -> list[tuple[str, str]]:
        """Return the types and subjects of the caller's events, the oldest first."""
        from app.integrations.events import service as events  # noqa: PLC0415 - few tests need it

        page = self.read(events.list_, event_type=None, subject=None, limit=100, cursor=None)
        return [(row.name, row.subject) for row in page.rows]


def candidate(service: Service) -> Services:
    """Return a new candidate in a workspace of their own."""
    return Services(service, caller_of(service.candidate()))


def colleague(of: Services, role: Role) -> Services:
    """Return a new member of the same workspace."""
    person = of.service.person(role, of.caller.workspace_id)
    return Services(of.service, caller_of(person, role))


def rendered(resource: Any, role: Role = Role.CANDIDATE) -> dict[str, Any]:
    """Return a resource as this role sees it."""
    shown: dict[str, Any] = resource.view.render(resource.row, role)
    return shown


def expecting(
    preconditions: Preconditions, function: Callable[..., Result]
) -> Callable[..., Result]:
    """Return a service function that runs under these preconditions."""

    def run(session: WriteSession, *args: Any, **kwargs: Any) -> Result:
        session.preconditions = preconditions
        return function(session, *args, **kwargs)

    return run


NOTHING_YET = Preconditions(none_match=frozenset({"*"}))
ANY_VERSION = Preconditions(match=frozenset({"*"}))
