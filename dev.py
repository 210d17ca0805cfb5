#!/usr/bin/env python3
"""Set up the project and run its development tasks: `python3 dev.py VERB [ARGUMENTS]`.

Only Python 3.11 or later is needed, on Linux or macOS. The first verb creates `.venv` and installs
the packages that `requirements/` pins by hash. A stamp in `.venv` records what it was created from,
so that later verbs start at once until that changes.
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

if sys.version_info < (3, 11):  # noqa: UP036 - it may be started with any Python
    sys.exit("Python 3.11 or later is needed, and this is " + sys.version.split()[0])

ROOT = Path(__file__).resolve().parent
PINS = ROOT / "requirements"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
STAMP = VENV / "created-from"
# Separate, for Node and for a code generator that conflicts with the packages of the service.
TOOLBOX = VENV / "tools"
NODE_PINS = [ROOT / "openapi/tools" / n for n in ("package.json", "package-lock.json", ".npmrc")]

RUN = "run"  # the packages of the service
DEV = "dev"  # also those for development
TOOLS = "tools"  # also those that check the OpenAPI document
# Environment variables that are not passed on: folders of another Python, local packages, and a ban
# on bytecode files, without which every process compiles all packages again.
EXCLUDED = ("PYTHONHOME", "PYTHONPATH", "UV_FIND_LINKS", "PYTHONDONTWRITEBYTECODE")
# uv and npm use the certificates of the machine instead of their own.
CERTIFICATES = {"UV_SYSTEM_CERTS": "1", "NODE_USE_SYSTEM_CA": "1"}
# Redocly would look for a newer version and send usage data.
NO_TELEMETRY = {"REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_TELEMETRY": "off"}
COMPILE = "pip compile --quiet --universal --generate-hashes --no-header --no-annotate"


class Verb(NamedTuple):
    """A task: commands of the environment, or other verbs, or a function of this file."""

    help: str
    commands: Sequence[str] = ()
    steps: Sequence[str] = ()
    needs: str = DEV
    default_arguments: str = ""

    def command_lines(self, arguments: Sequence[str] = ()) -> list[list[str]]:
        """Return the commands, each with the arguments."""
        passed = arguments or self.default_arguments.split()
        return [[*shlex.split(command), *passed] for command in self.commands]


CHECKS = (
    *("lint", "types", "layers", "openapi", "compatible", "contract-lint"),
    *("docker-lint", "conformance-part"),
)
VERBS = {
    "serve": Verb("migrate the database and serve", ["debrief serve --migrate"], needs=RUN),
    "test": Verb("run the tests, on SQLite and on PostgreSQL", ["python -m pytest -n 2"]),
    "quick": Verb(
        "run the tests that are not marked slow, on SQLite (under two minutes)",
        ["python -m pytest -n 2 --sqlite -m 'not slow' --hypothesis-profile quick"],
    ),
    "lint": Verb("check style and common mistakes (ruff)", ["ruff check", "ruff format --check"]),
    "types": Verb("check types (mypy)", ["mypy"]),
    "layers": Verb("check the import contracts (import-linter)", ["lint-imports"]),
    "migrations": Verb(
        "run the tests of the migrations", ["python -m pytest tests/contract/test_migrations.py"]
    ),
    "openapi": Verb(
        "check that openapi/openapi.json is up to date (--write: update it)",
        ["debrief openapi"],
        default_arguments="--check",
    ),
    "contract-lint": Verb(
        "lint openapi/openapi.json with Spectral (OWASP rules) and Redocly",
        [
            "spectral lint openapi/openapi.json --ruleset openapi/spectral.yaml -F hint",
            "redocly lint openapi/openapi.json --config openapi/redocly.yaml",
        ],
        needs=TOOLS,
    ),
    "compatible": Verb(
        "check that openapi/openapi.json is compatible with openapi/released.json",
        ["python -m tests.harness.compatibility"],
    ),
    "release-contract": Verb(
        "make openapi/openapi.json the released contract, if it is compatible",
        ["python -m tests.harness.compatibility --release"],
    ),
    "architecture": Verb(
        "write the package diagrams of docs/architecture.md",
        ["python -m tests.harness.architecture"],
    ),
    "docker-lint": Verb("lint the Dockerfile", ["hadolint Dockerfile"]),
    "verify": Verb("run all checks except the tests: " + ", ".join(CHECKS), steps=CHECKS),
    "check": Verb("run the tests, then all other checks", steps=("test", *CHECKS)),
    "conformance": Verb(
        "send generated requests (schemathesis), on both databases",
        ["python -m tests.harness.conformance"],
    ),
    "conformance-part": Verb(
        "send some of the generated requests, on SQLite",
        ["python -m tests.harness.conformance --quick"],
    ),
    "clients": Verb(
        "generate clients with third-party generators, compile and use them",
        ["python -m tests.harness.clients"],
        needs=TOOLS,
    ),
    "authz": Verb(
        "test the authorization of every operation, also with injected faults",
        ["python -m tests.harness.authorization"],
    ),
    "browser": Verb(
        "test the docs page in Chromium: execute every example",
        ["python -m tests.harness.browser"],
    ),
    "idempotency": Verb(
        "test idempotency under load: two servers, eight clients, kill -9",
        ["python -m tests.harness.idempotency"],
    ),
    "walks": Verb(
        "test pagination while rows are added, changed and deleted",
        ["python -m tests.harness.walks"],
    ),
    "chaos": Verb(
        "deliver 20,000 events to faulty receivers while workers are killed",
        ["python -m tests.harness.chaos"],
        needs=TOOLS,
    ),
    "bench": Verb("run the benchmarks", ["python -m benchmarks"]),
    "lock": Verb("pin the packages of pyproject.toml again (--upgrade: the newest)"),
    "clean": Verb("remove .venv and build artefacts"),
    "help": Verb("print this list"),
}


def main(arguments: Sequence[str]) -> int:
    """Run the verb in the first argument with the other arguments."""
    name, *rest = arguments or ["help"]
    verb = VERBS.get(name)
    if verb is None:
        stop(f"There is no verb {name!r}. The verbs are: {', '.join(VERBS)}.")
    os.chdir(ROOT)
    if verb.steps:
        return check_all(verb.steps)
    if verb.commands:
        prepare(verb.needs)
        return run(verb, rest)
    return {"lock": lock, "clean": clean, "help": list_verbs}[name](rest)


def list_verbs(_arguments: Sequence[str]) -> int:
    """Print every verb and its description."""
    print("python3 dev.py VERB [ARGUMENTS], where VERB is one of\n")
    for name, verb in VERBS.items():
        print(f"  {name:<16} {verb.help}")
    return 0


# --- running ------------------------------------------------------------------


def run(verb: Verb, arguments: Sequence[str]) -> int:
    """Run the commands of the verb.

    A single command replaces this process, so that a signal to `dev.py serve` reaches the service.
    """
    lines = verb.command_lines(arguments)
    if len(lines) == 1:
        os.execvpe(lines[0][0], lines[0], environment())  # noqa: S606 - without a shell on purpose
    return call_all(lines)


def check_all(steps: Sequence[str]) -> int:
    """Run every step, also after a failed one, and print a summary."""
    for needs in {VERBS[step].needs for step in steps}:
        prepare(needs)
    summary = []
    for step in steps:
        print(f"\n== {step} ==", flush=True)
        started = time.monotonic()
        failed = call_all(VERBS[step].command_lines())
        seconds = time.monotonic() - started
        summary.append(f"{step:<16} {'FAILED' if failed else 'ok':<6} {seconds:6.1f} s")
        print(f"-- {summary[-1]}", flush=True)
    print("\n== summary ==", *summary, sep="\n", flush=True)
    return int(any("FAILED" in line for line in summary))


def lock(arguments: Sequence[str]) -> int:
    """Pin every package by hash in `requirements/`, for all platforms and Python versions.

    The packages for development are resolved first and constrain the others, so that the files
    agree. The package index of the machine is not written into the files.
    """
    import tomllib  # noqa: PLC0415 - missing in Python versions that are rejected above

    if not UV.exists():
        prepare(RUN)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    oldest = project["project"]["requires-python"].removeprefix(">=")
    # hatchling needs editables for an editable installation.
    build = "\n".join([*project["build-system"]["requires"], "editables"])
    constraint = "--constraint requirements/dev.txt"
    for name, source, stdin in (
        ("uv", "-", "uv"),
        ("dev", "pyproject.toml --extra dev", None),
        ("tools", "--group tools", None),
        ("run", f"pyproject.toml {constraint}", None),
        ("build", f"- {constraint}", build),
    ):
        say(f"pinning requirements/{name}.txt")
        command = f"{COMPILE} --python-version {oldest} -o requirements/{name}.txt {source}"
        if call([str(UV), *command.split(), *arguments], stdin=stdin):
            stop(f"requirements/{name}.txt could not be written; see above.")
    return 0


def clean(_arguments: Sequence[str]) -> int:
    """Remove what can be created again; the database in `var/` stays."""
    for pattern in (".venv", "dist", ".hypothesis", ".*_cache", "**/__pycache__"):
        for path in list(ROOT.glob(pattern)):
            shutil.rmtree(path, ignore_errors=True)
    return 0


# --- setting up -------------------------------------------------------------


def prepare(needs: str) -> None:
    """Install what the verb needs, unless it is up to date."""
    with setup_lock():
        prepare_project(DEV if needs == TOOLS else needs)
        if needs == TOOLS:
            prepare_tools()


def prepare_project(needs: str) -> None:
    """Create or update `.venv` from `requirements/` and `pyproject.toml`.

    The stamp is removed first and written last: without it, a set-up was interrupted and is
    started again.
    """
    current = digest(ROOT / "pyproject.toml", *sorted(PINS.glob("*.txt")))
    recorded = STAMP.read_text().splitlines() if STAMP.exists() else []
    is_usable = PYTHON.exists() and recorded[2:] == location()
    if is_usable and needs == RUN:
        needs = recorded[0]  # packages for development stay
    if is_usable and recorded[:2] == [needs, current]:
        return
    started = time.monotonic()
    STAMP.unlink(missing_ok=True)
    if not is_usable:
        make_venv(VENV)
    install(needs)
    STAMP.write_text("\n".join([needs, current, *location()]))
    say(f"ready, in {time.monotonic() - started:.0f} s")


def prepare_tools() -> None:
    """Create or update `.venv/tools` from `requirements/tools.txt` and `openapi/tools/`."""
    stamp = TOOLBOX / STAMP.name
    current = digest(PINS / "tools.txt", *NODE_PINS)
    if stamp.exists() and stamp.read_text() == current:
        return
    started = time.monotonic()
    make_venv(TOOLBOX)  # empty, so without the stamp
    install_pinned(TOOLBOX / "bin" / "python", "tools")
    for pins in NODE_PINS:
        shutil.copy(pins, TOOLBOX)
    npm = [str(TOOLBOX / "bin" / "npm"), "--prefix", str(TOOLBOX), "--loglevel=error"]
    if call([*npm, "ci"]):
        stop("The packages of openapi/tools could not be installed; see above.")
    stamp.write_text(current)
    say(f"the tools are ready, in {time.monotonic() - started:.0f} s")


def make_venv(where: Path) -> None:
    """Create an empty virtual environment."""
    say(f"creating {where.relative_to(ROOT)} with Python {sys.version.split()[0]}")
    has_ensurepip = find_spec("ensurepip") is not None  # Debian has it in a separate package
    if not (has_ensurepip or find_spec("pip")):
        stop("This Python has neither ensurepip nor pip. On Debian: apt install python3-venv")
    without = [] if has_ensurepip else ["--without-pip"]
    if call([sys.executable, "-m", "venv", "--clear", *without, str(where)]):
        stop("The environment could not be created; see above.")


def install(needs: str) -> None:
    """Install uv (if possible), the pinned packages, and the project itself."""
    uv = ["--only-binary=:all:", "--require-hashes", "-r", str(PINS / "uv.txt")]
    call([*pip_install(PYTHON), *uv])
    install_pinned(PYTHON, "build", needs, keep_uv=True)
    project = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    if call([*uv_pip("install", PYTHON), *project]) and call([*pip_install(PYTHON), *project]):
        stop("The project could not be installed; see above.")


def install_pinned(python: Path, *names: str, keep_uv: bool = False) -> None:
    """Install the pins of these files of `requirements/`, with uv, or with pip if that fails."""
    say("installing the packages of " + ", ".join(f"requirements/{name}.txt" for name in names))
    pins = [str(PINS / f"{name}.txt") for name in names]
    kept = [str(PINS / "uv.txt")] * keep_uv  # uv removes what is not named
    if not call([*uv_pip("sync", python), "--require-hashes", *pins, *kept]):
        return
    say("uv failed; trying pip, which is slower")
    options = [word for pin in pins for word in ("-r", pin)]
    if call([*pip_install(python), "--require-hashes", *options]):
        stop("The packages could not be installed; see above.")


def uv_pip(command: str, python: Path) -> list[str]:
    """Return the command of uv for the environment of this Python."""
    return [str(UV), "pip", command, "--python", str(python)]


def pip_install(python: Path) -> list[str]:
    """Return the command of pip that installs into the environment of this Python."""
    pip = [str(python), "-m", "pip"]
    if not (python.parent / "pip").exists():
        pip = [sys.executable, "-m", "pip", "--python", str(python)]
    return [*pip, "--quiet", "--disable-pip-version-check", "--no-input", "install"]


def digest(*sources: Path) -> str:
    """Return a digest of the files that an environment is created from."""
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def location() -> list[str]:
    """Return what an environment depends on: its Python and its path."""
    return [f"{sys.version_info[0]}.{sys.version_info[1]}", os.path.realpath(PYTHON), str(VENV)]


@contextmanager
def setup_lock() -> Iterator[None]:
    """Lock this file, so that only one process sets up at a time."""
    with Path(__file__).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up to finish")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- processes -----------------------------------------------------------


def call_all(lines: Sequence[Sequence[str]]) -> int:
    """Run every command, also after a failed one, and return 1 if any failed."""
    codes = [call(line) for line in lines]
    return int(any(codes))


def call(command: Sequence[str], stdin: str | None = None) -> int:
    """Run a command with this input and return its exit code, 127 if it cannot be run."""
    try:
        return subprocess.run(
            command, input=stdin, text=True, env=environment(), check=False
        ).returncode
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        return 127


def environment() -> dict[str, str]:
    """Return the environment variables of commands."""
    inherited = {name: text for name, text in os.environ.items() if name not in EXCLUDED}
    tools = f"{TOOLBOX / 'node_modules' / '.bin'}:{TOOLBOX / 'bin'}"
    # The last two: commands with which the PostgreSQL tests give up the rights of root.
    path = f"{VENV / 'bin'}:{tools}:{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    return CERTIFICATES | inherited | NO_TELEMETRY | {"PATH": path, "VIRTUAL_ENV": str(VENV)}


def say(text: str) -> None:
    """Print a message to standard error."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def stop(text: str) -> NoReturn:
    """Exit with a message."""
    sys.exit(f"dev.py: {text}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
