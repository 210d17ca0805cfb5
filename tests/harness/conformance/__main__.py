"""Hold the running service against its document: `python -m tests.harness.conformance`.

Schemathesis makes the calls: examples, boundary values, random valid and invalid
input, and sequences along the document's links, with a second candidate of the same
workspace as a peer who must see nothing. Exits with 1 when anything fails.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.support.databases import postgresql
from tests.support.servers import make_key, serving

BIN = Path(sys.executable).parent
HERE = Path(__file__).parent
SEEDS = (1, 2, 3)
FULL = 200  # random calls an operation

# 412 and 428 answer an `If-Match` that is stale or missing, which a schema cannot rule out.
CONFIGURATION = """
[auth.wfc]
path = "{keys}"
user = "ada"
peers = ["ada", "bob"]

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "428", "429"]

[checks.missing_required_header]
expected-statuses = ["400", "401", "403", "406", "415", "422", "428"]

[[operations]]
include-operation-id = ["create_member", "erase_member", "set_sharing"]
headers = {{ Authorization = "Bearer {root}" }}

# Whether anything can be sent to a URL, which signals are recorded, which day has come: no schema
# can say it.
[[operations]]
include-operation-id = [
    "create_webhook_endpoint", "update_webhook_endpoint", "release_signals", "record_outcome",
]

[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "428", "429"]

# It goes on as long as somebody listens.
[[operations]]
include-operation-id = "stream_events"
enabled = false

# A history is never refused as a whole: each of its lines is.
[[operations]]
include-operation-id = "import_history"
checks.negative_data_rejection.enabled = false
"""


def main() -> None:
    """Run every seed on every database asked for; print one line for each."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.harness.conformance", description=__doc__
    )
    parser.add_argument("--quick", action="store_true", help="some 3,000 calls, on SQLite alone")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="of the random calls")
    parser.add_argument("--on", choices=("sqlite", "postgresql"), help="one database alone")
    parser.add_argument("--only", nargs="+", default=(), help="operations, by their ids")
    parser.add_argument("-n", type=int, default=FULL, help="random calls an operation")
    options = parser.parse_args()
    kinds = ("sqlite",) if options.quick else ("sqlite", "postgresql")
    kinds = (options.on,) if options.on else kinds
    examples, seeds = (3, SEEDS[:1]) if options.quick else (options.n, options.seeds)
    runs = [run(kind, seed, examples, options.only) for kind in kinds for seed in seeds]
    print(f"{sum(cases for cases, _ in runs):,} calls, {sum(bad for _, bad in runs)} runs failed")
    sys.exit(any(bad for _, bad in runs))


@contextmanager
def database(kind: str) -> Iterator[str]:
    """Give the URL of an empty database of this kind."""
    with tempfile.TemporaryDirectory() as folder:
        is_sqlite = kind == "sqlite"
        yield f"sqlite:///{folder}/debrief.db" if is_sqlite else postgresql(Path(folder), "probes")


def run(kind: str, seed: int, examples: int, only: Sequence[str]) -> tuple[int, bool]:
    """Make all calls of one seed; return how many there were, and whether anything failed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        database(kind) as url,
        serving(url, "--migrate", demo=True, worker=False) as server,
    ):
        root, bob = make_key(url, "admin"), make_key(url, "candidate")
        keys = {"ada": server.demo_key, "bob": bob, "root": root}
        told = Path(folder)
        peers = {"auth": [holder(name, keys[name]) for name in ("ada", "bob")]}
        (told / "keys.json").write_text(json.dumps(peers), encoding="utf-8")
        configuration = CONFIGURATION.format(keys=told / "keys.json", root=keys["root"])
        (told / "schemathesis.toml").write_text(configuration, encoding="utf-8")
        command = [
            *(str(BIN / "schemathesis"), "--config-file", str(told / "schemathesis.toml")),
            *("run", f"{server.address}/openapi.json", "--seed", str(seed), "-n", str(examples)),
            *(word for name in only for word in ("--include-operation-id", name)),
            *("--no-color", "--generation-database", "none"),
        ]
        ended = subprocess.run(  # noqa: S603 - our own command
            command,
            env={
                **os.environ,
                "PYTHONPATH": str(HERE.parents[2]),
                "SCHEMATHESIS_HOOKS": "tests.harness.conformance.hooks",
                "ADDRESS": server.address,
                "SEQUENCES": str(examples),
                "OWN_KEY": server.demo_key,
                "OWN_KEYS": " ".join(id_of(key, server.address) for key in keys.values()),
            },
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    found = re.search(r"([\d,]+) generated", ended.stdout)
    cases = int(found[1].replace(",", "")) if found else 0
    # With few calls the sequences do not reach everything, which is then a warning.
    warned = "WARNINGS" in ended.stdout and examples >= FULL
    failed = ended.returncode != 0 or warned or not cases
    print(f"{kind}, seed {seed}: {cases:,} calls{', FAILED' if failed else ''}", flush=True)
    if failed:
        print(_readable(ended.stdout)[-30_000:], ended.stderr[-5_000:])
    return cases, failed


def _readable(told: str) -> str:
    """Leave out the middle of lines that are as long as what was sent."""
    return re.sub(r"(?m)^(.{300}).+(.{100})$", r"\1 ... \2", told)


def id_of(key: str, address: str) -> str:
    """Ask the service for the id of a key."""
    headers = {"Authorization": f"Bearer {key}"}
    found: str = httpx2.get(f"{address}/v1/me", headers=headers).json()["key"]
    return found


def holder(name: str, key: str) -> dict[str, object]:
    """Say how somebody is to be authenticated."""
    return {
        "name": name,
        "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {key}"}],
    }


if __name__ == "__main__":
    main()
