"""The folder paper/: `numbers.json` for Typst, Quarto and programs, and what LaTeX and Typst need to use it."""

from __future__ import annotations

import json
import math
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from ...document import Document
from ...document.writer import fill_each
from ...renderers.registry import Renderer
from ...theme import Raw, clean, template_folder
from .escapes import latex
from .numbers import paper_content

_TEMPLATES = "contrib/papers"
_FEW_COLUMNS = 6
"""Tables with more columns have smaller type."""
_SHORT = 12
"""Fields of at most this length are never broken into lines."""
_LONG_WORD = 14
"""Longer words can be broken."""
_LINES_OF_A_PART = 34
"""Lines of a table on a page of `article`."""


def render_paper(document: Document) -> dict[str, bytes]:
    """Return `paper/numbers.json`, `paper/diptych.tex` and `paper/diptych.typ`."""
    content = paper_content(document)
    about = {"title": document.title, "version": document.version}
    tables = {name: Raw("%\n".join(_latex_table(name, table))) for name, table in content["tables"].items()}
    drawn = {figure.id for figure in document.figures}  # panels have no PDF of their own
    figures = {name: figure for name, figure in content["figures"].items() if name in drawn}
    filled = fill_each(
        ("diptych.tex",), _TEMPLATES, latex, about=about, numbers=content["numbers"], tables=tables, figures=figures
    )
    return {
        "paper/numbers.json": f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode(errors="replace"),
        "paper/diptych.tex": clean(filled["diptych.tex"]).encode(),
        "paper/diptych.typ": (template_folder() / _TEMPLATES / "diptych.typ").read_bytes(),
    }


def _latex_table(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    r"""Yield the parts of a table, each a call of \DiptychFloat that fits on a page."""
    widths = [max(map(_width, column)) for column in zip(table["heads"], *table["rows"], strict=True)]
    shares = _shares(table, widths)
    natural = ["r" if side == "right" else "l" for side in table["align"]]
    ragged = ["left" if side == "right" else "right" for side in table["align"]]
    broken = "".join(
        rf">{{\hsize={shares[i]:.2f}\hsize\ragged{ragged[i]}\hspace{{0pt}}\arraybackslash}}X" if i in shares else letter
        for i, letter in enumerate(natural)
    )
    caption = latex(table["caption"])
    parts = list(_parts(table["rows"], widths, shares))
    for number, rows in enumerate(parts, start=1):
        long = f"{caption} ({len(parts)} parts)" if len(parts) > 1 else caption
        head = rf"\caption[{caption}]{{{long}}}\label{{tab:diptych-{name}}}"
        if number > 1:
            head = rf"\DiptychContinued{{{number}}}{{{len(parts)}}}"
        heads = " & ".join(rf"\textbf{{{latex(text)}}}" for text in table["heads"])
        body = "\n".join(f"  {' & '.join(map(latex, row))} \\\\" for row in rows)
        size = r"\footnotesize" if len(widths) <= _FEW_COLUMNS else r"\scriptsize\setlength{\tabcolsep}{2.5pt}"
        yield (
            f"\\DiptychFloat{{{size}}}\n{{{head}}}\n{{{''.join(natural)}}}\n{{{broken if shares else ''}}}\n"
            f"{{\\toprule\n  {heads} \\\\\n  \\midrule\n{body}\n  \\bottomrule}}"
        )


def _shares(table: Mapping[str, Any], widths: Sequence[int]) -> dict[int, float]:
    """Return the relative widths, 1 on average, of the columns that may be broken into lines.

    There are none if their longest words have no room. The table is then made smaller as a whole.
    """
    words = {}
    for i, width in enumerate(widths):
        if width > _SHORT:
            texts = (table["heads"][i], *(row[i] for row in table["rows"]))
            words[i] = max(min(_width(word), _LONG_WORD) for text in texts for word in text.split())
    if sum(words.values()) > _room(widths, words):
        return {}
    sizes = {i: max(3 * math.sqrt(widths[i]), word) for i, word in words.items()}
    return {i: size * len(sizes) / sum(sizes.values()) for i, size in sizes.items()}


def _room(widths: Sequence[int], broken: Container[int]) -> int:
    """Return the characters on a line of `article` that are left for the columns that are broken."""
    line = 78 if len(widths) <= _FEW_COLUMNS else 94
    return line - 2 * len(widths) - sum(width for i, width in enumerate(widths) if i not in broken)


def _parts(
    rows: Sequence[Sequence[str]], widths: Sequence[int], shares: Mapping[int, float]
) -> Iterator[list[Sequence[str]]]:
    """Yield the rows in parts of about equal length that each fit on a page; at least one."""
    room = _room(widths, shares)
    broken = shares if sum(widths[i] for i in shares) > room else {}
    lines = [
        max([1, *(math.ceil(1.2 * _width(row[i]) * len(broken) / room / share) for i, share in broken.items())])
        for row in rows
    ]
    n_parts = max(1, math.ceil(sum(lines) / _LINES_OF_A_PART))
    parts: list[list[Sequence[str]]] = [[] for _ in range(n_parts)]
    before = 0
    for row, size in zip(rows, lines, strict=True):
        parts[before * n_parts // sum(lines)].append(row)
        before += size
    yield from (part for i, part in enumerate(parts) if part or i == 0)


def _width(text: str) -> int:
    """Return the printed width of a text in characters, counting eight for a missing character: "[U+6570]"."""
    return len(text) + 7 * latex(text).count(r"\DiptychCharacter{")


PAPER = Renderer(
    "paper",
    lambda of: render_paper(of.document),
    ("paper/diptych.tex", "LaTeX"),
    about="The folder paper/ for LaTeX, Typst and Quarto.",
    for_people=True,
    with_figures=True,
)
