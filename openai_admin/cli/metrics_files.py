"""The alert rules and the dashboard that are shipped with the exporter, written where asked."""

from __future__ import annotations

from pathlib import Path

from .._files import replaced
from .errors import CommandError
from .output_file import reported

_SHIPPED = Path(__file__).parents[1] / "integrations" / "prometheus"
_NAMES = {
    "alerts.yml": "openai_admin_alerts.yml",
    "dashboard.json": "openai_admin_dashboard.json",
}


def write_rules(folder: Path) -> list[Path]:
    """Write the alert rules and the dashboard into a folder, and say where.

    A file that is there already and says the same stays.

    Raises:
        CommandError: there is another file of that name, or one cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is a file; name a folder.")
    contents = {
        folder / name: (_SHIPPED / shipped).read_bytes() for shipped, name in _NAMES.items()
    }
    with reported(str(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in contents.items():
            if path.exists() and not (path.is_file() and path.read_bytes() == content):
                raise CommandError(
                    f"{path} exists and says something else: move it away, or name another folder."
                )
        for path, content in contents.items():
            with replaced(path) as temporary:
                temporary.write_bytes(content)
    return list(contents)
