"""What FOCUS 1.2 demands of columns, recorded: ``python -m tests.export.focus_file.facts RULES``.

``RULES`` are those that focus-validator ships, ``rules/model-1.2.0.1.json``. What is recorded of
them is what can be said of a column by itself, for the columns that files have.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from openai_admin.export import FOCUS_COLUMNS

RECORDED = Path(__file__).parents[2] / "data" / "focus_1_2.json"

_TYPES = {
    "TypeString": "text",
    "TypeDecimal": "decimal",
    "TypeDateTime": "time",
    "FormatKeyValue": "json",
    "FormatJSON": "json",
}
_NAMES = [column.name for column in FOCUS_COLUMNS if not column.name.startswith("x_")]


@cache
def facts() -> dict[str, dict[str, Any]]:
    """What was recorded, by column."""
    recorded: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return recorded["columns"]


def drawn_up(rules: dict[str, Any]) -> dict[str, Any]:
    """The facts in the rules."""
    found: dict[str, dict[str, Any]] = {}
    for rule in rules["ModelRules"].values():
        name, function, criteria = rule["Reference"], rule["Function"], rule["ValidationCriteria"]
        requirement = criteria["Requirement"]
        fact = found.setdefault(name, {})
        if function == "Presence" and "presence" not in fact:
            fact["presence"] = criteria["Keyword"]
            fact["when"] = rule["ApplicabilityCriteria"]
        check = requirement.get("CheckFunction")
        if function in ("Type", "Format") and check in _TYPES:
            fact["type"] = _TYPES[check]
        if function == "Nullability" and check == "CheckNotValue" and not criteria["Condition"]:
            fact["not_null"] = not rule["ApplicabilityCriteria"] and name != "InvoiceId"
        if function == "Validation" and "allowed values" in criteria["MustSatisfy"]:
            values = _values(requirement)
            if values and "parent" not in criteria["MustSatisfy"]:
                fact["values"] = values
    mandatory = sorted(
        name for name, fact in found.items() if fact.get("presence") == "MUST" and not fact["when"]
    )
    return {
        "about": "What FOCUS 1.2 (rules 1.2.0.1 of focus-validator) demands of single columns.",
        "mandatory": mandatory,
        "columns": {name: found[name] for name in _NAMES},
    }


def _values(requirement: dict[str, Any]) -> list[str]:
    items = requirement.get("Items", [requirement])
    return [item["Value"] for item in items if item.get("CheckFunction") == "CheckValue"]


if __name__ == "__main__":
    made = drawn_up(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    RECORDED.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
