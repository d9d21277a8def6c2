"""Events counted by DuckDB in each format: what a SIEM would count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from openai_admin.audit.event import AuditEvent
from openai_admin.audit.formats import Format, encoder

Counts = Counter[tuple[Any, ...]]

# Written from the documentation, and not from the table that the mapping reads.
_CLASS = r"""
CASE
  WHEN regexp_matches(type, '^(login|logout)\.') OR type IN (
    'tenant.session_revocation.started', 'tenant.workload_identity.access_token.issued'
  ) THEN 3002
  WHEN regexp_matches(type, '(role.assignment|resource_access)\.|role\.(un)?bound_')
    THEN CASE WHEN holder = 'group' THEN 3006 ELSE 3005 END
  WHEN regexp_matches(type, '^(tenant\.)?group\.') THEN 3006
  WHEN regexp_matches(
    type, '^(tenant\.)?(user|service_account|membership|workload_identity\.principal)\.[a-z]+$'
  ) THEN 3001
  WHEN regexp_matches(
    type, '^tenant\.(migration|migration_rollout|trusted_access|ads_account|user'
    '|principal_authentication_policy)\.'
  ) OR type IN ('widget.frobnicated', 'tenant.budget.updated') THEN 6003
  ELSE 3004
END
"""
_QUERIES: dict[Format, str] = {
    "raw": f"""
        WITH events AS (
          SELECT
            json->>'type' AS type,
            coalesce(
              json->>'$.actor.session.user.id',
              json->>'$.actor.api_key.user.id',
              json->>'$.actor.api_key.service_account.id'
            ) AS actor,
            json->>'$.actor.session.ip_address_details.country' AS country,
            json->>'$.project.id' AS project,
            CAST(make_timestamp(CAST(json->>'effective_at' AS BIGINT) * 1000000) AS DATE) AS day,
            json_extract_string(json, '$."' || (json->>'type') || '".principal_type') AS holder
          FROM read_ndjson_objects(?)
        )
        SELECT
          {_CLASS} AS class, type, actor, country, project, day,
          CASE
            WHEN type IN ('project.frozen', 'widget.frobnicated', 'tenant.budget.updated')
              THEN 'unknown'
            WHEN type LIKE '%.failed' THEN 'failure'
            ELSE 'success'
          END AS outcome,
          count(*)
        FROM events GROUP BY ALL
    """,
    "ocsf": """
        SELECT
          CAST(json->>'class_uid' AS INTEGER),
          json->>'$.metadata.event_code',
          json->>'$.actor.user.uid',
          json->>'$.src_endpoint.location.country',
          json->>'$.cloud.account.uid',
          CAST(make_timestamp(CAST(json->>'time' AS BIGINT) * 1000) AS DATE),
          lower(json->>'status'),
          count(*)
        FROM read_ndjson_objects(?) GROUP BY ALL
    """,
    "ecs": """
        SELECT
          json->>'$.event.category[0]',
          json->>'$.event.action',
          json->>'$.user.id',
          json->>'$.source.geo.country_iso_code',
          json->>'$.cloud.project.id',
          CAST(CAST(json->>'@timestamp' AS TIMESTAMP) AS DATE),
          json->>'$.event.outcome',
          count(*)
        FROM read_ndjson_objects(?) GROUP BY ALL
    """,
}
_CATEGORIES = {
    3001: {"iam"},
    3002: {"authentication"},
    3004: {"iam", "configuration"},
    3005: {"iam"},
    3006: {"iam"},
    6003: {"api"},
}
"""The categories of ECS that the events of a class of OCSF may be in."""


def counted(raws: Iterable[Any], folder: Path) -> dict[Format, Counts]:
    """How many events there are of each class, type, actor, country, project, day and outcome."""
    paths = {format: folder / f"{format}.ndjson" for format in _QUERIES}
    encoders = {format: encoder(format) for format in _QUERIES}
    files = {format: path.open("wb") for format, path in paths.items()}
    for raw in raws:
        event = AuditEvent.of_raw(raw)
        for format, file in files.items():
            file.write(encoders[format](event) + b"\n")
    for file in files.values():
        file.close()
    with duckdb.connect() as connection:
        return {
            format: Counter(
                {
                    tuple(row): number
                    for *row, number in connection.execute(query, [str(paths[format])]).fetchall()
                }
            )
            for format, query in _QUERIES.items()
        }


def differences(counts: dict[Format, Counts]) -> list[str]:
    """Where the counts of OCSF and of ECS are not those of the events as they came."""
    raw = counts["raw"]
    found = [
        f"ocsf: {group} is counted {counts['ocsf'][group]} times, not {raw[group]}"
        for group in raw.keys() | counts["ocsf"].keys()
        if counts["ocsf"][group] != raw[group]
    ]
    without, of_ecs = Counts(), Counts()
    classes: dict[Any, Any] = {}
    for (uid, *group), number in raw.items():
        without[tuple(group)] += number
        classes.setdefault(group[0], set()).update(_CATEGORIES[uid])
    for (category, *group), number in counts["ecs"].items():
        of_ecs[tuple(group)] += number
        if category not in classes.get(group[0], ()):
            found.append(f"ecs: {group[0]} is in the category {category}")
    return found + [
        f"ecs: {group} is counted {of_ecs[group]} times, not {without[group]}"
        for group in without.keys() | of_ecs.keys()
        if of_ecs[group] != without[group]
    ]
