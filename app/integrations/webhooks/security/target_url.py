"""Where a webhook is to go, read so that no two readers can disagree about it.

Whoever may name a URL may try to make this service call its own neighbours. A target
is therefore not cleaned up but held to a narrow grammar, and a host that a resolver or
the C library would take for an address is judged as that address. This says early and
kindly what cannot work; what really protects is the look at the address when it is
dialled (see dialling).
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Literal, NoReturn

import idna

from app.integrations.webhooks.security.ip_policy import Address, denial_reason

LONGEST_URL = 2048
LONGEST_HOST = 253

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?]*)(?P<path>/[^?]*)?(?P<query>\?.*)?",
    re.DOTALL,
)
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# A last label of this kind makes the C library read the whole host as an address.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HTTPS_PORT = 443
_FIRST_FREE_PORT = 1024
_LAST_PORT = 65535
_BYTES = 4

# Names that only a local network answers; the whole of `.internal` was set aside for that.
_LOCAL = (
    *("localhost", "localdomain", "local", "internal", "intranet", "private"),
    *("lan", "corp", "home", "home.arpa", "onion"),
)


class UnsuitableTarget(ValueError):  # noqa: N818 - what is wrong is the caller's URL, and said to them
    """The URL cannot be a target; `reason` says in a sentence what to do about it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """A judged URL, in the one spelling in which it is dialled."""

    scheme: Literal["https", "http"]
    host: str
    """In ASCII and lower case, without a final dot; an IPv6 address without brackets."""
    port: int
    path: str
    """With the query, beginning with a slash."""

    @classmethod
    def parse(cls, url: str, *, development: bool) -> "Target":
        """Read and judge a URL; raise UnsuitableTarget with what is wrong with it."""
        if len(url) > LONGEST_URL:
            _refuse(f"The URL is longer than {LONGEST_URL} characters.")
        parts = _URL.fullmatch(url)
        if parts is None:
            _refuse("Give a whole URL, such as https://receiver.example/hooks.")
        scheme = _scheme(parts["scheme"], development=development)
        host, port = _split(parts["authority"])
        host = _Host(development).read(host)
        path = _path((parts["path"] or "/") + (parts["query"] or ""))
        return cls(scheme, host, _port(port, scheme, development=development), path)

    @property
    def url(self) -> str:
        """The URL as it is kept and dialled."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _usual_port(self.scheme) == self.port
        return f"{self.scheme}://{host}{'' if usual else f':{self.port}'}{self.path}"


def _refuse(reason: str) -> NoReturn:
    raise UnsuitableTarget(reason)


def _scheme(text: str, *, development: bool) -> Literal["https", "http"]:
    match text.lower(), development:
        case "https", _:
            return "https"
        case "http", True:
            return "http"
    _refuse("The URL must begin with https://, so that nobody else can read what is sent.")


def _split(authority: str) -> tuple[str, str | None]:
    if "@" in authority:
        _refuse("Leave user and password out of the URL; the signature says who is calling.")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        _refuse("Host and port of the URL cannot be read.")
    return parts["host"], parts["port"]


def _path(text: str) -> str:
    if "#" in text:
        _refuse("Leave the fragment (from # on) out of the URL: it is never sent.")
    if not _PATH.fullmatch(text):
        _refuse("Path and query hold a character that must be percent-encoded.")
    return text


def _usual_port(scheme: str) -> int:
    return _HTTPS_PORT if scheme == "https" else 80


def _port(text: str | None, scheme: str, *, development: bool) -> int:
    port = _usual_port(scheme) if text is None else int(text)
    lowest = 1 if development else _FIRST_FREE_PORT
    if port != _HTTPS_PORT and not lowest <= port <= _LAST_PORT:
        _refuse(f"Port {port} is not for webhooks: use {_HTTPS_PORT}, or one from {lowest} on.")
    return port


@dataclass(frozen=True, slots=True)
class _Host:
    """Reads a host, an address in any spelling or a name."""

    development: bool

    def read(self, text: str) -> str:
        if text.startswith("["):
            return self._judged(_ipv6(text[1:-1]))
        name = _in_ascii(text).removesuffix(".")
        if _NUMBER.fullmatch(name.rpartition(".")[2]):
            return self._plain(name)
        return self._name(name)

    def _judged(self, address: Address) -> str:
        reason = denial_reason(address, development=self.development)
        if reason is not None:
            _refuse(f"The address {address} cannot receive webhooks: {reason}.")
        return str(address)

    def _plain(self, text: str) -> str:
        """Judge what libc would read; of a public address too only the plain spelling is taken."""
        address = self._judged(_ipv4(text))
        if text != address:
            _refuse(f"Write the address plainly, as {address}.")
        return address

    def _name(self, name: str) -> str:
        labels = name.split(".")
        if len(name) > LONGEST_HOST or not all(map(_LABEL.fullmatch, labels)):
            _refuse("The host is no name that a resolver would take.")
        if self.development and labels[-1] == "localhost":
            return name
        if len(labels) == 1 or any(name == one or name.endswith(f".{one}") for one in _LOCAL):
            _refuse(f"The host {name} is a name of a local network; give one that all can resolve.")
        return name


def _in_ascii(host: str) -> str:
    """Spell a host as it is looked up: digits and dots of other scripts become our own."""
    lowered = host.lower()
    if host.isascii() and "xn--" not in lowered:
        return lowered
    if len(host) > LONGEST_HOST:  # reading a long one takes long
        _refuse("The host is no name that a resolver would take.")
    try:
        return idna.encode(host, uts46=True, std3_rules=True).decode()
    except UnicodeError:
        _refuse("The host is no valid international name.")


def _ipv6(text: str) -> IPv6Address:
    if "%" in text:
        _refuse("The address names a network card, which means nothing elsewhere.")
    try:
        return IPv6Address(text)
    except AddressValueError:
        _refuse("The host in brackets is no IPv6 address.")


def _ipv4(text: str) -> IPv4Address:
    """Read an address as inet_aton does: up to four numbers, octal, decimal or hexadecimal."""
    try:
        numbers = [_number(part) for part in text.split(".")]
        # The last number fills all the bytes that are left.
        head = bytes(numbers[:-1])
        return IPv4Address(head + numbers[-1].to_bytes(max(_BYTES - len(head), 1)))
    except (ValueError, OverflowError):
        _refuse("The host looks like an address and is none.")


def _number(part: str) -> int:
    if part.startswith("0x"):
        # The C library reads a bare `0x` as nothing.
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)
