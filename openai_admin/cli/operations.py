"""Commands made from the declared operations: the client's tree, group by group.

A group imports only its resource's module, when it is opened; a new operation or resource gets
its command automatically.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._declare.effect import Effect
from .._declare.operation import Operation
from .._declare.resource import Resource, part
from .._transport.reconcile import shown_in
from .._wire.models import Page, Unreadable
from .._wire.odd import odd_fields, odd_fields_in
from .._wire.one_time import may_lack_secret
from .._wire.removal import is_confirmed, removed_id, why_unconfirmed
from ..errors import InvalidInputError, OutcomeUnknownError
from . import options
from .confirm import ask, check_consent, command_words, may_ask, warn_unasked
from .connect import Target, address, connected
from .errors import CommandError
from .lazy import Entry, LazyGroup, command, group, single
from .loop import run
from .names import find_ids, note_unknown, refuse_names, say_found
from .output import Output, writing
from .parameters import Arguments, most_per_page, result_fields
from .progress import Progress
from .secrets import SecretOutput, handover, has_secret, split_secrets
from .unread import note_fields

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin

DEFAULT_ITEMS = 100
"""How many items a list shows unless told otherwise: what one page of the API holds."""

_FURTHER: Mapping[str, Mapping[str, Entry]] = {
    "audit_logs": {
        "tail": Entry("Follow the audit log: new events as they come.", command("tail", "tail")),
        "export": Entry(
            "Deliver a stretch of the audit log to a file or a SIEM.",
            command("audit_export", "export"),
        ),
        "search": Entry("Say who did what, with names beside ids.", command("audit_search")),
    },
}
"""Commands of resources that are not a single operation."""

_Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        metavar="N",
        min=1,
        help=f"List at most this many, over as many pages as it takes; {DEFAULT_ITEMS} unless"
        " --all is passed.",
    ),
]


def resource_group(path: str) -> LazyGroup:
    """The group of a resource, by its place in the tree such as ``projects.users``."""
    cls = _resource_class(path)
    entries: dict[str, Entry] = {}
    for name, value in vars(cls).items():
        operation = getattr(value, "operation", None)
        if operation is not None and operation.function.__name__ == name:  # else an alias
            entries[_written(name)] = Entry(_summary(operation), _operation_loader(operation))
    entries |= _FURTHER.get(path, {})
    for name, value in sorted(vars(cls).items()):
        if isinstance(value, part):
            doc = inspect.cleandoc(value.__doc__ or "")
            entries[_written(name)] = Entry(doc, _group_loader(f"{path}.{name}"), "Groups")
    return group(inspect.cleandoc(cls.__doc__ or ""), entries)


def _resource_class(path: str) -> type[Resource[Any]]:
    module = import_module(f"openai_admin.resources.{path}")
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Resource)
        and value.__module__ == module.__name__
        and value.resource_name == path
    )


def _summary(operation: Operation) -> str:
    summary = operation.summary
    return Arguments(operation).renamed(summary) if "`" in summary else summary


def _written(name: str) -> str:
    return name.replace("_", "-")


def _group_loader(path: str) -> Callable[[], Any]:
    return lambda: resource_group(path)


def _operation_loader(operation: Operation) -> Callable[[], Any]:
    return lambda: operation_command(operation)


def operation_command(operation: Operation) -> Any:
    """The command of one operation."""
    arguments = Arguments(operation, without=frozenset({"limit"} if operation.paging else ()))
    shared = _shared(operation)

    def function(**written: Any) -> None:
        _Run(operation, arguments, written)()

    own = arguments.signature()
    taken = {p.name for p in own} & shared.keys()
    if taken:
        raise TypeError(f"{operation.name} has arguments named as shared options: {taken}")
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*own, *options.parameters(shared)]
    )
    return single(operation.name.rpartition(".")[2], function, help=arguments.description())


def _shared(operation: Operation) -> dict[str, tuple[Any, Any]]:
    """The options that the operation's kind has besides its own arguments."""
    shared: dict[str, tuple[Any, Any]] = {}
    if operation.paging:
        shared |= {"all_": (options.All, False), "limit": (_Limit, None)}
    if may_ask(operation):
        shared["yes"] = (options.Yes, False)
    if has_secret(operation):
        shared["secret_file"] = (options.SecretFile, None)
    return {**shared, **options.OUTPUT, "dry_run": (options.DryRun, False), **options.TARGET}


class _Run:
    """One run of an operation's command."""

    def __init__(
        self, operation: Operation, arguments: Arguments, written: Mapping[str, Any]
    ) -> None:
        self._operation = operation
        self._written = written
        self._values = arguments.values(written)
        self._written_name = arguments.written_name
        self._reworded = arguments.reworded
        self._target = Target.of(written)
        self._output = Output.of(written)
        self._names = result_fields(operation)
        self._most: int | None = None
        if operation.paging:
            self._page_size()

    def __call__(self) -> None:
        operation, written = self._operation, self._written
        self._check_values()
        self._output.check(self._names, raw=True)
        if written["dry_run"]:
            refuse_names(self._values, self._written_name)
            self._show_request()
            return
        yes = bool(written.get("yes"))
        check_consent(operation, yes=yes)
        asks = may_ask(operation) and not yes
        secrets = has_secret(operation)
        with handover(written.get("secret_file")) if secrets else nullcontext() as given:
            run(self._work(asks=asks, given=given))

    def _page_size(self) -> None:
        """Ask for pages no larger than what will be shown, and no smaller than allowed."""
        if self._written["all_"] and self._written["limit"] is not None:
            raise CommandError("Pass --all or --limit, not both.")
        if not self._written["all_"]:
            self._most = self._written["limit"] or DEFAULT_ITEMS
        page = most_per_page(self._operation)
        if page is not None:
            self._values["limit"] = min(page, self._most or page)

    def _check_values(self) -> None:
        try:
            self._operation.prepare(self._values)
        except InvalidInputError as exc:
            raise self._reworded(exc) from None

    def _show_request(self) -> None:
        request = self._operation.prepare(self._values).request
        print(f"{request.method} {address(self._target)}{request.target}")
        if request.body is not None:
            print(json.dumps(json.loads(request.body), indent=2, ensure_ascii=False))

    async def _work(self, *, asks: bool, given: SecretOutput | None) -> None:
        async with (
            Progress(command_words(self._operation)) as progress,
            connected(self._target, on_event=progress.show_wait) as client,
        ):
            self._values, found = await find_ids(
                client, self._operation.name, self._values, self._written_name, progress
            )
            if asks:
                await ask(client, self._operation, self._values, progress, found)
            elif self._operation.effect is not Effect.READS:
                with progress.quiet():
                    say_found(found)
                    warn_unasked(client, self._operation)
            call = self._operation.of(client)(**self._values)
            if self._operation.paging:
                await self._list(client, call, progress)
                return
            try:
                result = await call
            except OutcomeUnknownError as error:
                if given is not None and error.secret is not None:
                    with progress.quiet():
                        given.give(error.secret.value)
                raise
            with progress.quiet():
                self._write(result, given)

    def _write(self, result: Any, given: SecretOutput | None) -> None:
        """Write the one result, its secret apart from it."""
        shown, secrets = split_secrets(result)
        if given is not None:
            for secret in secrets:
                given.give(secret)
        wire = self._output.wire(secrets=True)  # redacted above
        with writing(self._output, self._names, wire) as writer:
            if isinstance(shown, Page):
                writer.page(self._items(shown))
                writer.end()
                self._note_odd(odd_fields_in(shown), within=2)
            else:
                writer.record(shown)
                self._note_odd(odd_fields(shown), within=0)
        if given is not None and not secrets and not may_lack_secret(self._values):
            raise CommandError(
                "It was created, but no secret came with the API's response, and none can be read"
                " later: create another key, and delete what is not needed.",
                code=1,
            )
        if self._operation.method == "DELETE":
            self._check_removed(result)

    def _check_removed(self, result: Any) -> None:
        """Say it where the API did not confirm that what was to be removed was."""
        operation = self._operation
        id = removed_id(operation.path, self._values)
        if not is_confirmed(result, id):
            look = shown_in(operation.name)
            where = f"; look in '{command_words(look)}'" if look is not None else ""
            raise CommandError(f"{why_unconfirmed(result, id)[:-1]}{where}.", code=1)

    def _items(self, page: Page[Any]) -> Sequence[Any]:
        """A page's items; raw that is as it came, also those that could not be read."""
        return _in_place(page) if self._as_it_came() else page.data

    def _as_it_came(self) -> bool:
        """Whether what is written is the API's JSON, in which nothing is left out."""
        return self._output.chosen() == "raw" and not self._output.named()

    def _note_odd(self, parts: Sequence[Unreadable], *, within: int) -> None:
        """Note the fields that what is shown lacks, since they could not be read.

        Args:
            parts: the fields.
            within: how many steps of their paths lead to the thing that has them.
        """
        if self._as_it_came():
            return
        named = self._output.named()
        shown = [p for p in parts if not named or _is_among(named, p.path[within:])]
        note_fields(self._operation.name, shown)

    async def _list(self, client: AsyncOpenAIAdmin, pager: Any, progress: Progress) -> None:
        count, more = 0, False
        with writing(self._output, self._names, self._output.wire()) as writer:
            async with aclosing(pager.pages()) as pages:
                async for page in pages:
                    rest = None if self._most is None else self._most - count
                    listed = self._items(page)
                    items = listed[:rest]
                    with progress.quiet():
                        writer.page(items)
                    self._note_odd(odd_fields_in(page, most=rest), within=2)
                    count += len(items)
                    progress.update(f"{count:,} listed")
                    more = len(items) < len(listed) or page.has_more
                    if rest is not None and len(items) >= rest:
                        break
                else:
                    more = False
            writer.end()
        if not count:
            await note_unknown(client, self._values, progress)
        if more:
            with progress.quiet():
                notice = f"There are more than these {count:,}: use --all or a larger --limit."
                print(notice, file=sys.stderr)


def _is_among(named: Sequence[str], path: Sequence[str | int]) -> bool:
    """Whether a field is one of those named, within one of them, or has one of them within."""
    place = ".".join(step for step in path if isinstance(step, str)) + "."
    return any(f"{name}.".startswith(place) or place.startswith(f"{name}.") for name in named)


def _in_place(page: Page[Any]) -> Sequence[Any]:
    """The items of a page with those that could not be read among them, as they came."""
    items = list(page.data)
    for lost in page.unreadable:  # in the page's order, so that each index is right in its turn
        if lost.field is None and isinstance(lost.path[-1], int):
            items.insert(lost.path[-1], lost.raw)
    return items
