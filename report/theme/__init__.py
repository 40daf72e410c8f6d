"""Colours, fonts and sizes for figures and renderers, the place of templates, and escaping of their values.

`markdown` escapes for Markdown. Jinja escapes for HTML, Typst gets data, and the paper kits escape for LaTeX.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from ..errors import RenderError
from ..foreign_text import carried


def template_folder() -> Path:
    """Return the folder of the templates. Templates of packs are in `contrib/`.

    In an installed wheel it is next to the package's modules, in a checkout at the top level. Raises RenderError if an
    installation has no templates.
    """
    package = Path(str(files(__package__.partition(".")[0]))).resolve()
    for folder in (package / "templates", package.parent / "templates"):
        if folder.is_dir():
            return folder
    raise RenderError(f"no templates next to {package}: the installation is incomplete, install diptych again")


_SPACE = re.compile(r"[ \t\r\n\u2028\u2029]+")


class Raw(str):
    """Text that is already markup. Any other text is escaped when it is inserted into a template."""

    __slots__ = ()


def clean(text: str) -> str:
    r"""Return text in which each character that no format can represent is an escape.

    >>> print(clean("a\x00b"))
    a\u0000b
    """
    return carried(text)


def one_line(text: str) -> str:
    r"""Return text on one line: every run of line breaks, tabs and spaces becomes one space.

    >>> one_line("a\r\n\n b")
    'a b'
    """
    return _SPACE.sub(" ", clean(text))


_MARKDOWN_SPECIAL = re.compile(r"[\\`*_{}\[\]<>&|~$^#!]")
_MARKDOWN_URL = re.compile(r":(?=//)|(?<=www)\.|@", re.IGNORECASE)
_MARKDOWN_START = re.compile(r"^(\s*)([-+=]|\d+(?=[.)](?:\s|$)))")


def markdown(text: str) -> str:
    r"""Return text for GitHub-flavoured Markdown, on one line: as a paragraph, a list item or a field of a table.

    Backslashes appear only before possible markup. Plain addresses do not become links.

    >>> print(markdown("<b> a*b | 5 %"), markdown("1. x"), markdown("- y"))
    \<b\> a\*b \| 5 % 1\. x \- y
    """
    safe = _MARKDOWN_SPECIAL.sub(r"\\\g<0>", one_line(text))
    safe = _MARKDOWN_URL.sub(r"\\\g<0>", safe)
    return _MARKDOWN_START.sub(_escape_start, safe)


def _escape_start(match: re.Match[str]) -> str:
    spaces, mark = match[1], match[2]
    return f"{spaces}{mark}\\" if mark.isdigit() else f"{spaces}\\{mark}"
