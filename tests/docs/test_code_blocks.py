"""Code in the documents: what is YAML can be read and has keys that there are, commands have the options they are given.

Whole configs are loaded in `test_docs`, the tutorial is followed in `test_tutorial`, the package of docs/extending.md is
installed in tests/extending. What a block marked `text` shows is a message or a tree of files and is not run.
"""

import ast
import json
import re
import shlex

import click
import pytest
import typer
import typer.main
import yaml

import diptych
from diptych.cli.app import app
from tests.docs.test_docs import PAGES, ROOT

BLOCK = re.compile(r'^ *```(\w+)(?: title="[^"]+")?\n(.*?)^ *```$', re.MULTILINE | re.DOTALL)
KINDS = {
    "astro",
    "jinja",
    "bib",
    "console",
    "css",
    "diff",
    "html",
    "ini",
    "json",
    "latex",
    "markdown",
    "python",
    "sh",
    "text",
    "toml",
    "typst",
    "yaml",
    "tex",
    "js",
}
COMMANDS = typer.main.get_command(app)
CONTEXT = typer.Context(COMMANDS)


def blocks(kind):
    """Yield where each block of a kind stands and what it holds."""
    for page in PAGES:
        for number, (found, text) in enumerate(BLOCK.findall(page.read_text("utf-8")), 1):
            if found == kind:
                yield pytest.param(text, id=f"{page.relative_to(ROOT)}:{number}")


def known_keys():
    """Return every key that the schema of the config has at any place, and those of workflows and other tools."""
    schema = json.loads((ROOT / "docs" / "config.schema.json").read_text("utf-8"))

    def keys(value):
        if isinstance(value, dict):
            if isinstance(value.get("properties"), dict):
                yield from value["properties"]
            for part in value.values():
                yield from keys(part)
        elif isinstance(value, list):
            for part in value:
                yield from keys(part)

    return set(keys(schema))


KNOWN = known_keys()
OTHERS = {
    "chapters",
    "execute",
    "project",
    "on",
    True,
    "jobs",
    "permissions",
    "repos",
    "name",
    "concurrency",
    "runs-on",
    "steps",
    "env",
    "exclude_docs",
    "metadata-files",
    "largest",  # of the package of docs/extending.md
}


def test_blocks_are_of_kinds_that_are_looked_at():
    found = {kind for page in PAGES for kind, _ in BLOCK.findall(page.read_text("utf-8"))}
    assert found <= KINDS


@pytest.mark.parametrize("text", list(blocks("yaml")))
def test_yaml_can_be_read_and_begins_with_keys_that_there_are(text):
    found = yaml.safe_load(text)
    if isinstance(found, dict) and not OTHERS & set(found):
        named = {key for key, value in found.items() if isinstance(value, dict) and set(value) <= KNOWN}
        assert [key for key in found if key not in KNOWN | named] == []


@pytest.mark.parametrize("text", list(blocks("python")))
def test_python_can_be_read_and_uses_what_the_package_has(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "diptych":
            assert node.attr in {*diptych.__all__, "errors"}


def commands():
    """Yield each call of the program in a block of commands, comments and what is optional taken out."""
    shown = [
        pytest.param(re.sub(r"^[^$].*\n", "", one.values[0], flags=re.MULTILINE), id=one.id)
        for one in blocks("console")
    ]
    for block in (*blocks("sh"), *shown):
        for line in block.values[0].replace("\\\n", " ").splitlines():
            for part in re.split(r"&&|\||;", line):
                words = shlex.split(part.strip().removeprefix("$ "), comments=True)
                if words[:1] == ["diptych"]:
                    yield pytest.param(words[1:], id=f"{block.id}:{' '.join(words)}")


@pytest.mark.parametrize("words", list(commands()))
def test_commands_have_the_options_they_are_given(words):
    command = COMMANDS
    while isinstance(command, click.Group) or hasattr(command, "commands"):
        names = [word for word in words if not word.startswith("-")]
        if not names or names[0] not in command.commands:
            break
        command = command.get_command(CONTEXT, names[0])
        words = words[words.index(names[0]) + 1 :]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"--help", "-h", "--version", "--show-completion", "--install-completion"}
    asked = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    assert [option for option in asked if option not in known] == []
