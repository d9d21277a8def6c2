"""``openai-admin mcp``: the API as tools for assistants."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from .._declare.arguments import one_of, shown, suggest
from .._extras import install, missing
from ..errors import ConfigurationError
from . import mcp_http
from .config import DEFAULT_PROFILE, profile_names
from .connect import Target, connected
from .errors import CommandError
from .expectation import expected
from .lazy import Command
from .loop import run
from .mcp_means import equipped, means_of, tell_failing
from .options import Demo, ExpectOrganization, Verbose
from .parameters import reworded
from .terminal import printable
from .unread import noting

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin
    from ..mcp import Address, Connections, Settings
    from ..mcp.tool import Danger

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(cls=Command)
def mcp(
    http: Annotated[
        bool,
        typer.Option(
            "--http", help="Listen at http://HOST:PORT/openai-admin, not on standard input."
        ),
    ] = False,
    host: mcp_http.Host = "127.0.0.1",
    port: mcp_http.Port = 8000,
    allow_host: mcp_http.AllowHost = None,
    allow_origin: mcp_http.AllowOrigin = None,
    public_url: mcp_http.PublicURL = None,
    oauth_issuer: mcp_http.OAuthIssuer = None,
    oauth_jwks: mcp_http.OAuthJWKS = None,
    oauth_introspection: mcp_http.OAuthIntrospection = None,
    oauth_audience: mcp_http.OAuthAudience = None,
    key_from_header: mcp_http.KeyFromHeader = None,
    toolset: Annotated[
        list[str] | None,
        typer.Option(
            "--toolset",
            metavar="NAME",
            help="assistant: questions and jobs (default); seed: the 47 published tools; all: every"
            " operation; insight: the 47 and questions about spend and access. Repeatable.",
        ),
    ] = None,
    tools: Annotated[
        list[str] | None,
        typer.Option(
            "--tools", metavar="GLOB", help="Only tools with such names: 'usage_*'. Repeatable."
        ),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Offer only tools that change nothing.")
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            "--allow",
            metavar="removes|grants|locks-out",
            help="Do without asking the user what removes something, what grants somebody power,"
            " or what may lock people or programs out. Repeatable.",
        ),
    ] = None,
    allow_destructive: Annotated[
        bool, typer.Option("--allow-destructive", help="All that --allow can take.")
    ] = False,
    patience: Annotated[
        int,
        typer.Option(
            "--patience",
            metavar="SECONDS",
            min=1,
            max=600,
            help="Answer each call after so long, done or not: what is not done goes on, and can be"
            " fetched. Keep it below the time that your assistant waits.",
        ),
    ] = 50,
    seed_names: Annotated[
        bool,
        typer.Option(
            "--seed-names",
            help="With --toolset seed: its parameters to the letter, such as project_ids[], and"
            " none beside them. Many clients refuse the brackets.",
        ),
    ] = False,
    sink: Annotated[
        list[str] | None,
        typer.Option(
            "--sink",
            metavar="NAME=PLACE",
            help="A place where the tool rotate_key may put a new key, which it takes by its name:"
            " prod=file:.env, prod='command:…', keyring:…, aws-secretsmanager:…, as for"
            " 'openai-admin rotate --to'. Repeatable.",
        ),
    ] = None,
    plain_names: Annotated[bool, typer.Option("--plain-names", hidden=True)] = False,
    full_text: Annotated[bool, typer.Option("--full-text", hidden=True)] = False,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            "--profile",
            metavar="NAME",
            help="A stored connection to offer, by the name to pass as PCID. Repeatable; by default"
            " OPENAI_ADMIN_KEY, else every stored one.",
        ),
    ] = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    verbose: Verbose = 0,
) -> None:
    """Offer the API as tools to an assistant, over standard input or HTTP (MCP).

    Over HTTP, a client must send the bearer token that is in OPENAI_ADMIN_MCP_TOKEN, or an access
    token of --oauth-issuer; only a server bound to this machine alone, or one whose clients bring
    their own key, may do without.
    """
    if lacking := missing("mcp", "uvicorn"):
        raise CommandError(install("The MCP server", *lacking, extra="mcp"))
    from ..mcp import Address, Settings, ToolSelection
    from ..mcp.catalog import chosen_tools
    from ..mcp.http import TOKEN_VARIABLE

    settings = Settings(
        choice=ToolSelection(
            toolsets=toolset or ["assistant"],
            globs=tools or (),
            read_only=read_only,
            means=means_of(sink or (), demo=demo),
            seed_names=seed_names,
        ),
        allowed=_allowed(allow or [], everything=allow_destructive),
        patience=patience,
    )
    try:
        chosen_tools(settings.choice)  # before a key is asked for
    except ConfigurationError as exc:
        raise CommandError(
            reworded(str(exc), {"toolset": "--toolset", "seed_names": "--seed-names"})
        ) from None
    address = Address(
        host=host,
        port=port,
        token=os.environ.get(TOKEN_VARIABLE) or None,
        hosts=allow_host or (),
        origins=allow_origin or (),
        public_url=public_url,
        oauth=mcp_http.oauth_of(
            oauth_issuer, oauth_jwks, oauth_introspection, oauth_audience, public_url
        ),
        key_header=key_from_header,
    )
    if not http and (key_from_header is not None or oauth_issuer is not None or public_url):
        raise CommandError("--key-from-header, --oauth-issuer and --public-url go with --http.")
    if demo and profile:
        raise CommandError("Pass --demo or --profile, not both.")
    if key_from_header is not None and sink:
        raise CommandError(
            "--key-from-header and --sink exclude each other: whoever brings a key could put one"
            " where the keys of your organization are."
        )
    if key_from_header is not None and (
        demo or profile or expected(expect_organization, demo=False)
    ):
        raise CommandError(
            "With --key-from-header each request brings its organization: leave out --demo,"
            " --profile, --expect-organization and OPENAI_ADMIN_EXPECT_ORGANIZATION."
        )
    target = Target(demo=demo, verbose=verbose, expect_organization=expect_organization)
    keyed = key_from_header is not None
    connections = mcp_http.keyed(target) if keyed else _connections(profile or [], target)
    with equipped(settings, demo=demo) as settings:
        run(_serve(connections, settings, address.checked() if http else None))


def _allowed(names: list[str], *, everything: bool) -> frozenset[Danger]:
    """What is done without asking.

    Raises:
        CommandError: there is no such danger.
    """
    from ..mcp.tool import Danger

    known = {danger.value: danger for danger in Danger}
    for name in names:
        if name not in known:
            raise CommandError(
                f"--allow must be {one_of([*known])}, not {shown(name)}{suggest(name, [*known])}"
            )
    return frozenset(Danger if everything else [known[name] for name in names])


async def _serve(
    opened: AbstractAsyncContextManager[Connections],
    settings: Settings,
    address: Address | None,
) -> None:
    from ..mcp import build_server, opened_port, serve_http, serve_stdio
    from ..mcp.http import PATH

    async with opened as connections:
        mcp_http.log_warnings()
        await tell_failing(settings.choice.means)
        server = build_server(connections, settings)
        if address is None:
            await serve_stdio(server)
        else:
            with opened_port(address) as port:
                url = f"http://{address.in_url}:{port.getsockname()[1]}{PATH}"
                told = partial(typer.echo, f"Listening at {url}", err=True)
                await serve_http(server, address, port, ready=told)


@asynccontextmanager
async def _connections(profiles: list[str], target: Target) -> AsyncIterator[Connections]:
    """The connections to offer, each with a target of its own."""
    from ..mcp import Connections, report_wait

    names: list[str | None] = [*profiles]
    if not names and not target.demo and not os.environ.get("OPENAI_ADMIN_KEY"):
        names = [*profile_names()]
    async with AsyncExitStack() as stack:
        stack.enter_context(noting())  # each result says itself what could not be read
        clients: dict[str, AsyncOpenAIAdmin] = {}
        unusable: dict[str, ConfigurationError] = {}
        for name in names or [None]:
            shown = name or ("demo" if target.demo else DEFAULT_PROFILE)
            opened = connected(target._replace(profile=name), on_event=report_wait)
            try:
                client = await stack.enter_async_context(opened)
            except ConfigurationError as error:  # it costs itself, not the others
                unusable[shown] = error
            else:
                clients[shown] = client
        if not clients:
            raise next(iter(unusable.values()))
        for name, why in unusable.items():
            typer.echo(printable(f"The connection {name} cannot be used: {why}"), err=True)
        yield Connections(clients, unusable=unusable)
