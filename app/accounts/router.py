"""Paths of members and keys."""

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
from app.accounts.schemas import Key, KeyCreate, KeyMade, Me, Member, MemberCreate, Rotation
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
"""Whether API keys are made for production (`dbk_live_…`) or for trying things out."""

IsLive = Annotated[bool, Depends(LIVE_KEYS)]
Authentication = Annotated[Authenticator, Depends(AUTHENTICATOR)]
Known = Annotated[RequestContext, require_scopes()]
Reads = Annotated[RequestContext, require_scopes(Scope.KEYS_READ)]
Manages = Annotated[RequestContext, require_scopes(Scope.KEYS_MANAGE)]
SeesMembers = Annotated[RequestContext, require_scopes(Scope.MEMBERS_READ)]
TakesIn = Annotated[RequestContext, require_scopes(Scope.MEMBERS_MANAGE)]
MemberIdPath = Annotated[MemberId, path_id("a member", sample_ids.RECRUITER)]
KeyIdPath = Annotated[KeyId, path_id("a key", sample_ids.KEY)]


@routes.get(
    "/me",
    response_model=Me,
    responses=problems(),
    summary="Who am I?",
)
async def get_me(context: Known) -> Response:
    """Tell who you are with this key, and what it may do; every key may ask that."""
    return await context.read(service.whoami)


@routes.post(
    "/members",
    status_code=201,
    response_model=Member,
    responses=problems(),
    summary="Take a member in",
)
async def create_member(body: MemberCreate, context: TakesIn) -> Response:
    """Take somebody into the workspace; a key lets them in, `POST /v1/keys` makes one."""
    return await context.create("/v1/members/{id}", service.create_member, body)


@routes.get(
    "/members",
    response_model=Page[Member],
    responses=problems(CursorInvalid),
    summary="List members",
)
async def list_members(context: SeesMembers, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Show who is in the workspace: to an administrator all, to a candidate the recruiters."""
    return await context.read(service.list_members, limit, cursor)


@routes.get(
    "/members/{member_id}",
    response_model=Member,
    responses=problems(MemberNotFound),
    summary="Get a member",
)
async def get_member(member_id: MemberIdPath, context: SeesMembers) -> Response:
    """Show one member."""
    return await context.read(service.show_member, member_id)


@routes.post(
    "/keys",
    status_code=201,
    response_model=KeyMade,
    responses=problems(ScopeNotGiven, KeyForAnother, MemberNotFound),
    summary="Make a key",
)
async def create_key(body: KeyCreate, context: Manages, live: IsLive) -> Response:
    """Make a key of your own, best with no more scopes than it needs.

    Its text is in this answer and nowhere else: only a digest of it is stored.
    """
    return await context.create("/v1/keys/{id}", service.make_key, body, live=live)


@routes.get(
    "/keys",
    response_model=Page[Key],
    responses=problems(CursorInvalid),
    summary="List keys",
)
async def list_keys(context: Reads, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Show your keys, to an administrator everybody's; what has ended stays on the list."""
    return await context.read(service.list_keys, limit, cursor)


@routes.get(
    "/keys/{key_id}",
    response_model=Key,
    responses=problems(KeyNotFound),
    summary="Get a key",
)
async def get_key(key_id: KeyIdPath, context: Reads) -> Response:
    """Show one key, without its text."""
    return await context.read(service.show_key, key_id)


@routes.post(
    "/keys/{key_id}/rotation",
    status_code=201,
    response_model=KeyMade,
    responses=problems(KeyNotFound, KeyEnded, KeyForAnother, ScopeNotGiven),
    summary="Rotate a key",
)
async def rotate_key(
    key_id: KeyIdPath, body: Rotation, context: Manages, live: IsLive, authenticator: Authentication
) -> Response:
    """Make the key that follows on from this one; both work while they overlap.

    A key for a while is followed by one that ends on the same day.
    """
    answer = await context.create("/v1/keys/{id}", service.rotate_key, key_id, body, live=live)
    authenticator.invalidate()
    return answer


@routes.post(
    "/keys/{key_id}/revocation",
    response_model=Key,
    responses=problems(KeyNotFound),
    summary="Revoke a key",
)
async def revoke_key(
    key_id: KeyIdPath, context: Manages, authenticator: Authentication
) -> Response:
    """End the key. Other processes of this service may trust it a few seconds longer."""
    answer = await context.write(service.revoke_key, key_id)
    authenticator.invalidate()
    return answer
