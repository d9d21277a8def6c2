"""``openai-admin emulator``: the emulator as a server, for programs of any kind."""

from __future__ import annotations

import asyncio
import gc
import re
from typing import Annotated, Literal

import typer

from ..errors import InvalidInputError
from .lazy import Command
from .loop import run
from .output_file import opened

_COUNT = re.compile("[1-9][0-9]{0,5}")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(cls=Command)
def emulator(
    port: Annotated[
        int,
        typer.Option("--port", metavar="N", min=0, max=65535, help="The port; 0 takes a free one."),
    ] = 0,
    state: Annotated[
        Literal["demo", "empty"],
        typer.Option("--state", help="The initial state: an organization, or only its owner."),
    ] = "demo",
    size: Annotated[
        Literal["small", "large"],
        typer.Option(
            "--size",
            help="How large the demo organization is: 12 projects and 40 users, or 2,000 and"
            " 20,000, which takes some seconds to start.",
        ),
    ] = "small",
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Decides every id, name and figure.")
    ] = 0,
    key_deletion_delay: Annotated[
        int,
        typer.Option(
            "--key-deletion-delay",
            metavar="SECONDS",
            min=0,
            help="How long a key that was deleted still works.",
        ),
    ] = 0,
    reporting_delay: Annotated[
        int,
        typer.Option(
            "--reporting-delay",
            metavar="SECONDS",
            min=0,
            help="How long after the fact usage and costs are reported.",
        ),
    ] = 0,
    burst: Annotated[
        list[str] | None,
        typer.Option(
            "--burst",
            metavar="KEY[:FACTOR[:MINUTES]]",
            help="Let a key be used many times as much as usual from now on, as one that leaked"
            " is: 10 times for 15 minutes unless said. May be repeated.",
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="KIND[:GLOB[:OPTION=VALUE,…]]",
            help="Make something go wrong: 503:projects.*:times=2, latency:*:seconds=200ms,"
            " rate-limit:usage.*:limit=8,window=60s, odd:invites.list:invited_at. May be"
            " repeated.",
        ),
    ] = None,
    list_faults: Annotated[
        bool,
        typer.Option("--list-faults", help="Print all that --fault can be given, and end."),
    ] = False,
) -> None:
    """Run the emulator on this machine until Ctrl-C, and print its address and admin key.

    It prints two lines for a shell. The key is of no use anywhere else.
    """
    from ..emulator import parse_fault
    from ..emulator.faults import described

    if list_faults:
        with opened(None) as file:
            file.writelines(f"{line}\n" for line in described())
        return
    faults = [parse_fault(text) for text in fault or ()]
    bursts = [_burst(text) for text in burst or ()]

    async def serve() -> None:
        from ..emulator import Emulator

        gc.disable()  # nothing that is made here is garbage, and all of it stays
        server = Emulator(
            state=state,
            size=size,
            seed=seed,
            port=port,
            key_deletion_delay=key_deletion_delay,
            reporting_delay=reporting_delay,
        )
        gc.freeze()
        gc.enable()
        for each in faults:
            server.faults.add(each)
        for key_id, factor, minutes in bursts:
            try:
                server.burst(key_id, factor=factor, minutes=minutes)
            except KeyError:
                raise InvalidInputError(
                    f"The key {key_id!r} has no usage that could burst: give the id of a project's"
                    " key that is in use."
                ) from None
        await server.start()
        try:
            with opened(None) as file:
                file.write(f"export OPENAI_BASE_URL={server.base_url}\n")
                file.write(f"export OPENAI_ADMIN_KEY={server.admin_key}\n")
            await asyncio.Event().wait()
        finally:
            await server.stop()

    run(serve())


def _burst(text: str) -> tuple[str, int, int]:
    """The key, the factor and the minutes of a burst."""
    key_id, *numbers = text.split(":")
    if not key_id or len(numbers) > 2 or not all(map(_COUNT.fullmatch, numbers)):
        raise InvalidInputError(
            f"The burst {text!r} must be KEY[:FACTOR[:MINUTES]] with whole numbers of 1 or more, as"
            " key_abc:10:15."
        )
    factor, minutes, *_ = (*map(int, numbers), *(10, 15)[len(numbers) :])
    return key_id, factor, minutes
