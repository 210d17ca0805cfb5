"""Command-line interface: serve, worker, migrate, demo, keys, openapi."""

import asyncio
import errno
import gc
import json
import os
import socket
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Annotated, NoReturn

import typer
from fastapi import FastAPI
from prometheus_client import start_http_server
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError

from app.accounts import service as accounts
from app.accounts.schemas import MemberCreate
from app.api.application import describe
from app.api.exception_handlers import problem_kinds
from app.api.problem_registry import to_markdown as problems_page
from app.api.server.server import DrainingServer
from app.core.config.settings import Settings
from app.core.observability import log_format
from app.core.observability.errors import TelemetryConfigError
from app.core.observability.metrics import Metrics
from app.core.persistence.migrations import (
    NotMigratedError,
    check_migrated,
    current_revision,
    migrate,
    revisions,
)
from app.core.persistence.tenancy import Role, system_caller
from app.core.security.signing_secret import SecretMissingError
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession
from app.main import build_app, build_runner
from app.sample_data import writer as sample
from app.sample_data.stories import STORIES
from app.worker import run_until_signal

main = typer.Typer(
    help="Debrief: the API for the days after a job interview.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="Manage API keys.", no_args_is_help=True)
main.add_typer(keys, name="keys")

_PREFIX = "DEBRIEF_"
_DEMO_KEY_LIFETIME = timedelta(days=7)
_stderr = Console(stderr=True)


class KeyRole(StrEnum):
    """Roles of a new API key."""

    CANDIDATE = "candidate"
    RECRUITER = "recruiter"
    ADMIN = "admin"


@main.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Overrides DEBRIEF_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Overrides DEBRIEF_PORT.", min=0, max=65_535)
    ] = None,
    *,
    migrate_first: Annotated[
        bool, typer.Option("--migrate", help="Migrate the database before serving.")
    ] = False,
) -> None:
    """Serve the API until interrupted."""
    settings = _settings()
    log_format.configure_logging(settings)
    listening = _listen(
        settings.host if host is None else host, settings.port if port is None else port
    )
    if migrate_first:
        _migrate(settings, "head")
    runner = _runner(settings)
    if settings.oidc_issuer is not None:
        sample.ensure_workspace(runner)  # the workspace of members who sign in
    stopping = Event()
    metrics = None if settings.metrics_port is None else Metrics()
    app = _app(settings, runner, metrics, stopping)
    metrics_url = None if metrics is None else _serve_metrics(metrics, settings)
    _print_addresses(settings, runner, listening, metrics_url)
    gc.freeze()  # objects created so far stay, so that the collector need not scan them again
    DrainingServer(app, settings, stopping).run(sockets=[listening])


@main.command()
def worker() -> None:
    """Run background jobs until interrupted: webhook delivery, model training, retention clean-up.

    On PostgreSQL, run as many workers as needed, and set `DEBRIEF_WORKER=false` for `serve`.
    """
    settings = _settings()
    log_format.configure_logging(settings)
    runner = _runner(settings)
    typer.echo("Worker started. Stop with Ctrl-C.")
    asyncio.run(run_until_signal(settings, runner))


@main.command("migrate")
def migrate_command(
    to: Annotated[str, typer.Option(help="A revision, `head` or `base`.")] = "head",
) -> None:
    """Migrate the database schema to a revision, by default to the newest."""
    settings = _settings()
    if to not in (allowed := {"head", "base", *revisions()}):
        _fail(f"There is no revision {to!r}. Choose one of: {', '.join(sorted(allowed))}.")
    before = _revision(settings)
    after = _migrate(settings, to)
    if before == after:
        typer.echo(f"The database is already at revision {after or 'base'}.")
    else:
        typer.echo(f"Migrated the database from {before or 'base'} to {after or 'base'}.")


@main.command()
def demo() -> None:
    """Create sample data, a job search with a dozen applications, and print an API key."""
    settings = _settings()
    runner = _runner(settings)
    candidate = sample.create_candidate(runner, "Demo candidate")
    with Progress(console=_stderr, transient=True) as progress:
        task = progress.add_task("Creating sample data", total=len(STORIES))
        for story in STORIES:
            sample.write_story(runner, candidate, story)
            progress.advance(task)
    typer.echo(f"Created {len(STORIES)} applications. The API key of their candidate:")
    typer.echo(
        sample.issue_demo_key(runner, candidate, "demo", live=_is_live(settings), lasts=None)
    )
    runner.database.close()


@keys.command("create")
def create_key(
    role: Annotated[KeyRole, typer.Option(help="Role of the new member.")],
    name: Annotated[str, typer.Option(help="Name of the new member.")],
) -> None:
    """Create a member and print their API key, alone on the last line."""
    settings = _settings()
    try:
        member = MemberCreate.model_validate({"name": name, "role": role.value})
    except ValidationError as error:
        _fail(f"--name: {error.errors()[0]['msg']}")
    runner = _runner(settings)
    workspace_id = sample.ensure_workspace(runner)

    def create_member_and_key(session: WriteSession) -> accounts.NewKey:
        member_id = accounts.create_member_row(session, member.name, Role(member.role))
        grant = accounts.Grant(Role(member.role))
        return accounts.issue_key(session, member_id, member.name, grant, live=_is_live(settings))

    key = runner.write_sync(system_caller(workspace_id), create_member_and_key)
    runner.database.close()
    typer.echo(f"API key of {member.name} ({role.value}, {key.member_id}). It is shown only once:")
    typer.echo(key.text)


@main.command()
def openapi(
    *,
    write: Annotated[
        bool,
        typer.Option("--write", help="Write openapi/ and docs/problems.md instead of printing."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Fail unless these files are up to date.")
    ] = False,
) -> None:
    """Print the OpenAPI 3.1 document."""
    if not (write or check):
        typer.echo(_json(describe()))
        return
    for path, text in _generated_files().items():
        if not path.exists():
            _fail(f"{path} does not exist here. Run this in the root of the repository.")
        if check and path.read_text(encoding="utf-8") != text:
            _fail(f"{path} is out of date. Run: debrief openapi --write, and review the change.")
        if write:
            path.write_text(text, encoding="utf-8")


def _generated_files() -> dict[Path, str]:
    """Return the paths and the contents of the committed files that are generated from the app."""
    return {
        Path("openapi/openapi.json"): _json(describe()) + "\n",
        Path("openapi/problems.json"): _json([kind.model_dump() for kind in problem_kinds()])
        + "\n",
        Path("docs/problems.md"): problems_page(),
    }


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _settings() -> Settings:
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(_PREFIX) and name not in known:
            typer.echo(f"{name} is not a setting and is ignored; see docs/settings.md.", err=True)
    try:
        return Settings()
    except ValidationError as error:
        # The value itself is not repeated: it may be a secret.
        for name, reason in {str(one["loc"][0]): one["msg"] for one in error.errors()}.items():
            typer.echo(f"{_PREFIX}{name.upper()}: {reason.removeprefix('Value error, ')}", err=True)
    except SettingsError as error:
        name = str(error).split('"')[1]  # the message names the field in quotes, and no more
        typer.echo(f"{_PREFIX}{name.upper()}: must be a JSON list", err=True)
    _fail("See docs/settings.md for the allowed values.")


def _runner(settings: Settings) -> UnitOfWorkRunner:
    """Return the unit-of-work runner, or exit with a one-line error."""
    try:
        check_migrated(settings)
        return build_runner(settings)
    except (NotMigratedError, SecretMissingError) as error:
        _fail(str(error))
    except DBAPIError as error:
        _fail(_database_error(error))


def _migrate(settings: Settings, revision: str) -> str | None:
    try:
        return migrate(settings, revision)
    except NotMigratedError as error:
        _fail(str(error))
    except DBAPIError as error:
        _fail(_database_error(error))


def _revision(settings: Settings) -> str | None:
    try:
        return current_revision(settings)
    except DBAPIError as error:
        _fail(_database_error(error))


def _database_error(error: DBAPIError) -> str:
    reason = " ".join(str(error.orig).split())
    return f"The database of DEBRIEF_DATABASE_URL cannot be used: {reason}"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} on {host} is in use. Choose another: DEBRIEF_PORT={port + 1}"
        else:
            message = f"Cannot listen on {host}, port {port}: {error.strerror or error}"
        _fail(message)


def _app(
    settings: Settings, runner: UnitOfWorkRunner, metrics: Metrics | None, stopping: Event
) -> FastAPI:
    try:
        return build_app(settings, runner, metrics=metrics, is_leaving=stopping.is_set)
    except TelemetryConfigError as error:
        _fail(str(error))


def _serve_metrics(metrics: Metrics, settings: Settings) -> str:
    """Serve the metrics on their own port, from a thread, and return their base URL."""
    host, port = settings.metrics_host, settings.metrics_port or 0
    try:
        server, _ = start_http_server(port, host, metrics.registry)
    except OSError as error:
        _fail(f"Cannot serve metrics on {host}, port {port}: {error.strerror or error}")
    return _base_url(server.socket)


def _base_url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _print_addresses(
    settings: Settings,
    runner: UnitOfWorkRunner,
    listening: socket.socket,
    metrics_url: str | None,
) -> None:
    url = _base_url(listening)
    typer.echo(f"Address   {url}")
    typer.echo(f"Docs      {url}/docs")
    if metrics_url is not None:
        typer.echo(f"Metrics   {metrics_url}/metrics")
    if settings.makes_demo:
        candidate = sample.ensure_sample(runner)
        key = sample.issue_demo_key(
            runner, candidate, "demo", live=_is_live(settings), lasts=_DEMO_KEY_LIFETIME
        )
        typer.echo(f"Demo key  {key}")
    typer.echo("Stop with Ctrl-C.")


def _is_live(settings: Settings) -> bool:
    return settings.environment == "production"


if __name__ == "__main__":
    main()
