"""Escaping: one function for each markup language that is not HTML (Jinja escapes that) or Typst (it gets data)."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"[ \t\r\n\u2028\u2029]+")


class Raw(str):
    """Text that is markup already; every other text is escaped where it is put into a template."""

    __slots__ = ()


def clean(text: str) -> str:
    r"""Return text without characters that no format can carry; each becomes U+FFFD.

    >>> clean("a\x00b\tc")
    'a�b\tc'
    """
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    r"""Return text on one line: every run of line breaks, tabs and spaces is one space.

    >>> one_line("a\r\n\n b")
    'a b'
    """
    return _SPACE.sub(" ", clean(text))


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
    # what a report's own text may hold and pdflatex does not know
    "\N{MINUS SIGN}": r"\ensuremath{-}",
    "\N{GREATER-THAN OR EQUAL TO}": r"\ensuremath{\geq}",
    "\N{LESS-THAN OR EQUAL TO}": r"\ensuremath{\leq}",
    "\N{RIGHTWARDS ARROW}": r"\ensuremath{\rightarrow}",
    "\N{EN DASH}": r"\textendash{}",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{CHECK MARK}": r"\ensuremath{\surd}",
    "\N{MULTIPLICATION SIGN}": r"\ensuremath{\times}",
}
_LATEX_SPECIAL = re.compile("[" + re.escape("".join(_LATEX)) + "]")
_LIGATURES = re.compile(r"(?<=[-,'])(?=[-,'])")  # -- would become a dash, ,, and '' quotation marks


def latex(text: str) -> str:
    r"""Return text for LaTeX (T1 or a Unicode engine; other characters stay UTF-8).

    >>> print(latex(r'50 % of a_b \ "x" -- y'))
    50 \% of a\_b \textbackslash{} \textquotedbl{}x\textquotedbl{} -{}- y
    """
    safe = _LIGATURES.sub("\x00", one_line(text))
    return _LATEX_SPECIAL.sub(lambda match: _LATEX[match[0]], safe).replace("\x00", "{}")


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
