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
    """A dumper that writes texts of several lines as blocks."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


class Refusals:
    """The cases of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.cases: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))

    def compare(self, name: str, messages: Sequence[str]) -> None:
        """Compare the messages of a case with its entry, or accept them."""
        case = self.cases[name]
        if is_accepting("words") and case["says"] != list(messages):
            case["says"] = list(messages)
            self.write()
        assert list(messages) == case["says"]

    def write(self) -> None:
        """Write the file in its one form."""
        text = yaml.dump(self.cases, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100_000)
        self._path.write_text(text, encoding="utf-8")
