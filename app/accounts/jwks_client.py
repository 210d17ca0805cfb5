"""JWKS client: fetches the discovery document and the signing keys of the OpenID Connect provider.

Time and size are limited and redirects are not followed. The discovery document must name exactly
the configured issuer.
"""

import asyncio
import json
from typing import Any

import httpx2

from app.core.config.oidc_settings import is_https_or_loopback

Jwk = dict[str, Any]
"""One published key (RFC 7517)."""

MAX_BYTES = 262_144  # of one document; the largest key sets of large providers have about 20,000
TIMEOUT_SECONDS = 5.0  # for both documents together

_WELL_KNOWN = "/.well-known/openid-configuration"
# No compression: a small response could expand to a large one.
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


class ProviderError(Exception):
    """The keys could not be fetched; the message says why."""


async def fetch_jwks(issuer: str) -> list[Jwk]:
    """Return the keys that the provider publishes now; raise ProviderError when that fails."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await _fetch(issuer)
    except TimeoutError as error:
        message = f"no response within {TIMEOUT_SECONDS:g} s"
        raise ProviderError(message) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ProviderError(type(error).__name__) from error


async def _fetch(issuer: str) -> list[Jwk]:
    # On a thread, because reading the certificates of this machine takes a while.
    async with await asyncio.to_thread(_client) as client:
        discovery = await _get_json(client, issuer.rstrip("/") + _WELL_KNOWN)
        if discovery.get("issuer") != issuer:
            message = "the issuer of the discovery document is not DEBRIEF_OIDC_ISSUER"
            raise ProviderError(message)
        url = discovery.get("jwks_uri")
        if not isinstance(url, str) or not is_https_or_loopback(url):
            message = "the jwks_uri is not an https URL"
            raise ProviderError(message)
        keys = (await _get_json(client, url)).get("keys")
    if not isinstance(keys, list):
        message = "the key set has no keys"
        raise ProviderError(message)
    return [key for key in keys if isinstance(key, dict)]


def _client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(headers=_HEADERS, timeout=TIMEOUT_SECONDS, follow_redirects=False)


async def _get_json(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    body = bytearray()
    async with client.stream("GET", url) as response:
        if response.status_code != httpx2.codes.OK:
            message = f"the response has status {response.status_code}"
            raise ProviderError(message)
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_BYTES:
                message = f"the response has more than {MAX_BYTES} bytes"
                raise ProviderError(message)
    return _parse(body)


def _parse(body: bytearray) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        message = "the response is not JSON"
        raise ProviderError(message) from error
    if not isinstance(document, dict):
        message = "the response is not a JSON object"
        raise ProviderError(message)
    return document
