"""Whether what a step wants is so: its thing is read, and compared with what was asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..._declare.effect import Effect
from ..._declare.operation import OPERATIONS, Operation
from ..._declare.resource import Async
from ..._tree import AdminResources
from ..._wire.codec import to_dict
from ...errors import NotFoundError
from ...workflows.offboarding.snapshot import is_direct, is_open
from ..folding import folded

_Client = AdminResources[Async]
_FIELDS: Mapping[str, str] = {"role_name": "name", "retention_type": "type"}
"""The fields that show what arguments of other names set."""
_PAGE = 100


async def is_so(client: _Client, operation: Operation, arguments: Mapping[str, Any]) -> bool | None:
    """Whether what a step wants is so; ``None`` where nothing shows that.

    Args:
        client: an asynchronous client.
        operation: the step's operation.
        arguments: its arguments.

    Raises:
        APIError: it cannot be read.
    """
    verb = operation.name.rpartition(".")[2]
    if verb in ("activate", "deactivate"):
        return await _are_active(client, operation, arguments, is_active=verb == "activate")
    try:
        if operation.name == "projects.groups.create":  # the group itself does not show its roles
            return await _has_role(client, **arguments)
        found = await _read(client, operation, arguments)
    except NotFoundError:
        return operation.effect is Effect.REMOVES
    if found is None:
        return None
    if operation.effect is Effect.REMOVES:
        return is_gone(operation, found)
    if operation.name.endswith("roles.create"):
        return bool(is_direct(found))
    return is_as_asked(operation, arguments, found)


def is_gone(operation: Operation, found: Any) -> bool | None:
    """Whether something that is read after its removal counts as gone."""
    if operation.name == "projects.archive":
        return found.status == "archived" if found.status is not None else None
    if operation.name == "invites.delete":
        return not is_open(found)
    if operation.name == "projects.model_permissions.delete":
        return found.mode == "deny_list" and not found.model_ids
    if operation.name.endswith(".roles.delete") and hasattr(found, "assignment_sources"):
        return not is_direct(found)
    return False


def is_as_asked(operation: Operation, arguments: Mapping[str, Any], found: Any) -> bool | None:
    """Whether a thing is as an addition or a change wants it; ``None`` where not all is shown."""
    is_shown = True
    for name, wanted in arguments.items():
        parameter = operation.parameters[name]
        if parameter.place != "body" or _is_itself(name, wanted, found):
            continue
        field = _FIELDS.get(name, name)
        shown = getattr(found, field, None)
        if shown is None and wanted is not None:
            is_shown = False
        elif not _agrees(to_dict(wanted), to_dict(shown)):
            return False
    return True if is_shown else None


def _is_itself(name: str, wanted: Any, found: Any) -> bool:
    """Whether an argument only says what a thing is found by, as a member's ``user_id``."""
    id = getattr(found, name, None) or getattr(found, "id", None)
    return name.endswith("_id") and id == wanted


async def _read(client: _Client, operation: Operation, arguments: Mapping[str, Any]) -> Any:
    """The thing that a step is about; ``None`` where nothing shows it.

    Raises:
        NotFoundError: there is none.
    """
    resource = operation.name.rpartition(".")[0]
    retrieve, listing = OPERATIONS.get(f"{resource}.retrieve"), OPERATIONS.get(f"{resource}.list")
    if retrieve is not None:
        path = [p.name for p in retrieve.parameters.values() if p.place == "path"]
        if all(name in arguments for name in path):
            method: Callable[..., Awaitable[Any]] = retrieve.of(client)
            return await method(**{name: arguments[name] for name in path})
    path = [p.name for p in operation.parameters.values() if p.place == "path"]
    if listing is None or not path or not operation.path.endswith(f"{{{path[-1]}}}"):
        return None
    outer = [p.name for p in listing.parameters.values() if p.place == "path"]
    if path[:-1] != outer:
        return None
    async for thing in listing.of(client)(**{name: arguments[name] for name in outer}, limit=_PAGE):
        if thing.id == arguments[path[-1]]:
            return thing
    raise NotFoundError("It is not listed")


async def _has_role(client: _Client, project_id: str, group_id: str, role: str) -> bool:
    """Whether a group has a role in a project.

    Raises:
        NotFoundError: it has not.
    """
    await client.projects.groups.roles.retrieve(project_id, group_id, role)
    return True


async def _are_active(
    client: _Client, operation: Operation, arguments: Mapping[str, Any], *, is_active: bool
) -> bool | None:
    """Whether certificates are active, or are not."""
    listing = OPERATIONS[f"{operation.name.rpartition('.')[0]}.list"]
    of = {name: id for name, id in arguments.items() if name in listing.parameters}
    wanted = {*arguments["certificate_ids"]}
    found = {c.id: c.active async for c in listing.of(client)(**of, limit=_PAGE) if c.id in wanted}
    if is_active and found.keys() != wanted:
        return False
    if None in found.values():
        return None
    return all(active is is_active for active in found.values())


def _agrees(wanted: Any, shown: Any) -> bool:
    """Whether a value is what was asked for, in any letter case and order; a thing may say more."""
    if isinstance(wanted, Mapping) and isinstance(shown, Mapping):
        return all(_agrees(each, shown.get(name)) for name, each in wanted.items())
    if isinstance(wanted, list | tuple) and isinstance(shown, list | tuple):
        return len(wanted) == len(shown) and all(
            any(_agrees(each, other) for other in shown) for each in wanted
        )
    if isinstance(wanted, str) and isinstance(shown, str):
        return folded(wanted.strip()) == folded(shown.strip())
    return bool(wanted == shown)
