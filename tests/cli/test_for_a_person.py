"""What a person sees at a terminal: the line that is wrong, where it is explained, how far it is, what to open."""

import os
import re
import subprocess
import sys

import pytest

from diptych.cli.console import headline
from tests.pipeline.projects import write_project

pytestmark = pytest.mark.slow

needs_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


def seen(folder, *arguments):
    """Run the command at a terminal of 80 columns; return its status and what stands there, without colours."""
    import pty  # noqa: PLC0415 - not on Windows

    ours, theirs = pty.openpty()
    own = {**os.environ, "COLUMNS": "80"}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "diptych", *arguments],
        cwd=folder,
        stdout=theirs,
        stderr=theirs,
        env=own,
        close_fds=True,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # what reading the end of a terminal is on Linux
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode()).replace("\r\n", "\n")
    return process.wait(), text


@needs_a_terminal
def test_an_error_shows_its_line_with_a_caret_and_where_it_is_explained(tmp_path):
    (tmp_path / "config.yaml").write_text(
        "version: 1\nreport: {title: x}\ntaxonomy: {categories: [{name: A, match: a}]}\n"
        "entities:\n  d: {label: D, source: d.csv, labels: l}\n"
        "relations:\n  r:\n    links: {from: {entity: d}, to: {entity: d, column: x}}\n    unit: lnk\n"
    )
    status, text = seen(tmp_path, "check")
    assert status == 1
    assert text[text.index("error") :] == (
        'error: config.yaml:9:5: relations.r.unit: "lnk" is not one of link, from, to (did you mean "link"?)\n'
        "    |\n"
        "  9 |     unit: lnk\n"
        "    |     ^^^^\n"
        "help: docs/config.md#errors-config\n"
    )


@needs_a_terminal
def test_a_build_ends_with_its_headline_what_to_open_and_how_long_it_took(tmp_path):
    write_project(tmp_path, outputs="[html]")
    status, text = seen(tmp_path, "build", "--no-cache")
    assert status == 0
    said = [line for line in text.splitlines() if line.strip()]
    assert headline(tmp_path / "site") in text
    assert re.fullmatch(r"open   site/index\.html   \(\d+ files, \d+\.\d MB, created in \d+\.\d s\)", said[-1])
    assert "4 of 13, counting" in text
    assert "\\u00a0" not in text
