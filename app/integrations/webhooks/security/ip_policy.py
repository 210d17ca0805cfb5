"""Whether an address may be dialled for somebody who only gave us a name.

What is not plainly a public, unicast address of its own is refused, and the table
says why of each. It is written out and not left to `ipaddress.is_global`: that one
changes with the Python at hand, and knows neither the metadata services of clouds nor
what an address of one kind hides of the other.
"""

from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

# Sources: the special-purpose registries of IANA, and the manuals of the clouds.
_REFUSED: dict[str, str] = {
    # IPv4
    "0.0.0.0/8": "it means this network itself",
    "10.0.0.0/8": "it is private",
    "100.64.0.0/10": "it is shared inside a provider's network",  # Alibaba's metadata too
    "127.0.0.0/8": "it is this machine itself",
    "168.63.129.16/32": "a cloud keeps its own services there",  # Azure, though it looks public
    "169.254.0.0/16": "it is link-local, where clouds keep their metadata",
    "172.16.0.0/12": "it is private",
    "192.0.0.0/24": "it is reserved for protocols",  # Oracle's metadata too
    "192.0.2.0/24": "it is kept for documentation",
    "192.31.196.0/24": "it is reserved for protocols",
    "192.52.193.0/24": "it is reserved for protocols",
    "192.88.99.0/24": "it leads to a relay of 6to4",
    "192.168.0.0/16": "it is private",
    "192.175.48.0/24": "it is reserved for protocols",
    "198.18.0.0/15": "it is kept for measurements",
    "198.51.100.0/24": "it is kept for documentation",
    "203.0.113.0/24": "it is kept for documentation",
    "224.0.0.0/4": "it is multicast",
    "240.0.0.0/4": "it is reserved",
    # IPv6: what hides an IPv4 address
    "::/96": "it hides an IPv4 address, or is this machine itself",
    "::ffff:0:0/96": "it hides an IPv4 address",
    "::ffff:0:0:0/96": "it hides an IPv4 address",
    "64:ff9b:1::/48": "it hides an address of a local translator",
    "2001::/32": "it hides an IPv4 address",
    "2002::/16": "it hides an IPv4 address",
    # IPv6
    "100::/64": "what is sent there is thrown away",
    "100:0:0:1::/64": "it is reserved",
    "2001::/23": "it is reserved for protocols",  # benchmarking and ORCHID among them
    "2001:db8::/32": "it is kept for documentation",
    "2620:4f:8000::/48": "it is reserved for protocols",
    "3fff::/20": "it is kept for documentation",
    "5f00::/16": "it is reserved for routing",
    "fc00::/7": "it is private",  # metadata of several clouds too
    "fe80::/10": "it is link-local",
    "fec0::/10": "it is site-local",
    "ff00::/8": "it is multicast",
}
REFUSED = tuple((ip_network(network), reason) for network, reason in _REFUSED.items())
"""Networks that are never connected to, each with its reason."""

# NAT64: networks without IPv4 reach it through this prefix, and their resolver returns such
# addresses. The IPv4 address inside is checked.
_TRANSLATED = IPv6Network("64:ff9b::/96")
_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
_UNICAST = IPv6Network("2000::/3")
# ISATAP puts these before an IPv4 address, under the prefix of any site.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def denial_reason(address: str | Address, *, development: bool) -> str | None:
    """Return why this address must not be connected to; None when it is allowed.

    In development a receiver may run on this machine. A string that is not an address, or that
    names a network interface (`fe80::1%eth0`), is denied too.
    """
    if isinstance(address, str):
        try:
            address = ip_address(address)
        except ValueError:
            return "it is not an IP address"
    return _denial_reason(address, development=development)


@lru_cache(maxsize=4096)
def _denial_reason(address: Address, *, development: bool) -> str | None:
    if development and any(address in network for network in _LOOPBACK):
        return None
    if isinstance(address, IPv6Address) and address in _TRANSLATED:
        return _denial_reason(IPv4Address(int(address) & 0xFFFF_FFFF), development=False)
    return _network_reason(address) or _ipv6_reason(address)


def _network_reason(address: Address) -> str | None:
    return next((reason for network, reason in REFUSED if address in network), None)


def _ipv6_reason(address: Address) -> str | None:
    if isinstance(address, IPv4Address):
        return None
    if address.scope_id is not None:
        return "it names a network interface"
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return "it hides an IPv4 address"
    return None if address in _UNICAST else "it is not a public address"
