"""Write the manual page `docs/diptych.1` from the commands: `python -m tools.manual`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from diptych import __version__
from diptych.cli.app import app

PATH = Path(__file__).parents[1] / "docs" / "diptych.1"

_STATUS = (
    ("0", "success"),
    ("1", "a mistake in the config, the data or the text"),
    ("2", "a mistake on the command line"),
    ("3", "a claim of the authors' text is false"),
    ("4", "of diptych diff: the report says something else, or a number changed by more than noise"),
    ("70", "an internal error"),
)


def manual() -> str:
    """Return the manual page in the format of man(7)."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("diptych", [], resilient_parsing=True)
    return "\n".join((*_head(), *_commands(group, context), *_tail())) + "\n"


def _head() -> Iterator[str]:
    yield f'.TH DIPTYCH 1 "" "Diptych {_text(__version__)}" "User commands"'
    yield ".SH NAME"
    yield r"diptych \- cross\-tabulate two sets of categories and write a report"
    yield ".SH SYNOPSIS"
    yield r"\fBdiptych\fR \fICOMMAND\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]"
    yield ".SH DESCRIPTION"
    yield r"Diptych reads a config, counts its data, and writes a self\-contained page, a PDF and data files."
    yield r"The config is described in docs/config.md. \fBdiptych\fR \fICOMMAND\fR \fB\-\-help\fR describes a command."
    yield ".SH COMMANDS"


def _commands(group: Any, context: Any) -> Iterator[str]:  # noqa: ANN401 - commands of Click, which Typer may hide
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        own = command.make_context(f"diptych {name}", [], parent=context, resilient_parsing=True)
        yield f".SS {_text(' '.join((name, *command.collect_usage_pieces(own))))}"
        yield _text(" ".join((command.help or "").split("\f")[0].split()))
        for parameter in command.get_params(own):
            record = parameter.get_help_record(own)
            if record is not None:
                yield ".TP"
                yield rf"\fB{_text(re.sub(' <list.*>', '...', record[0]))}\fR"
                yield _text(" ".join(record[1].split()))


def _tail() -> Iterator[str]:
    yield ".SH EXIT STATUS"
    for status, meaning in _STATUS:
        yield ".TP"
        yield rf"\fB{status}\fR"
        yield _text(meaning)


def _text(text: str) -> str:
    r"""Return text with the special characters of man(7) escaped.

    >>> print(_text(".a --b c"))
    \&.a \-\-b c
    """
    escaped = re.sub(r"[\\-]", lambda found: "\\e" if found[0] == "\\" else "\\-", text)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    PATH.write_text(manual(), encoding="utf-8", newline="\n")
