"""A rotation as one writes it by hand, with the faults that the walk over a rotation must find."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def _call(method: str, path: str, body: object = None) -> Any:
    request = urllib.request.Request(
        f"{os.environ['OPENAI_BASE_URL']}/organization/projects/{path}",
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={
            "Authorization": f"Bearer {os.environ['OPENAI_ADMIN_KEY']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def main(arguments: Sequence[str]) -> int:
    """Delete the old key, make a new one, write it down, put it into the file."""
    account, project = arguments[2], arguments[arguments.index("--project") + 1]
    path, variable = arguments[arguments.index("--to") + 1].removeprefix("file:").split("#")
    text = Path(path).read_text()
    old = re.search(f"{variable}=(.*)", text)
    assert old is not None
    for key in _call("GET", f"{project}/api_keys?limit=100")["data"]:
        if key["redacted_value"][-4:] == old[1][-4:]:
            _call("DELETE", f"{project}/api_keys/{key['id']}")
    made = _call("POST", f"{project}/service_accounts/{account}/api_keys", {"name": "rotated"})
    Path("rotation.log").write_text(f"made {made['value']}\n")
    Path(path).write_text(text.replace(old[1], made["value"]))
    print(f"put {made['value']} into {path}")
    return 0
