"""Have clients made from the published document, and use them: `python -m tests.harness.clients`.

Three generators make clients in TypeScript and one in Python. They and the programs that use
them are compiled as strictly as the compilers can, and then every program does the main job
against a server of its own. Exits with 1 when a generator warns, a compiler complains or a
client reads something else than was told.
"""

import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dev import ROOT, TOOLBOX, environment
from tests.support.servers import serving

HERE = Path(__file__).parent
WORK = TOOLBOX / "clients"  # below the packages of Node, where its compiler looks for them

GENERATORS = {
    "openapi-typescript": "openapi-typescript openapi.json --default-non-nullable=false"
    " --output openapi-typescript.ts",
    "orval": "orval --config orval.config.mjs --fail-on-warnings",
    "redocly": "redocly generate-client openapi.json --output redocly/debrief.ts"
    " --args-style grouped --error-mode result",
    "openapi-python-client": "openapi-python-client generate --path no-lines.json --meta none"
    " --config openapi-python-client.yaml --output-path debrief_client --fail-on-warning",
}
COMPILERS = {
    "TypeScript": "tsc --project .",
    "Python": f"mypy --python-executable {TOOLBOX}/bin/python --cache-dir {TOOLBOX}/mypy"
    " debrief_client main_job.py",
}
PROGRAMS = {
    "openapi-typescript": "node compiled/openapi-fetch.js",
    "orval": "node compiled/orval.js",
    "redocly": "node compiled/redocly.js",
    "openapi-python-client": f"{TOOLBOX}/bin/python main_job.py",
}
WORDS = {
    "state": "concluded",
    "band": "too_early",
    "outcome": "offer",
    "refused": "invalid_transition",
}


def main() -> None:
    """Make the clients, compile them and let each do the main job; print one line for each."""
    lay_out()
    made = [passes(f"{name} made a client", line) for name, line in GENERATORS.items()]
    sound = [passes(f"{name} has no error", line) for name, line in COMPILERS.items()]
    with tempfile.TemporaryDirectory() as folder:
        did = [
            does_the_main_job(name, line, f"sqlite:///{folder}/{name}.db")
            for name, line in PROGRAMS.items()
        ]
    print(
        f"{sum(made)} of {len(made)} clients made, {sum(sound)} of {len(sound)} compilers content, "
        f"{sum(did)} of {len(did)} did the main job"
    )
    sys.exit(not all([*made, *sound, *did]))


def lay_out() -> None:
    """Put everything into an empty folder: the document, how to read it, and the programs."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir()
    for folder in ("generators", "programs"):
        shutil.copytree(HERE / folder, WORK, dirs_exist_ok=True)
    shutil.copy(ROOT / "openapi" / "openapi.json", WORK)
    document = json.loads((WORK / "openapi.json").read_text(encoding="utf-8"))
    (WORK / "no-lines.json").write_text(json.dumps(without_lines_to_send(document)))


def without_lines_to_send(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out what takes lines of JSON: openapi-python-client has no way to send a text."""
    for path in document["paths"].values():
        for method in [name for name, operation in path.items() if takes_lines(operation)]:
            del path[method]
    return document


def takes_lines(operation: dict[str, Any]) -> bool:
    """Tell whether the body of an operation is lines of JSON."""
    return "application/jsonl" in operation.get("requestBody", {}).get("content", {})


def passes(what: str, line: str) -> bool:
    """Run a command; print whether it succeeded, and what it said if it did not."""
    ended = run(line)
    print(f"{what}{': NO' if ended.returncode else ''}")
    if ended.returncode:
        print(ended.stdout[-5_000:], ended.stderr[-5_000:])
    return not ended.returncode


def does_the_main_job(name: str, line: str, url: str) -> bool:
    """Run a program against a server; tell whether it read what the story should give."""
    with serving(url, "--migrate", demo=True) as server:
        ended = run(f"{line} {server.address} {server.demo_key}")
    read = json.loads(ended.stdout) if not ended.returncode else {}
    wrong = faults(read) if read else [ended.stderr[-5_000:]]
    print(f"{name} did the main job: " + ("NO" if wrong else f"{read['probability']:.3f}"))
    for fault in wrong:
        print(f"  {fault}")
    return not wrong


def faults(read: Mapping[str, Any]) -> list[str]:
    """Say what a client read that is not as the story should give it."""
    low, high = read["interval"]["low"], read["interval"]["high"]
    so = {
        "probability": math.isclose(read["probability"], 0.625, abs_tol=5e-4),
        "interval": low < read["probability"] < high,
        "contributions": len(read["contributions"]) == 16,
        "log_odds": math.isclose(
            read["log_odds"], read["baseline"] + sum(read["contributions"]), abs_tol=1e-6
        ),
    }
    so |= {name: read[name] == word for name, word in WORDS.items()}
    return [f"{name}: {read[name]}" for name, is_so in so.items() if not is_so]


def run(line: str) -> subprocess.CompletedProcess[str]:
    """Run one of the commands above in the folder of the clients."""
    return subprocess.run(  # noqa: S603 - our own commands
        line.split(), cwd=WORK, env=environment(), capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    main()
