"""Webhook URL validation, and the addresses that may be connected to."""

import random
import socket
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest

from app.integrations.webhooks.security.ip_policy import REFUSED, denial_reason
from app.integrations.webhooks.security.target_url import Target, UnsuitableTarget
from tests.support.hostile_urls import (
    BAD_ADDRESSES,
    HOSTILE,
    LOCAL_IN_DEVELOPMENT,
    LOCAL_SPELLINGS,
    SOUND,
)

SCHEME = "https://"


def read(url: str, *, development: bool = False) -> str | None:
    """The URL as it would be stored, None when it is rejected."""
    try:
        return Target.parse(url, development=development).url
    except UnsuitableTarget as error:
        reason = error.reason
    assert reason.endswith(".")
    assert len(reason) < 400
    return None


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_target_is_refused_with_a_sentence(url: str) -> None:
    assert read(url) is None


@pytest.mark.parametrize("url", HOSTILE)
def test_development_opens_this_machine_and_nothing_else(url: str) -> None:
    taken = read(url, development=True)
    if taken is None:
        return
    target = Target.parse(taken, development=True)
    local = target.host in {"::1", "localhost"} or target.host.endswith(".localhost")
    named = target.host == "receiver.example"  # by http, or on a port of another service
    assert local or named or target.host.startswith("127.")


@pytest.mark.parametrize("url", LOCAL_SPELLINGS)
def test_only_the_plain_spelling_of_an_address_is_kept(url: str) -> None:
    taken = read(url, development=True)
    assert taken is None or Target.parse(taken, development=True).url == taken


@pytest.mark.parametrize("url", LOCAL_IN_DEVELOPMENT)
def test_a_receiver_on_this_machine_is_for_development_alone(url: str) -> None:
    assert read(url, development=True) == url
    assert read(url) is None


@pytest.mark.parametrize(("url", "kept"), SOUND.items())
def test_a_sound_target_is_kept_in_one_spelling(url: str, kept: str) -> None:
    assert read(url) == kept
    assert read(kept) == kept


def test_a_number_is_read_as_the_c_library_reads_it() -> None:
    chance = random.Random(7)  # noqa: S311 - repeatable, not secret
    numbers = [0, 1, 9, 127, 255, 256, 65535, 65536, 2**24 - 1, 2**24, 2**32 - 1, 2**32]
    for _ in range(20_000):
        some = [chance.choice(numbers) for _ in range(chance.randint(1, 5))]
        host = ".".join(chance.choice(["%d", "0%o", "0x%x"]) % number for number in some)
        try:
            meant = socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            meant = None
        taken = read(SCHEME + host)
        if meant is None or denial_reason(meant, development=False):
            assert taken is None, host
        else:
            assert taken in {None, f"{SCHEME}{meant}/"}, host


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_bad_address_is_refused_with_its_reason(address: str) -> None:
    assert denial_reason(address, development=False)


@pytest.mark.parametrize("address", [a for a in BAD_ADDRESSES if a not in {"127.0.0.1", "::1"}])
def test_development_does_not_open_other_bad_addresses(address: str) -> None:
    assert denial_reason(address, development=True)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001:81b::200e"]
)
def test_a_public_address_may_be_dialled(address: str) -> None:
    assert denial_reason(address, development=False) is None


def test_a_translated_public_address_may_be_dialled_for_some_networks_know_no_other() -> None:
    assert denial_reason("64:ff9b::8.8.8.8", development=False) is None


def test_the_translated_loopback_is_not_opened_by_development() -> None:
    assert denial_reason("64:ff9b::127.0.0.1", development=True)


@pytest.mark.parametrize("network", [str(network) for network, _ in REFUSED])
def test_every_network_of_the_table_is_refused_from_end_to_end(network: str) -> None:
    whole = ip_network(network)
    assert denial_reason(whole[0], development=False)
    assert denial_reason(whole[-1], development=False)


@pytest.mark.slow
def test_nothing_that_python_holds_for_not_global_is_dialled() -> None:
    chance = random.Random(11)  # noqa: S311 - repeatable, not secret
    for _ in range(50_000):
        four = IPv4Address(chance.getrandbits(32))
        six = IPv6Address(chance.getrandbits(128))
        for address in (four, six):
            if not address.is_global or address.is_multicast or address.is_reserved:
                assert denial_reason(address, development=False), address
