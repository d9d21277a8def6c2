"""What a change takes away, told by what is there before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ..._declare.effect import Effect
from ..._declare.operation import Operation
from ...directory.permissions import OWNER
from ..texts import quoted
from ..tool import Danger
from .things import Thing, Things

_MOST_NAMED = 10

_Arguments = Mapping[str, Any]


def told_by_state(operation: Operation) -> frozenset[Danger]:
    """Why a person may be asked before an operation, where only its present state tells."""
    if _changes_role(operation) or _can_clear(operation):
        return frozenset({Danger.REMOVES})
    return frozenset({Danger.LOCKS_OUT}) if operation.name in _NARROWED else frozenset()


def told_of_call(operation: Operation, arguments: _Arguments) -> frozenset[Danger]:
    """The same of one call: where it passes nothing that could take away, nobody need look."""
    passes = _cleared(arguments) or (_changes_role(operation) and "role" in arguments)
    if not passes and operation.name not in _NARROWED:
        return frozenset()
    return told_by_state(operation)


def taken_away(operation: Operation, arguments: _Arguments, things: Things) -> str | None:
    """What a call takes away, or may; ``None`` where it takes nothing."""
    if cleared := _cleared(arguments):
        names = " and ".join(cleared)
        return f"It takes {names} away; what the API does then is not known."
    if _changes_role(operation):
        return _ownership(arguments.get("role"), things.subject)
    if operation.name not in _NARROWED:
        return None
    if things.unread:
        return "What may be used now could not be read: programs may rely on what is taken away."
    lost = _NARROWED[operation.name](arguments, things.subject or {})
    if not lost:
        return None
    named = ", ".join(quoted(each) for each in lost[:_MOST_NAMED])
    rest = f" and {len(lost) - _MOST_NAMED:,} more" if len(lost) > _MOST_NAMED else ""
    return f"It may not be used any more: {named}{rest}. Programs that use it will be refused."


def _changes_role(operation: Operation) -> bool:
    return operation.effect is Effect.OVERWRITES and "role" in operation.parameters


def _can_clear(operation: Operation) -> bool:
    """Whether null, in the body of an operation, may take away what gives power or encrypts."""
    body = {p.name for p in operation.parameters.values() if p.place == "body"}
    return operation.effect is Effect.OVERWRITES and not _CLEARED.isdisjoint(body)


def _cleared(arguments: _Arguments) -> list[str]:
    return [name for name in arguments if name in _CLEARED and arguments[name] is None]


def _ownership(role: object, subject: Thing | None) -> str | None:
    if role is None or role == OWNER:
        return None
    before = (subject or {}).get("role")
    if before is None:
        return "Which role it takes away is not known: it may be an owner's."
    return "It takes ownership away." if before == OWNER else None


def _tools(arguments: _Arguments, before: Thing) -> list[str]:
    """The hosted tools that are switched off, and were not before."""
    return [
        name
        for name, after in arguments.items()
        if name in _HOSTED_TOOLS
        and (after is None or (isinstance(after, Mapping) and after.get("enabled") is False))
        and (before.get(name) or {}).get("enabled") is not False
    ]


def _tiers(arguments: _Arguments, before: Thing) -> list[str]:
    """The service tiers that a request may name, and then may not."""
    after = arguments.get("enabled_tiers", "all")
    if after == "all":
        return []
    enabled = before.get("enabled_tiers")
    if not isinstance(enabled, list):
        return ["every other service tier"]
    return _without(enabled, after)


def _models(arguments: _Arguments, before: Thing) -> list[str]:
    """The models that may be used, and then may not."""
    listed, allows = arguments["model_ids"], arguments["mode"] == "allow_list"
    known, allowed = before.get("model_ids") or [], before.get("mode") == "allow_list"
    if allowed:
        return _without(known, listed) if allows else [each for each in listed if each in known]
    if allows:  # until now all that were not listed
        return ["every other model"]
    return _without(listed, known)


def _without(values: Collection[Any], others: Collection[Any]) -> list[str]:
    return [str(each) for each in values if each not in others]


_CLEARED = frozenset({"role", "role_id", "external_key_id"})
"""What gives power or encrypts, and is taken away by null, or may be."""
_HOSTED_TOOLS = frozenset(
    {"code_interpreter", "file_search", "image_generation", "mcp", "web_search"}
)
_NARROWED: Mapping[str, Callable[[_Arguments, Thing], list[str]]] = {
    "projects.hosted_tool_permissions.update": _tools,
    "projects.model_permissions.update": _models,
    "projects.service_tier_settings.update": _tiers,
}
