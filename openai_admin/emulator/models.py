"""`GET /models` and `GET /models/{id}`, which a project's key can be tried with.

It is not an operation of the Admin API, so nothing declares it, and it is the only thing here
that is beside the Admin API: whether a project's key works is known only when it is used.
"""

from __future__ import annotations

from .auth import MODELS_SCOPE
from .handlers.projects.model_permissions import EVERY_MODEL
from .listing import one_page
from .rate_limits import LIMITS
from .replies import EmulatedError
from .routing import Call, Route
from .settings import setting
from .table import Record


def list_models(call: Call) -> Record:
    """The models that the project of the calling key may use."""
    return one_page(_shown(model) for model in _usable(call))


def retrieve_model(call: Call) -> Record:
    """One of these models."""
    model = call.path["model"]
    if model not in _usable(call):
        raise EmulatedError(
            404,
            f"The model '{model}' does not exist or you do not have access to it.",
            param="model",
            code="model_not_found",
        )
    return _shown(model)


def _usable(call: Call) -> list[str]:
    permissions = setting(
        call, "model_permissions", str(call.credential.project_id), default=EVERY_MODEL
    )
    allowed = permissions["mode"] == "allow_list"
    named = frozenset(permissions["model_ids"])
    return [model for model in LIMITS if (model in named) == allowed]


def _shown(model: str) -> Record:
    return {"id": model, "object": "model", "created": _CREATED, "owned_by": "system"}


_CREATED = 1_750_000_000
MODELS = tuple(
    Route(name=name, method="GET", path=path, handler=handler, scope=MODELS_SCOPE, path_names=names)
    for name, path, handler, names in (
        ("models.list", "/models", list_models, ()),
        ("models.retrieve", "/models/{model}", retrieve_model, ("model",)),
    )
)
