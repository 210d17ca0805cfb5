"""The command line: serve, migrate, demo, keys, openapi."""

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
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError

from app.accounts import service as accounts
from app.api.application import describe
from app.api.problem_registry import as_page as problems_page
from app.api.problems import problem_kinds
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
keys = typer.Typer(help="API keys.", no_args_is_help=True)
main.add_typer(keys, name="keys")

_PREFIX = "DEBRIEF_"
_DEMO_KEY_LASTS = timedelta(days=7)
_progress_to = Console(stderr=True)


class KeyRole(StrEnum):
    """The roles a key can be made for."""

    CANDIDATE = "candidate"
    RECRUITER = "recruiter"
    ADMIN = "admin"


@main.command()
def serve(
    host: Annotated[str | None, typer.Option(help="In place of DEBRIEF_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="In place of DEBRIEF_PORT.")] = None,
    *,
    migrate_first: Annotated[
        bool, typer.Option("--migrate", help="Bring the database up to date before serving.")
    ] = False,
) -> None:
    """Serve the API until interrupted."""
    settings = _settings()
    log_format.configure_logging(settings)
    listening = _listen(
        settings.host if host is None else host, settings.port if port is None else port
    )
    if migrate_first:
        _bring_to(settings, "head")
    runner = _runner(settings)
    if settings.oidc_issuer is not None:
        sample.ensure_workspace(runner)  # into which they sign in
    leaving = Event()
    metrics = None if settings.metrics_port is None else Metrics()
    app = _app(settings, runner, metrics, leaving)
    told_at = None if metrics is None else _tell(metrics, settings)
    _greet(settings, runner, listening, told_at)
    gc.freeze()  # what is there by now stays, so the collector need not go through it again
    DrainingServer(app, settings, leaving).run(sockets=[listening])


@main.command()
def worker() -> None:
    """Do the work outside of requests until interrupted: send webhooks, forget what is old.

    On PostgreSQL as many of these as are needed, with `DEBRIEF_WORKER=false` where it serves.
    """
    settings = _settings()
    log_format.configure_logging(settings)
    runner = _runner(settings)
    typer.echo("Working. Stop with Ctrl-C.")
    asyncio.run(run_until_signal(settings, runner))


@main.command("migrate")
def migrate_command(
    to: Annotated[str, typer.Option(help="A revision, `head` or `base`.")] = "head",
) -> None:
    """Bring the database's tables to a version, by default to the newest."""
    settings = _settings()
    before = _revision(settings)
    after = _bring_to(settings, to)
    if before == after:
        typer.echo(f"The database is at {after or 'base'} already.")
    else:
        typer.echo(f"The database went from {before or 'base'} to {after or 'base'}.")


@main.command()
def demo() -> None:
    """Fill in a believable search, a dozen applications, and print a key to it."""
    settings = _settings()
    runner = _runner(settings)
    candidate = sample.create_candidate(runner, "Demo candidate")
    with Progress(console=_progress_to, transient=True) as progress:
        task = progress.add_task("Writing the search", total=len(STORIES))
        for story in STORIES:
            sample.write_story(runner, candidate, story)
            progress.advance(task)
    typer.echo(f"{len(STORIES)} applications are in; this key opens them:")
    typer.echo(
        sample.issue_demo_key(runner, candidate, "demo", live=_is_live(settings), lasts=None)
    )
    runner.database.close()


@keys.command("create")
def create_key(
    role: Annotated[KeyRole, typer.Option(help="What its holder is.")],
    name: Annotated[str, typer.Option(help="Whose key it is.")],
) -> None:
    """Take a new member in and print their key, alone on the last line."""
    settings = _settings()
    runner = _runner(settings)
    workspace_id = sample.ensure_workspace(runner)

    def take_in_and_issue(session: WriteSession) -> accounts.NewKey:
        member_id = accounts.create_member_row(session, name, Role(role.value))
        grant = accounts.Grant(Role(role.value))
        return accounts.issue_key(session, member_id, name, grant, live=_is_live(settings))

    key = runner.write_sync(system_caller(workspace_id), take_in_and_issue)
    runner.database.close()
    typer.echo(f"The key of {name} ({role.value}, {key.member_id}). It is shown this once:")
    typer.echo(key.text)


@main.command()
def openapi(
    *,
    write: Annotated[
        bool,
        typer.Option("--write", help="Write openapi/ and docs/problems.md instead of printing."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Fail unless these files are what runs.")
    ] = False,
) -> None:
    """Print the contract as an OpenAPI 3.1 document."""
    if not (write or check):
        typer.echo(_json(describe()))
        return
    for path, text in _published().items():
        if check and path.read_text(encoding="utf-8") != text:
            _fail(f"{path} is not what runs. Run: debrief openapi --write, and read the change.")
        if write:
            path.write_text(text, encoding="utf-8")


def _published() -> dict[Path, str]:
    """Return the committed files that say what runs, and what each has to say."""
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
            typer.echo(f"{name} is no setting and does nothing; see docs/settings.md.", err=True)
    try:
        return Settings()
    except ValidationError as error:
        # The value itself is not repeated: it may be a secret.
        for mistake in error.errors():
            name = _PREFIX + "_".join(str(step) for step in mistake["loc"]).upper()
            typer.echo(f"{name}: {mistake['msg']}", err=True)
        _fail("See docs/settings.md for what each setting takes.")


def _runner(settings: Settings) -> UnitOfWorkRunner:
    """Return the unit-of-work runner, or say in one line why there cannot be one."""
    try:
        check_migrated(settings)
        return build_runner(settings)
    except (NotMigratedError, SecretMissingError) as error:
        _fail(str(error))
    except DBAPIError as error:
        _fail(_unreachable(error))


def _bring_to(settings: Settings, revision: str) -> str | None:
    try:
        return migrate(settings, revision)
    except DBAPIError as error:
        _fail(_unreachable(error))


def _revision(settings: Settings) -> str | None:
    try:
        return current_revision(settings)
    except DBAPIError as error:
        _fail(_unreachable(error))


def _unreachable(error: DBAPIError) -> str:
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
    settings: Settings, runner: UnitOfWorkRunner, metrics: Metrics | None, leaving: Event
) -> FastAPI:
    try:
        return build_app(settings, runner, metrics=metrics, is_leaving=leaving.is_set)
    except TelemetryConfigError as error:
        _fail(str(error))


def _tell(metrics: Metrics, settings: Settings) -> str:
    """Serve the metrics on their own port, from a thread, and return their address."""
    host, port = settings.metrics_host, settings.metrics_port or 0
    try:
        server, _ = start_http_server(port, host, metrics.registry)
    except OSError as error:
        _fail(f"Cannot tell metrics on {host}, port {port}: {error.strerror or error}")
    return _address(server.socket)


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greet(
    settings: Settings,
    runner: UnitOfWorkRunner,
    listening: socket.socket,
    metrics_address: str | None,
) -> None:
    address = _address(listening)
    typer.echo(f"Address   {address}")
    typer.echo(f"Docs      {address}/docs")
    if metrics_address is not None:
        typer.echo(f"Metrics   {metrics_address}/metrics")
    if settings.makes_demo:
        candidate = sample.ensure_sample(runner)
        key = sample.issue_demo_key(
            runner, candidate, "demo", live=_is_live(settings), lasts=_DEMO_KEY_LASTS
        )
        typer.echo(f"Demo key  {key}")
    typer.echo("Stop with Ctrl-C.")


def _is_live(settings: Settings) -> bool:
    return settings.environment == "production"
