"""A file, or a folder of files, into a document; each mistake with its line, all told together."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath

import attrs

from ..._declare.arguments import shown
from ..._text.secrets import secret_in
from ...errors import DocumentError
from .mistakes import Mistakes, Place
from .model import VERSION, Document
from .nodes import Entry, MappingNode, ScalarNode, tree_of
from .shorthand import TEMPLATES
from .spot import Path, Reading
from .structure import structured

MOST_BYTES = 8 * 2**20
"""How long a file may be."""

_ENDINGS = (".yaml", ".yml")
_SHARED = frozenset(
    {
        "people",
        "groups",
        "roles",
        "projects",
        "certificates",
        "identity_providers",
        "external_keys",
    }
)  # sections of labels: several files may each have a part of one
_IN_EACH = frozenset(
    {"version", "organization"}
)  # may stand in several files, if they say the same


@attrs.frozen
class Read:
    """What was read.

    Attributes:
        document: what it says.
        name: the file or folder, as it was asked for; ``None`` where there is none.
    """

    document: Document
    name: str | None = None
    _places: Mapping[Path, Place] = attrs.field(factory=dict, repr=False, eq=False)

    def where(self, path: Sequence[str | int]) -> str | None:
        """Where something stands, such as ``org.yaml, line 12``; ``None`` where there is no file.

        What a project has of the defaults stands there.

        Args:
            path: the keys that lead to it, as ``("projects", "Platform", "members")``, and the
                numbers of items from 0; where it does not stand in the file, what is nearest above
                it.
        """
        own = self._nearest(tuple(path))
        if len(own) < len(path) and own[:1] == ("projects",):
            usual = self._nearest(("defaults", *path[2:]))
            if 2 <= len(own) <= len(usual):  # deeper below the defaults than below the project
                own = usual
        return str(self._places[own]) if own else self.name

    def _nearest(self, path: Path) -> Path:
        while path and path not in self._places:
            path = path[:-1]
        return path


def read(path: str | os.PathLike[str]) -> Read:
    """Read the file of an organization.

    Args:
        path: a YAML file; or a folder, of whose files ``*.yaml`` and ``*.yml`` the sections are
            put together.

    Raises:
        DocumentError: it cannot be read or has mistakes; all of them are told, some 20 at most.
        ConfigurationError: the package that reads YAML is not installed.
    """
    name = os.fspath(path)
    if not FilePath(name).is_dir():
        return _read([(name, _text_of(name))], name)
    files = _files_in(name)
    if not files:
        raise DocumentError([f"The folder {name} has no files *.yaml or *.yml."])
    return _read([(each, _text_of(each)) for each in files], name)


def read_text(text: str, *, name: str = "org.yaml") -> Read:
    """Read a text as the file of an organization.

    Args:
        text: the text.
        name: what the file is called; files that it names are looked for in its folder.

    Raises:
        DocumentError: it has mistakes.
        ConfigurationError: the package that reads YAML is not installed.
    """
    return _read([(name, text)], name)


def _read(files: Sequence[tuple[str, str]], name: str) -> Read:
    mistakes = Mistakes()
    for file, text in files:
        _check_secrets(file, text, mistakes)
    mistakes.check()  # alone, for the sentences of other mistakes could show a part of one
    roots = [_root(file, text, mistakes) for file, text in files]
    reading = Reading(mistakes)
    document = structured(_together(roots, mistakes), reading)
    return Read(document, name, reading.places)


def _files_in(folder: str) -> list[str]:
    """The YAML files of a folder that are not hidden, by name."""
    try:
        return [str(each) for each in sorted(FilePath(folder).iterdir()) if _is_part(each)]
    except OSError as exc:
        raise DocumentError([f"{folder} cannot be read: {exc.strerror or exc}."]) from None


def _is_part(path: FilePath) -> bool:
    """Whether a file of a folder is read: also a link to one that is not there, to be told of."""
    is_yaml = path.suffix in _ENDINGS and not path.name.startswith(".")
    return is_yaml and (path.is_file() or (path.is_symlink() and not path.exists()))


def _text_of(name: str) -> str:
    try:
        with FilePath(name).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as exc:  # the latter of a name with a zero byte
        reason = getattr(exc, "strerror", None) or exc
        raise DocumentError([f"{name} cannot be read: {reason}."]) from None
    if len(data) > MOST_BYTES:
        raise DocumentError([f"{name} is too big: it has more than {MOST_BYTES // 2**20} MiB."])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        place = Place(name, data[: exc.start].count(b"\n") + 1)
        raise DocumentError([f"{place}: this is not text in UTF-8."]) from None


def _check_secrets(file: str, text: str, mistakes: Mistakes) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if "PRIVATE KEY-----" in line:
            mistakes.add(Place(file, number), "a private key must not stand in the file.")
        elif "-" in line and secret_in(line) is not None:
            mistakes.add(
                Place(file, number),
                "this looks like an API key, which must not stand in the file: take it out, and"
                " rotate the key if anybody else can read the file.",
            )


def _root(file: str, text: str, mistakes: Mistakes) -> MappingNode:
    """The top of a file, in the version that is read.

    Raises:
        DocumentError: it is something else than a mapping, or of another version.
    """
    node = tree_of(text, file, mistakes)
    if node is None or (isinstance(node, ScalarNode) and node.is_null):
        raise DocumentError([f"{file} is empty; it would begin with 'version: {VERSION}'."])
    if not isinstance(node, MappingNode):
        raise DocumentError([f"{node.place}: the file must be a mapping with sections."])
    version = node.entries.get("version")
    if version is not None and isinstance(version.node, ScalarNode):
        given = version.node.text
        if given != str(VERSION):
            wrong = f"version must be {VERSION}, the only one that is read, not {shown(given)}."
            raise DocumentError([f"{version.place}: {wrong}"])
    return node


def _together(roots: Sequence[MappingNode], mistakes: Mistakes) -> MappingNode:
    """The sections of several files as those of one."""
    if len(roots) == 1:
        return roots[0]
    sections: dict[str, Entry] = {}
    for root in roots:
        for name, entry in root.entries.items():
            before = sections.setdefault(name, entry)
            if before is entry or (name in _IN_EACH and _same(before, entry)):
                continue
            if name in _SHARED and (joined := _joined(before, entry, name, mistakes)):
                sections[name] = joined
            elif not name.startswith(TEMPLATES):
                mistakes.add(entry.place, f"{shown(name)} stands in {before.place} already.")
    return MappingNode(Place(roots[0].place.file), sections)


def _same(one: Entry, other: Entry) -> bool:
    texts = [each.node.text if isinstance(each.node, ScalarNode) else None for each in (one, other)]
    return texts[0] is not None and texts[0] == texts[1]


def _joined(before: Entry, entry: Entry, name: str, mistakes: Mistakes) -> Entry | None:
    """The labels of both; ``None`` where one of them is something else than a mapping."""
    if not (isinstance(before.node, MappingNode) and isinstance(entry.node, MappingNode)):
        return None
    labels = dict(before.node.entries)
    for label, each in entry.node.entries.items():
        other = labels.setdefault(label, each)
        if other is not each:
            sentence = f"{name}: {shown(label)} stands in {other.place} already."
            mistakes.add(each.place, sentence)
    return Entry(before.place, MappingNode(before.node.place, labels))
