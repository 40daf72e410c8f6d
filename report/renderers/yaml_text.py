"""YAML that every reader of it takes alike: keys in their order, each text in quotes."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from .escape import clean
from .plain import Plain


class _Quoted(str):
    """A text that is written in quotes, so that no reader takes it for a number, a date or a word for yes."""

    __slots__ = ()


class _Line(dict[str, Plain]):
    """A mapping that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes quoted texts, and no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: _Quoted) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')


def _line(dumper: yaml.SafeDumper, values: _Line) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", values, flow_style=True)


_Dumper.add_representer(_Quoted, _text)
_Dumper.add_representer(_Line, _line)


def yaml_text(values: Mapping[str, Plain], *, in_lines: bool = False) -> str:
    r"""Return a mapping as YAML; `in_lines`: mappings of single values stand on a line each.

    >>> print(yaml_text({"on": {"a": "12", "b": 0.5}, "c": None}, in_lines=True), end="")
    'on': {a: "12", b: 0.5}
    c: null
    """
    prepared = {name: _prepared(value, in_lines=in_lines) for name, value in values.items()}
    text: str = yaml.dump(
        prepared,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=float("inf"),
        default_flow_style=False,
    )
    return text


def _prepared(value: Plain, *, in_lines: bool) -> Plain:
    if isinstance(value, str):
        return _Quoted(clean(value))
    if isinstance(value, list):
        return [_prepared(item, in_lines=in_lines) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _prepared(item, in_lines=in_lines) for name, item in value.items()}
    is_line = in_lines and not any(isinstance(item, list | dict) for item in inner.values())
    return _Line(inner) if is_line else inner
