"""What the operator's OpenID Connect provider publishes: where its keys are, and the keys.

It is asked with bounds on time and size, no redirect is followed, and what it
says counts only if it calls itself by the very name that was configured.
"""

import asyncio
import json
from typing import Any

import httpx2

from app.core.config.oidc_settings import is_https_or_loopback

Jwk = dict[str, Any]
"""One key as it is published (RFC 7517)."""

LARGEST_BYTES = 262_144  # the largest key sets of great providers have some twenty thousand
SECONDS = 5.0  # for both documents together

_WELL_KNOWN = "/.well-known/openid-configuration"
# Packed, a small answer could be a large one.
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


class ProviderError(Exception):
    """The provider did not give its keys; the message says what it did."""


async def fetch_jwks(issuer: str) -> list[Jwk]:
    """Return the keys that the provider publishes now; raise ProviderError when it does not."""
    try:
        async with asyncio.timeout(SECONDS):
            return await _ask(issuer)
    except TimeoutError as error:
        message = f"no answer within {SECONDS:g} s"
        raise ProviderError(message) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ProviderError(type(error).__name__) from error


async def _ask(issuer: str) -> list[Jwk]:
    # On a thread: to read the certificates of this machine takes a while.
    async with await asyncio.to_thread(_client) as client:
        told = await _read(client, issuer.rstrip("/") + _WELL_KNOWN)
        if told.get("issuer") != issuer:
            message = "it calls itself by another name than DEBRIEF_OIDC_ISSUER"
            raise ProviderError(message)
        place = told.get("jwks_uri")
        if not isinstance(place, str) or not is_https_or_loopback(place):
            message = "its jwks_uri is not an https address"
            raise ProviderError(message)
        keys = (await _read(client, place)).get("keys")
    if not isinstance(keys, list):
        message = "its key set has no keys"
        raise ProviderError(message)
    return [key for key in keys if isinstance(key, dict)]


def _client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(headers=_HEADERS, timeout=SECONDS, follow_redirects=False)


async def _read(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    body = bytearray()
    async with client.stream("GET", url) as answer:
        if answer.status_code != httpx2.codes.OK:
            message = f"it answered {answer.status_code}"
            raise ProviderError(message)
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) > LARGEST_BYTES:
                message = f"it answered with more than {LARGEST_BYTES} bytes"
                raise ProviderError(message)
    return _parsed(body)


def _parsed(body: bytearray) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        message = "what it answered is not JSON"
        raise ProviderError(message) from error
    if not isinstance(told, dict):
        message = "what it answered is not a JSON object"
        raise ProviderError(message)
    return told
