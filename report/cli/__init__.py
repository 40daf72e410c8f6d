"""Arguments in, exit status out: the only place that prints or catches.

The help of the whole command is here. It loads no command, so that it is printed at once.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

from ..packs import Listing, listed_commands


def main() -> None:
    """Run the command line; modules are loaded within, so that Ctrl-C is answered from the first moment."""
    # One thread for the products of small matrices: more of them spin and wait for each other. It is read by numpy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        if sys.argv[1:] in (["--help"], ["-h"]) and sys.stdout is not None:  # at once: it is asked for the most
            sys.stdout.write(help_text())
            sys.exit()
        from ..progress import be_sparing  # noqa: PLC0415
        from .app import run  # noqa: PLC0415

        be_sparing()
        run()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        sys.exit(130)


DOCS = "docs/"
"""Where the documents are: a folder of the source."""

_ABOUT = "Static reports on how the categories of one kind of thing go with the categories of another."

OWN_COMMANDS: tuple[Listing, ...] = (
    ("Make", "check", "Check configs and their data, without writing anything.", "cli.commands:check"),
    ("Make", "build", "Build the report of a config into a folder, or a site of several.", "cli.commands:build"),
    ("Ask", "diff", "Say what changed between two builds, why, and whether it is more than noise.", "cli.diff:diff"),
    ("Help", "schema", "Print the JSON Schema of config files, for editors.", "cli.commands:schema"),
)
"""The commands of the core."""

COMMANDS: tuple[Listing, ...] = (*listed_commands(), *OWN_COMMANDS)
"""Every command of this program."""

_OPTIONS = (
    ("-h, --help", "Print this, or with a command its options."),
    ("--version", "Print the version."),
    ("--install-completion", "Let the shell complete commands and options."),
    ("--show-completion", "Print what --install-completion would install."),
)
_EXAMPLES = (
    ("diptych init survey.csv", "a first report of a table"),
    ("diptych serve", "change the config, and see"),
    ("diptych build config.yaml -o site", "the report, whole or not at all"),
    ("diptych explain left:NLP,CV", "what a cell is made of"),
)
_GROUPS = ("Begin", "Make", "Ask", "Help")
_WIDEST = 100


def width() -> int:
    """Return how many characters a line of help has: those of the terminal, or fewer where that is very wide."""
    return min(shutil.get_terminal_size().columns, _WIDEST)


def help_text(wide: int | None = None) -> str:
    """Return the help, in lines of at most so many characters: those of the terminal unless given."""
    wide = min(wide or width(), _WIDEST)
    parts = [textwrap.fill(_ABOUT, wide), "", *textwrap.wrap("Usage: diptych COMMAND [OPTIONS]", wide)]
    groups = {title: tuple((name, text) for of, name, text, _ in COMMANDS if of == title) for title in _GROUPS}
    there = ((title, entries) for title, entries in groups.items() if entries)
    for title, entries in (*there, *_of_others(), ("Options", _OPTIONS)):
        parts += ["", f"{title}:", *_entries(entries, wide)]
    parts += ["", "Examples:", *_entries(_EXAMPLES, wide)]
    parts += ["", *textwrap.wrap(f"diptych COMMAND --help says more. Documents: {DOCS}", wide)]
    return "\n".join(parts) + "\n"


def _of_others() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return the commands of other packages, if any is installed, with their packages; none of them is loaded."""
    if not _is_offered("diptych.commands"):
        return ()
    from ..slots import found, package_of  # noqa: PLC0415 - it takes longer to load than the help

    known = {name for _, name, _, _ in COMMANDS}
    others = tuple(
        (name, f"A command of {package_of(points[0])}.")
        for name, points in sorted(found("command").items())
        if name not in known
    )
    return (("Other packages", others),) if others else ()


def _is_offered(group: str) -> bool:
    """Return whether an installed package names entry points of a group, by a look at the files that list them."""
    for folder in sys.path:
        try:
            names = [name for name in os.listdir(folder or ".") if name.endswith(".dist-info")]  # noqa: PTH208
        except OSError:
            continue
        for name in names:
            try:
                with open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:  # noqa: PTH118, PTH123
                    if f"[{group}]".encode() in file.read():
                        return True
            except OSError:
                continue
    return False


def _entries(entries: tuple[tuple[str, str], ...], wide: int) -> list[str]:
    """Return names with what they mean beside them; below them where the terminal is narrow."""
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
    """Return lines with each wrapped at words, as deep as it is set in and four more; words stay whole."""
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
