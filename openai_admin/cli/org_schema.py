"""``openai-admin org schema``: what editors and checks in pipelines know the file by."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from .lazy import Command
from .options import Demo, Force, Out
from .output_file import check_target, opened

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(cls=Command)
def schema(
    plan: Annotated[
        bool, typer.Option("--plan", help="The schema of a plan as JSON instead, for policies.")
    ] = False,
    out: Out = None,
    force: Force = False,
    demo: Demo = False,
) -> None:
    """Print the JSON Schema (draft 2020-12) of the organization's file.

    An editor with a YAML language server completes and checks the file by it, where the file's
    first line is: # yaml-language-server: $schema=org.schema.json
    """
    from ..organization.document.schema import document_schema
    from ..organization.planning.schema import plan_schema

    check_target(out, force=force)
    made = plan_schema() if plan else document_schema()
    with opened(out, force=force) as file:
        file.write(json.dumps(made, ensure_ascii=False, indent=2) + "\n")
