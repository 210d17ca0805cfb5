"""Webhook URL validation: a URL is parsed so that no two parsers can disagree about it.

A client that may name a URL may try to make this service call its own neighbours. A target
is therefore not cleaned up but held to a narrow grammar, and a host that a resolver or
the C library would take for an address is checked as that address. This reports early what
cannot work; what really protects is the check of the address when it is connected to (see
`ssrf_guard`).
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Literal, NoReturn

import idna

from app.integrations.webhooks.security.ip_policy import Address, denial_reason

MAX_URL_LENGTH = 2048
MAX_HOST_LENGTH = 253

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?]*)(?P<path>/[^?]*)?(?P<query>\?.*)?",
    re.DOTALL,
)
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# With a last label of this form the C library reads the whole host as an address.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HTTPS_PORT = 443
_FIRST_FREE_PORT = 1024
_LAST_PORT = 65535
_BYTES = 4

# Names that resolve on local networks only; all of `.internal` is reserved for that.
_LOCAL = (
    *("localhost", "localdomain", "local", "internal", "intranet", "private"),
    *("lan", "corp", "home", "home.arpa", "onion"),
)


class UnsuitableTarget(ValueError):  # noqa: N818 - the URL is wrong, not the program
    """The URL cannot be a target; `reason` says in a sentence what to do about it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL in canonical form."""

    scheme: Literal["https", "http"]
    host: str
    """In ASCII and lower case, without a final dot; an IPv6 address without brackets."""
    port: int
    path: str
    """With the query, beginning with a slash."""

    @classmethod
    def parse(cls, url: str, *, development: bool) -> "Target":
        """Parse and check a URL; raise UnsuitableTarget with the reason when it is rejected."""
        if len(url) > MAX_URL_LENGTH:
            _reject(f"The URL is longer than {MAX_URL_LENGTH} characters.")
        parts = _URL.fullmatch(url)
        if parts is None:
            _reject("Give a complete URL, such as https://receiver.example/hooks.")
        scheme = _scheme(parts["scheme"], development=development)
        host, port = _split(parts["authority"])
        host = _HostParser(development).parse(host)
        path = _path((parts["path"] or "/") + (parts["query"] or ""))
        return cls(scheme, host, _port(port, scheme, development=development), path)

    @property
    def url(self) -> str:
        """The URL as it is stored and requested."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _default_port(self.scheme) else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def _reject(reason: str) -> NoReturn:
    raise UnsuitableTarget(reason)


def _scheme(text: str, *, development: bool) -> Literal["https", "http"]:
    match text.lower(), development:
        case "https", _:
            return "https"
        case "http", True:
            return "http"
    _reject("The URL must begin with https://, so that nobody else can read what is sent.")


def _split(authority: str) -> tuple[str, str | None]:
    if "@" in authority:
        _reject("Leave user and password out of the URL; the signature identifies the sender.")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        _reject("Host and port of the URL cannot be parsed.")
    return parts["host"], parts["port"]


def _path(text: str) -> str:
    if "#" in text:
        _reject("Leave the fragment (from # on) out of the URL: it is never sent.")
    if not _PATH.fullmatch(text):
        _reject("Path and query contain a character that must be percent-encoded.")
    return text


def _default_port(scheme: str) -> int:
    return _HTTPS_PORT if scheme == "https" else 80


def _port(text: str | None, scheme: str, *, development: bool) -> int:
    port = _default_port(scheme) if text is None else int(text)
    min_port = 1 if development else _FIRST_FREE_PORT
    if port != _HTTPS_PORT and not min_port <= port <= _LAST_PORT:
        _reject(f"Port {port} is not allowed: use {_HTTPS_PORT}, or a port from {min_port} on.")
    return port


@dataclass(frozen=True, slots=True)
class _HostParser:
    """Parses a host: an address in any notation, or a name."""

    development: bool

    def parse(self, text: str) -> str:
        if text.startswith("["):
            return self._allowed(_ipv6(text[1:-1]))
        name = _to_ascii(text).removesuffix(".")
        if _NUMBER.fullmatch(name.rpartition(".")[2]):
            return self._dotted_ipv4(name)
        return self._name(name)

    def _allowed(self, address: Address) -> str:
        reason = denial_reason(address, development=self.development)
        if reason is not None:
            _reject(f"The address {address} cannot receive webhooks: {reason}.")
        return str(address)

    def _dotted_ipv4(self, text: str) -> str:
        """Check the address that libc would read; even a public one must be in dotted notation."""
        address = self._allowed(_ipv4(text))
        if text != address:
            _reject(f"Write the address as {address}.")
        return address

    def _name(self, name: str) -> str:
        labels = name.split(".")
        if len(name) > MAX_HOST_LENGTH or not all(map(_LABEL.fullmatch, labels)):
            _reject("The host is not a valid host name.")
        if self.development and labels[-1] == "localhost":
            return name
        if len(labels) == 1 or any(f".{name}".endswith(f".{suffix}") for suffix in _LOCAL):
            _reject(f"The host {name} is a name of a local network; use a public name.")
        return name


def _to_ascii(host: str) -> str:
    """Return a host as it is looked up; digits and dots of other scripts become ASCII."""
    lowered = host.lower()
    if host.isascii() and "xn--" not in lowered:
        return lowered
    if len(host) > MAX_HOST_LENGTH:  # encoding a long one takes long
        _reject("The host is not a valid host name.")
    try:
        return idna.encode(host, uts46=True, std3_rules=True).decode()
    except UnicodeError:
        _reject("The host is not a valid internationalized name.")


def _ipv6(text: str) -> IPv6Address:
    if "%" in text:
        _reject("The address names a network interface, which has no meaning on other machines.")
    try:
        return IPv6Address(text)
    except AddressValueError:
        _reject("The host in brackets is not an IPv6 address.")


def _ipv4(text: str) -> IPv4Address:
    """Parse an address as inet_aton does: up to four numbers, octal, decimal or hexadecimal."""
    try:
        numbers = [_number(part) for part in text.split(".")]
        # The last number fills all the bytes that are left.
        head = bytes(numbers[:-1])
        return IPv4Address(head + numbers[-1].to_bytes(max(_BYTES - len(head), 1)))
    except (ValueError, OverflowError):
        _reject("The host looks like an IPv4 address, but is not a valid one.")


def _number(part: str) -> int:
    if part.startswith("0x"):
        # The C library reads a bare `0x` as nothing.
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)
