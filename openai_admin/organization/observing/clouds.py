"""External storage and keys: what a cloud asks for, without what OpenAI adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..._wire.codec import to_dict
from ...resources.external_keys import (
    EXTERNAL_KEY_FIELDS,
    EXTERNAL_KEY_VERSION,
)
from ...resources.external_keys import (
    ExternalKey as ListedKey,
)
from ...resources.external_storage import (
    AwsExternalStorageProviderParam,
    AzureExternalStorageProviderParam,
    ExternalStorageConfiguration,
    GcpExternalStorageProviderParam,
    OciExternalStorageProviderParam,
)
from ..document import model
from .gaps import Gaps
from .labels import in_order
from .told import Told

_CLOUDS: Mapping[str, Any] = {
    "aws": AwsExternalStorageProviderParam,
    "azure": AzureExternalStorageProviderParam,
    "gcp": GcpExternalStorageProviderParam,
    "oci": OciExternalStorageProviderParam,
}
_OF_EVERY_KEY = frozenset(
    ("id", "created_at", "name", "type", "purpose", "workspace_id", "api_project_ids", "object")
)


def storage(
    listed: Iterable[ExternalStorageConfiguration], gaps: Gaps, project_id: str
) -> tuple[model.ExternalStorage, ...]:
    """The storage of a project, in the order of what it says.

    Args:
        listed: the storage.
        gaps: is told of storage of which the API does not say where it is.
        project_id: the project.
    """
    found: list[model.ExternalStorage] = []
    for one in listed:
        if one.provider is None:
            reason = f"the API does not say where {one.id} is"
            gaps.lack("external storage", reason, project_id)
            continue
        told = to_dict(one.provider, mode="read")
        cloud = _CLOUDS.get(str(told.get("type")))
        asked_for = told.keys() if cloud is None else cloud.__annotations__.keys()
        provider = {n: told[n] for n in sorted(asked_for) if told.get(n) is not None}
        if cloud is not None and not cloud.__required_keys__ <= provider.keys():
            reason = f"the API does not say all of where {one.id} is"
            gaps.lack("external storage", reason, project_id)
            continue
        found.append(model.ExternalStorage(id=one.id, provider=provider))
    return tuple(sorted(found, key=lambda one: (str([*one.provider.items()]), one.id or "")))


def keys(
    listed: Iterable[ListedKey], labels: Mapping[str, str], gaps: Gaps
) -> dict[str, model.ExternalKey]:
    """External keys by label."""
    found: dict[str, model.ExternalKey] = {}
    for key in listed:
        if key.type is None:
            gaps.lack("external keys", f"the API does not say of which cloud {key.id} is")
            continue
        label = labels[key.id]
        told = Told(key, gaps, "external_keys", f"the external key {label}", (key.id,))
        details = _details(key, key.type)
        told.lack(*(n for n in EXTERNAL_KEY_FIELDS.get(key.type, ()) if n not in details))
        found[label] = model.ExternalKey(
            id=key.id,
            name=told.name(label),
            type=key.type,
            purpose=told.field("purpose"),
            details=details,
        )
    return in_order(found)


def _details(key: ListedKey, type: str) -> dict[str, Any]:
    """What the cloud asks for; all that there is of a cloud that this version does not know."""
    told = to_dict(key, mode="read")
    fields = [*EXTERNAL_KEY_FIELDS.get(type, ()), EXTERNAL_KEY_VERSION.get(type, "")]
    known = type in EXTERNAL_KEY_FIELDS
    names = fields if known else sorted(told.keys() - _OF_EVERY_KEY)
    return {name: told[name] for name in names if told.get(name) is not None}
