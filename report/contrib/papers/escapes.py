"""Escape text for LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ...theme import one_line

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
    # characters in generated text that pdflatex does not know, nor lualatex with an old encoding
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
_LATEX_SPECIAL = re.compile(f"[{re.escape(''.join(_LATEX))}]|[^ -~\xa1-\u017f]|[ĦħĸĿŀŉŦŧſ]")  # the rest is not in T1
_LIGATURES = re.compile(r"(?<=[-,'])(?=[-,'])")  # -- would become a dash, ,, and '' quotation marks
_LONG = re.compile(r"\S{13,}")
_BREAKS = re.compile(r"(?<=[^\w\s(\[{<\\\"'])(?=\w)|(?<=_)(?=[^\W_])|(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"\W{0,4}[^\W\d_]{1,18}\W{0,4}")
_MOST_UNBROKEN = 8


def latex(text: str) -> str:
    r"""Return text for LaTeX (T1 or a Unicode engine). Letters of Latin alphabets stay UTF-8.

    Any other character becomes the argument of \DiptychCharacter, which prints its code if the font lacks it. Names
    longer than a column may break at \DiptychBreak. Both are defined at the start of each fragment.

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
    """Split a long name after punctuation and before capitals; longer pieces that are not words, anywhere."""
    for piece in _BREAKS.split(name):
        most = len(piece) if _WORD.fullmatch(piece) else _MOST_UNBROKEN
        yield from (piece[start : start + most] for start in range(0, len(piece), most))
