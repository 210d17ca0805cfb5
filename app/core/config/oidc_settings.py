"""Settings of authentication with OpenID Connect."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

# All asymmetric: the published keys must not be enough to create a token.
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_CLAIM = re.compile(r"[!-~]{1,200}")


def is_https_or_loopback(url: str) -> bool:
    """Whether responses cannot be tampered with: the URL uses TLS or is on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.username or parts.fragment or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


class OidcSettings(BaseSettings):
    """The settings of the OpenID Connect provider; without an issuer only API keys work."""

    oidc_issuer: Annotated[
        str | None,
        Field(
            description="The OpenID Connect provider whose access tokens are accepted besides API "
            "keys: its issuer exactly as the discovery document and the tokens spell it; `https` "
            "unless it is on this machine. Default: API keys only. See "
            "[authentication.md](authentication.md)."
        ),
    ] = None
    oidc_audience: Annotated[
        str | None,
        Field(
            description="The audience of this service: a token is accepted only if its `aud` "
            "contains it. Required with an issuer.",
            min_length=1,
            validate_default=True,
        ),
    ] = None
    oidc_role_claim: Annotated[
        str,
        Field(
            description="The claim with the role: `candidate`, `recruiter` or `admin`, as a string "
            "or in a list among other values. A path with dots reads a nested claim: "
            "`realm_access.roles`.",
            pattern=_CLAIM.pattern,
        ),
    ] = "roles"
    oidc_workspace_claim: Annotated[
        str | None,
        Field(
            description="The claim with the workspace id, `ws_…`; a path with dots works too. "
            "Default: all members are in the oldest workspace, which is the only one of an SQLite "
            "database.",
            pattern=_CLAIM.pattern,
        ),
    ] = None
    oidc_algorithms: Annotated[
        list[Algorithm],
        Field(
            description="Accepted signature algorithms, as a JSON list: RS, PS and ES with 256, "
            "384 or 512, and EdDSA. All are asymmetric.",
            min_length=1,
        ),
    ] = ["RS256", "PS256", "ES256", "EdDSA"]
    oidc_leeway_seconds: Annotated[
        int,
        Field(
            description="The tolerated clock difference between the provider and this server, in "
            "seconds.",
            ge=0,
            le=300,
        ),
    ] = 30
    oidc_jwks_ttl_seconds: Annotated[
        int,
        Field(
            description="How long the provider's signing keys are cached, in seconds: a key that "
            "it withdraws works that much longer. A key with an unknown id is fetched immediately.",
            ge=10,
            le=86_400,
        ),
    ] = 300

    @field_validator("oidc_issuer")
    @classmethod
    def _require_https(cls, issuer: str | None) -> str | None:
        if issuer is not None and ("?" in issuer or not is_https_or_loopback(issuer)):
            message = "must be an https URL without query or fragment"
            raise ValueError(message)
        return issuer

    @field_validator("oidc_audience")
    @classmethod
    def _require_with_issuer(cls, audience: str | None, info: ValidationInfo) -> str | None:
        if audience is None and info.data.get("oidc_issuer") is not None:
            message = (
                "is required with DEBRIEF_OIDC_ISSUER: tokens for other services are not accepted"
            )
            raise ValueError(message)
        return audience
