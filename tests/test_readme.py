"""The README's script does what the README says it prints."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest

import dev

README = (Path(dev.__file__).parent / "README.md").read_text(encoding="utf-8")
LONGEST = 30  # lines
# What differs from run to run: an id and the moment of recording.
VARIES = re.compile(r"app_[0-9a-z]{26}|\d{4}-\d\d-\d\dT[0-9:.]+Z")


def block(opening: str) -> str:
    found = re.search(rf"^```{opening}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, str]]:
    """Start the service on a free port; give its address and the key it prints."""
    environment = {
        "PATH": os.environ["PATH"],
        "DEBRIEF_PORT": "0",
        "DEBRIEF_DATABASE_URL": f"sqlite:///{folder / 'debrief.db'}",
    }
    command = [str(Path(sys.executable).parent / "debrief"), "serve", "--migrate"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout
        greeting = list(takewhile(lambda line: not line.startswith("Stop"), server.stdout))
        said = dict(line.strip().rsplit("  ", 1) for line in greeting)
        try:
            yield said["Address "], said["Demo key"]
        finally:
            server.terminate()


@pytest.mark.skipif(not shutil.which("curl"), reason="the script is one of curl")
def test_the_readmes_script_prints_what_the_readme_shows(tmp_path: Path) -> None:
    script = block("bash")
    assert script.count("\n") <= LONGEST
    with serving(tmp_path) as (address, key):
        ran = subprocess.run(  # noqa: S603 - the README is our own
            ["bash", "-c", script.replace("http://127.0.0.1:8000", address)],  # noqa: S607
            env={"PATH": os.environ["PATH"], "KEY": key},
            capture_output=True,
            text=True,
            check=True,
        )
    assert VARIES.sub("…", ran.stdout).rstrip() == VARIES.sub("…", block("text")).rstrip()
