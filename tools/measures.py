"""Print the measures of the architecture: `python -m tools.measures`.

Lines of code are lines with a token of Python. Blank lines, comments and docstrings do not count. The core is the
package without `contrib`, and each folder of `contrib` is a pack.
"""

from __future__ import annotations

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
EXAMPLES = ("config.yaml", "examples/**/*.yaml")

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


def sources(package: Path) -> Mapping[str, Mapping[Path, str]]:
    """Return the modules of each part: the core as "core", and each pack under its name."""
    parts: dict[str, dict[Path, str]] = {"core": {}}
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package).parts
        part = inside[1] if inside[0] == "contrib" and len(inside) > 2 else "core"
        parts.setdefault(part, {})[path] = path.read_text(encoding="utf-8")
    return parts


def classes(source: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each class of a module with the names of its own fields."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            fields = (one.target for one in node.body if isinstance(one, ast.AnnAssign))
            yield node.name, frozenset(target.id for target in fields if isinstance(target, ast.Name))


def config_schema() -> dict[str, Any]:
    """Return the schema of configs."""
    script = "import json; from diptych.config.loading import json_schema; print(json.dumps(json_schema()))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    schema: dict[str, Any] = json.loads(done.stdout)
    return schema


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


def examples(root: Path) -> Iterator[object]:
    """Yield the configs of the examples."""
    for path in sorted({path for pattern in EXAMPLES for path in root.glob(pattern)}):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))


Row = tuple[str, str, str]
"""The name of a measure, its value and the goal."""


def measures(root: Path, schema: Mapping[str, Any]) -> list[Row]:
    """Return the rows of the table; `schema` describes configs."""
    parts = sources(root / "report")
    lines = {part: sum(map(code_lines, modules.values())) for part, modules in parts.items()}
    made = [one for modules in parts.values() for source in modules.values() for one in classes(source)]
    keys = schema_keys(schema)
    used = frozenset[str]().union(*(used_keys(example, schema) for example in examples(root)))
    tests = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in (root / "tests").rglob("*.py"))
    packs: list[Row] = [(f"lines of code, pack {part}", f"{lines[part]:,}", "") for part in parts if part != "core"]
    return [
        ("lines of code, core", f"{lines['core']:,}", "22,000"),
        *packs,
        ("lines of code, all", f"{sum(lines.values()):,}", "34,000"),
        ("modules, core", f"{len(parts['core'])}", "120"),
        ("classes, all", f"{len(made)}", "350"),
        ("classes with a `low` and a `high`", f"{sum({'low', 'high'} <= fields for _, fields in made)}", "6"),
        ("config keys", f"{len(keys)}", "95"),
        ("config keys that an example uses", f"{len(keys & used) / len(keys):.0%}", "90%"),
        ("lines of tests", f"{tests:,}", "47,000"),
    ]


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    return "\n".join(["| measure | now | goal |", "|---|---:|---:|", *(f"| {' | '.join(row)} |" for row in rows)])


def main() -> None:
    """Print the table."""
    print(table(measures(ROOT, config_schema())))


if __name__ == "__main__":
    main()
