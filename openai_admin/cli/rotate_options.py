"""The options of ``openai-admin rotate``."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated

import typer

from .._text.durations import read_duration
from . import options


def _time(text: str | int) -> int:
    try:
        return text if isinstance(text, int) else read_duration(text)
    except ValueError as exc:
        raise typer.BadParameter(f"{exc}.") from None


_Account = Annotated[
    str | None, typer.Argument(metavar="[ACCOUNT]", help="The service account, by id or name.")
]
_Key = Annotated[
    str | None,
    typer.Argument(metavar="[KEY]", help="The key, by id, name or the end of its value."),
]
_Project = Annotated[
    str | None, typer.Option("--project", metavar="NAME", help="Its project, by id or name.")
]
_To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="PLACE",
        help="Where the new key goes: file:PATH[#VARIABLE], secret-file:PATH (which"
        " has only the key), command:… (which reads it from its"
        " standard input), keyring:SERVICE/NAME, aws-secretsmanager:ID.",
    ),
]
_AdminTo = Annotated[
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
_Overlap = Annotated[
    int | None,
    typer.Option(
        "--overlap",
        metavar="TIME",
        parser=_time,
        help="For how long both keys work, at least: 30m, 24h, 7d; by default 24h. The same command"
        " deletes the old key afterwards.",
    ),
]
_UntilUnused = Annotated[
    bool,
    typer.Option(
        "--until-unused",
        help="Delete the old key only once it has not been used for as long as --overlap says.",
    ),
]
_Finish = Annotated[
    bool, typer.Option("--finish", help="Delete the old key in this run, whatever --overlap says.")
]
_Abandon = Annotated[
    bool,
    typer.Option("--abandon", help="Give a rotation up: delete the new key and keep the old one."),
]
_Plan = Annotated[bool, typer.Option("--plan", help="Show what would be done, and do nothing.")]
_OldKey = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="KEY",
        help="The key to replace, by id or name, or none; by default the one that the place of --to"
        " holds, else the only one.",
    ),
]
_Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help="Overwrite what the place of --to holds even if it is not one of the account's keys.",
    ),
]
_Scopes = Annotated[
    list[str] | None,
    typer.Option(
        "--scopes",
        metavar="A,B,…",
        help="What the new key may do; by default what the old one may, where the API shows that.",
    ),
]
_ExpiresIn = Annotated[
    int | None,
    typer.Option(
        "--expires-in",
        metavar="TIME",
        parser=_time,
        help="After which time the new key stops working, as 90d; by default as the old one.",
    ),
]
_JournalFile = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        help="The file that says how far it is, without any secret; by default one in the state"
        " folder.",
    ),
]
_Several = Annotated[
    bool, typer.Option("--all", help="All of them, each into its own place: see --to.")
]
_OlderThan = Annotated[
    int | None,
    typer.Option(
        "--older-than",
        metavar="TIME",
        parser=_time,
        help="Replace a key only if it was made longer ago, as 90d; for a job that runs each day.",
    ),
]
_Test = Annotated[
    str | None,
    typer.Option(
        "--test",
        metavar="PATH",
        help="What to ask for with the new key, as /responses/x, where a gateway has no /models; or"
        " none: then whether the API accepts it is not known.",
    ),
]
_Again = Annotated[
    bool,
    typer.Option(
        "--again",
        help="Begin another rotation where the last one into the same place is finished.",
    ),
]
_ChangeOwner = Annotated[
    bool,
    typer.Option(
        "--change-owner", help="Replace a key of somebody else by one that belongs to you."
    ),
]

_WHEN: options.Shared = {
    "overlap": (_Overlap, None),
    "until_unused": (_UntilUnused, False),
    "finish": (_Finish, False),
    "abandon": (_Abandon, False),
    "plan": (_Plan, False),
}
_HOW: options.Shared = {
    "journal": (_JournalFile, None),
    "every": (_Several, False),
    "older_than": (_OlderThan, None),
    "again": (_Again, False),
    "test": (_Test, None),
    "yes": (options.Yes, False),
    **options.OUTPUT,
    **options.TARGET,
}
OF_ACCOUNT: options.Shared = {
    "name": (_Account, None),
    "project": (_Project, None),
    "to": (_To, inspect.Parameter.empty),
    **_WHEN,
    "key": (_OldKey, None),
    "replace": (_Replace, False),
    "scopes": (_Scopes, None),
    "expires_in": (_ExpiresIn, None),
    **_HOW,
}
"""The options of ``rotate service-account``."""

OF_KEY: options.Shared = {
    "name": (_Key, None),
    "to": (_AdminTo, inspect.Parameter.empty),
    **_WHEN,
    "replace": (_Replace, False),
    "expires_in": (_ExpiresIn, None),
    "change_owner": (_ChangeOwner, False),
    **_HOW,
}
"""The options of ``rotate admin-key``."""
