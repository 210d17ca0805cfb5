"""Access tokens for the world: the service takes them, and asks nobody for the keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

from app.accounts.access_tokens import AccessTokenVerifier
from app.accounts.authentication import AUTHENTICATOR
from app.accounts.jwks_cache import JwksCache
from app.accounts.jwks_client import Jwk
from app.accounts.oidc import OidcAuthenticator
from app.core.config.settings import Settings
from app.kit.ids import WorkspaceId
from tests.support.oidc_provider import AUDIENCE, Signer, good_claims
from tests.support.service import Service

_ISSUER = "https://id.example"
_SETTINGS = Settings(oidc_issuer=_ISSUER, oidc_audience=AUDIENCE, oidc_workspace_claim="workspace")
_LONG = 3_600


class Make(Protocol):
    """Makes a good token for a workspace, but for the claims that are changed."""

    def __call__(self, workspace_id: WorkspaceId, **changed: Any) -> str:
        """Return it."""


@contextmanager
def taking_tokens(service: Service) -> Iterator[Make]:
    """Have the service take tokens of a provider for the length of a block."""
    signer = Signer("first")
    end = good_claims(_ISSUER)["exp"] + _LONG

    async def published() -> list[Jwk]:
        return [signer.public]

    def make(workspace_id: WorkspaceId, **changed: Any) -> str:
        told = {"workspace": workspace_id, "exp": end} | changed
        return signer.sign(good_claims(_ISSUER, **told))

    keys = JwksCache(published, service.clock, timedelta(days=1))
    authenticator = AUTHENTICATOR.of({"app": service.app})
    authenticator.oidc = OidcAuthenticator(
        _SETTINGS, service.runner, AccessTokenVerifier(_SETTINGS, keys)
    )
    try:
        yield make
    finally:
        authenticator.oidc = None
