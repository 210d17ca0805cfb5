"""From an access token to a caller: a member, in a workspace, in a role, with scopes.

The token is asked anew each time. Its role decides which member of those that
somebody is here they act as, so a role that was taken away opens nothing more,
and one that was given opens no records of another.
"""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, bindparam, select

from app.accounts.access_tokens import (
    AccessTokenVerifier,
    Claims,
    claim,
    split_claim,
)
from app.accounts.identities import Identity, find_member, get_or_create_member
from app.accounts.jwks_cache import JwksCache
from app.accounts.jwks_client import fetch_jwks
from app.accounts.models import WorkspaceRow
from app.accounts.scopes import SCOPES, Scope
from app.accounts.service import first_workspace
from app.core.config.settings import Settings
from app.core.http.field_types import Line
from app.core.persistence.tenancy import Caller, Role, system_caller
from app.core.problems import RoleMissing, WorkspaceUnknown
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.kit.ids import MemberId, WorkspaceId, is_id

_ROLES = {role.value: role for role in (Role.CANDIDATE, Role.RECRUITER, Role.ADMIN)}
_SEVERAL = (
    "Your access token names more than one role here. Whoever has two roles is two members, so a "
    "token has to say which of them is calling."
)
_LATEST = 2**40  # seconds; an instant no token outlives

_name: TypeAdapter[str] = TypeAdapter(Line)
_WORKSPACE = select(WorkspaceRow.id).where(WorkspaceRow.id == bindparam("workspace"))


@dataclass(frozen=True, slots=True)
class AuthenticatedCaller:
    """Who is calling, and for how many seconds yet by this token."""

    caller: Caller
    seconds: float


@dataclass(frozen=True, slots=True)
class OidcAuthenticator:
    """Takes access tokens of the provider that the settings name."""

    settings: Settings
    runner: UnitOfWorkRunner
    tokens: AccessTokenVerifier

    async def caller(self, token: str) -> AuthenticatedCaller:
        """Return who is calling; a first call makes them a member.

        Raise TokenInvalid, RoleMissing, WorkspaceUnknown or ProviderUnreachable.
        """
        claims = await self.tokens.verified(token)
        role = self._role(claims)
        who = Identity(str(self.settings.oidc_issuer), claims["sub"], role)
        workspace_id, member_id = await self.runner.read(lambda c: self._found(c, claims, who))
        if member_id is None:
            entering = self.runner.bind_write(
                system_caller(workspace_id),
                NO_PRECONDITIONS,
                get_or_create_member,
                who,
                _called(claims),
            )
            member_id = await self.runner.write(entering)
        caller = Caller(workspace_id, member_id, role, _scopes(role, claims))
        ends = min(int(claims["exp"]), _LATEST)
        return AuthenticatedCaller(caller, ends - self.runner.clock().timestamp())

    def _role(self, claims: Claims) -> Role:
        told = split_claim(claim(claims, self.settings.oidc_role_claim))
        match [role for word, role in _ROLES.items() if word in told]:
            case [role]:
                return role
            case []:
                raise RoleMissing
            case _:
                raise RoleMissing(_SEVERAL)

    def _found(
        self, connection: Connection, claims: Claims, who: Identity
    ) -> tuple[WorkspaceId, MemberId | None]:
        workspace_id = self._workspace(connection, claims)
        look = self.runner.bind_read(system_caller(workspace_id), find_member, who)
        return workspace_id, look(connection)

    def _workspace(self, connection: Connection, claims: Claims) -> WorkspaceId:
        path = self.settings.oidc_workspace_claim
        if path is None:
            found = first_workspace(connection)
        else:
            found = _named_workspace(connection, claim(claims, path))
        if found is None:
            raise WorkspaceUnknown
        return found


def build_oidc_authenticator(
    settings: Settings, runner: UnitOfWorkRunner
) -> OidcAuthenticator | None:
    """Return the way in by access token, or None where no provider is named."""
    issuer = settings.oidc_issuer
    if issuer is None:
        return None
    fresh_for = timedelta(seconds=settings.oidc_keys_seconds)
    keys = JwksCache(lambda: fetch_jwks(issuer), runner.clock, fresh_for)
    return OidcAuthenticator(settings, runner, AccessTokenVerifier(settings, keys))


def _named_workspace(connection: Connection, named: object) -> WorkspaceId | None:
    if not isinstance(named, str) or not is_id("ws", named):
        return None
    found: WorkspaceId | None = connection.execute(
        _WORKSPACE, {"workspace": named}
    ).scalar_one_or_none()
    return found


def _scopes(role: Role, claims: Claims) -> frozenset[str]:
    """Return what the role may do, or the part of it that the token names."""
    named = split_claim(claims.get("scope")) | split_claim(
        claims.get("scp")
    )  # Entra's and Okta's name for it
    narrowed = named & set(Scope)
    return SCOPES[role] & narrowed if narrowed else SCOPES[role]


def _called(claims: Claims) -> str:
    """Return what a new member is called: what the provider says, if it is a name at all."""
    try:
        return _name.validate_python(claims.get("name"))
    except ValidationError:
        return "Somebody who signed in"
