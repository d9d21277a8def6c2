"""The changes that a client sent, held against the plan that showed them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

from openai_admin._declare.operation import OPERATIONS
from openai_admin.emulator import ReceivedRequest
from openai_admin.organization.planning.model import From, Plan, Step


def unshown(requests: Iterable[ReceivedRequest], plans: Iterable[Plan]) -> list[str]:
    """The changes on the wire that no plan has a step for, each as ``DELETE /v1/…``."""
    shown = [_pattern(step) for plan in plans for step in plan.steps]
    return [
        f"{request.method} {request.path}"
        for request in requests
        if request.method != "GET"
        and not any(
            method == request.method and pattern.fullmatch(unquote(request.path))
            for method, pattern in shown
        )
    ]


def _pattern(step: Step) -> tuple[str, re.Pattern[str]]:
    """The method and the path of a step's request; what another step makes has any id."""
    operation: Any = OPERATIONS[step.operation]

    def filled(match: re.Match[str]) -> str:
        value = step.arguments[match[1]]
        return r"[^/]+" if isinstance(value, From) else re.escape(unquote(quote(str(value))))

    path = re.sub(r"\{(\w+)\}", filled, operation.path)
    return operation.method, re.compile(f"/v1{path}")
