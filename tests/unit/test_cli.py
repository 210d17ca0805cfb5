"""The command line: output and exit code of its commands.

Commands that end by themselves are called in this process; `serve` is a process of its own.
"""

import os
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from app.cli import main
from app.core.config.settings import Settings
from app.main import build_app, build_runner
from tests.support.servers import DEBRIEF

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120  # what takes longer than this does not end


@dataclass(frozen=True)
class Run:
    """What a command printed, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def debrief(*arguments: str, **settings: str) -> Run:
    result = CliRunner().invoke(main, arguments, env=variables(settings), catch_exceptions=False)
    return Run(result.exit_code, result.stdout, result.stderr)


def serve(*arguments: str, **settings: str) -> Run:
    ended = subprocess.run(  # noqa: S603 - our own command
        [DEBRIEF, "serve", *arguments],
        env={"PATH": os.environ["PATH"]} | variables(settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return Run(ended.returncode, ended.stdout, ended.stderr)


def variables(settings: dict[str, str]) -> dict[str, str]:
    return {f"DEBRIEF_{name.upper()}": value for name, value in settings.items()}


@pytest.fixture
def url(sqlite_path: Path) -> str:
    return f"sqlite:///{sqlite_path}"


@pytest.fixture
def migrated(url: str) -> str:
    assert debrief("migrate", database_url=url).returncode == 0
    return url


def refused(run: Run) -> str:
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    return run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["serve", "demo", "keys create --role=admin --name=Ada"])
def test_a_database_that_is_not_migrated_is_refused_with_the_command_to_run(
    url: str, command: str
) -> None:
    settings = {"database_url": url, "port": "0"}
    run = serve(**settings) if command == "serve" else debrief(*command.split(), **settings)
    said = refused(run)
    assert "debrief migrate" in said
    assert said.count("\n") == 1


@pytest.mark.slow
def test_a_port_in_use_is_one_line(migrated: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(serve(database_url=migrated, port=str(port)))
    assert said.startswith(f"Port {port} on 127.0.0.1 is in use.")
    assert said.count("\n") == 1


@pytest.mark.slow
def test_a_metrics_port_in_use_is_one_line(migrated: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(serve(database_url=migrated, port="0", metrics_port=port))
    assert said.startswith(f"Cannot serve metrics on 127.0.0.1, port {port}:")
    assert said.count("\n") == 1


@pytest.mark.slow
def test_telemetry_without_a_collector_is_one_line(migrated: str) -> None:
    said = refused(serve(database_url=migrated, port="0", telemetry="true"))
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "many"), ("secret", "too short"), ("environment", "moon"),
        ("database_url", "x://y"), ("database_url", "bogus"), ("database_url", "mysql://x/y"),
        ("database_url", "sqlite:///:memory:"), ("database_url", "postgresql://u:p@:bad/x"),
        ("trusted_proxies", "10.0.0.0/8"), ("trusted_proxies", '["nowhere"]'),
        ("cors_origins", "somewhere"), ("webhook_retry_schedule", "5,nan"),
        ("webhook_retry_schedule", "-5"), ("webhook_retry_schedule", "1e300"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(name: str, value: str) -> None:
    said = refused(debrief("migrate", **{name: value}))
    assert f"DEBRIEF_{name.upper()}" in said
    assert value not in said
    assert said.count("\n") <= 2


def test_postgresql_without_a_secret_is_one_line(postgresql_url: str) -> None:
    said = refused(serve("--migrate", database_url=postgresql_url, port="0"))
    assert "DEBRIEF_SECRET" in said
    assert said.count("\n") == 1


def test_a_database_that_cannot_be_reached_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    url = f"postgresql://debrief:hush@127.0.0.1:{port}/debrief"
    said = refused(debrief("migrate", database_url=url))
    assert said.startswith("The database of DEBRIEF_DATABASE_URL cannot be used")
    assert "hush" not in said
    assert said.count("\n") == 1


def test_migrating_twice_says_that_there_is_nothing_to_do(migrated: str) -> None:
    assert "already" in debrief("migrate", database_url=migrated).stdout


@pytest.mark.parametrize("role", ["candidate", "recruiter", "admin"])
def test_a_key_stands_alone_on_the_last_line_and_works(migrated: str, role: str) -> None:
    run = debrief("keys", "create", "--role", role, "--name", "Ada", database_url=migrated)
    key = run.stdout.splitlines()[-1]
    settings = Settings(database_url=migrated)
    with TestClient(build_app(settings, build_runner(settings))) as client:
        answer = client.get("/v1/me", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200


def test_a_key_is_nowhere_in_the_database_in_plain(migrated: str, sqlite_path: Path) -> None:
    run = debrief("keys", "create", "--role=admin", "--name=Ada", database_url=migrated)
    secret = run.stdout.splitlines()[-1].split("_")[2].encode()
    for file in sqlite_path.parent.iterdir():
        assert secret not in file.read_bytes()


@pytest.mark.slow
def test_the_demo_is_a_dozen_applications_and_once_more_another_dozen(migrated: str) -> None:
    for _ in range(2):
        run = debrief("demo", database_url=migrated)
        key = run.stdout.splitlines()[-1]
        settings = Settings(database_url=migrated)
        with TestClient(build_app(settings, build_runner(settings))) as client:
            headers = {"Authorization": f"Bearer {key}"}
            found = client.get("/v1/applications?limit=100", headers=headers).json()["data"]
        assert len(found) == 12
        assert {"active", "offer", "no_offer", "no_response"} <= {each["status"] for each in found}


@pytest.mark.slow
def test_the_committed_contract_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert debrief("openapi", "--check").returncode == 0
    for folder in ("openapi", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    changed = tmp_path / "openapi" / "openapi.json"
    changed.write_text(changed.read_text(encoding="utf-8") + " ", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said = refused(debrief("openapi", "--check"))
    assert "openapi --write" in said


@pytest.mark.parametrize("to", ["bogus", "", "0099", "+1", "-1"])
def test_an_unknown_revision_is_refused_with_the_known_ones(migrated: str, to: str) -> None:
    said = refused(debrief("migrate", "--to", to, database_url=migrated))
    assert "0015" in said
    assert said.count("\n") == 1


def test_a_database_of_a_newer_version_is_refused(migrated: str, sqlite_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    for command in (["migrate"], ["demo"]):
        said = refused(debrief(*command, database_url=migrated))
        assert "9999" in said
        assert "Use a newer version" in said


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_out_of_range_is_refused(url: str, port: str) -> None:
    assert "--port" in refused(debrief("serve", "--port", port, database_url=url))


@pytest.mark.parametrize("name", ["", "a\x01b", "x" * 500, "\udcff"])
def test_a_key_of_a_member_with_an_unusable_name_is_refused(migrated: str, name: str) -> None:
    arguments = ("keys", "create", "--role=admin", "--name", name)
    said = refused(debrief(*arguments, database_url=migrated))
    assert said.startswith("--name: ")
    assert said.count("\n") == 1


def test_the_contract_is_checked_in_the_repository_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "does not exist here" in refused(debrief("openapi", "--check"))
