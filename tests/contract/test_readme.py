"""The README's script does what the README says it prints."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import dev
from tests.support.servers import serving

README = (Path(dev.__file__).parent / "README.md").read_text(encoding="utf-8")
LONGEST = 30  # lines
# What differs from run to run: an id and the moment of recording.
VARIES = re.compile(r"app_[0-9a-z]{26}|\d{4}-\d\d-\d\dT[0-9:.]+Z")


def block(opening: str) -> str:
    found = re.search(rf"^```{opening}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="the script is one of curl")
def test_the_readmes_script_prints_what_the_readme_shows(tmp_path: Path) -> None:
    script = block("bash")
    assert script.count("\n") <= LONGEST
    url = f"sqlite:///{tmp_path}/debrief.db"
    with serving(url, "--migrate", demo=True) as server:
        ran = subprocess.run(  # noqa: S603 - the README is our own
            ["bash", "-c", script.replace("http://127.0.0.1:8000", server.address)],  # noqa: S607
            env={"PATH": os.environ["PATH"], "KEY": server.demo_key},
            capture_output=True,
            text=True,
            check=True,
        )
    assert VARIES.sub("…", ran.stdout).rstrip() == VARIES.sub("…", block("text")).rstrip()
