"""The names of tools: the 47 of the published server, and the rest by the same conventions.

Names of ours are short enough that clients can put the server's before them.

A published tool's parameters are written as that server documents them: ``name!`` is required,
``name=other`` is the operation's argument of another name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import attrs

from .._declare.operation import OPERATIONS, Operation

PREFIX = "openai_admin_"
MOST_CHARACTERS = 46
"""The most characters in a name of ours: clients prefix it with the server's, within 64."""

_RANGE = "start_time! end_time bucket_width"
_PAGED = "group_by limit page"
_BY_MODEL = f"{_RANGE} project_ids user_ids api_key_ids models {_PAGED}"
_BY_PROJECT = f"{_RANGE} project_ids {_PAGED}"

SEED: Mapping[str, tuple[str, str]] = {
    "activate_organization_certificates": ("certificates.activate", "certificate_ids!"),
    "activate_project_certificates": (
        "projects.certificates.activate",
        "project_id! certificate_ids!",
    ),
    "archive_project": ("projects.archive", "project_id!"),
    "create_project": ("projects.create", "name!"),
    "create_project_service_account": ("projects.service_accounts.create", "project_id! name!"),
    "create_project_user": ("projects.users.create", "project_id! role! user_id!"),
    "deactivate_organization_certificates": ("certificates.deactivate", "certificate_ids!"),
    "deactivate_project_certificates": (
        "projects.certificates.deactivate",
        "project_id! certificate_ids!",
    ),
    "delete_certificate": ("certificates.delete", "certificate_id!"),
    "delete_invite": ("invites.delete", "invite_id!"),
    "delete_project_api_key": ("projects.api_keys.delete", "project_id! key_id!=api_key_id"),
    "delete_project_service_account": (
        "projects.service_accounts.delete",
        "project_id! service_account_id!",
    ),
    "delete_project_user": ("projects.users.delete", "project_id! user_id!"),
    "delete_user": ("users.delete", "user_id!"),
    "get_certificate": ("certificates.retrieve", "certificate_id! include"),
    "invite_user": ("invites.create", "email! projects role!"),
    "list_audit_logs": (
        "audit_logs.list",
        (
            "effective_at project_ids[]=project_ids event_types[]=event_types actor_ids[]=actor_ids"
            " actor_emails[]=actor_emails resource_ids[]=resource_ids limit after before"
        ),
    ),
    "list_invites": ("invites.list", "limit after"),
    "list_organization_certificates": ("certificates.list", "limit after order"),
    "list_project_api_keys": ("projects.api_keys.list", "project_id! limit after"),
    "list_project_certificates": (
        "projects.certificates.list",
        "limit after order project_id!",
    ),
    "list_project_rate_limits": (
        "projects.rate_limits.list",
        "project_id! limit after before",
    ),
    "list_project_service_accounts": (
        "projects.service_accounts.list",
        "project_id! limit after",
    ),
    "list_project_users": ("projects.users.list", "project_id! limit after"),
    "list_projects": ("projects.list", "limit after include_archived"),
    "list_users": ("users.list", "limit after emails"),
    "modify_certificate": ("certificates.update", "certificate_id! name!"),
    "modify_project": ("projects.update", "project_id! name!"),
    "modify_project_user": ("projects.users.update", "project_id! user_id! role!"),
    "modify_user": ("users.update", "user_id! role!"),
    "retrieve_invite": ("invites.retrieve", "invite_id!"),
    "retrieve_project": ("projects.retrieve", "project_id!"),
    "retrieve_project_api_key": ("projects.api_keys.retrieve", "project_id! key_id!=api_key_id"),
    "retrieve_project_service_account": (
        "projects.service_accounts.retrieve",
        "project_id! service_account_id!",
    ),
    "retrieve_project_user": ("projects.users.retrieve", "project_id! user_id!"),
    "retrieve_user": ("users.retrieve", "user_id!"),
    "update_project_rate_limits": (
        "projects.rate_limits.update",
        (
            "project_id! rate_limit_id! batch_1_day_max_input_tokens"
            " max_audio_megabytes_per_1_minute max_images_per_1_minute max_requests_per_1_day"
            " max_requests_per_1_minute max_tokens_per_1_minute"
        ),
    ),
    "upload_certificate": ("certificates.create", "content!=certificate name"),
    "usage_audio_speeches": ("usage.audio_speeches", _BY_MODEL),
    "usage_audio_transcriptions": ("usage.audio_transcriptions", _BY_MODEL),
    "usage_code_interpreter_sessions": ("usage.code_interpreter_sessions", _BY_PROJECT),
    "usage_completions": (
        "usage.completions",
        f"{_RANGE} project_ids user_ids api_key_ids models batch {_PAGED}",
    ),
    "usage_costs": ("usage.costs", _BY_PROJECT),
    "usage_embeddings": ("usage.embeddings", _BY_MODEL),
    "usage_images": (
        "usage.images",
        f"{_RANGE} sources sizes project_ids user_ids api_key_ids models {_PAGED}",
    ),
    "usage_moderations": ("usage.moderations", _BY_MODEL),
    "usage_vector_stores": ("usage.vector_stores", _BY_PROJECT),
}
"""The published server's tools: each one's operation and parameters."""


@attrs.frozen
class Named:
    """A parameter of a tool.

    Attributes:
        name: its name there.
        argument: the operation's argument that it is.
        required: whether it must be passed.
    """

    name: str
    argument: str
    required: bool


def seed_parameters(written: str) -> list[Named]:
    """The parameters of a published tool."""
    made: list[Named] = []
    for word in written.split():
        left, _, right = word.partition("=")
        name = left.rstrip("!")
        made.append(Named(name, right or name, left.endswith("!")))
    return made


def own_parameters(operation: Operation) -> list[Named]:
    """The parameters of a tool that is not published: all, by their wire names."""
    return [Named(p.wire, p.name, p.required) for p in operation.parameters.values()]


def is_published(operation: Operation) -> bool:
    """Whether the published server has a tool of an operation."""
    return operation.name in _PUBLISHED


def tool_name(operation: Operation) -> str:
    """The name of an operation's tool, such as ``openai_admin_list_group_users``."""
    published = _PUBLISHED.get(operation.name)
    if published is not None:
        return PREFIX + published
    *path, verb = operation.name.split(".")
    if path == ["usage"]:
        return f"{PREFIX}usage_{verb}"
    return _named(verb, _short_path(tuple(path)), several=_is_several(path, verb))


def _named(verb: str, path: Sequence[str], *, several: bool) -> str:
    # A collection is named by what it holds: projects.users.roles → project_user_roles.
    parents = [_singular(part) for part in path[:-1]]
    last = path[-1] if several else _singular(path[-1])
    return PREFIX + "_".join([_VERBS.get(verb, verb), *parents, last])


@cache
def _short_path(path: tuple[str, ...]) -> tuple[str, ...]:
    """A path that leaves the names of all its tools short enough.

    Parents are left out, the first ones first, and then words, as long as no other path ends so:
    projects.service_accounts.api_keys → service_accounts.api_keys.
    """
    verbs = [name.rpartition(".")[2] for name in OPERATIONS if _path(name) == path]
    others = {".".join(other) for name in OPERATIONS if (other := _path(name)) != path}
    for short in _shorter(path):
        names = [_named(verb, short, several=_is_several(path, verb)) for verb in verbs]
        is_told_apart = short == path or not any(o.endswith(".".join(short)) for o in others)
        if is_told_apart and all(len(name) <= MOST_CHARACTERS for name in names):
            return short
    raise ValueError(f"no short name for {path}")


def _path(name: str) -> tuple[str, ...]:
    return tuple(name.split(".")[:-1])


def _shorter(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield path
    for count in range(1, len(path)):
        yield path[count:]
    words = path[-1].split("_")
    for count in range(1, len(words)):
        yield ("_".join(words[count:]),)


_PUBLISHED: Mapping[str, str] = {operation: name for name, (operation, _) in SEED.items()}
_VERBS: Mapping[str, str] = {"update": "modify"}


def _is_several(path: Sequence[str], verb: str) -> bool:
    """Whether what a tool is of is named in the plural: a list, or what is no collection."""
    prefix = ".".join(path)
    is_collection = f"{prefix}.list" in OPERATIONS or f"{prefix}.create" in OPERATIONS
    return verb == "list" or not is_collection


def _singular(word: str) -> str:
    return word.removesuffix("s")
