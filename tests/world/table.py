"""The table of cases and surfaces, printed once all of a module's cases were tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs


@attrs.define
class Table:
    """How each case went on each surface."""

    title: str
    columns: Sequence[str]
    rows: dict[str, dict[str, str]] = attrs.field(factory=dict, repr=False)

    @contextmanager
    def tried(self, case: str, surface: str) -> Iterator[None]:
        """Note whether what is inside went well."""
        row = self.rows.setdefault(case, {})
        row[surface] = "FAILS"
        yield
        row[surface] = "ok"

    def print(self) -> None:
        """Print it; seen with ``pytest -s``."""
        width = max(map(len, self.rows), default=0)
        print(f"\n{self.title:{width}}  " + "".join(f"{name:10}" for name in self.columns))
        for case, row in self.rows.items():
            cells = "".join(f"{row.get(name, '-'):10}" for name in self.columns)
            print(f"{case:{width}}  {cells}")
        every = [cell for row in self.rows.values() for cell in row.values()]
        print(f"{len(self.rows)} cases, {len(every)} tried, {every.count('FAILS')} fail")
