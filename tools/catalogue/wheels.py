"""Open a wheel as a set of files and evaluate its modules one by one.

A wheel is a zip archive; nothing in it is installed, imported or run.
"""

from __future__ import annotations

import ast
import zipfile
from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from tools.catalogue.facts import CatalogueError
from tools.catalogue.literals import STATEMENTS, execute
from tools.catalogue.values import UNKNOWN, Scope, Value


@dataclass(frozen=True)
class Imported:
    """A name that a module imports from a sibling, looked up when first used."""

    wheel: Wheel
    module: str
    name: str

    def load(self) -> Value:
        """Return the value that the sibling module binds to the name, or UNKNOWN."""
        value = self.wheel.module(self.module).get(self.name, UNKNOWN)
        return value.load() if isinstance(value, Imported) else value


@dataclass
class Wheel:
    """One wheel file: its texts by path, its metadata and its evaluated modules."""

    path: Path
    archive: zipfile.ZipFile
    inert: frozenset[str] = frozenset()  # imported callables that are recorded, not carried out
    modules: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, inert: frozenset[str] = frozenset()) -> Wheel:
        """Open the wheel at ``path``."""
        return cls(path, zipfile.ZipFile(path), inert)

    def names(self, start: str = "", end: str | tuple[str, ...] = "") -> list[str]:
        """Return the sorted paths that start and end as given."""
        names = self.archive.namelist()
        return sorted(name for name in names if name.startswith(start) and name.endswith(end))

    def text(self, name: str) -> str:
        """Return a file's text."""
        return self.archive.read(name).decode("utf-8")

    def metadata(self) -> dict[str, str]:
        """Return the core metadata headers (name, version, license, keywords, ...)."""
        return {key.lower(): value for key, value in self._headers().items()}

    def packed(self) -> str:
        """Return the ISO day on which the wheel's metadata were packed."""
        (name,) = self.names(end=".dist-info/METADATA")
        year, month, day, *_ = self.archive.getinfo(name).date_time
        return f"{year:04}-{month:02}-{day:02}"

    def require_keyword(self, keyword: str) -> None:
        """Refuse a wheel whose own keywords do not have the word used as a label."""
        headers = self.metadata()
        if keyword not in headers.get("keywords", "").split(","):
            raise CatalogueError(f"{headers['name']}: the wheel's metadata has no keyword {keyword!r}")

    def description(self) -> str:
        """Return the package's long description (its README), carried by the metadata."""
        return str(self._headers().get_payload())

    def _headers(self) -> Message:
        (name,) = self.names(end=".dist-info/METADATA")
        return HeaderParser().parsestr(self.text(name))

    def module(self, dotted: str) -> dict[str, Any]:
        """Return the names that a module binds at its top level; none if it is not in the wheel."""
        if dotted not in self.modules:
            scope: dict[str, Any] = {}
            self.modules[dotted] = scope
            self._run(dotted, scope)
        return self.modules[dotted]

    def _run(self, dotted: str, scope: Scope) -> None:
        base = dotted.replace(".", "/")
        found = {*self.archive.namelist()} & {f"{base}.py", f"{base}/__init__.py"}
        for name in found:
            package = dotted if name.endswith("__init__.py") else dotted.rpartition(".")[0]
            for statement in ast.parse(self.text(name)).body:
                if isinstance(statement, ast.ImportFrom):
                    self._import(statement, package, scope)
                elif type(statement) in STATEMENTS:
                    execute([statement], scope)

    def _import(self, node: ast.ImportFrom, package: str, scope: Scope) -> None:
        parents = package.split(".")[: len(package.split(".")) - node.level + 1]
        parts = [*(parents if node.level else []), *filter(None, [node.module])]
        for alias in node.names:
            if alias.name in self.inert:
                continue
            scope[alias.asname or alias.name] = Imported(self, ".".join(parts), alias.name)
