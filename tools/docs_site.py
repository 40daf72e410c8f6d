"""Assemble the pages of the documentation site: `python -m tools.docs_site`, then `mkdocs build`.

`make docs` does both. The input folder of MkDocs has the layout of the repository, so that links between pages need no
change. It contains every page of `PAGES`, the files that they show or link to, and a reference of commands from the
program. It also has the gallery: reports of public tables, each built and verified here, with its config.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import yaml

import diptych
from diptych.publish.manifest import verify

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "docs" / "pages"
"""The input folder of MkDocs."""

PAGES = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/*.md",
    "examples/**/*.md",
    "data/catalogue/README.md",
    "benchmarks/*.md",
    "tests/public/README.md",
)
GALLERY = ROOT / "examples" / "gallery"
SHOWN = tuple(sorted(GALLERY.glob("*.yaml")))
"""The configs of the gallery's reports, in addition to the default example."""
DEFAULT = ROOT / "config.yaml"
TABLES = ROOT / "tests" / "public"
COMMANDS = ("init", "scan", "serve", "check", "build", "explain", "verify", "diff", "audit", "schema", "fetch hub")

_LINK = re.compile(r"(\]\()([^)#\s]+)((?:#[^)]*)?\))")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def main() -> None:
    """Write all pages again."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for pattern in PAGES:
        for page in sorted(ROOT.glob(pattern)):
            write(page.relative_to(ROOT).as_posix(), with_targets(page))
    copy(ROOT / OURS, FOLDER / OURS)
    write("reference/commands.md", commands())
    write("gallery/index.md", gallery())


def write(path: str, text: str) -> None:
    """Write a page."""
    place = FOLDER / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def with_targets(page: Path) -> str:
    """Return the text of a page, and copy the files that it shows or links to.

    A link to a folder leads to the page of that folder.
    """

    def led(match: re.Match[str]) -> str:
        target = match.group(2)
        place = page.parent / target
        if "://" in target or target.startswith("mailto:") or target.endswith(".md"):
            return match.group(0)
        if place.is_dir():
            return f"{match.group(1)}{target.rstrip('/')}/README.md{match.group(3)}"
        if place.is_file():
            copy(place, FOLDER / place.resolve().relative_to(ROOT))
        return match.group(0)

    parts = _CODE.split(page.read_text(encoding="utf-8"))
    return "".join(part if number % 2 else _LINK.sub(led, part) for number, part in enumerate(parts))


def copy(source: Path, target: Path) -> None:
    """Copy a file to the place where a page expects it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def commands() -> str:
    """Return the page of commands: the help text of each command, in the order of use."""
    opening = "# Commands\n\nWhat `diptych --help` and the `--help` of each command print.\n"
    parts = (f"## diptych {name}\n\n```text\n{printed(*name.split(), '--help')}\n```\n" for name in COMMANDS)
    return "\n".join([opening, f"```text\n{printed('--help')}\n```\n", *parts])


def printed(*arguments: str) -> str:
    """Return the output of the command line, 100 characters wide and without colours."""
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    command = [str(Path(sys.executable).with_name("diptych")), *arguments]  # as a person calls it
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return "\n".join(line.rstrip() for line in run.stdout.strip("\n").splitlines())


@dataclass(frozen=True)
class Shown:
    """A report of the gallery: its name, its config next to the data, and its table's row of licences."""

    name: str
    path: Path
    config: str
    origin: str


OPENING = """# Gallery

Reports as the program writes them, of public tables that nobody tuned it for. The sentences under each title are the
report's own. All were built and verified with this site, from the configs that stand below them.
"""


def gallery() -> str:
    """Build the reports of the gallery and return its page."""
    reports = [entry(default()), *(entry(public(path)) for path in SHOWN)]
    return "\n".join([OPENING, *reports, notebook()])


def notebook() -> str:
    """Run the cells of the notebook and return its part of the page: text, code and output."""
    path = GALLERY / "notebook.ipynb"
    copy(path, FOLDER / "gallery" / path.name)
    parts: list[str] = []
    names: dict[str, Any] = {}
    with TemporaryDirectory() as folder, chdir(folder):
        copy(TABLES / "tables" / "penguins.csv", Path("penguins.csv"))
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                parts.append(re.sub("^# ", "## ", source))
                continue
            parts.append(f"```python\n{source}\n```")
            shown = run(source, names)
            if hasattr(shown, "_repr_html_"):
                parts.append(f"<div>{shown._repr_html_()}</div>")
    return "\n\n".join([*parts, f"[The notebook]({path.name})"]) + "\n"


def run(source: str, names: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever a cell ends in
    """Run a cell of our notebook and return the value of its last line, or None if that is not an expression."""
    *before, last = ast.parse(source).body
    exec(compile(ast.Module(before, []), "cell", "exec"), names)  # noqa: S102 - our own
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307 - our own
    exec(compile(ast.Module([last], []), "cell", "exec"), names)  # noqa: S102 - our own
    return None


def default() -> Shown:
    """Return the default example."""
    origin = "Read out of published packages; see [where the data come from](../data/catalogue/README.md)."
    return Shown("models", DEFAULT, DEFAULT.read_text("utf-8"), origin)


def public(path: Path) -> Shown:
    """Return the report of a public table. Copy its file next to its config."""
    text = path.read_text("utf-8")
    table = (path.parent / yaml.safe_load(text)["relations"].popitem()[1]["records"]["source"]).resolve()
    copy(table, FOLDER / "gallery" / table.name)
    (row,) = re.findall(rf"^\| {table.stem} \|(.*)\|$", (TABLES / "README.md").read_text("utf-8"), re.MULTILINE)
    package, maker, licence, rows = (part.strip() for part in row.split("|"))
    origin = f"[{table.name}]({table.name}): {rows} rows, from {package} (of {maker}; {licence})."
    return Shown(path.stem, path, re.sub(r"source: \S+/", "source: ", text), origin)


def entry(shown: Shown) -> str:
    """Build a report, verify it, and return its part of the page."""
    folder = FOLDER / "gallery" / shown.name
    diptych.build(shown.path, folder)
    if found := verify(folder):
        raise SystemExit("\n".join(map(str, found)))
    report = json.loads((folder / "report.json").read_text("utf-8"))
    figure = report["figures"][0]["id"]
    alternative = f"The figure of the report: {report['title']}"
    config = "\n".join(f"    {line}".rstrip() for line in shown.config.strip().splitlines())
    return (
        f"## {report['title']}\n\n{headline(report)}\n\n"
        f"[![{alternative}]({shown.name}/figures/{figure}.png)]({shown.name}/index.html)\n\n"
        f"[The report]({shown.name}/index.html) · [PDF]({shown.name}/report.pdf)\n\n{shown.origin}\n\n"
        f'??? note "The config"\n\n    ```yaml\n{config}\n    ```\n'
    )


def headline(report: Mapping[str, Any]) -> str:
    """Return the first paragraph of a report."""
    (abstract,) = (section for section in report["sections"] if section["id"] == "abstract")
    sentences = abstract["blocks"][0]["sentences"]
    return " ".join("".join(span["text"] for span in sentence["spans"]) for sentence in sentences)


class Page(Protocol):
    """A page of MkDocs, with its address in the site."""

    url: str


SHIM, OURS = "https://unpkg.com/iframe-worker/shim", "docs/assets/iframe-worker.js"
"""The script that makes the search work in a page opened from disk: its public address, and its path here."""


def on_post_page(output: str, *, page: Page, **_: object) -> str:
    """Make a page load the search index from the site itself, to work without a server (called by MkDocs)."""
    return output.replace(SHIM, "../" * page.url.count("/") + OURS)


def on_post_template(output_content: str, **_: object) -> str:
    """Make a page that may be at any address fetch nothing (called by MkDocs)."""
    return re.sub(rf'<script src="{SHIM}"></script>', "", output_content)


def on_post_build(config: Mapping[str, Any]) -> None:
    """Copy the Markdown of each report next to its page, as a file and not as a page of the site (called by MkDocs)."""
    source, site = Path(config["docs_dir"]), Path(config["site_dir"])
    for report in source.glob("gallery/*/report.md"):
        copy(report, site / report.relative_to(source))


if __name__ == "__main__":
    main()
