"""Access tokens of the operator's provider: whether one is for this service, and good now.

The library checks the signature and the claims that the standard defines. What
stands here is what it leaves to whoever uses it: which kinds of token are none of
ours, where the keys come from (from the provider alone, whatever the token says
of keys), and how a refusal is told.
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
from app.core.problems import TokenInvalid

Claims = Mapping[str, Any]

LONGEST = 16_384  # characters; tokens that list many groups have some thousands


class TokenError(StrEnum):
    """What can be wrong with a token; told to its holder as `reason`."""

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


_SAID = {
    TokenError.TOO_LONG: "This access token is longer than this server reads.",
    TokenError.MALFORMED: "This is neither an API key nor a signed access token.",
    TokenError.ALGORITHM: "This access token is signed in a way that this server does not take.",
    TokenError.CRITICAL: "This access token has a critical header (crit) that is not supported.",
    TokenError.KIND: "This is not an access token; ID tokens and refresh tokens are not accepted.",
    TokenError.UNKNOWN_KEY: "This access token is signed with no key that the provider publishes.",
    TokenError.SIGNATURE: "This access token is not as the provider signed it.",
    TokenError.EXPIRED: "This access token has expired.",
    TokenError.NOT_YET_VALID: "This access token is not valid yet; a clock may be wrong.",
    TokenError.AUDIENCE: "This access token was made for another service.",
    TokenError.ISSUER: "This access token comes from another provider.",
    TokenError.CLAIMS: "A required claim of this access token is missing or malformed.",
}
_BY_ERROR: dict[type[PyJWTError], TokenError] = {
    ExpiredSignatureError: TokenError.EXPIRED,
    ImmatureSignatureError: TokenError.NOT_YET_VALID,
    InvalidAudienceError: TokenError.AUDIENCE,
    InvalidIssuerError: TokenError.ISSUER,
    InvalidKeyError: TokenError.UNKNOWN_KEY,  # of another curve, or too short to be one
    InvalidSignatureError: TokenError.SIGNATURE,
}
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_TYPED = {"at+jwt", "application/at+jwt"}  # RFC 9068
_UNTYPED = {"jwt", None}  # as before it; whether it is an access token, its claims have to tell
_OF_ID_TOKENS = {"nonce", "at_hash", "c_hash"}
_SUBJECT = re.compile(r"[ -~]{1,255}")  # as OpenID Connect Core has it


def invalid_token(flaw: TokenError) -> TokenInvalid:
    """Return the refusal of a token, with the challenge that RFC 6750 asks for."""
    said = _SAID[flaw]
    challenge = f'Bearer realm="debrief", error="invalid_token", error_description="{said}"'
    return TokenInvalid(said, headers={"WWW-Authenticate": challenge}, reason=flaw.value)


@dataclass(frozen=True, slots=True)
class AccessTokenVerifier:
    """Reads tokens of the provider that the settings name."""

    settings: Settings
    keys: JwksCache

    async def verified(self, token: str) -> Claims:
        """Return what the token says; raise TokenInvalid, or ProviderUnreachable."""
        header = self._header(token)
        key = await self.keys.find(header["kid"], header["alg"])
        if key is None:
            raise invalid_token(TokenError.UNKNOWN_KEY)
        claims = self._claims(token, key)
        if not _is_access_token(header, claims):
            raise invalid_token(TokenError.KIND)
        return claims

    def _header(self, token: str) -> dict[str, Any]:
        """Return what the token says of its signature, which nothing vouches for yet."""
        if len(token) > LONGEST:
            raise invalid_token(TokenError.TOO_LONG)
        # Before the library, which knows some of these and would take a token with one of them.
        header = _unverified_header(token)
        if "crit" in header or "b64" in header:
            raise invalid_token(TokenError.CRITICAL)
        if header.get("alg") not in tuple(self.settings.oidc_algorithms):
            raise invalid_token(TokenError.ALGORITHM)
        if _kind(header) not in _TYPED | _UNTYPED:
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
        except (OverflowError, TypeError, ValueError):  # an instant that is none
            raise invalid_token(TokenError.CLAIMS) from None
        if not _SUBJECT.fullmatch(claims["sub"]):
            raise invalid_token(TokenError.CLAIMS)
        return claims


def claim(claims: Claims, path: str) -> object:
    """Return what stands at a path with dots, or under that very name, which may be an address."""
    if path in claims:
        return claims[path]
    found: object = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def split_claim(told: object) -> frozenset[str]:
    """Return the words of a claim: a text of words, or a list of texts."""
    if isinstance(told, str):
        return frozenset(told.split())
    several = told if isinstance(told, list) else ()
    return frozenset(one for one in several if isinstance(one, str))


def _unverified_header(token: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (PyJWTError, ValueError):
        raise invalid_token(TokenError.MALFORMED) from None


def _kind(header: Mapping[str, Any]) -> str | None:
    told = header.get("typ")
    return None if told is None else str(told).lower()


def _is_access_token(header: Mapping[str, Any], claims: Claims) -> bool:
    """Tell by what providers put into other tokens and into these."""
    if _kind(header) in _TYPED:
        return True
    is_of_use = claims.get("token_use", "access") == "access"  # Amazon Cognito
    is_bearer = claims.get("typ", "Bearer") == "Bearer"  # Keycloak
    return is_of_use and is_bearer and not _OF_ID_TOKENS & claims.keys()
