"""A dataset described in itself: ``README.md`` for people, ``schema.sql`` with views for DuckDB.

Both are made of the sources and the layout that the files are written by, and name what is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from .._files import replaced
from .layout import DIMENSIONS, FACTS
from .source import Source
from .sources import sources

README, SCHEMA = "README.md", "schema.sql"

_KEYS = {"project_id": "projects", "user_id": "users", "api_key_id": "project_api_keys"}
"""The dimension that a column of ids refers to."""


def describe(root: Path, project_ids: Sequence[str] = ()) -> None:
    """Write a dataset's description, where it is not there or has changed.

    Nothing is written into a dataset without a table.

    Args:
        root: the dataset's folder.
        project_ids: the projects that it is of; none where it is of all.
    """
    facts, dimensions = tables(root)
    if not facts and not dimensions:
        return
    texts = {SCHEMA: _schema(facts, dimensions), README: _readme(facts, dimensions, project_ids)}
    for name, text in texts.items():
        path, content = root / name, text.encode()
        if not path.exists() or path.read_bytes() != content:
            with replaced(path) as temporary:
                temporary.write_bytes(content)


def tables(root: Path) -> tuple[list[Source], list[Source]]:
    """The facts and the dimensions that a dataset has files of."""
    facts, dimensions = [], []
    for source in sources().values():
        if source.snapshot and (root / DIMENSIONS.latest(source.name)).exists():
            dimensions.append(source)
        elif not source.snapshot and any(root.glob(FACTS.files(source.name))):
            facts.append(source)
    return facts, dimensions


def _all_months(name: str) -> str:
    return f"read_parquet('{FACTS.files(name)}', hive_partitioning = true)"


def _newest(name: str) -> str:
    return f"read_parquet('{DIMENSIONS.latest(name)}')"


# --- schema.sql ------------------------------------------------------------------------------


def _schema(facts: Sequence[Source], dimensions: Sequence[Source]) -> str:
    views = [(fact.name, _all_months(fact.name)) for fact in facts]
    views += [(dimension.name, _newest(dimension.name)) for dimension in dimensions]
    lines = [f'CREATE OR REPLACE VIEW "{name}" AS FROM {files};\n' for name, files in views]
    return f"{_SCHEMA_HEAD}\n{''.join(lines)}"


_SCHEMA_HEAD = """\
-- Views of this dataset for DuckDB: one for each fact, and one for each dimension as it is in its
-- newest snapshot. Paths are relative to the folder that DuckDB runs in, so run it in this one:
--
--     duckdb -init schema.sql
--
-- Elsewhere, name this folder first, and then read this file:
--
--     SET file_search_path = '/path/to/this/folder';
"""


# --- README.md -------------------------------------------------------------------------------


def _readme(
    facts: Sequence[Source], dimensions: Sequence[Source], project_ids: Sequence[str]
) -> str:
    parts = [_HEAD]
    if project_ids:
        parts += ["It is of these projects alone:\n", *(f"- `{id}`" for id in project_ids), ""]
    if facts:
        parts += ["## Facts\n", _FACTS, _listed("fact", facts, FACTS.column), *_columns(facts)]
        parts += ["## Reading a fact\n", _reading(facts)]
    if dimensions:
        parts += [
            "## Dimensions\n",
            _DIMENSIONS,
            _listed("dimension", dimensions, DIMENSIONS.column),
        ]
        parts += [_SNAPSHOTS.format(files=DIMENSIONS.files(dimensions[0].name))]
    joins = list(_joins(facts, {dimension.name for dimension in dimensions}))
    if joins:
        parts += ["## Joining\n", _JOINING, "\n".join(joins) + "\n"]
    return "\n".join([*parts, _VIEWS])


_HEAD = """\
# Usage and costs of an OpenAI organization

Written by `openai-admin export`, which replaces this page and `schema.sql` when something in them
changes. All paths are relative to this folder, and the examples are to be run in it.
"""

_FACTS = f"""\
What happened, in one file for each month, such as `{FACTS.part("costs", "2026-11")}`.
The column `date` is the day (UTC); `month`, which the folders bring, has the month as text, and
narrows what is read. A file is replaced as a whole, so that it may be read at any time. A column
that the API refuses to group by is null on the days that it refuses it for.
"""

_DIMENSIONS = f"""\
What there is, as it was listed on a day, in one file for each day that an export listed it on, such
as `{DIMENSIONS.part("projects", "2026-11-24")}`. Beside these snapshots,
`{DIMENSIONS.latest("projects")}` is a copy of the newest one; its column `snapshot` says the day.
**Join with that one**: what is listed is in it once, but in every snapshot again.
"""

_SNAPSHOTS = """\
All snapshots, with the column `snapshot`:

```sql
FROM read_parquet('{files}', hive_partitioning = true);
```
"""

_VIEWS = """\
## Views for DuckDB

`duckdb -init schema.sql`, in this folder, has a view for each table above. Elsewhere, say
`SET file_search_path = '/path/to/this/folder';` first and then read `schema.sql`.
"""

_JOINING = """\
With `LEFT JOIN`, since what has been deleted is no longer listed, and its costs count. The ids of
users that begin with `svc_acct_` are those of service accounts, in `project_service_accounts`.
"""


def _listed(kind: str, found: Sequence[Source], *first: str) -> str:
    rows = "\n".join(
        f"| `{source.name}` | {', '.join(f'`{name}`' for name in [*first, *source.columns])} |"
        for source in found
    )
    return f"| {kind} | columns |\n|---|---|\n{rows}\n"


def _columns(facts: Sequence[Source]) -> Iterator[str]:
    """What columns mean, as far as their names do not say it."""
    columns = {name for fact in facts for name in fact.columns}
    told = {
        "complete": "false while the day's figures may still change: it was not over for long"
        " enough when it was fetched, or a part of it could not be read. A later run fetches such a"
        " day again, and writes true once it is settled; `WHERE complete` has settled days only.",
        "unreadable": "the JSON of what could not be read, or not wholly; null elsewhere. A day of"
        " usage or costs with such a row is fetched again by the next export.",
        "project_name": "what a project was called when its file was written; null if that was not"
        " known. It is the same with `user_name` (a name, else an e-mail address) and"
        " `api_key_name`.",
        "amount": "exact, in the currency beside it, with 18 decimals; amounts of several"
        " currencies are not to be added up.",
        "line_item": "the line of the bill as the API names it; `model`, `kind`, `tier` and"
        " `context` are what it says. `model` has the name of a tool where there is no model;"
        " `tier` and `context` are `standard` where a model's line does not name them.",
    }
    yield "".join(f"- `{name}`: {text}\n" for name, text in told.items() if name in columns)


def _reading(facts: Sequence[Source]) -> str:
    name = next((fact.name for fact in facts if fact.name == "costs"), facts[0].name)
    folder = f"{FACTS.folder}/{name}"
    # Polars takes a folder's hidden files for a part of it, and so what is being written.
    return f"""\
DuckDB:

```sql
FROM {_all_months(name)};
```

Polars (`import polars as pl`):

```python
pl.scan_parquet("{FACTS.files(name)}", hive_partitioning=True)
```

pandas (`import pandas as pd`), with pyarrow's types, which keep money exact:

```python
pd.read_parquet("{folder}", dtype_backend="pyarrow")
```

Spark:

```python
spark.read.parquet("{folder}")
```
"""


def _joins(facts: Sequence[Source], dimensions: set[str]) -> Iterator[str]:
    for column, dimension in _KEYS.items():
        users = [fact for fact in facts if column in fact.columns]
        if users and dimension in dimensions:
            fact = next((fact.name for fact in users if fact.name == "costs"), users[0].name)
            yield (
                "```sql\n"
                f"FROM {_all_months(fact)} AS fact\n"
                f"LEFT JOIN {_newest(dimension)} AS dimension\n"
                f"    ON dimension.id = fact.{column};\n"
                "```\n"
            )
