"""Settings of OpenID Connect sign-in: whose access tokens are taken, and what is read in them."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

# All of them asymmetric: what a provider publishes must not be enough to make a token.
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_CLAIM = re.compile(r"[!-~]{1,200}")


def is_https_or_loopback(url: str) -> bool:
    """Tell whether nobody on the way can change what is read there: TLS, or this very machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.username or parts.fragment or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


class OidcSettings(BaseSettings):
    """What an operator tells of their own provider; without an issuer there are API keys alone."""

    oidc_issuer: Annotated[
        str | None,
        Field(
            description="The OpenID Connect provider whose access tokens are taken beside API "
            "keys, letter by letter as its own discovery document and its tokens name it; `https` "
            "unless it is on this machine. Left out: API keys alone. See [sign-in.md](sign-in.md)."
        ),
    ] = None
    oidc_audience: Annotated[
        str | None,
        Field(
            description="What the provider calls this service: a token is taken only where its "
            "`aud` names it. Needed with an issuer.",
            min_length=1,
            validate_default=True,
        ),
    ] = None
    oidc_role_claim: Annotated[
        str,
        Field(
            description="The claim that says `candidate`, `recruiter` or `admin`, as a text or in "
            "a list, among whatever else. A path with dots leads into it: `realm_access.roles`.",
            pattern=_CLAIM.pattern,
        ),
    ] = "roles"
    oidc_workspace_claim: Annotated[
        str | None,
        Field(
            description="The claim that holds the id of the workspace, `ws_…`, likewise. Left out: "
            "everybody is in the oldest workspace, of which an embedded database has no other.",
            pattern=_CLAIM.pattern,
        ),
    ] = None
    oidc_algorithms: Annotated[
        list[Algorithm],
        Field(
            description="How tokens may be signed, as a JSON list; of RS, PS and ES with 256, 384 "
            "or 512, and EdDSA. None of them lets a public key sign.",
            min_length=1,
        ),
    ] = ["RS256", "PS256", "ES256", "EdDSA"]
    oidc_leeway_seconds: Annotated[
        int,
        Field(
            description="By how much the provider's clock and this one may differ.", ge=0, le=300
        ),
    ] = 30
    oidc_keys_seconds: Annotated[
        int,
        Field(
            description="For how long the provider's keys are good before they are fetched anew: "
            "a key that it withdraws works that much longer. A new key is fetched at once.",
            ge=10,
            le=86_400,
        ),
    ] = 300

    @field_validator("oidc_issuer")
    @classmethod
    def _is_safe(cls, issuer: str | None) -> str | None:
        if issuer is not None and ("?" in issuer or not is_https_or_loopback(issuer)):
            message = "must be an https address without a query or a fragment"
            raise ValueError(message)
        return issuer

    @field_validator("oidc_audience")
    @classmethod
    def _comes_with_an_issuer(cls, audience: str | None, told: ValidationInfo) -> str | None:
        if audience is None and told.data.get("oidc_issuer") is not None:
            message = "is needed with DEBRIEF_OIDC_ISSUER: tokens for other services must not do"
            raise ValueError(message)
        return audience
