"""The source: its resources, and what dlt is told of their tables."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from datetime import date
from importlib import import_module
from typing import Any

import attrs
import dlt
import pyarrow as pa
from dlt.common.typing import TSecretStrValue
from dlt.extract import DltResource
from dlt.extract.items import DataItemWithMeta

from ..._declare.arguments import one_of, suggest
from ...client import AsyncOpenAIAdmin
from ...errors import InvalidInputError
from ...export.source import Source
from ...export.sources import listing_source, sources
from ...usage.settled import RESTATED_DAYS
from .asked import Asked
from .audit import Events, audit_table
from .facts import Facts, fact_table
from .hints import check_destination, declared, hints_of
from .lacking import NOT_KNOWN, Lacking
from .lake import held_in_lake
from .listings import listed, listing_table
from .organization import Owner
from .shared import Shared
from .tables import Table, TableFormat
from .work import Work

NAME = "openai_admin"
_AUDIT = "audit_logs"
_LACKS = "not_known"  # how many rows of that name a resource has, in its state


@dlt.source(name=NAME, section=NAME)
def openai_admin_source(
    admin_key: TSecretStrValue | None = None,
    *,
    base_url: str | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    bucket_width: str = "1d",
    restate_days: int = RESTATED_DAYS,
    table_format: TableFormat | None = None,
    allow_missing: bool | list[str] = False,
    client: Callable[[], AsyncOpenAIAdmin] | None = None,
) -> list[DltResource]:
    """Usage, costs, directory and audit log, each a resource; all share a client and its pace.

    Every run fetches what the warehouse lacks. Days of usage and costs that the API may still
    restate are fetched again and replace what the warehouse has of them, as a whole: a group that
    is gone from a day is gone from the warehouse as well. So do listings, each project's by itself.
    Events of the audit log are merged by their ids. What is read is kept in dlt's state, together
    with the rows, so that whatever was killed is fetched again.

    Columns are declared, with their types; what a row has besides is JSON in its column ``extra``,
    and what could not be read is JSON in ``unreadable``: ``schema_contract="freeze"`` passes.
    Amounts have 18 decimals; one that has more has all its digits in ``amount_exact``.

    Args:
        admin_key: an admin key; by default that of dlt's secrets
            (``SOURCES__OPENAI_ADMIN__ADMIN_KEY``), else ``OPENAI_ADMIN_KEY``.
        base_url: the API's address, as for `AsyncOpenAIAdmin`.
        since: the first day, UTC, of usage, costs and audit log, or its ISO text; by default 90
            days ago.
        until: the end, not included, likewise; by default now.
        bucket_width: ``1d``, ``1h`` or ``1m``, for usage; costs are by day.
        restate_days: for how many days the API may restate a day.
        table_format: ``delta`` or ``iceberg``, for dlt's filesystem destination, which needs it.
        allow_missing: whether to load what there is where not all of it can be had, or for which
            resources to. The table ``not_known`` says what is missing.
        client: a function that makes the client, in place of `admin_key` and `base_url`, for those
            who need other settings as well; it is closed when the run is done.

    Raises:
        InvalidInputError: an argument is wrong.
        NotKnownError: when extracted: a resource could not be fetched, or not all of it, and
            `allow_missing` does not allow for it; dlt then loads nothing of the run.
    """
    with suppress(ImportError):  # else a thread of ours imports it while dlt's looks into it
        import_module("pandas")
    asked = Asked(since, until, bucket_width, restate_days)
    asked.check()
    by_name = {**sources(), "roles": listing_source("roles", "roles.list")}
    offered = [_offered(source, asked) for source in by_name.values()]
    _check_names(allow_missing, [each.table.name for each in offered])
    shared = Shared(client or _maker(admin_key, base_url))
    schema = dlt.current.source_schema()
    resources = [
        _resource(each, shared, table_format, _allows(allow_missing, each.table.name))
        for each in offered
    ]
    for table in (*(each.table for each in offered), NOT_KNOWN):
        schema.update_table(declared(table, table_format))
    return resources


@attrs.frozen
class _Offered:
    """What can be loaded into a table, and how it is fetched."""

    table: Table
    fetch: Callable[[Work], AsyncGenerator[pa.Table, None]]


def _offered(source: Source, asked: Asked) -> _Offered:
    if source.name == _AUDIT:
        return _Offered(audit_table(source), lambda work: Events(work, source, asked).fetched())
    if source.snapshot:
        return _Offered(listing_table(source), lambda work: listed(work, source))
    return _Offered(fact_table(source), lambda work: Facts(work, source, asked).fetched())


def _resource(
    offered: _Offered, shared: Shared, table_format: TableFormat | None, allowed: bool
) -> DltResource:
    """A resource that loads a table, and says in `NOT_KNOWN` what it lacks."""
    name = offered.table.name

    def rows() -> Iterator[pa.Table | DataItemWithMeta]:
        check_destination(table_format)
        state = dlt.current.resource_state(name)  # by its name, since this may be another thread
        owner, lacking = Owner(dlt.current.source_state()), Lacking(name, allowed)
        held = held_in_lake(table_format)
        with shared.run() as run:
            work = Work(run, state, owner, lacking, held)
            yield from run.iterate(lambda: offered.fetch(work))
            owner.hold(run.client._caller.organization_told())
            lacking.raise_if_not_allowed()
            counts = {name: state.get(_LACKS, 0)}
            before = run.aside(lambda: work.before(NOT_KNOWN.name, counts, name))
            told, state[_LACKS] = lacking.rows(before.get(name, 0), run.now)
        yield dlt.mark.with_table_name(told, NOT_KNOWN.name)

    hints = hints_of(offered.table, table_format)
    resource: DltResource = dlt.resource(rows, name=name, parallelized=True, **hints)
    # dlt takes the hints of another table to be those of the first one, unless it is told.
    variant: dict[str, Any] = {"table_name": NOT_KNOWN.name, "create_table_variant": True}
    resource.apply_hints(columns=[], **variant)
    resource.apply_hints(**hints_of(NOT_KNOWN, table_format), **variant)
    return resource


def _maker(admin_key: str | None, base_url: str | None) -> Callable[[], AsyncOpenAIAdmin]:
    return lambda: AsyncOpenAIAdmin(admin_key, base_url=base_url)


def _allows(allow_missing: bool | list[str], name: str) -> bool:
    return allow_missing if isinstance(allow_missing, bool) else name in allow_missing


def _check_names(allow_missing: bool | list[str], names: list[str]) -> None:
    for name in [] if isinstance(allow_missing, bool) else allow_missing:
        if name not in names:
            raise InvalidInputError(
                f"allow_missing: there is no resource {name!r}; there are {one_of(names)}"
                f"{suggest(name, names)}"
            )
