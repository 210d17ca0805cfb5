"""SSRF protection: no connection is made to an address that was not checked.

There are two checks. The resolver looks up the name for every connection, checks all its
addresses and returns these addresses themselves, so that a later change of the name has no
effect. One denied address rejects the name: an honest receiver has none, and a guard that picked
the allowed ones would show an attacker when the denied one would have been next.

The socket factory then checks the very address that a socket is made for, so that an address is
checked even if it did not come from the resolver.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType, SocketFactoryType

from app.integrations.webhooks.security.ip_policy import denial_reason

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host and port; raises OSError when there are none."""

MAX_ADDRESSES = 2
"""How many addresses of each family are tried; all of them are checked.

A name with a hundred addresses would turn one webhook into a hundred connections to others, and
in fact into thousands, because the client starts over with every address that it gave up.
"""

_MAX_LOOKUPS = 32


class RefusedAddressError(OSError):
    """Raised when an address must not be connected to."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address} must not be connected to: {reason}")


class SystemLookup:
    """The machine's resolver, on threads of its own: a slow name server blocks nothing else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_MAX_LOOKUPS, thread_name_prefix="look-up")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return each address once, in the order in which the system would try them."""
        loop = asyncio.get_running_loop()
        addresses = await loop.run_in_executor(self._threads, _addresses, host, port)
        return list(dict.fromkeys(addresses))

    def close(self) -> None:
        """Stop the threads, without waiting for a name server."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int) -> list[str]:
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in infos]


class GuardedResolver(AbstractResolver):
    """The first check: returns checked, numeric addresses only, which are not looked up again."""

    def __init__(self, lookup: Lookup, *, development: bool) -> None:
        self._lookup = lookup
        self._development = development

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - both are used
    ) -> list[ResolveResult]:
        """Return the addresses; raise RefusedAddressError when one of them is denied."""
        addresses = await self._lookup(host, port)
        if not addresses:
            message = "the name has no address"
            raise OSError(message)
        for address in addresses:
            require_allowed(address, development=self._development)
        return [_result(host, address, port) for address in _limited(addresses)]

    async def close(self) -> None:
        """Do nothing: the lookup is closed by its owner."""


def guarded_sockets(make: SocketFactoryType, *, development: bool) -> SocketFactoryType:
    """Return the second check: a socket factory that makes no socket for a denied address."""

    def make_guarded(info: AddrInfoType) -> socket.socket:
        require_allowed(str(info[4][0]), development=development)
        return make(info)

    return make_guarded


def require_allowed(address: str, *, development: bool) -> None:
    """Raise RefusedAddressError when the address must not be connected to."""
    reason = denial_reason(address, development=development)
    if reason is not None:
        raise RefusedAddressError(address, reason)


def make_socket(info: AddrInfoType) -> socket.socket:
    """Return a non-blocking socket for this address; the caller connects it."""
    new = socket.socket(*info[:3])
    new.settimeout(0)  # the event loop waits for it
    return new


def _limited(addresses: Sequence[str]) -> list[str]:
    """Return the first addresses of each family."""
    counts: Counter[bool] = Counter()
    first = []
    for address in addresses:
        is_ipv6 = ":" in address
        counts[is_ipv6] += 1
        if counts[is_ipv6] <= MAX_ADDRESSES:
            first.append(address)
    return first


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=numeric
    )
