"""What a usage command was asked for: the range, the endpoints, the groups, the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from .._declare.arguments import one_of, suggest
from ..usage.endpoints import Endpoint, chosen, grouped
from ..usage.table import COMPLETE, FIXED
from ..usage.told import Adaptation
from ..usage.zones import zone_of
from .allocated import allocating
from .errors import CommandError
from .ranking import COMPARED, OTHERS
from .table import UNIT_OF
from .usage_options import range_of

_OF_TOTALS = ("totals", "by", "sort", "top", "compare")


class Asked:
    """What one run of a usage command is asked for.

    Args:
        name: the endpoint, or ``all``.
        values: the arguments of the query, as they were read.
        written: all options, as they were written.

    Attributes:
        name: the endpoint, or ``all``.
        values: the arguments of the query, with its range.
        written: the options; ``compare`` is ``None`` where nothing is compared.
        zone: whose days are meant.
        is_total: whether rows are added up.
        allocating: how rows are grouped by an allocation; ``None`` where they are not.

    Raises:
        CommandError: the options make no sense, or contradict each other.
        InvalidInputError: likewise, or the file of an allocation makes no sense.
    """

    def __init__(self, name: Any, values: dict[str, Any], written: Mapping[str, Any]) -> None:
        self.name = name
        comparison = None if written["compare"] == "none" else written["compare"]
        self.written = written = {**written, "compare": comparison}
        self.zone: tzinfo = UTC if written["tz"] is None else zone_of(written["tz"])
        self.values = values | range_of(written, self.zone)
        self.is_total = any(written[name] for name in _OF_TOTALS)
        if written["compare"] and written["by"]:
            raise CommandError("Pass --compare or --by, not both: whole ranges are compared.")
        self.allocating = allocating(
            self.values.get("group_by"),
            written["allocation"],
            self.endpoints(),
            is_narrowed=bool(self._filters()),
            is_zoned=written["tz"] is not None,
        )

    def days(self) -> tuple[date, date]:
        """The first day of the range, and the one after its last."""
        end = self.values.get("end_time") or datetime.now(UTC)
        last = (end - timedelta(microseconds=1)).astimezone(self.zone).date()
        return self.values["start_time"].astimezone(self.zone).date(), last + timedelta(days=1)

    def columns(self) -> list[str]:
        """The columns that the result will have."""
        meant = self.endpoints()
        groups = self.groups(meant)
        metrics = list(dict.fromkeys(m for e in meant for m in e.metrics))
        if self.is_total:
            names = [*self.kept_apart(), *metrics, COMPLETE]
        else:
            names = [*FIXED, COMPLETE, *groups, *metrics]
        if self.written["with_names"]:
            from ..usage.names import NAME_COLUMNS  # brings other resources

            for ids, named in NAME_COLUMNS.items():
                if ids in names:
                    names.insert(names.index(ids) + 1, named)
        if self.written["compare"]:
            after = self.measure() or metrics[0]
            at = names.index(UNIT_OF.get(after, after)) + 1
            names[at:at] = COMPARED
        if self.written["top"]:
            names.append(OTHERS)
        return names

    def measure(self) -> str | None:
        """What the largest has most of; ``None`` where that differs by the row."""
        metrics = [m for e in self.endpoints() for m in e.metrics]
        sort = (self.written["sort"] or "").removeprefix("-")
        if sort in metrics and sort not in UNIT_OF.values():
            return sort
        return None if self.name == "all" else metrics[0]

    def check_order(self, names: Sequence[str]) -> None:
        """Refuse what totals cannot be put in order or compared by.

        Raises:
            CommandError: `--sort` names no column, or `--compare` no measure.
        """
        sort = self.written["sort"]
        if sort is not None and (column := sort.removeprefix("-")) not in names:
            raise CommandError(
                f"--sort: there is no column {column!r}; there are {one_of(names)}"
                f"{suggest(column, names)}"
            )
        if self.written["compare"] and self.measure() is None:
            raise CommandError(
                "--compare needs --sort with what to compare of all endpoints, such as"
                " num_model_requests."
            )

    def kept_apart(self) -> list[str]:
        """What totals are kept apart by."""
        period = self.written["by"]
        return [
            *(["endpoint"] if self.name == "all" else []),
            *([] if period is None else [period]),
            *dict.fromkeys(self.values.get("group_by") or ()),
        ]

    def endpoints(self) -> list[Endpoint]:
        """The endpoints, those of ``all`` that have such buckets and filters."""
        width = self.values.get("bucket_width", "1d")
        return chosen(self.name, width=width, filters=self._filters())

    def _filters(self) -> frozenset[str]:
        return frozenset(self.values) - {"start_time", "end_time", "bucket_width", "group_by"}

    def groups(self, meant: Sequence[Endpoint]) -> list[str]:
        """The fields to group by, those of an allocation among them."""
        groups = self.values.get("group_by")
        if self.allocating is not None:
            return self.allocating.grouped(meant, groups or ())
        return grouped(meant, groups, derived=True)

    def is_needed(self, adaptation: Adaptation) -> bool:
        """Whether what was changed matters to an allocation alone, which says what it lacks."""
        return self.allocating is not None and self.allocating.is_needed(adaptation)
