"""What `tests/data/organization_plan.rego` says about a plan."""

from __future__ import annotations

import json
from pathlib import Path

from regopy import Interpreter

from openai_admin.organization.planning.model import Plan
from openai_admin.organization.planning.saved import text_of

POLICY = Path(__file__).parent.parent / "data" / "organization_plan.rego"


def denied(plan: Plan) -> list[str]:
    """The reasons for which the policy refuses a plan, from its JSON."""
    interpreter = Interpreter()
    interpreter.add_module("plan", POLICY.read_text("utf-8"))
    interpreter.set_input(json.loads(text_of(plan)))
    output = interpreter.query("reasons = data.openai_admin.plan.deny")
    if not output.ok():
        raise ValueError(f"The policy failed: {output}")
    return sorted(json.loads(str(output))["bindings"]["reasons"])
