"""``openai-admin rotate``: replace a key without a moment in which none works."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from .confirm import cannot_ask
from .connect import Target, connected
from .errors import CommandError, end_lacking
from .lazy import Entry, LazyGroup, group, single
from .loop import run
from .options import (
    BaseURL,
    Columns,
    Demo,
    Dialect,
    ExpectOrganization,
    Force,
    Format,
    Out,
    Profile,
    Strict,
    Verbose,
    Yes,
)
from .output import Output
from .progress import Progress
from .prompt import confirm
from .rotate_demo import check_demo, note_demo
from .rotate_options import (
    Abandon,
    AdminTo,
    Again,
    ExpiresIn,
    Finish,
    JournalFile,
    OlderThan,
    OldKey,
    Overlap,
    Plan,
    Replace,
    Scopes,
    Several,
    Test,
    To,
    UntilUnused,
)
from .rotate_rows import (
    NAMES,
    STATUS_NAMES,
    SUMMARY_NAMES,
    status_row,
    write,
    write_all,
    write_several,
)
from .terminal import is_terminal, printable

if TYPE_CHECKING:
    from ..workflows.rotation.model import Rotated, Rotation, Wishes

_KEY = "admin-key"
_ACCOUNT = "service-account"


def rotate_group() -> LazyGroup:
    """The group of commands that rotate keys."""
    entries = {
        _ACCOUNT: Entry(
            "Replace the key of a service account.",
            lambda: single(_ACCOUNT, service_account, help=service_account.__doc__ or ""),
        ),
        _KEY: Entry(
            "Replace an admin key, the own one too.",
            lambda: single(_KEY, admin_key, help=admin_key.__doc__ or ""),
        ),
        "status": Entry(
            "List the rotations that are not finished.",
            lambda: single("status", status, help=status.__doc__ or ""),
        ),
    }
    return group("Replace a key without a moment in which none works.", entries)


def service_account(
    account: Annotated[
        str | None, typer.Argument(metavar="[ACCOUNT]", help="The service account, by id or name.")
    ] = None,
    project: Annotated[
        str | None, typer.Option("--project", metavar="NAME", help="Its project, by id or name.")
    ] = None,
    *,
    to: To,
    overlap: Overlap = None,
    until_unused: UntilUnused = False,
    finish: Finish = False,
    abandon: Abandon = False,
    plan: Plan = False,
    key: OldKey = None,
    replace: Replace = False,
    scopes: Scopes = None,
    expires_in: ExpiresIn = None,
    journal: JournalFile = None,
    every: Several = False,
    older_than: OlderThan = None,
    again: Again = False,
    test: Test = None,
    yes: Yes = False,
    format: Format = None,
    csv_dialect: Dialect = None,
    columns: Columns = None,
    out: Out = None,
    force: Force = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    verbose: Verbose = 0,
) -> None:
    """Replace the key of a service account: make, test and set a new one, later delete the old one.

    Until the end of --overlap both keys work; the same command then deletes the old one. It may be
    stopped at any moment, and the same command goes on. With --all, --to has placeholders, as
    file:secrets/{project}-{account}.env; there are {project_id} and {account_id} as well.
    """
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    asked = _Asked(
        command=_ACCOUNT,
        name=account,
        project=project,
        to=to,
        every=every,
        yes=yes,
        output=Output(format, columns or (), out, force, csv_dialect),
    )
    wishes = _wishes(
        overlap=overlap,
        until_unused=until_unused or None,
        finish=finish,
        abandon=abandon,
        plan=plan,
        key=key,
        replace=replace,
        scopes=_listed(scopes),
        expires_in_seconds=expires_in,
        older_than=older_than,
        again=again,
        test=test,
        journal=journal,
    )
    _rotate(target, asked, wishes)


def admin_key(
    key: Annotated[
        str | None,
        typer.Argument(metavar="[KEY]", help="The key, by id, name or the end of its value."),
    ] = None,
    *,
    to: AdminTo,
    overlap: Overlap = None,
    until_unused: UntilUnused = False,
    finish: Finish = False,
    abandon: Abandon = False,
    plan: Plan = False,
    replace: Replace = False,
    expires_in: ExpiresIn = None,
    change_owner: Annotated[
        bool,
        typer.Option(
            "--change-owner", help="Replace a key of somebody else by one that belongs to you."
        ),
    ] = False,
    journal: JournalFile = None,
    every: Several = False,
    older_than: OlderThan = None,
    again: Again = False,
    test: Test = None,
    yes: Yes = False,
    format: Format = None,
    csv_dialect: Dialect = None,
    columns: Columns = None,
    out: Out = None,
    force: Force = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    verbose: Verbose = 0,
) -> None:
    """Replace an admin key, even the one that this command runs with.

    The API makes admin keys for whoever asks, so the new key belongs to you. Until the end of
    --overlap both keys work; the same command then deletes the old one. It may be stopped at any
    moment, and the same command goes on. With --all, --to has the placeholder {key} or {key_id}.
    """
    target = Target(profile, base_url, demo, verbose, strict, expect_organization)
    asked = _Asked(
        command=_KEY,
        name=key,
        to=to,
        every=every,
        yes=yes,
        output=Output(format, columns or (), out, force, csv_dialect),
    )
    wishes = _wishes(
        overlap=overlap,
        until_unused=until_unused or None,
        finish=finish,
        abandon=abandon,
        plan=plan,
        replace=replace,
        expires_in_seconds=expires_in,
        change_owner=change_owner,
        older_than=older_than,
        again=again,
        test=test,
        journal=journal,
    )
    _rotate(target, asked, wishes)


def status(
    format: Format = None,
    csv_dialect: Dialect = None,
    columns: Columns = None,
    out: Out = None,
    force: Force = False,
    demo: Demo = False,
) -> None:
    """List the rotations that are not finished, by their journals in the state folder.

    What is due is deleted by the command that the rotation began with. Where that can no longer be
    run, delete the journal. Those of --demo end with their command.
    """
    from ..workflows.rotation.doubts import told_of
    from ..workflows.rotation.kept import kept

    output = Output(format, columns or (), out, force, csv_dialect)
    output.check(STATUS_NAMES)
    found = [] if demo else kept()
    rows = [
        status_row(each.path, each.last)
        for each in found
        if each.last is not None and each.last.is_open
    ]
    write_all(rows, STATUS_NAMES, output)
    for each in found:
        if (doubt := told_of(each.last.unseen if each.last is not None else ())) is not None:
            print(printable(f"{each.path}: {doubt}"), file=sys.stderr)
    bad = [each.error for each in found if each.error is not None]
    if bad:
        bad.append(
            "Without its journal, a rotation goes on by its keys' names, or asks: delete it."
        )
        raise CommandError(" ".join(bad), code=1)


@attrs.frozen(kw_only=True)
class _Asked:
    """What a command was asked for, beside how it is to be done.

    Attributes:
        command: its name.
        name: the account or the key.
        project: the account's project.
        to: where the new key goes.
        every: whether all are meant.
        yes: whether it need not ask.
        output: how and where it writes.
    """

    command: str
    name: str | None
    project: str | None = None
    to: str
    every: bool
    yes: bool
    output: Output

    def check(self, wishes: Wishes) -> None:
        """Refuse what cannot be done, before anything is sent.

        Raises:
            CommandError: something is missing, or contradicts something else.
        """
        self.output.check(SUMMARY_NAMES if self.every else NAMES)
        what = "a service account" if self.command == _ACCOUNT else "a key"
        if self.every and self.name is not None:
            raise CommandError(f"Pass {what} or --all, not both.")
        if self.every and (wishes.journal or wishes.key):
            raise CommandError("--journal and --key are for one rotation: leave out --all.")
        if not self.every and self.name is None:
            raise CommandError(f"Name {what}, or pass --all.")
        if self.every and wishes.abandon:
            raise CommandError("--abandon is for one rotation: leave out --all, and name it.")
        if not self.every and self.name is not None and not self.name.strip():
            raise CommandError(f"Name {what}: its name is empty.")
        if not self.every and self.command == _ACCOUNT and self.project is None:
            raise CommandError("Name the service account's project with --project.")
        if not self.yes and not wishes.plan and not is_terminal(sys.stdin):
            raise cannot_ask(f"rotate {self.command}")


def _wishes(**wishes: Any) -> Wishes:
    from ..workflows.rotation.model import Wishes

    return Wishes(**wishes)


def _listed(texts: Sequence[str] | None) -> tuple[str, ...] | None:
    if texts is None:
        return None
    return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())


def _rotate(target: Target, asked: _Asked, wishes: Wishes) -> None:
    asked.check(wishes)
    with ExitStack() as stack:
        if target.demo:  # its organization does not outlive the command
            folder = stack.enter_context(TemporaryDirectory())
            wishes = attrs.evolve(wishes, journals=Path(folder))
            if not wishes.plan and not asked.every:
                check_demo(asked.to)
        if asked.every:
            found = run(_several(target, asked, wishes))
            note_demo(target, is_plan=wishes.plan)
            _end_several(asked, found)
        else:
            told: list[str] = []
            rotation = run(_one(target, asked, wishes, told))
            note_demo(target, is_plan=wishes.plan)
            _end(asked, rotation, told)


def _end(asked: _Asked, rotation: Rotation, told: Sequence[str]) -> None:
    for sentence in (*rotation.done, *(note for note in rotation.notes if note not in told)):
        print(printable(sentence), file=sys.stderr)
    for sentence in rotation.left:
        print(printable(f"To do: {sentence}"), file=sys.stderr)
    write(rotation, asked.output)
    end_lacking(*filter(None, [rotation.not_known]), allowed=False)


async def _one(target: Target, asked: _Asked, wishes: Wishes, told: list[str]) -> Rotation:
    from ..workflows.rotation.starting import admin_key, checked, service_account

    to = _sink(asked.to, target)
    checked(to, wishes)  # before anything is asked of the API
    async with (
        Progress("Rotating the key") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        caller = client._caller
        name = asked.name or ""
        wishes = attrs.evolve(
            wishes, agree=None if asked.yes else _asking(progress, asked.command, told)
        )
        if asked.command == _KEY:
            return await admin_key(caller, name, to=to, wishes=wishes)
        return await service_account(
            caller, name, project=asked.project or "", to=to, wishes=wishes
        )


def _sink(to: str, target: Target) -> Any:
    """The place for the new key; a stored profile is one that only this program knows."""
    if to == "profile" or to.startswith("profile:"):
        from .rotate_profile import ProfileSink

        return ProfileSink(to.partition(":")[2] or target.profile)
    return to


def _asking(
    progress: Progress, command: str, told: list[str]
) -> Callable[[Rotation], Awaitable[None]]:
    """Ask, and remember the notes that were told."""

    async def agree(rotation: Rotation) -> None:
        told.extend(rotation.notes)
        with progress.quiet():
            heading = f"rotate {command}: {rotation.whose}, into {rotation.sink}"
            for sentence in (heading, *rotation.left, *rotation.notes):
                print(printable(sentence), file=sys.stderr)
            if not await confirm("Go on?"):
                raise CommandError("Nothing was changed.", code=1)

    return agree


def _end_several(asked: _Asked, found: Sequence[Rotated]) -> None:
    write_several(found, asked.output)
    for each in found:
        for note in each.rotation.notes if each.rotation is not None else ():
            print(printable(f"{each.whose}: {note}"), file=sys.stderr)
    failed = [each for each in found if each.error is not None]
    for each in failed:
        print(printable(f"{each.whose}: {each.error}"), file=sys.stderr)
    unknown = [each for each in found if each.rotation and each.rotation.not_known]
    if failed or unknown:
        told = [f"{len(failed)} of {len(found)} failed."] if failed else []
        told += [each.rotation.not_known or "" for each in unknown if each.rotation]
        raise CommandError(" ".join(told), code=1)


async def _several(target: Target, asked: _Asked, wishes: Wishes) -> list[Rotated]:
    from ..workflows.rotation.several import All, admin_keys, service_accounts
    from ..workflows.rotation.templates import ADMIN_KEY, SERVICE_ACCOUNT, check_template

    check_template(asked.to, ADMIN_KEY if asked.command == _KEY else SERVICE_ACCOUNT)
    async with (
        Progress("Rotating the keys") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        every = All(
            template=asked.to,
            wishes=wishes,
            agree=_agreeing(progress, asked, target),
        )
        if asked.command == _KEY:
            return await admin_keys(client._caller, every)
        return await service_accounts(client._caller, asked.project, every)


def _agreeing(
    progress: Progress, asked: _Asked, target: Target
) -> Callable[[Sequence[Rotated]], Awaitable[None]]:
    async def agree(planned: Sequence[Rotated]) -> None:
        if target.demo:
            for each in planned:
                check_demo(each.sink or asked.to)
        if asked.yes:
            return
        with progress.quiet():
            for each in planned:
                if each.rotation is not None:
                    told = " ".join((*each.rotation.left, *each.rotation.notes))
                    print(printable(f"{each.whose}, into {each.sink}: {told}"), file=sys.stderr)
                elif each.error is not None:
                    print(
                        printable(f"{each.whose} cannot be rotated: {each.error}"), file=sys.stderr
                    )
            if not await confirm("Go on?"):
                raise CommandError("Nothing was changed.", code=1)

    return agree
