"""``openai-admin org``: the organization as code."""

from __future__ import annotations

from collections.abc import Mapping

from .lazy import Entry, LazyGroup, command, group

_HELP = "Keep the organization as a file: read it, plan what would make it so, do it."

COMMANDS: Mapping[str, Entry] = {
    "pull": Entry("Write the organization as a file.", command("org_pull")),
    "schema": Entry("Print the JSON Schema of the file, for editors.", command("org_schema")),
    "plan": Entry("Show what would make the organization as its file says.", command("org_plan")),
    "apply": Entry(
        "Make the organization as its file, or a saved plan, says.", command("org_apply")
    ),
    "drift": Entry("Show what is not as the file says, and who changed it.", command("org_drift")),
    "hcl": Entry("Write the organization as HCL for Terraform.", command("org_hcl")),
}
"""The group's commands; each is a module of its own, which is imported when it runs."""


def org_group() -> LazyGroup:
    """The group of commands about the organization as code."""
    return group(_HELP, COMMANDS)
