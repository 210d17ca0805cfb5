"""Routes of members and API keys."""

from typing import Annotated

from fastapi import Depends, Response

from app.accounts import service
from app.accounts.authentication import AUTHENTICATOR, Authenticator
from app.accounts.problems import (
    KeyEnded,
    KeyForAnother,
    KeyNotFound,
    MemberNotFound,
    ScopeNotGiven,
)
from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.schemas import (
    Key,
    KeyCreate,
    KeyRotationCreate,
    KeyWithText,
    Me,
    Member,
    MemberCreate,
)
from app.accounts.scopes import Scope
from app.core.http.app_state import StateKey
from app.core.http.routing import (
    Cursor,
    Limit,
    make_router,
    path_id,
    problems,
)
from app.core.http.schemas import Page
from app.core.problems import CursorInvalid
from app.kit import sample_ids
from app.kit.ids import KeyId, MemberId

routes = make_router(tag="Accounts")

LIVE_KEYS: StateKey[bool] = StateKey("live_keys")
"""Whether new API keys are for production (`dbk_live_…`) or for testing (`dbk_test_…`)."""

IsLive = Annotated[bool, Depends(LIVE_KEYS)]
Authentication = Annotated[Authenticator, Depends(AUTHENTICATOR)]
AnyScope = Annotated[RequestContext, require_scopes()]
ReadsKeys = Annotated[RequestContext, require_scopes(Scope.KEYS_READ)]
ManagesKeys = Annotated[RequestContext, require_scopes(Scope.KEYS_MANAGE)]
ReadsMembers = Annotated[RequestContext, require_scopes(Scope.MEMBERS_READ)]
ManagesMembers = Annotated[RequestContext, require_scopes(Scope.MEMBERS_MANAGE)]
MemberIdPath = Annotated[MemberId, path_id("a member", sample_ids.RECRUITER)]
KeyIdPath = Annotated[KeyId, path_id("a key", sample_ids.KEY)]


@routes.get(
    "/me",
    response_model=Me,
    responses=problems(),
    summary="Get the current caller",
)
async def get_me(context: AnyScope) -> Response:
    """Return the workspace, member, role and scopes of the caller. It requires no scope."""
    return await context.read(service.whoami)


@routes.post(
    "/members",
    status_code=201,
    response_model=Member,
    responses=problems(),
    summary="Create a member",
)
async def create_member(body: MemberCreate, context: ManagesMembers) -> Response:
    """Create a member of the workspace. `POST /v1/keys` creates an API key for them."""
    return await context.create("/v1/members/{id}", service.create_member, body)


@routes.get(
    "/members",
    response_model=Page[Member],
    responses=problems(CursorInvalid),
    summary="List members",
)
async def list_members(context: ReadsMembers, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Return the members of the workspace: all for an administrator, recruiters for a candidate."""
    return await context.read(service.list_members, limit, cursor)


@routes.get(
    "/members/{member_id}",
    response_model=Member,
    responses=problems(MemberNotFound),
    summary="Get a member",
)
async def get_member(member_id: MemberIdPath, context: ReadsMembers) -> Response:
    """Return one member."""
    return await context.read(service.get_member, member_id)


@routes.post(
    "/keys",
    status_code=201,
    response_model=KeyWithText,
    responses=problems(ScopeNotGiven, KeyForAnother, MemberNotFound),
    summary="Create an API key",
)
async def create_key(body: KeyCreate, context: ManagesKeys, live: IsLive) -> Response:
    """Create an API key for yourself, or as an administrator for any member.

    Give it only the scopes that it needs. Only this response contains the key itself; the server
    stores a digest.
    """
    return await context.create("/v1/keys/{id}", service.create_key, body, live=live)


@routes.get(
    "/keys",
    response_model=Page[Key],
    responses=problems(CursorInvalid),
    summary="List API keys",
)
async def list_keys(context: ReadsKeys, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Return your keys, for an administrator those of all members.

    Revoked and expired keys stay on the list.
    """
    return await context.read(service.list_keys, limit, cursor)


@routes.get(
    "/keys/{key_id}",
    response_model=Key,
    responses=problems(KeyNotFound),
    summary="Get an API key",
)
async def get_key(key_id: KeyIdPath, context: ReadsKeys) -> Response:
    """Return one key, without its text."""
    return await context.read(service.get_key, key_id)


@routes.post(
    "/keys/{key_id}/rotation",
    status_code=201,
    response_model=KeyWithText,
    responses=problems(KeyNotFound, KeyEnded, KeyForAnother, ScopeNotGiven),
    summary="Rotate an API key",
)
async def rotate_key(
    key_id: KeyIdPath,
    body: KeyRotationCreate,
    context: ManagesKeys,
    live: IsLive,
    authenticator: Authentication,
) -> Response:
    """Create a key with the same name and scopes; both keys work during the overlap.

    The new key expires no later than the old one would have.
    """
    response = await context.create("/v1/keys/{id}", service.rotate_key, key_id, body, live=live)
    authenticator.invalidate()
    return response


@routes.post(
    "/keys/{key_id}/revocation",
    response_model=Key,
    responses=problems(KeyNotFound),
    summary="Revoke an API key",
)
async def revoke_key(
    key_id: KeyIdPath, context: ManagesKeys, authenticator: Authentication
) -> Response:
    """Revoke the key. Other processes of this service may accept it a few seconds longer."""
    response = await context.write(service.revoke_key, key_id)
    authenticator.invalidate()
    return response
