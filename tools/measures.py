"""Print the measures of a checkout next to their goals: `python -m tools.measures [ROOT]`.

Lines of code are lines with a token of Python: blank lines, comments and docstrings do not count. An optional part is
a folder of `contrib`, or a folder of the package that `PARTS` names. The core is the rest. A branch of a template is
the body of an `if`, `elif` or `else`, or an end of a conditional expression. An end that is not written has no words
and does not count. Words are those of `wc -w`.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[1]
PARTS = {"spark", "excel", "word", "papers", "hub", "databases", "serve", "github"}
EXAMPLES = ("config.yaml", "examples/**/*.yaml")
SENTENCES = {"words"}
"""The folders of templates of sentences, wherever they are in `templates` and `report`."""

OF_TEXT = ("stats", "statements", "words", "document")
"""The packages from which the text of a report is made."""

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(source: str) -> int:
    """Return the number of lines with code in a module."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def branches(template: str) -> int:
    """Return the number of written branches in a template."""
    found = Environment(autoescape=True, extensions=["jinja2.ext.do"]).parse(template)
    ifs = [bool(node.else_) for node in found.find_all(nodes.If)]
    return sum(1 + other for other in ifs + [node.expr2 is not None for node in found.find_all(nodes.CondExpr)])


def part(path: Path) -> str:
    """Return the optional part of a module, or "core"; `path` is relative to the package."""
    first, *below = path.parts
    if first == "contrib" and len(below) > 1:
        return below[0]
    return first if first in PARTS and below else "core"


def schema_keys(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return every key of the config, as its definition and name."""
    owners = {"": {key: value for key, value in schema.items() if key != "$defs"}, **schema.get("$defs", {})}
    return frozenset(f"{owner}.{key}" for owner, node in owners.items() for key in _properties(node))


def _properties(node: object) -> Iterator[str]:
    """Yield the keys of a schema and of nested schemas."""
    if isinstance(node, Mapping):
        properties = node.get("properties", {})
        yield from properties
        for key, inside in node.items():
            values = properties.values() if key == "properties" else [inside]
            for value in values:
                yield from _properties(value)
    elif isinstance(node, list):
        for inside in node:
            yield from _properties(inside)


def used_keys(value: object, schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys of the config that an example uses, named as in `schema_keys`."""
    return frozenset(_used(value, schema, "", schema.get("$defs", {})))


def _used(value: object, node: Mapping[str, Any], owner: str, defs: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in node:
        owner = node["$ref"].rpartition("/")[2]
        node = defs[owner]
    for choice in (*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())):
        yield from _used(value, choice, owner, defs)
    if isinstance(value, Mapping):
        patterns = node.get("patternProperties", {})
        others = [node["additionalProperties"]] if isinstance(node.get("additionalProperties"), Mapping) else []
        for key, inside in value.items():
            if key in node.get("properties", {}):
                yield f"{owner}.{key}"
                below = [node["properties"][key]]
            else:
                below = [one for pattern, one in patterns.items() if re.search(pattern, str(key))] or others
            for one in below:
                yield from _used(inside, one, owner, defs)
    elif isinstance(value, list):
        for inside in value if isinstance(node.get("items"), Mapping) else ():
            yield from _used(inside, node["items"], owner, defs)
        if all(isinstance(one, str) or (isinstance(one, Mapping) and len(one) == 1) for one in value):
            named = [{one: None} if isinstance(one, str) else one for one in value]  # `outputs: [html, pdf: {…}]`
            yield from _used({key: inside for one in named for key, inside in one.items()}, node, owner, defs)


def _texts(root: Path, *patterns: str) -> Mapping[Path, str]:
    """Return the text of each file under `root`."""
    files = sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()})
    return {path: path.read_text(encoding="utf-8") for path in files}


def _package_lines(root: Path, package: str) -> int:
    """Return the lines of code of a package of the core."""
    return sum(map(code_lines, _texts(root / "report" / package, "**/*.py").values()))


def measures(root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each measure, its value and the goal; an absent goal is empty."""
    lines: dict[str, int] = {}
    modules = classes = 0
    for path, source in _texts(root / "report", "**/*.py").items():
        name = part(path.relative_to(root / "report"))
        lines[name] = lines.get(name, 0) + code_lines(source)
        modules += name == "core"
        classes += sum(isinstance(node, ast.ClassDef) for node in ast.walk(ast.parse(source)))
    yield "lines of code, all", f"{sum(lines.values()):,}", "29,000"
    yield "lines of code, core", f"{lines.pop('core', 0):,}", "21,000"
    yield from ((f"lines of code, {name}", f"{count:,}", "") for name, count in sorted(lines.items()))
    yield from ((f"lines of code, core: {name}", f"{_package_lines(root, name):,}", "") for name in OF_TEXT)
    yield "modules, core", f"{modules:,}", "125"
    yield "classes, all", f"{classes:,}", "360"
    templates = _texts(root, "templates/**/*.j2", "report/**/*.j2").items()
    words = sum(branches(text) for path, text in templates if SENTENCES & {*path.relative_to(root).parts})
    yield "branches in templates of sentences", f"{words:,}", "400"
    schema = json.loads((root / "docs/config.schema.json").read_text(encoding="utf-8"))
    keys = schema_keys(schema)
    examples = map(yaml.safe_load, _texts(root, *EXAMPLES).values())
    used = keys & frozenset[str]().union(*(used_keys(example, schema) for example in examples))
    yield "config keys", f"{len(keys):,}", "120"
    yield "config keys in an example", f"{len(used) / len(keys):.0%}", "80%"
    for suffix in ("js", "css"):
        own = _texts(root, f"templates/**/*.{suffix}", f"report/**/*.{suffix}").items()
        full = [line for path, text in own if ".min." not in path.name for line in text.splitlines() if line.strip()]
        yield f"lines of {suffix}, not blank", f"{len(full):,}", ""
    tests = sum(len(text.splitlines()) for text in _texts(root, "tests/**/*.py").values())
    yield "lines of tests", f"{tests:,}", "30,000"
    for pattern, goal in (("docs/**/*.md", "35,000"), ("README.md", ""), ("CHANGELOG.md", "300")):
        yield f"words, {pattern}", f"{sum(len(text.split()) for text in _texts(root, pattern).values()):,}", goal


if __name__ == "__main__":
    print("| measure | here | goal |\n|---|--:|--:|")
    for row in measures(Path(sys.argv[1]) if sys.argv[1:] else ROOT):
        print(f"| {' | '.join(row)} |")
