"""`GET /models`, which a project's key can be tried with.

It is not an operation of the Admin API, so nothing declares it, and it is the only thing here
that is beside the Admin API: whether a project's key works is known only when it is used.
"""

from __future__ import annotations

from .auth import MODELS_SCOPE
from .handlers.projects.model_permissions import EVERY_MODEL
from .listing import one_page
from .rate_limits import LIMITS
from .routing import Call, Route
from .settings import setting
from .table import Record


def list_models(call: Call) -> Record:
    """The models that the project of the calling key may use."""
    permissions = setting(
        call, "model_permissions", str(call.credential.project_id), default=EVERY_MODEL
    )
    allowed = permissions["mode"] == "allow_list"
    named = frozenset(permissions["model_ids"])
    return one_page(
        {"id": model, "object": "model", "created": _CREATED, "owned_by": "system"}
        for model in LIMITS
        if (model in named) == allowed
    )


_CREATED = 1_750_000_000
MODELS = Route(
    name="models.list", method="GET", path="/models", handler=list_models, scope=MODELS_SCOPE
)
