"""``openai-admin offboard``: take away everything that a person holds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal

import attrs
import typer

from .._text.visible import json_text
from .access import telling
from .confirm import cannot_ask
from .connect import Target, connected
from .errors import CommandError, end_lacking
from .lazy import Command
from .loop import run
from .offboard_rows import as_json, write_lines, write_rows, write_summary
from .options import (
    AllowMissing,
    BaseURL,
    CsvDialect,
    Demo,
    Dialect,
    ExpectOrganization,
    Profile,
    Verbose,
    Yes,
)
from .output_file import reported
from .people_file import people_of
from .progress import Progress
from .prompt import confirm
from .terminal import is_terminal, printable

if TYPE_CHECKING:
    from ..workflows.offboarding.model import OffboardingPlan, OffboardingResult, Step
    from ..workflows.offboarding.preparing import Asked, Prepared
    from ..workflows.offboarding.snapshot import Reading

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(cls=Command)
def offboard(
    people: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PERSON]…", help="Who leaves: an address, an id or a name."),
    ] = None,
    from_file: Annotated[
        Path | None,
        typer.Option(
            "--from-file",
            metavar="FILE",
            help="Read who leaves from a file, or - for standard input: one a line, or CSV with a"
            " column email.",
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what would be done, and do nothing.")
    ] = False,
    yes: Yes = False,
    evidence: Annotated[
        Path | None,
        typer.Option(
            "--evidence",
            metavar="FILE",
            help="Record what was held, each step and what is left in a .md or .json file that only"
            " you can read; what earlier runs did is in it, too.",
        ),
    ] = None,
    transfer_to: Annotated[
        str | None,
        typer.Option(
            "--transfer-to",
            metavar="PERSON",
            help="Who becomes the owner of projects that would have none.",
        ),
    ] = None,
    leave_ownerless: Annotated[
        bool,
        typer.Option(
            "--leave-ownerless",
            help="Leave such projects, and those of which that cannot be told, without an owner.",
        ),
    ] = False,
    myself: Annotated[
        bool,
        typer.Option(
            "--myself", help="Also offboard whoever owns the key in use, which is deleted last."
        ),
    ] = False,
    allow_unknown_owners: Annotated[
        bool,
        typer.Option(
            "--allow-unknown-owners",
            help="Go on where it is not known whether the organization keeps another owner.",
        ),
    ] = False,
    skip_unknown: Annotated[
        bool,
        typer.Option("--skip-unknown", help="Leave out those whom nobody knows, and go on."),
    ] = False,
    allow_missing: AllowMissing = False,
    format: Annotated[
        Literal["table", "json", "csv"] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, json, or csv with a row for each step; by default text on a terminal and"
            " JSON in a pipe.",
            rich_help_panel="Output",
        ),
    ] = None,
    csv_dialect: Dialect = None,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    verbose: Verbose = 0,
) -> None:
    """Take away everything that a person holds: keys first, the membership last.

    Keys in all projects, admin keys, open invites, roles, and memberships of projects, groups and
    the organization are shown as a plan in the order in which they go, and are taken away after a
    yes. What is gone already counts as done; the same command finishes what was cut off, by a
    journal in the state folder, and says later when it was finished. What an identity provider
    manages is named and left to it.

    The exit code is 1 where something that gives access is left, or something is not known; 2,
    before anything is changed, where somebody is not known or something must be decided first;
    with --plan too.
    """
    from ..workflows.offboarding.preparing import Asked

    named = [*(people or ()), *(people_of(from_file) if from_file is not None else ())]
    if not named:
        raise CommandError("Name who leaves: an address, an id or a name, or pass --from-file.")
    if transfer_to is not None and leave_ownerless:
        raise CommandError("Pass --transfer-to or --leave-ownerless, not both.")
    is_read = from_file is not None and str(from_file) == "-"
    if not (plan or yes or (is_terminal(sys.stdin) and not is_read)):
        raise cannot_ask("offboard")
    asked = Asked(
        people=named,
        transfer_to=transfer_to,
        leave_ownerless=leave_ownerless,
        myself=myself,
        allow_unknown_owners=allow_unknown_owners,
        skip_unknown=skip_unknown,
        evidence=evidence,
        demo=demo,
    )
    if evidence is not None:
        from ..workflows.offboarding.evidence import check_path

        check_path(evidence)
    form = format or ("table" if is_terminal(sys.stdout) else "json")
    if csv_dialect is not None and form != "csv":
        raise CommandError("--csv-dialect is for CSV: pass --format csv.")
    target = Target(profile, base_url, demo, verbose, expect_organization=expect_organization)
    with ExitStack() as stack:
        stack.enter_context(reported(str(evidence) if evidence is not None else "standard output"))
        if demo:  # its organization does not outlive the command
            folder = stack.enter_context(TemporaryDirectory())
            asked = attrs.evolve(asked, journals=Path(folder))
        command = _Offboard(
            asked,
            plan_only=plan,
            yes=yes,
            form=form,
            dialect=csv_dialect or "plain",
            is_allowed=allow_missing,
        )
        run(command.run(target))


class _Offboard:
    """One run of the command."""

    def __init__(
        self,
        asked: Asked,
        *,
        plan_only: bool,
        yes: bool,
        form: str,
        dialect: CsvDialect,
        is_allowed: bool,
    ) -> None:
        self._asked = asked
        self._plan_only = plan_only
        self._yes = yes
        self._form = form
        self._dialect = dialect
        self._is_allowed = is_allowed

    async def run(self, target: Target) -> None:
        """Plan, ask, do, and tell.

        Raises:
            CommandError: something is to be decided first, was not done, or is not known.
        """
        from ..workflows.offboarding.preparing import prepare

        progress = Progress("Reading the organization")
        async with connected(target, on_event=progress.show_wait) as client:
            async with progress:
                prepared = await prepare(client, self._asked, _telling(progress, demo=target.demo))
            for sentence in prepared.skipped:
                print(printable(f"Left out: {sentence}"), file=sys.stderr)
            if self._plan_only:
                self._show_plans(prepared)
                return
            undecided = [text for plan in prepared.plans for text in plan.undecided]
            if undecided:
                raise CommandError(" ".join(undecided))
            if self._is_text or not self._yes:
                self._print_plans(prepared.plans, sys.stdout if self._is_text else sys.stderr)
            asks = not self._yes and any(plan.steps for plan in prepared.plans)
            if asks and not await confirm("Go on?"):
                raise CommandError("Nothing was changed.", code=1)
            results = await self._carry_out(client, prepared, progress)
        self._show_results(results, prepared.skipped)

    async def _carry_out(
        self, client: Any, prepared: Prepared, progress: Progress
    ) -> list[OffboardingResult]:
        from ..workflows.offboarding.run import run_all, works

        def showing(number: int) -> Callable[[Step, int], None]:
            return _steps_shown(progress, prepared.plans[number], number, len(prepared.plans))

        async with progress:
            progress.update("Offboarding")
            try:
                return await run_all(works(client, prepared, showing))
            except OSError as error:
                raise _not_recorded(error) from error

    def _show_plans(self, prepared: Prepared) -> None:
        if self._is_text:
            self._print_plans(prepared.plans, sys.stdout)
        elif self._form == "csv":
            write_rows(((plan.person, plan.steps) for plan in prepared.plans), self._dialect)
        else:
            from .._wire.codec import to_dict

            plans = [to_dict(plan, mode="json") for plan in prepared.plans]
            print(json_text({"plans": plans, "skipped": [*prepared.skipped]}, indent=2))
        undecided = [text for plan in prepared.plans for text in plan.undecided]
        if undecided:
            sentences = ["This plan cannot be carried out as it is."]
            raise CommandError(" ".join(sentences if self._is_text else [*sentences, *undecided]))
        lacks = [text for plan in prepared.plans for text in plan.not_known]
        end_lacking(*self._not_known(lacks), allowed=self._is_allowed)

    def _print_plans(self, plans: Sequence[OffboardingPlan], file: Any) -> None:
        from ..workflows.offboarding.text import plan_lines

        for number, plan in enumerate(plans):
            if number:
                print(file=file)
            write_lines(plan_lines(plan), file)
        file.flush()

    def _show_results(self, results: Sequence[OffboardingResult], skipped: Sequence[str]) -> None:
        if self._is_text:
            self._print_results(results)
        elif self._form == "csv":
            write_rows(((result.person, result.steps) for result in results), self._dialect)
        else:
            told = {"results": [*map(as_json, results)], "skipped": [*skipped]}
            print(json_text(told, indent=2))
        if self._asked.evidence is not None:
            print(printable(f"Evidence: {self._asked.evidence}"), file=sys.stderr)
        left = [result for result in results if _is_left(result)]
        if left:
            who = ", ".join(str(result.person) for result in left)
            raise CommandError(f"Not everything was taken away from {who}.", code=1)
        lacks = [text for result in results for text in result.not_known]
        end_lacking(*self._not_known(lacks), allowed=self._is_allowed)

    def _print_results(self, results: Sequence[OffboardingResult]) -> None:
        from ..workflows.offboarding.text import result_lines

        for result in results:
            print()
            write_lines(result_lines(result), sys.stdout)
        if len(results) > 1:
            print()
            write_summary(results)

    @property
    def _is_text(self) -> bool:
        return self._form == "table"

    def _not_known(self, lacks: Sequence[str]) -> list[str]:
        if lacks and self._is_text:
            return ["Not everything is known: what is not is named above."]
        return [f"Not known: {'; '.join(dict.fromkeys(lacks))}."] if lacks else []


def _not_recorded(error: OSError) -> CommandError:
    """What the command says of a journal, or evidence, that could not be written."""
    notes = " ".join(getattr(error, "__notes__", ()))
    why = error.strerror or error
    return CommandError(f"{error.filename} cannot be written: {why}. {notes}", code=1)


def _is_left(result: OffboardingResult) -> bool:
    return bool(result.left or result.still_there or result.access_kept)


def _telling(progress: Progress, *, demo: bool) -> Callable[[Reading], None]:
    """What shows how far a read is, and says before a long one how long it may take."""
    tell_forecast = telling(progress, demo=demo)

    def tell(reading: Reading) -> None:
        if not reading.done:
            tell_forecast(reading.forecast)
        total = reading.forecast.requests
        progress.update(f"Reading the organization, {reading.done:,} of {total:,}")

    return tell


def _steps_shown(
    progress: Progress, plan: OffboardingPlan, number: int, people: int
) -> Callable[[Step, int], None]:
    who = f"Offboarding {printable(str(plan.person))}"
    if people > 1:
        who += f" ({number + 1} of {people})"
    done = 0

    def show(step: Step, total: int) -> None:
        nonlocal done
        done += 1
        progress.update(f"{who}: step {done:,} of {total:,}")

    return show
