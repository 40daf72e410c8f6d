"""Refused inputs with their whole messages: YAML files, one entry per case, which `make accept` rewrites.

An entry has what its test changes and, as `says`, the messages in the order of the output.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.golden import is_accepting


class _Dumper(yaml.SafeDumper):
    """A dumper that writes texts of several lines as blocks, and short mappings and lists within a case in one line."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _mapping(dumper: yaml.SafeDumper, mapping: dict[str, Any]) -> yaml.MappingNode:
    is_case = any(isinstance(value, dict) and "says" in value for value in mapping.values()) or "says" in mapping
    short = not is_case and "\\n" not in repr(mapping)
    return dumper.represent_mapping("tag:yaml.org,2002:map", mapping.items(), flow_style=short)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)


class Refusals:
    """The cases of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.cases: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))

    def messages(self, name: str) -> list[str]:
        """Return the messages of a case. Its entry has a single one as a text, several as a list."""
        says = self.cases[name]["says"]
        return [says] if isinstance(says, str) else says

    def compare(self, name: str, messages: Sequence[str]) -> None:
        """Compare messages with those of a case, or accept them."""
        if is_accepting("words") and self.messages(name) != list(messages):
            self.cases[name]["says"] = messages[0] if len(messages) == 1 else list(messages)
            self.write()
        assert list(messages) == self.messages(name)

    def write(self) -> None:
        """Write the file in its one form."""
        text = yaml.dump(self.cases, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100_000)
        self._path.write_text(text, encoding="utf-8")
