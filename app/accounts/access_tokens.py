"""Access tokens (JWT): verify that a token of the OpenID Connect provider is for this service.

PyJWT verifies the signature and the standard claims. This module rejects other types of token,
takes the keys only from the provider (never from the token), and maps errors to problems.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import jwt
from jwt import PyJWK
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidKeyError,
    InvalidSignatureError,
    PyJWTError,
)

from app.accounts.jwks_cache import JwksCache
from app.core.config.settings import Settings
from app.core.problems import InvalidToken

Claims = Mapping[str, Any]

MAX_TOKEN_LENGTH = 16_384  # characters; tokens that list many groups have some thousands


class TokenError(StrEnum):
    """Why a token is rejected; the `reason` of the problem."""

    TOO_LONG = "too_long"
    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    CRITICAL = "critical"
    KIND = "kind"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    AUDIENCE = "audience"
    ISSUER = "issuer"
    CLAIMS = "claims"


_DETAILS = {
    TokenError.TOO_LONG: f"This access token has more than {MAX_TOKEN_LENGTH} characters.",
    TokenError.MALFORMED: "This is neither an API key nor a signed access token.",
    TokenError.ALGORITHM: "The signature algorithm of this access token is not accepted.",
    TokenError.CRITICAL: "This access token has a critical header (crit) that is not supported.",
    TokenError.KIND: "This is not an access token; ID tokens and refresh tokens are not accepted.",
    TokenError.UNKNOWN_KEY: "This access token is signed with a key that the provider does not "
    "publish.",
    TokenError.SIGNATURE: "The signature of this access token is not valid.",
    TokenError.EXPIRED: "This access token has expired.",
    TokenError.NOT_YET_VALID: "This access token is not valid yet; a clock may be wrong.",
    TokenError.AUDIENCE: "This access token was issued for another service.",
    TokenError.ISSUER: "This access token was issued by another provider.",
    TokenError.CLAIMS: "A required claim of this access token is missing or malformed.",
}
_BY_ERROR: dict[type[PyJWTError], TokenError] = {
    ExpiredSignatureError: TokenError.EXPIRED,
    ImmatureSignatureError: TokenError.NOT_YET_VALID,
    InvalidAudienceError: TokenError.AUDIENCE,
    InvalidIssuerError: TokenError.ISSUER,
    InvalidKeyError: TokenError.UNKNOWN_KEY,  # a key of another curve, or one that is too short
    InvalidSignatureError: TokenError.SIGNATURE,
}
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_ACCESS_TOKEN_TYPES = {"at+jwt", "application/at+jwt"}  # RFC 9068
_GENERIC_TYPES = {"jwt", None}  # older than RFC 9068; the claims show which kind of token it is
_ID_TOKEN_CLAIMS = {"nonce", "at_hash", "c_hash"}
_SUBJECT = re.compile(r"[ -~]{1,255}")  # as OpenID Connect Core has it


def invalid_token(error: TokenError) -> InvalidToken:
    """Return the problem of a rejected token, with the challenge that RFC 6750 requires."""
    detail = _DETAILS[error]
    challenge = f'Bearer realm="debrief", error="invalid_token", error_description="{detail}"'
    return InvalidToken(detail, headers={"WWW-Authenticate": challenge}, reason=error.value)


@dataclass(frozen=True, slots=True)
class AccessTokenVerifier:
    """Verifies access tokens of the provider in the settings."""

    settings: Settings
    keys: JwksCache

    async def verify(self, token: str) -> Claims:
        """Return the verified claims; raise InvalidToken or ProviderUnreachable."""
        header = self._header(token)
        key = await self.keys.find(header["kid"], header["alg"])
        if key is None:
            raise invalid_token(TokenError.UNKNOWN_KEY)
        claims = self._claims(token, key)
        if not _is_access_token(header, claims):
            raise invalid_token(TokenError.KIND)
        return claims

    def _header(self, token: str) -> dict[str, Any]:
        """Return the header, which is not verified yet; raise InvalidToken if it is unusable."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise invalid_token(TokenError.TOO_LONG)
        # Checked here, because PyJWT supports some critical headers and would accept the token.
        header = _unverified_header(token)
        if "crit" in header or "b64" in header:
            raise invalid_token(TokenError.CRITICAL)
        if header.get("alg") not in tuple(self.settings.oidc_algorithms):
            raise invalid_token(TokenError.ALGORITHM)
        if _type(header) not in _ACCESS_TOKEN_TYPES | _GENERIC_TYPES:
            raise invalid_token(TokenError.KIND)
        if not isinstance(header.get("kid"), str):
            raise invalid_token(TokenError.UNKNOWN_KEY)
        return header

    def _claims(self, token: str, key: PyJWK) -> Claims:
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=self.settings.oidc_algorithms,
                audience=self.settings.oidc_audience,
                issuer=self.settings.oidc_issuer,
                leeway=self.settings.oidc_leeway_seconds,
                options={"require": _REQUIRED, "enforce_minimum_key_length": True},
            )
        except PyJWTError as error:
            raise invalid_token(_BY_ERROR.get(type(error), TokenError.CLAIMS)) from None
        except (OverflowError, TypeError, ValueError):  # a time that is no valid number
            raise invalid_token(TokenError.CLAIMS) from None
        if not _SUBJECT.fullmatch(claims["sub"]):
            raise invalid_token(TokenError.CLAIMS)
        return claims


def claim(claims: Claims, path: str) -> object:
    """Return the claim of this name, which may be a URL with dots, or else the nested claim."""
    if path in claims:
        return claims[path]
    value: object = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def split_claim(value: object) -> frozenset[str]:
    """Return the values of a claim: words separated by spaces, or a list of strings."""
    if isinstance(value, str):
        return frozenset(value.split())
    items = value if isinstance(value, list) else ()
    return frozenset(item for item in items if isinstance(item, str))


def _unverified_header(token: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (PyJWTError, ValueError):
        raise invalid_token(TokenError.MALFORMED) from None


def _type(header: Mapping[str, Any]) -> str | None:
    value = header.get("typ")
    return None if value is None else str(value).lower()


def _is_access_token(header: Mapping[str, Any], claims: Claims) -> bool:
    """Whether the type, or else the claims that providers put into tokens, say so."""
    if _type(header) in _ACCESS_TOKEN_TYPES:
        return True
    is_for_access = claims.get("token_use", "access") == "access"  # Amazon Cognito
    is_bearer = claims.get("typ", "Bearer") == "Bearer"  # Keycloak
    return is_for_access and is_bearer and not _ID_TOKEN_CLAIMS & claims.keys()
