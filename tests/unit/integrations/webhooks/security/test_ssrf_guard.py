"""SSRF protection: only checked addresses are connected to, counted by a fake dialler."""

import asyncio
import socket
from collections.abc import Sequence

import pytest

from app.integrations.webhooks.delivery.http_client import WebhookClient
from app.integrations.webhooks.delivery.results import FailureKind, WebhookFailure, WebhookResponse
from app.integrations.webhooks.security.ssrf_guard import (
    MAX_ADDRESSES,
    RefusedAddressError,
    guarded_sockets,
)
from tests.support.hostile_urls import BAD_ADDRESSES, HOSTILE
from tests.support.scripted_receivers import (
    Dialler,
    answer,
    answering,
    receiving,
)

PUBLIC = "8.8.8.8"
NAMED = "https://receiver.example/hooks"


async def post_all(dialler: Dialler, urls: Sequence[str]) -> list[WebhookResponse | WebhookFailure]:
    async with WebhookClient(
        development=False, lookup=dialler.lookup, sockets=dialler.sockets
    ) as poster:
        return [await poster.post(url, b"{}", {}) for url in urls]


def kinds(outcomes: Sequence[WebhookResponse | WebhookFailure]) -> list[FailureKind]:
    return [outcome.kind for outcome in outcomes if isinstance(outcome, WebhookFailure)]


def test_a_hostile_target_is_not_even_looked_up() -> None:
    dialler = Dialler(answers=[[PUBLIC]])
    outcomes = asyncio.run(post_all(dialler, HOSTILE))
    assert kinds(outcomes) == [FailureKind.UNSUITABLE] * len(HOSTILE)
    assert (dialler.looked_up, dialler.dialled) == ([], [])


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_name_that_leads_to_a_bad_address_is_not_dialled(address: str) -> None:
    dialler = Dialler(answers=[[address]])
    outcomes = asyncio.run(post_all(dialler, [NAMED]))
    assert kinds(outcomes) == [FailureKind.REFUSED]
    assert (dialler.looked_up, dialler.dialled) == (["receiver.example"], [])


@pytest.mark.parametrize("found", [[PUBLIC, "10.0.0.1"], ["::1", PUBLIC], [PUBLIC] * 20 + ["::1"]])
def test_one_bad_address_refuses_the_whole_name(found: list[str]) -> None:
    dialler = Dialler(answers=[found])
    assert kinds(asyncio.run(post_all(dialler, [NAMED]))) == [FailureKind.REFUSED]
    assert dialler.dialled == []


def test_the_judged_address_itself_is_dialled_and_the_name_not_asked_for_again() -> None:
    dialler = Dialler(answers=[[PUBLIC], ["127.0.0.1"]])
    assert kinds(asyncio.run(post_all(dialler, [NAMED]))) == [FailureKind.UNREACHABLE]
    assert (dialler.looked_up, dialler.dialled) == (["receiver.example"], [PUBLIC])


def test_a_name_that_changes_its_answer_between_attempts_is_judged_anew() -> None:
    dialler = Dialler(answers=[[PUBLIC], ["127.0.0.1"], [PUBLIC]])
    outcomes = asyncio.run(post_all(dialler, [NAMED] * 3))
    assert kinds(outcomes) == [
        FailureKind.UNREACHABLE,
        FailureKind.REFUSED,
        FailureKind.UNREACHABLE,
    ]
    assert dialler.dialled == [PUBLIC, PUBLIC]


def test_addresses_of_both_kinds_are_tried_but_not_without_end() -> None:
    many = [f"8.8.8.{last}" for last in range(40)] + [f"2606:4700::{last}" for last in range(40)]
    dialler = Dialler(answers=[[PUBLIC, "2606:4700::1111"], many])
    asyncio.run(post_all(dialler, [NAMED]))
    assert sorted(dialler.dialled) == ["2606:4700::1111", PUBLIC]
    dialler.dialled.clear()
    asyncio.run(post_all(dialler, [NAMED]))
    assert len(set(dialler.dialled)) == 2 * MAX_ADDRESSES
    assert len(dialler.dialled) <= 6


def test_an_address_as_target_goes_through_the_second_door() -> None:
    dialler = Dialler()
    outcomes = asyncio.run(post_all(dialler, [f"https://{PUBLIC}/", "https://[2606:4700::1111]/"]))
    assert kinds(outcomes) == [FailureKind.UNREACHABLE] * 2
    assert (dialler.looked_up, dialler.dialled) == ([], [PUBLIC, "2606:4700::1111"])


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_the_second_door_alone_makes_no_socket_for_a_bad_address(address: str) -> None:
    dialler = Dialler()
    door = guarded_sockets(dialler.sockets, development=False)
    with pytest.raises(RefusedAddressError):
        door((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 443)))
    assert dialler.dialled == []


@pytest.mark.parametrize("answers", [[], [[]]])
def test_a_name_without_address_is_unresolvable(answers: list[list[str]]) -> None:
    dialler = Dialler(answers=answers)
    assert kinds(asyncio.run(post_all(dialler, [NAMED]))) == [FailureKind.UNRESOLVABLE]


def test_a_name_server_that_never_answers_is_a_timeout() -> None:
    async def never(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    async def story() -> WebhookResponse | WebhookFailure:
        async with WebhookClient(development=False, lookup=never, timeout_seconds=0.1) as poster:
            return await poster.post(NAMED, b"{}", {})

    assert kinds([asyncio.run(story())]) == [FailureKind.TIMEOUT]


def test_the_machines_own_resolver_is_asked_where_none_is_handed_over() -> None:
    async def story() -> WebhookResponse | WebhookFailure:
        async with (
            receiving(answering(answer())) as there,
            WebhookClient(development=True) as poster,
        ):
            return await poster.post(f"http://localhost:{there.port}/", b"{}", {})

    outcome = asyncio.run(story())
    assert isinstance(outcome, WebhookResponse)
    assert outcome.status == 200


def test_a_kept_connection_goes_on_to_the_address_that_was_judged() -> None:
    dialler = Dialler(answers=[["127.0.0.1"], ["10.0.0.1"]], connects=True)

    async def story() -> list[WebhookResponse | WebhookFailure]:
        async with (
            receiving(answering(answer(), answer("200 OK", b"", "Connection: close"))) as there,
            WebhookClient(
                development=True, lookup=dialler.lookup, sockets=dialler.sockets
            ) as poster,
        ):
            url = f"http://receiver.example:{there.port}/"
            return [await poster.post(url, b"{}", {}) for _ in range(3)]

    *answered, refused = asyncio.run(story())
    assert all(isinstance(outcome, WebhookResponse) for outcome in answered)
    assert kinds([refused]) == [FailureKind.REFUSED]
    assert dialler.dialled == ["127.0.0.1"]
