"""Authentication with OpenID Connect: from an access token to the caller.

The role is read from each token. A user with several roles is several members, and the role of the
token selects the member. A role that the provider removed therefore gives no access any more, and a
new role gives no access to the records of another member.
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
_SEVERAL_ROLES = (
    "The access token has more than one role for this service. A user with two roles is two "
    "members, so a token must have exactly one."
)
_MAX_EXPIRY = 2**40  # seconds since 1970; a larger `exp` is reduced to it

_name: TypeAdapter[str] = TypeAdapter(Line)
_WORKSPACE = select(WorkspaceRow.id).where(WorkspaceRow.id == bindparam("workspace"))


@dataclass(frozen=True, slots=True)
class AuthenticatedCaller:
    """The caller, and for how many seconds the credential is still valid."""

    caller: Caller
    seconds: float


@dataclass(frozen=True, slots=True)
class OidcAuthenticator:
    """Authenticates access tokens of the provider in the settings."""

    settings: Settings
    runner: UnitOfWorkRunner
    tokens: AccessTokenVerifier

    async def caller(self, token: str) -> AuthenticatedCaller:
        """Return the caller; the first request of a user creates a member.

        Raises InvalidToken, RoleMissing, WorkspaceUnknown or ProviderUnreachable.
        """
        claims = await self.tokens.verify(token)
        role = self._role(claims)
        identity = Identity(str(self.settings.oidc_issuer), claims["sub"], role)
        workspace_id, member_id = await self.runner.read(
            lambda connection: self._find(connection, claims, identity)
        )
        if member_id is None:
            sign_up = self.runner.bind_write(
                system_caller(workspace_id),
                NO_PRECONDITIONS,
                get_or_create_member,
                identity,
                _member_name(claims),
            )
            member_id = await self.runner.write(sign_up)
        caller = Caller(workspace_id, member_id, role, _scopes(role, claims))
        expiry = min(int(claims["exp"]), _MAX_EXPIRY)
        return AuthenticatedCaller(caller, expiry - self.runner.clock().timestamp())

    def _role(self, claims: Claims) -> Role:
        values = split_claim(claim(claims, self.settings.oidc_role_claim))
        match [role for name, role in _ROLES.items() if name in values]:
            case [role]:
                return role
            case []:
                raise RoleMissing
            case _:
                raise RoleMissing(_SEVERAL_ROLES)

    def _find(
        self, connection: Connection, claims: Claims, identity: Identity
    ) -> tuple[WorkspaceId, MemberId | None]:
        workspace_id = self._workspace(connection, claims)
        find = self.runner.bind_read(system_caller(workspace_id), find_member, identity)
        return workspace_id, find(connection)

    def _workspace(self, connection: Connection, claims: Claims) -> WorkspaceId:
        path = self.settings.oidc_workspace_claim
        if path is None:
            workspace_id = first_workspace(connection)
        else:
            workspace_id = _existing_workspace(connection, claim(claims, path))
        if workspace_id is None:
            raise WorkspaceUnknown
        return workspace_id


def build_oidc_authenticator(
    settings: Settings, runner: UnitOfWorkRunner
) -> OidcAuthenticator | None:
    """Return the authenticator of access tokens, or None when no provider is configured."""
    issuer = settings.oidc_issuer
    if issuer is None:
        return None
    max_age = timedelta(seconds=settings.oidc_jwks_ttl_seconds)
    keys = JwksCache(lambda: fetch_jwks(issuer), runner.clock, max_age)
    return OidcAuthenticator(settings, runner, AccessTokenVerifier(settings, keys))


def _existing_workspace(connection: Connection, value: object) -> WorkspaceId | None:
    if not isinstance(value, str) or not is_id("ws", value):
        return None
    workspace_id: WorkspaceId | None = connection.execute(
        _WORKSPACE, {"workspace": value}
    ).scalar_one_or_none()
    return workspace_id


def _scopes(role: Role, claims: Claims) -> frozenset[str]:
    """Return the scopes of the role, limited to those in the token if it has any of ours."""
    # Entra and Okta call the claim `scp`.
    requested = split_claim(claims.get("scope")) | split_claim(claims.get("scp"))
    known = requested & set(Scope)
    return SCOPES[role] & known if known else SCOPES[role]


def _member_name(claims: Claims) -> str:
    """Return the name of a new member: the provider's, if it is a valid name."""
    try:
        return _name.validate_python(claims.get("name"))
    except ValidationError:
        return "Somebody who signed in"
