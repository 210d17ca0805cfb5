"""The two doors before every connection: no address is dialled that was not judged.

The first door is the look-up. A name is asked for each time a connection is made, all
its addresses are judged, and what is handed on is the judged addresses themselves, so
that a name that changes its answer afterwards changes nothing. One bad address refuses
the name: an honest receiver has none, and a guard that picks the good ones tells whoever
tries it when the bad one would have been next.

The second door stands where the socket is made, and judges the very address that the
socket is made for: also one that came without a look-up, by whichever way.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType, SocketFactoryType

from app.integrations.webhooks.security.ip_policy import denial_reason

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Asks for the addresses of a host; raises OSError where there are none."""

MOST_ADDRESSES = 2
"""How many addresses of each family are tried; all of them are judged.

A name with a hundred addresses would make of one webhook a hundred calls at others' doors,
and thousands in fact: the client begins anew with every one that it has given up.
"""

_LOOKUPS_AT_ONCE = 32


class RefusedAddressError(OSError):
    """The address is not to be dialled."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address} is not dialled: {reason}")


class SystemLookup:
    """Asks the machine's resolver, on threads of its own: a slow name server holds up no others."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, thread_name_prefix="look-up")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return each address once, in the order in which the system would try them."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _addresses, host, port)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Let the threads go, without waiting for a name server."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int) -> list[str]:
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in infos]


class GuardedResolver(AbstractResolver):
    """The first door: hands on judged addresses only, and nothing that is looked up again."""

    def __init__(self, lookup: Lookup, *, development: bool) -> None:
        self._lookup = lookup
        self._development = development

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - we take both
    ) -> list[ResolveResult]:
        """Return the addresses; raise RefusedAddressError where one of them is bad."""
        found = await self._lookup(host, port)
        if not found:
            message = "the name has no address"
            raise OSError(message)
        for address in found:
            require_allowed(address, development=self._development)
        return [_result(host, address, port) for address in _few(found)]

    async def close(self) -> None:
        """Do nothing: whoever handed the look-up over ends it."""


def guarded_sockets(make: SocketFactoryType, *, development: bool) -> SocketFactoryType:
    """Return the second door: no socket is made for an address that must not be dialled."""

    def make_guarded(info: AddrInfoType) -> socket.socket:
        require_allowed(str(info[4][0]), development=development)
        return make(info)

    return make_guarded


def require_allowed(address: str, *, development: bool) -> None:
    """Raise RefusedAddressError where the address is not to be dialled."""
    reason = denial_reason(address, development=development)
    if reason is not None:
        _refuse(address, reason)


def make_socket(info: AddrInfoType) -> socket.socket:
    """Make a socket for this address; it is connected by others."""
    made = socket.socket(*info[:3])
    made.settimeout(0)  # the event loop waits for it
    return made


def _refuse(address: str, reason: str) -> NoReturn:
    raise RefusedAddressError(address, reason)


def _few(addresses: Sequence[str]) -> list[str]:
    tried: Counter[bool] = Counter()
    few = []
    for address in addresses:
        tried[":" in address] += 1
        if tried[":" in address] <= MOST_ADDRESSES:
            few.append(address)
    return few


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=numeric
    )
