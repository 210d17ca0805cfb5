#!/usr/bin/env python3
"""Set the project up and do its everyday tasks: `python3 dev.py VERB [ARGUMENTS]`.

It needs Python 3.11 or later, on Linux or macOS, and nothing else. The first verb
makes `.venv` and fills it with the packages that `requirements/` pins by hash; a
stamp in it says what it was made from, so that the next verb starts at once
unless that has changed.
"""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, NoReturn

if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this may have any Python
    sys.exit("Python 3.11 or later is needed, and this is " + sys.version.split()[0])

ROOT = Path(__file__).resolve().parent
PINS = ROOT / "requirements"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
STAMP = VENV / "made-from"
# An environment of its own, for Node and for a generator that the service's packages do not suit.
TOOLBOX = VENV / "tools"
NODE_PINS = [ROOT / "openapi/tools" / n for n in ("package.json", "package-lock.json", ".npmrc")]

RUN = "run"  # the packages that the service needs
DEV = "dev"  # those and the ones that its developers need
TOOLS = "tools"  # those, and what reads the published document
# Of the caller's environment: another Python's folders, and packages of this machine alone.
LEFT_OUT = ("PYTHONHOME", "PYTHONPATH", "UV_FIND_LINKS")
# uv and npm go by the certificates of this machine, where they would by their own.
TRUST = {"UV_SYSTEM_CERTS": "1", "NODE_USE_SYSTEM_CA": "1"}
# Redocly would ask for a newer version, and tell its makers that it ran.
QUIET = {"REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_TELEMETRY": "off"}
COMPILE = "pip compile --quiet --universal --generate-hashes --no-header --no-annotate"


class Verb(NamedTuple):
    """What a word does: commands of the environment, or other verbs, or a function of this file."""

    says: str
    commands: Sequence[str] = ()
    steps: Sequence[str] = ()
    needs: str = DEV
    unless_told: str = ""  # the arguments, where none are given

    def lines(self, arguments: Sequence[str] = ()) -> list[list[str]]:
        """Spell the commands out, each with the arguments."""
        told = arguments or self.unless_told.split()
        return [[*shlex.split(command), *told] for command in self.commands]


CHECKS = (
    *("lint", "types", "layers", "openapi", "compatible", "contract-lint"),
    *("docker-lint", "conformance-part"),
)
VERBS = {
    "serve": Verb("migrate the database and serve", ["debrief serve --migrate"], needs=RUN),
    "test": Verb("run the tests, on SQLite and on PostgreSQL", ["python -m pytest -n 2"]),
    "quick": Verb(
        "the tests without the slow ones, on SQLite: under two minutes",
        ["python -m pytest -n 2 --sqlite -m 'not slow'"],
    ),
    "lint": Verb("style and common mistakes", ["ruff check", "ruff format --check"]),
    "types": Verb("the types", ["mypy"]),
    "layers": Verb("who may import whom", ["lint-imports"]),
    "migrations": Verb(
        "the tests of the migrations alone", ["python -m pytest tests/contract/test_migrations.py"]
    ),
    "openapi": Verb(
        "openapi/openapi.json is what runs (--write: make it so)",
        ["debrief openapi"],
        unless_told="--check",
    ),
    "contract-lint": Verb(
        "openapi/openapi.json as others judge it: Spectral with OWASP's rules, and Redocly",
        [
            "spectral lint openapi/openapi.json --ruleset openapi/spectral.yaml -F hint",
            "redocly lint openapi/openapi.json --config openapi/redocly.yaml",
        ],
        needs=TOOLS,
    ),
    "compatible": Verb(
        "openapi/openapi.json breaks no client of openapi/released.json",
        ["python -m tests.harness.compatibility"],
    ),
    "release-contract": Verb(
        "openapi/openapi.json becomes the released contract, unless it breaks a client",
        ["python -m tests.harness.compatibility --release"],
    ),
    "architecture": Verb(
        "write the package diagrams of docs/architecture.md",
        ["python -m tests.harness.architecture"],
    ),
    "docker-lint": Verb("the Dockerfile", ["hadolint Dockerfile"]),
    "verify": Verb("all checks but the tests: " + ", ".join(CHECKS), steps=CHECKS),
    "check": Verb("the tests, then all other checks", steps=("test", *CHECKS)),
    "conformance": Verb(
        "generated calls against the published document, on both databases",
        ["python -m tests.harness.conformance"],
    ),
    "conformance-part": Verb(
        "some three thousand of those calls, on SQLite alone",
        ["python -m tests.harness.conformance --quick"],
    ),
    "clients": Verb(
        "clients that others' generators make from the document: compiled strictly, and used",
        ["python -m tests.harness.clients"],
        needs=TOOLS,
    ),
    "authz": Verb(
        "who may see what: probes of every operation, and planted bugs that they must catch",
        ["python -m tests.harness.authorization"],
    ),
    "browser": Verb(
        "the docs page in Chromium: every example executed, nothing asked of another server",
        ["python -m tests.harness.browser"],
    ),
    "idempotency": Verb(
        "repeated calls under fire: two servers, eight callers at once, kill -9 now and then",
        ["python -m tests.harness.idempotency"],
    ),
    "walks": Verb(
        "walks through lists by cursor while rows come, change and go",
        ["python -m tests.harness.walks"],
    ),
    "chaos": Verb(
        "20,000 events to receivers that misbehave, workers killed fifty times, on both databases",
        ["python -m tests.harness.chaos"],
        needs=TOOLS,
    ),
    "bench": Verb("measure the service", ["python -m benchmarks"]),
    "lock": Verb("pin the packages anew from pyproject.toml (--upgrade: to their newest)"),
    "clean": Verb("remove .venv and what the tools leave behind"),
    "help": Verb("this list"),
}


def main(arguments: Sequence[str]) -> int:
    """Do what the first argument asks for, handing it the others."""
    name, *rest = arguments or ["help"]
    verb = VERBS.get(name)
    if verb is None:
        stop(f"There is no verb {name!r}. Known are: {', '.join(VERBS)}.")
    os.chdir(ROOT)
    if verb.steps:
        return check_all(verb.steps)
    if verb.commands:
        prepare(verb.needs)
        return run(verb, rest)
    return {"lock": lock, "clean": clean, "help": list_verbs}[name](rest)


def list_verbs(_arguments: Sequence[str]) -> int:
    """Print every verb with what it does."""
    print("python3 dev.py VERB [ARGUMENTS], where VERB is one of\n")
    for name, verb in VERBS.items():
        print(f"  {name:<16} {verb.says}")
    return 0


# --- doing ------------------------------------------------------------------


def run(verb: Verb, arguments: Sequence[str]) -> int:
    """Run the verb's commands.

    A single one takes the place of this process, so that a signal sent to
    `dev.py serve` reaches the service itself.
    """
    lines = verb.lines(arguments)
    if len(lines) == 1:
        os.execvpe(lines[0][0], lines[0], surroundings())  # noqa: S606 - no shell is wanted
    return call_all(lines)


def check_all(steps: Sequence[str]) -> int:
    """Run every step, whatever the ones before it said, and sum up."""
    for needs in {VERBS[step].needs for step in steps}:
        prepare(needs)
    summary = []
    for step in steps:
        print(f"\n== {step} ==", flush=True)
        started = time.monotonic()
        failed = call_all(VERBS[step].lines())
        seconds = time.monotonic() - started
        summary.append(f"{step:<16} {'FAILED' if failed else 'ok':<6} {seconds:6.1f} s")
        print(f"-- {summary[-1]}", flush=True)
    print("\n== summary ==", *summary, sep="\n", flush=True)
    return int(any("FAILED" in line for line in summary))


def lock(arguments: Sequence[str]) -> int:
    """Pin every package by hash in `requirements/`, for all platforms and Python versions.

    The developers' packages are resolved first and the others held to them, so
    that the files agree. Whichever index the machine uses, none is written down.
    """
    import tomllib  # noqa: PLC0415 - only here, and not in the Pythons turned away above

    if not UV.exists():
        prepare(RUN)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    oldest = project["project"]["requires-python"].removeprefix(">=")
    # hatchling asks for editables when the project is installed to be edited.
    build = "\n".join([*project["build-system"]["requires"], "editables"])
    held = "--constraint requirements/dev.txt"
    for name, source, given in (
        ("uv", "-", "uv"),
        ("dev", "pyproject.toml --extra dev", None),
        ("tools", "--group tools", None),
        ("run", f"pyproject.toml {held}", None),
        ("build", f"- {held}", build),
    ):
        say(f"pinning requirements/{name}.txt")
        command = f"{COMPILE} --python-version {oldest} -o requirements/{name}.txt {source}"
        if call([str(UV), *command.split(), *arguments], given=given):
            stop(f"requirements/{name}.txt could not be made; see above.")
    return 0


def clean(_arguments: Sequence[str]) -> int:
    """Remove what can be made again; the records in `var/` stay."""
    for left_behind in (".venv", "dist", ".hypothesis", ".*_cache", "**/__pycache__"):
        for path in list(ROOT.glob(left_behind)):
            shutil.rmtree(path, ignore_errors=True)
    return 0


# --- setting up -------------------------------------------------------------


def prepare(needs: str) -> None:
    """Bring what is installed to what the project's files say now."""
    with one_at_a_time():
        prepare_project(DEV if needs == TOOLS else needs)
        if needs == TOOLS:
            prepare_tools()


def prepare_project(needs: str) -> None:
    """Bring `.venv` to what `requirements/` and `pyproject.toml` say now.

    The stamp goes before anything is changed and comes back at the end: without
    one, a set-up was interrupted, and is begun anew.
    """
    now = digest(ROOT / "pyproject.toml", *sorted(PINS.glob("*.txt")))
    made_from = STAMP.read_text().splitlines() if STAMP.exists() else []
    sound = PYTHON.exists() and made_from[2:] == place()
    if sound and needs == RUN:
        needs = made_from[0]  # what is there for a developer stays
    if sound and made_from[:2] == [needs, now]:
        return
    started = time.monotonic()
    STAMP.unlink(missing_ok=True)
    if not sound:
        make_venv(VENV)
    install(needs)
    STAMP.write_text("\n".join([needs, now, *place()]))
    say(f"ready, in {time.monotonic() - started:.0f} s")


def prepare_tools() -> None:
    """Bring `.venv/tools` to what `requirements/tools.txt` and `openapi/tools/` say now."""
    stamp = TOOLBOX / STAMP.name
    now = digest(PINS / "tools.txt", *NODE_PINS)
    if stamp.exists() and stamp.read_text() == now:
        return
    started = time.monotonic()
    make_venv(TOOLBOX)  # an empty one: the stamp is gone
    install_pinned(TOOLBOX / "bin" / "python", "tools")
    for pins in NODE_PINS:
        shutil.copy(pins, TOOLBOX)
    npm = [str(TOOLBOX / "bin" / "npm"), "--prefix", str(TOOLBOX), "--loglevel=error"]
    if call([*npm, "ci"]):
        stop("The packages of openapi/tools could not be installed; see above.")
    stamp.write_text(now)
    say(f"the tools are ready, in {time.monotonic() - started:.0f} s")


def make_venv(where: Path) -> None:
    """Make an empty environment."""
    say(f"making {where.relative_to(ROOT)} with Python {sys.version.split()[0]}")
    pip_comes_along = find_spec("ensurepip") is not None  # Debian has it in a package of its own
    if not (pip_comes_along or find_spec("pip")):
        stop("This Python has neither ensurepip nor pip. On Debian: apt install python3-venv")
    without = [] if pip_comes_along else ["--without-pip"]
    if call([sys.executable, "-m", "venv", "--clear", *without, str(where)]):
        stop("The environment could not be made; see above.")


def install(needs: str) -> None:
    """Install uv if it can be had, the pinned packages, and the project itself."""
    own = ["--only-binary=:all:", "--require-hashes", "-r", str(PINS / "uv.txt")]
    call([*pip_of(PYTHON), *own])
    install_pinned(PYTHON, "build", needs, uv_too=True)
    project = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    if call([*uv_pip("install", PYTHON), *project]) and call([*pip_of(PYTHON), *project]):
        stop("The project could not be installed; see above.")


def install_pinned(python: Path, *names: str, uv_too: bool = False) -> None:
    """Install what these files of `requirements/` pin, with uv if it runs, else with pip."""
    say("installing the packages of " + ", ".join(f"requirements/{name}.txt" for name in names))
    pins = [str(PINS / f"{name}.txt") for name in names]
    own = [str(PINS / "uv.txt")] * uv_too  # what is not named is removed
    if not call([*uv_pip("sync", python), "--require-hashes", *pins, *own]):
        return
    say("uv did not manage; trying the same with pip, which is slower")
    named = [word for pin in pins for word in ("-r", pin)]
    if call([*pip_of(python), "--require-hashes", *named]):
        stop("The packages could not be installed; see above.")


def uv_pip(what: str, python: Path) -> list[str]:
    """Spell out how uv does this to the environment of this Python."""
    return [str(UV), "pip", what, "--python", str(python)]


def pip_of(python: Path) -> list[str]:
    """Spell out how pip installs into the environment of this Python."""
    pip = [str(python), "-m", "pip"]
    if not (python.parent / "pip").exists():
        pip = [sys.executable, "-m", "pip", "--python", str(python)]
    return [*pip, "--quiet", "--disable-pip-version-check", "--no-input", "install"]


def digest(*sources: Path) -> str:
    """Sum up what an environment is made from."""
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def place() -> list[str]:
    """Name what an environment is bound to: its Python, and where it stands."""
    return [f"{sys.version_info[0]}.{sys.version_info[1]}", os.path.realpath(PYTHON), str(VENV)]


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold this file locked, so that two terminals do not set up over each other."""
    with Path(__file__).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- small things -----------------------------------------------------------


def call_all(lines: Sequence[Sequence[str]]) -> int:
    """Run every command, whatever the ones before it said, and return 1 if any failed."""
    codes = [call(line) for line in lines]
    return int(any(codes))


def call(command: Sequence[str], given: str | None = None) -> int:
    """Run a command with this text as its input, and return its exit code, 127 if it cannot run."""
    try:
        return subprocess.run(
            command, input=given, text=True, env=surroundings(), check=False
        ).returncode
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        return 127


def surroundings() -> dict[str, str]:
    """Return the variables that commands are given."""
    inherited = {name: text for name, text in os.environ.items() if name not in LEFT_OUT}
    tools = f"{TOOLBOX / 'node_modules' / '.bin'}:{TOOLBOX / 'bin'}"
    # The last two hold what PostgreSQL's tests need to leave the rights of root.
    path = f"{VENV / 'bin'}:{tools}:{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    return TRUST | inherited | QUIET | {"PATH": path, "VIRTUAL_ENV": str(VENV)}


def say(text: str) -> None:
    """Tell the person at the terminal, apart from what a command prints."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def stop(text: str) -> NoReturn:
    """Give up with a sentence."""
    sys.exit(f"dev.py: {text}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
