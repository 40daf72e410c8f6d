"""The pages for developers name what exists: paths, identifiers and modules."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
WHERE = (ROOT / "docs" / "where.md").read_text(encoding="utf-8")
ENDINGS = (".py", ".js", ".j2", ".md", ".json", ".yaml", ".toml")


def is_path(token):
    """Return whether the text between backticks is a path: `report/x`, `CHANGELOG.md`."""
    return " " not in token and "(" not in token and ("/" in token or token.endswith(ENDINGS))


def found(path):
    """Return what a path names in the repository; `<kind>` is any name."""
    return list(ROOT.glob(re.sub(r"<\w+>", "*", path)))


@cache
def text_of(path):
    """Return the text of a file."""
    return path.read_text(encoding="utf-8")


@cache
def program():
    """Return the texts of all modules and templates."""
    files = [*(ROOT / "report").rglob("*.py"), *(ROOT / "templates").rglob("*.j2")]
    return tuple(map(text_of, files))


def identifiers(token):
    """Return the identifiers of a piece of code: all called names, or the one name that it is."""
    if "(" in token:
        return re.findall(r"[A-Za-z_]\w*(?=\()", token)
    return re.findall(r"^@?([A-Za-z_]\w*)$", token)


def units(page):
    """Yield the rows of tables and the paragraphs of a page, without blocks of code."""
    for part in re.sub(r"```.*?```", "", page, flags=re.DOTALL).split("\n\n"):
        rows = part.splitlines()
        yield from rows if part.startswith("|") else [part]


def unknown_in(unit):
    """Return the tokens between backticks that do not exist.

    A path must exist. An identifier must be in a module that the same row or paragraph names, or anywhere in the
    program if it names none. A command of make must be a target.
    """
    tokens = re.findall(r"`([^`]+)`", unit)
    paths = [token for token in tokens if is_path(token)]
    modules = [ROOT / path for path in paths if path.endswith(".py") and (ROOT / path).is_file()]
    texts = tuple(map(text_of, modules)) or program()
    missing = [path for path in paths if not found(path)]
    for token in dict.fromkeys(tokens):
        if token.startswith("make "):
            target = token.removeprefix("make ")
            missing += [] if re.search(rf"^{target}:", text_of(ROOT / "Makefile"), re.MULTILINE) else [token]
        elif token not in paths:
            names = identifiers(token)
            missing += [name for name in names if not any(re.search(rf"\b{name}\b", text) for text in texts)]
    return missing


def test_the_page_of_changes_names_what_exists():
    assert {unit: missing for unit in units(WHERE) if (missing := unknown_in(unit))} == {}
