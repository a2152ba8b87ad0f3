"""``crowdsafe hub``: run the hub, and say who may use it.

What a command needs is imported when it runs, so that ``--help`` answers at once.
"""

import gc
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from crowdsafe.errors import CrowdsafeError
from crowdsafe.hub.access import COMMAND_LINE

if TYPE_CHECKING:
    from crowdsafe.hub.access.auth import Auth

app = typer.Typer(help="Run the hub, and say who may use it.", no_args_is_help=True)
_OUT = Console()

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Settings file (TOML); see docs/settings.md."),
]
_PersonArgument = Annotated[str, typer.Argument(help="The person's name.")]
_WorkerArgument = Annotated[str, typer.Argument(help="As `worker` in the edge worker's settings.")]


@app.command("run")
def hub_run(config: ConfigOption = None) -> None:
    """Run the hub: takes observations, raises alarms, serves the page."""
    import uvicorn

    from crowdsafe.contract.edge_messages import MAX_MESSAGE_BYTES
    from crowdsafe.contract.measures_file import MEASURES_FILE, refuse_unready
    from crowdsafe.contract.site import Site
    from crowdsafe.contract.targets import NoticeTarget
    from crowdsafe.hub.access.auth import Auth
    from crowdsafe.hub.access.oidc import Oidc, OidcClient
    from crowdsafe.hub.app import create_app
    from crowdsafe.hub.revisions import Revisions, refuse_unusable
    from crowdsafe.hub.service import Hub
    from crowdsafe.hub.store import Store
    from crowdsafe.settings import load_settings

    settings = load_settings(config)
    store = Store(settings.hub.database_url)
    takers = {
        each.id
        for each in settings.hub.targets
        if isinstance(each, NoticeTarget) and each.takes != "alarms"
    }

    def check(site: Site) -> None:
        refuse_unusable(site)
        today = datetime.now(ZoneInfo(site.timezone)).date()
        refuse_unready(Path(MEASURES_FILE), site.measures, targets=takers, today=today)

    revisions = Revisions(store, check=check)
    site = revisions.start(settings.site, now_s=time.time()).site
    auth = Auth(
        store,
        session_hours=settings.hub.session_hours,
        failures_per_min=settings.hub.sign_in_failures_per_min,
    )
    asked = settings.hub.oidc
    oidc = None
    if asked is not None:
        secret = asked.client_secret.get_secret_value()
        oidc = Oidc(OidcClient(**{**asked.model_dump(), "client_secret": secret}))
    failed = False

    def stop() -> None:
        nonlocal failed
        failed, server.should_exit = True, True

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(
                Hub(site, settings.hub, store, revisions=revisions), auth, oidc=oidc, stop=stop
            ),
            host=settings.hub.host,
            port=settings.hub.port,
            log_level="warning",
            ws_max_size=MAX_MESSAGE_BYTES,
            # What is large is deflated once for all pages, see hub/page_feed.py.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=3,
            forwarded_allow_ips=settings.hub.trusted_proxies,
        )
    )
    logging.getLogger(__name__).info(
        "hub: site '%s' on http://%s:%d", site.id, settings.hub.host, settings.hub.port
    )
    # A thread that writes waits for the loop no longer than this.
    sys.setswitchinterval(0.0001)
    # What is there now stays, and messages make no cycles: looking for them costs a third.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 50)
    server.run()
    store.close()
    if failed:
        raise CrowdsafeError("hub: its loop failed, see above; start it again")


@app.command("add-user")
def hub_add_user(
    name: _PersonArgument,
    role: Annotated[
        str, typer.Option(help="viewer, operator, organiser, engineer or administrator.")
    ] = "operator",
    config: ConfigOption = None,
) -> None:
    """Create a person, or give a known one a new password and role.

    Asks for the password twice; where nobody types, it is read from standard input.
    """
    with _auth(config) as auth:
        if sys.stdin.isatty():
            password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        else:
            password = sys.stdin.readline().rstrip("\n")
        auth.people.put(name=name, password=password, role=role, by=COMMAND_LINE)
    _OUT.print(f"{name} may sign in as {role}", markup=False)


@app.command("list-users")
def hub_list_users(config: ConfigOption = None) -> None:
    """List who may sign in."""
    table = Table("name", "role", "signs in by", "disabled (UTC)")
    with _auth(config) as auth:
        for each in auth.people.accounts():
            table.add_row(each.name, each.role, each.by, _time(each.disabled_at_s))
    _OUT.print(table, markup=False)


@app.command("disable-user")
def hub_disable_user(name: _PersonArgument, config: ConfigOption = None) -> None:
    """Let a person in no more, and end their sessions."""
    with _auth(config) as auth:
        auth.people.disable(name, by=COMMAND_LINE)
    _OUT.print(f"{name} may not sign in any more", markup=False)


@app.command("enable-user")
def hub_enable_user(name: _PersonArgument, config: ConfigOption = None) -> None:
    """Let a disabled person in again."""
    with _auth(config) as auth:
        auth.people.enable(name, by=COMMAND_LINE)
    _OUT.print(f"{name} may sign in again", markup=False)


@app.command("add-worker")
def hub_add_worker(name: _WorkerArgument, config: ConfigOption = None) -> None:
    """Create an edge worker, or give a known one a new token, and print the token once."""
    with _auth(config) as auth:
        typer.echo(auth.workers.add(name, by=COMMAND_LINE))


@app.command("list-workers")
def hub_list_workers(config: ConfigOption = None) -> None:
    """List the edge workers and what is known of their keys."""
    table = Table("name", "key made (UTC)", "last seen (UTC)", "revoked (UTC)")
    with _auth(config) as auth:
        for each in auth.workers.accounts():
            table.add_row(
                each.name,
                _time(each.created_at_s),
                _time(each.last_seen_at_s),
                _time(each.revoked_at_s),
            )
    _OUT.print(table, markup=False)


@app.command("revoke-worker")
def hub_revoke_worker(name: _WorkerArgument, config: ConfigOption = None) -> None:
    """Take an edge worker's key back: it is refused at once."""
    with _auth(config) as auth:
        auth.workers.revoke(name, by=COMMAND_LINE)
    _OUT.print(f"the key of {name} counts no more", markup=False)


@contextmanager
def _auth(config: Path | None) -> Iterator["Auth"]:
    from crowdsafe.hub.access.auth import Auth
    from crowdsafe.hub.store import Store
    from crowdsafe.settings import load_settings

    hub = load_settings(config).hub
    store = Store(hub.database_url)
    try:
        yield Auth(
            store,
            session_hours=hub.session_hours,
            failures_per_min=hub.sign_in_failures_per_min,
        )
    finally:
        store.close()


def _time(at_s: float | None) -> str:
    return "" if at_s is None else f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S}"
