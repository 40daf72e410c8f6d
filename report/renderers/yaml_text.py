"""YAML that every reader of it takes alike: keys in their order, each text in quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Union

import yaml

from .escape import clean
from .plain import Plain

TextTree = Mapping[str, Union[str, "TextTree"]]
"""Texts by name."""

_LONGEST = 1000
"""YAML takes a longer name only after a question mark."""

_AS_IT_IS = re.compile(r"[ !#-\[\]-~]*")


class _Quoted(str):
    """A text that is written in quotes, so that no reader takes it for a number, a date or a word for yes."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes quoted texts, and no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: _Quoted) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')


_Dumper.add_representer(_Quoted, _text)


def yaml_text(values: Mapping[str, Plain]) -> str:
    """Return a mapping as YAML.

    >>> print(yaml_text({"on": ["12", 0.5], "c": None}), end="")
    'on':
    - "12"
    - 0.5
    c: null
    """
    return _dumped({name: _prepared(value) for name, value in values.items()})


def yaml_lines(tree: TextTree, depth: int = 0) -> Iterator[str]:
    """Yield the lines of a tree of texts; mappings that hold texts alone stand on a line each.

    PyYAML writes the same, a hundred times slower: of it are only names and texts, each distinct one once.

    >>> print(*yaml_lines({"on": {"a": "12", "b": "x"}, "c": {"d": {}}}), sep="", end="")
    'on': {a: "12", b: "x"}
    c:
      d: {}
    """
    for name, value in tree.items():
        indent = "  " * depth
        start = f"{indent}{_name(name)}:" if len(name) <= _LONGEST else f"{indent}? {_name(name)}\n{indent}:"
        if isinstance(value, str):
            yield f"{start} {_quoted(value)}\n"
        elif any(isinstance(inner, Mapping) for inner in value.values()):
            yield f"{start}\n"
            yield from yaml_lines(value, depth + 1)
        else:
            pairs = (f"{'? ' * (len(key) > _LONGEST)}{_name(key)}: {_quoted(str(text))}" for key, text in value.items())
            yield f"{start} {{{', '.join(pairs)}}}\n"


@cache
def _name(name: str) -> str:
    return _dumped([name]).removeprefix("- ")[:-1]


@cache
def _quoted(text: str) -> str:
    return f'"{text}"' if _AS_IT_IS.fullmatch(text) else _dumped([_Quoted(clean(text))]).removeprefix("- ")[:-1]


def _dumped(values: Mapping[str, Plain] | Sequence[Plain]) -> str:
    text: str = yaml.dump(
        values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf"), default_flow_style=False
    )
    return text


def _prepared(value: Plain) -> Plain:
    if isinstance(value, str):
        return _Quoted(clean(value))
    if isinstance(value, list):
        return [_prepared(item) for item in value]
    if isinstance(value, dict):
        return {name: _prepared(item) for name, item in value.items()}
    return value
