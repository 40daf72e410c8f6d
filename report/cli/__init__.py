"""The command line: arguments in, exit status out. Only this package prints or catches errors.

The help of the whole command is here. It loads no command, so that it appears at once.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import textwrap

from ..packs import COMMANDS


def main() -> None:
    """Run the command line. Modules are imported inside, so that Ctrl-C works from the start."""
    # One thread for products of small matrices, since several would spin and wait for each other. numpy reads this.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Looking for garbage after every 700 objects took 6% of a build, which makes hundreds of thousands and keeps most.
    gc.set_threshold(50_000)
    try:
        if sys.argv[1:] in (["--help"], ["-h"]) and sys.stdout is not None:  # fast, because it is used most
            sys.stdout.write(help_text())
            sys.stdout.flush()
            sys.exit()
        from ..progress import be_sparing  # noqa: PLC0415
        from .app import run  # noqa: PLC0415

        be_sparing()
        run()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        sys.exit(130)
    except OSError as error:  # help, the version or an error of usage; commands say where they fail
        from .console import CLOSED, discard  # noqa: PLC0415

        discard(sys.stdout)
        if isinstance(error, BrokenPipeError):
            sys.exit(CLOSED)
        sys.stderr.write(f"error: standard output: cannot be written ({error.strerror})\n")
        sys.exit(1)


DOCS = "docs/"
"""The place of the documentation: a folder of the source."""

_ABOUT = "Static reports on how the categories of one kind of thing go with the categories of another."

_OPTIONS = (
    ("-h, --help", "Print this, or with a command its options."),
    ("--version", "Print the version."),
    ("--install-completion", "Let the shell complete commands and options."),
    ("--show-completion", "Print what --install-completion would install."),
)
_EXAMPLES = (
    ("diptych init survey.csv", "choose two columns of a table"),
    ("diptych serve", "change the config, and see"),
    ("diptych build config.yaml -o site", "the report, whole or not at all"),
    ("diptych explain left:NLP,CV", "what a cell is made of"),
)
_GROUPS = ("Begin", "Make", "Ask", "Help")
_WIDEST = 100


def width() -> int:
    """Return the width of help in characters: the width of the terminal, up to a maximum."""
    return min(shutil.get_terminal_size().columns, _WIDEST)


def help_text(wide: int | None = None) -> str:
    """Return the help in lines of at most `wide` characters, by default the width of the terminal."""
    wide = min(wide or width(), _WIDEST)
    parts = [textwrap.fill(_ABOUT, wide), "", *textwrap.wrap("Usage: diptych COMMAND [OPTIONS]", wide)]
    groups = {title: tuple((name, text) for of, name, text, _ in COMMANDS if of == title) for title in _GROUPS}
    for title, entries in (*groups.items(), ("Options", _OPTIONS)):
        parts += ["", f"{title}:", *_entries(entries, wide)] if entries else []
    parts += ["", "Examples:", *_entries(_EXAMPLES, wide)]
    parts += ["", *textwrap.wrap(f"diptych COMMAND --help says more. Documents: {DOCS}", wide)]
    return "\n".join(parts) + "\n"


def _entries(entries: tuple[tuple[str, str], ...], wide: int) -> list[str]:
    """Return names followed by their descriptions, or with these on the next lines in a narrow terminal."""
    column = max(len(name) for name, _ in entries) + 4
    if column > wide // 2:
        return [
            line
            for name, text in entries
            for line in (
                *textwrap.wrap(name, wide, initial_indent="  ", subsequent_indent="    "),
                *textwrap.wrap(text, wide, initial_indent="      ", subsequent_indent="      "),
            )
        ]
    lines = []
    for name, text in entries:
        first, *more = textwrap.wrap(text, wide - column)
        lines += [f"  {name}".ljust(column) + first, *(" " * column + line for line in more)]
    return lines


def within(text: str, wide: int) -> str:
    """Return lines wrapped at words, with the rest of each line indented by four more. Words stay whole."""
    lines = []
    for line in text.splitlines():
        depth = " " * (len(line) - len(line.lstrip()))
        if len(line) <= wide:
            lines.append(line)
        else:
            lines += textwrap.wrap(
                line.strip(), wide, initial_indent=depth, subsequent_indent=depth + " " * 4, break_on_hyphens=False
            )
    return "\n".join(lines)
