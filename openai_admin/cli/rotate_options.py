"""The options of ``openai-admin rotate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .._text.durations import read_duration


def _time(text: str | int) -> int:
    try:
        return text if isinstance(text, int) else read_duration(text)
    except ValueError as exc:
        raise typer.BadParameter(f"{exc}.") from None


To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="PLACE",
        help="Where the new key goes: file:PATH[#VARIABLE], secret-file:PATH (which"
        " has only the key), command:… (which reads it from its"
        " standard input), keyring:SERVICE/NAME, aws-secretsmanager:ID.",
    ),
]
AdminTo = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="PLACE",
        help="Where the new key goes: file:PATH[#VARIABLE], secret-file:PATH (which"
        " has only the key), command:… (which reads it from its"
        " standard input), keyring:SERVICE/NAME, aws-secretsmanager:ID, or profile[:NAME], where"
        " 'openai-admin login' has stored the old one.",
    ),
]
Overlap = Annotated[
    int | None,
    typer.Option(
        "--overlap",
        metavar="TIME",
        parser=_time,
        help="For how long both keys work, at least: 30m, 24h, 7d; by default 24h. The same command"
        " deletes the old key afterwards.",
    ),
]
UntilUnused = Annotated[
    bool,
    typer.Option(
        "--until-unused",
        help="Delete the old key only once it has not been used for as long as --overlap says.",
    ),
]
Finish = Annotated[
    bool, typer.Option("--finish", help="Delete the old key in this run, whatever --overlap says.")
]
Abandon = Annotated[
    bool,
    typer.Option("--abandon", help="Give a rotation up: delete the new key and keep the old one."),
]
Plan = Annotated[bool, typer.Option("--plan", help="Show what would be done, and do nothing.")]
OldKey = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="KEY",
        help="The key to replace, by id or name, or none; by default the one that the place of --to"
        " holds, else the only one.",
    ),
]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help="Overwrite what the place of --to holds even if it is not one of the account's keys.",
    ),
]
Scopes = Annotated[
    list[str] | None,
    typer.Option(
        "--scopes",
        metavar="A,B,…",
        help="What the new key may do; by default what the old one may, where the API shows that.",
    ),
]
ExpiresIn = Annotated[
    int | None,
    typer.Option(
        "--expires-in",
        metavar="TIME",
        parser=_time,
        help="After which time the new key stops working, as 90d; by default as the old one.",
    ),
]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        help="The file that says how far it is, without any secret; by default one in the state"
        " folder.",
    ),
]
Several = Annotated[
    bool, typer.Option("--all", help="All of them, each into its own place: see --to.")
]
OlderThan = Annotated[
    int | None,
    typer.Option(
        "--older-than",
        metavar="TIME",
        parser=_time,
        help="Replace a key only if it was made longer ago, as 90d; for a job that runs each day.",
    ),
]
Test = Annotated[
    str | None,
    typer.Option(
        "--test",
        metavar="PATH",
        help="What to ask for with the new key, as /responses/x, where a gateway has no /models; or"
        " none: then whether the API accepts it is not known.",
    ),
]
Again = Annotated[
    bool,
    typer.Option(
        "--again",
        help="Begin another rotation where the last one into the same place is finished.",
    ),
]
