"""Colours, fonts and sizes, shared by figures and renderers; where the templates are, and escaping what they are given.

There is one function for each markup language that is not HTML (Jinja escapes that) or Typst (it gets data).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from ..errors import RenderError
from ..foreign_text import carried


def template_folder() -> Path:
    """Return the folder that holds `html/`, `typst/`, `markdown/` and `latex/` templates.

    In an installed wheel it stands beside the package's modules, in a checkout at its top level. Raises RenderError
    where an installation has none.
    """
    package = Path(str(files(__package__.partition(".")[0]))).resolve()
    for folder in (package / "templates", package.parent / "templates"):
        if folder.is_dir():
            return folder
    raise RenderError(f"no templates beside {package}: the installation is incomplete, install diptych again")


_SPACE = re.compile(r"[ \t\r\n\u2028\u2029]+")


class Raw(str):
    """Text that is markup already; every other text is escaped where it is put into a template."""

    __slots__ = ()


def clean(text: str) -> str:
    r"""Return text in which each character that no format can carry is an escape.

    >>> print(clean("a\x00b"))
    a\u0000b
    """
    return carried(text)


def one_line(text: str) -> str:
    r"""Return text on one line: every run of line breaks, tabs and spaces is one space.

    >>> one_line("a\r\n\n b")
    'a b'
    """
    return _SPACE.sub(" ", clean(text))


def unaccented(text: str) -> str:
    """Return text without accents, letters that are made of several taken apart.

    >>> unaccented("Bücher")
    'Bucher'
    """
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\{",
    "}": r"\}",
    "#": r"\#",
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "_": r"\_",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",  # after \\ it would be an optional argument
    "]": "{]}",
    "*": "{*}",  # after \\ it would be the starred form
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": r"\,",
    "\N{THIN SPACE}": r"\,",
    "\N{SOFT HYPHEN}": r"\-",
    # what a report's own text may hold and pdflatex does not know, or lualatex with an old encoding
    "\N{MINUS SIGN}": r"\ensuremath{-}",
    "\N{GREATER-THAN OR EQUAL TO}": r"\ensuremath{\geq}",
    "\N{LESS-THAN OR EQUAL TO}": r"\ensuremath{\leq}",
    "\N{RIGHTWARDS ARROW}": r"\ensuremath{\rightarrow}",
    "\N{EN DASH}": r"\textendash{}",
    "\N{EM DASH}": r"\textemdash{}",
    "\N{LEFT SINGLE QUOTATION MARK}": r"\textquoteleft{}",
    "\N{RIGHT SINGLE QUOTATION MARK}": r"\textquoteright{}",
    "\N{LEFT DOUBLE QUOTATION MARK}": r"\textquotedblleft{}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": r"\textquotedblright{}",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{CHECK MARK}": r"\ensuremath{\surd}",
    "\N{MULTIPLICATION SIGN}": r"\ensuremath{\times}",
    "\x00": r"\kern0pt{}",  # lualatex joins through an empty group
    "\x01": r"\DiptychBreak{}",
}
_LATEX_SPECIAL = re.compile(f"[{re.escape(''.join(_LATEX))}]|[^ -~\xa1-\u017f]|[ĦħĸĿŀŉŦŧſ]")  # then what T1 lacks
_LIGATURES = re.compile(r"(?<=[-,'])(?=[-,'])")  # -- would become a dash, ,, and '' quotation marks
_LONG = re.compile(r"\S{13,}")
_BREAKS = re.compile(r"(?<=[^\w\s(\[{<\\\"'])(?=\w)|(?<=_)(?=[^\W_])|(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"\W{0,4}[^\W\d_]{1,18}\W{0,4}")
_MOST_UNBROKEN = 8


def latex(text: str) -> str:
    r"""Return text for LaTeX (T1 or a Unicode engine). Letters of Latin alphabets stay UTF-8.

    Any other character is the argument of \DiptychCharacter, which prints its code where the font lacks it; names
    longer than a column may break at \DiptychBreak. Both are defined at the head of each fragment.

    >>> print(latex(r'50 % of a_b \ "x" -- y'), latex("91\xa0%"), latex("数"))
    50 \% of a\_b \textbackslash{} \textquotedbl{}x\textquotedbl{} -\kern0pt{}- y 91\,\% \DiptychCharacter{6570}{数}
    """
    whole = one_line(unicodedata.normalize("NFC", text))
    safe = _LIGATURES.sub("\x00", _LONG.sub(lambda match: "\x01".join(_pieces(match[0])), whole))
    return _LATEX_SPECIAL.sub(_latex_character, safe).replace(r"~\%", r"\,\%")


def _latex_character(match: re.Match[str]) -> str:
    character = match[0]
    return _LATEX.get(character) or rf"\DiptychCharacter{{{ord(character):04X}}}{{{character}}}"


def _pieces(name: str) -> Iterator[str]:
    """Split a long name behind punctuation and before capitals; what is longer and no word, anywhere."""
    for piece in _BREAKS.split(name):
        most = len(piece) if _WORD.fullmatch(piece) else _MOST_UNBROKEN
        yield from (piece[start : start + most] for start in range(0, len(piece), most))


_MARKDOWN_SPECIAL = re.compile(r"[\\`*_{}\[\]<>&|~$^#!]")
_MARKDOWN_URL = re.compile(r":(?=//)|(?<=www)\.|@", re.IGNORECASE)
_MARKDOWN_START = re.compile(r"^(\s*)([-+=]|\d+(?=[.)](?:\s|$)))")


def markdown(text: str) -> str:
    r"""Return text for GitHub-flavoured Markdown, on one line: as a paragraph, a list item or a field of a table.

    Backslashes stand only where Markdown could read markup; bare addresses do not become links.

    >>> print(markdown("<b> a*b | 5 %"), markdown("1. x"), markdown("- y"))
    \<b\> a\*b \| 5 % 1\. x \- y
    """
    safe = _MARKDOWN_SPECIAL.sub(r"\\\g<0>", one_line(text))
    safe = _MARKDOWN_URL.sub(r"\\\g<0>", safe)
    return _MARKDOWN_START.sub(_escape_start, safe)


def _escape_start(match: re.Match[str]) -> str:
    spaces, mark = match[1], match[2]
    return f"{spaces}{mark}\\" if mark.isdigit() else f"{spaces}\\{mark}"
