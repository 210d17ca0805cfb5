"""In-flight limiter: it limits concurrent requests, and slow receivers block no others."""

import asyncio

from app.integrations.webhooks.delivery.concurrency import InFlightLimiter


def test_no_more_is_on_its_way_than_the_allowance() -> None:
    async def run() -> int:
        limiter, sizes = InFlightLimiter(16), [0]

        async def send() -> None:
            async with limiter.acquire(8):
                sizes.append(sizes[-1] + 8)
                await asyncio.sleep(0)
                sizes.append(sizes[-1] - 8)

        await asyncio.gather(*(send() for _ in range(20)))
        return max(sizes)

    assert asyncio.run(run()) == 16


def test_what_is_not_needed_is_given_back_at_once() -> None:
    async def run() -> None:
        limiter = InFlightLimiter(8)
        async with limiter.acquire(8) as first:
            first.shrink_to(0)
            async with asyncio.timeout(1), limiter.acquire(8):
                pass

    asyncio.run(run())


def test_those_who_hang_hold_up_nobody() -> None:
    async def run() -> None:
        limiter = InFlightLimiter(8)

        async def hang() -> None:
            async with limiter.acquire(8) as permits:
                with permits.release_if_slow():
                    await asyncio.sleep(60)

        hanging = [asyncio.create_task(hang()) for _ in range(5)]
        await asyncio.sleep(0)
        async with asyncio.timeout(5), limiter.acquire(8):
            pass
        for task in hanging:
            task.cancel()

    asyncio.run(run())
