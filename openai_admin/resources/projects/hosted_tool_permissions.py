"""Which of the tools that the API hosts a project may use."""

from __future__ import annotations

from typing import TypedDict

import attrs

from ..._declare.decorators import get, post
from ..._declare.effect import Effect
from ..._declare.resource import Mode, Resource
from ..._wire.models import Entity


class HostedToolPermissionParam(TypedDict):
    """Whether a tool may be used.

    Attributes:
        enabled: whether it may.
    """

    enabled: bool


@attrs.frozen(kw_only=True)
class HostedToolPermission(Entity):
    """Whether a tool may be used.

    Attributes:
        enabled: whether it may.
    """

    enabled: bool | None = None


@attrs.frozen(kw_only=True)
class ProjectHostedToolPermissions(Entity):
    """Which hosted tools a project may use; ``None`` where the API says nothing about a tool.

    Attributes:
        code_interpreter: running code.
        file_search: searching vector stores.
        image_generation: generating images.
        mcp: calling remote MCP servers.
        web_search: searching the web.
    """

    code_interpreter: HostedToolPermission | None = None
    file_search: HostedToolPermission | None = None
    image_generation: HostedToolPermission | None = None
    mcp: HostedToolPermission | None = None
    web_search: HostedToolPermission | None = None


class HostedToolPermissions(Resource[Mode], name="projects.hosted_tool_permissions"):
    """Read and set which hosted tools a project may use."""

    @get("/organization/projects/{project_id}/hosted_tool_permissions")
    def retrieve(self, project_id: str) -> ProjectHostedToolPermissions:
        """Retrieve which hosted tools a project may use."""
        ...

    @post("/organization/projects/{project_id}/hosted_tool_permissions", Effect.OVERWRITES)
    def update(
        self,
        project_id: str,
        *,
        code_interpreter: HostedToolPermissionParam | None = ...,
        file_search: HostedToolPermissionParam | None = ...,
        image_generation: HostedToolPermissionParam | None = ...,
        mcp: HostedToolPermissionParam | None = ...,
        web_search: HostedToolPermissionParam | None = ...,
    ) -> ProjectHostedToolPermissions:
        """Allow or forbid hosted tools in a project; tools that are not named are unchanged.

        Each takes `{"enabled": True}` or `{"enabled": False}`; `None` leaves it unchanged, too.

        Args:
            code_interpreter: whether code may be run.
            file_search: whether vector stores may be searched.
            image_generation: whether images may be generated.
            mcp: whether remote MCP servers may be called.
            web_search: whether the web may be searched.

        Raises:
            BadRequestError: the project is archived.
        """
        ...
