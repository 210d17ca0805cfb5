"""The set-up says of itself what is so: verbs, aliases, pins, and no trace of anyone's machine."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import dev

ROOT = Path(dev.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NODE = ROOT / "openapi" / "tools"
SKIPPED = {".git", ".venv", ".hypothesis", "__pycache__", "dist", "var"}
# The address of a package index, or a folder that only someone's own machine has.
PRIVATE = re.compile(
    r"https?://\S+/simple\b|file:///\w|(?<![\w.}*])/(?:home|Users|root|work|opt/(?!debrief\b)\w+)/"
)


def run_dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "dev.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in requirements}


def read_pins(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pinned(name: str) -> dict[str, set[str]]:
    """Each package with its versions; there are several where Pythons need different ones."""
    found: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([\w.-]+)(?:\[.*\])?==([^\s;]+)", read_pins(name), re.MULTILINE
    ):
        found.setdefault(normal(package), set()).add(version)
    return found


def project_files() -> list[Path]:
    """What git tracks, or what lies here where this is no clone."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0:
        paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:
        paths = [
            path for path in ROOT.rglob("*") if not SKIPPED & set(path.relative_to(ROOT).parts)
        ]
    return [path for path in paths if path.is_file()]


def test_help_names_every_verb() -> None:
    helped = run_dev("help")
    assert helped.returncode == 0
    assert re.findall(r"^  (\S+)", helped.stdout, re.MULTILINE) == list(dev.VERBS)


def test_no_verb_is_help_too() -> None:
    assert run_dev().stdout == run_dev("help").stdout


def test_an_unknown_verb_is_told_the_known_ones() -> None:
    refused = run_dev("dance")
    assert refused.returncode == 1
    assert "dance" in refused.stderr
    assert all(verb in refused.stderr for verb in dev.VERBS)


def test_make_has_an_alias_for_every_verb_and_for_nothing_else() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    aliases = re.search(r"^VERBS := (.+)$", makefile, re.MULTILINE)
    assert aliases
    assert set(aliases[1].split()) == set(dev.VERBS)


def test_check_is_the_tests_and_everything_that_verify_does() -> None:
    assert list(dev.VERBS["check"].steps) == ["test", *dev.VERBS["verify"].steps]
    assert all(dev.VERBS[step].commands for step in dev.VERBS["check"].steps)


def test_every_requirement_is_pinned() -> None:
    needed = required(PROJECT["project"]["dependencies"])
    extras = PROJECT["project"]["optional-dependencies"]
    # The developers' extra takes the one for telemetry in by the project's own name.
    by_developers = required([*extras["dev"], *extras["telemetry"]]) - {PROJECT["project"]["name"]}
    assert needed <= pinned("run").keys()
    assert needed | by_developers <= pinned("dev").keys()
    assert required([*PROJECT["build-system"]["requires"], "editables"]) <= pinned("build").keys()
    assert required(PROJECT["dependency-groups"]["tools"]) <= pinned("tools").keys()
    assert pinned("uv").keys() == {"uv"}


def test_every_pin_has_hashes() -> None:
    for name in ("uv", "build", "run", "dev", "tools"):
        for pin in re.split(r"\n(?=\S)", read_pins(name).strip()):
            assert re.match(r"[\w.\[\]-]+==", pin)
            assert "--hash=sha256:" in pin


def test_the_pins_of_different_files_agree() -> None:
    developers = pinned("dev")
    for name in ("build", "run"):
        for package, versions in pinned(name).items():
            assert versions <= developers.get(package, versions), package


def test_every_package_of_node_is_pinned_by_hash_and_from_no_address() -> None:
    asked = json.loads((NODE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    pins = json.loads((NODE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert pins.pop("")["dependencies"] == asked
    for name, pin in pins.items():
        assert pin["integrity"].startswith("sha512-"), name
        assert "resolved" not in pin, name
    for name, version in asked.items():
        assert pins[f"node_modules/{name}"]["version"] == version


def test_nothing_runs_while_packages_of_node_are_installed() -> None:
    told = (NODE / ".npmrc").read_text(encoding="utf-8").splitlines()
    assert {"ignore-scripts=true", "audit=false", "omit-lockfile-registry-resolved=true"} <= {*told}


def test_the_oldest_python_is_the_same_everywhere() -> None:
    oldest = re.search(r"sys.version_info < \((\d+), (\d+)\)", (ROOT / "dev.py").read_text())
    assert oldest
    assert PROJECT["project"]["requires-python"] == f">={oldest[1]}.{oldest[2]}"


def test_what_ci_runs_is_the_test_command_and_then_the_rest() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert re.findall(r"^make (\S+)", script.read_text(encoding="utf-8"), re.MULTILINE) == [
        "test",
        "verify",
    ]


def test_no_file_names_a_package_index_or_someones_folder() -> None:
    found = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in PRIVATE.finditer(text)]
    assert not found
