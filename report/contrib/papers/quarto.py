"""The file _numbers.yml: the numbers of a report as text variables for Quarto and other Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ... import formats
from ...document.model import Document
from ...renderers.outline import Anchors
from ...renderers.plain import TextTree, yaml_lines
from ...renderers.registry import Renderer, Rendering
from ...theme import one_line
from .numbers import CELL_NUMBERS, MANY_CELLS, TESTS, Number, Tree, decimals, paper_numbers, unaccented

GROUPS = ("about", "totals", "sizes", "statements", "names")
"""Keys next to the panels. A panel with such a name is renamed."""

_HEAD = """\
# {title}: numbers
# Made with Diptych {version}, anew with every report: leave this file as it is.
#
# Quarto, in the front matter or in _quarto.yml, and then in the text:
#   metadata-files: [_numbers.yml]
#   {{{{< meta diptych.PANEL.GIVEN.OUTCOME.percent >}}}}
# or, as _variables.yml of a project, {{{{< var diptych.PANEL.GIVEN.OUTCOME.percent >}}}}.
#
# Names are in small letters, digits and underscores: accents are taken off, all else becomes an underscore, and one
# that begins with a digit gets an n. One without such letters is called by its place (category_3); where a name was
# taken by an earlier one, _2, _3, ... stands behind it. `names` tells the true names, with Markdown escaped.
# Numbers are texts to be printed: counts with their thousands apart, others with three decimals (more where
# they would look like 0 or 1), undefined ones a dash. The data files have them unrounded. What each cell has:
{fields}
# Of panels of more than {many} cells, only cells that the report names are here.
"""

_PUNCTUATION = re.compile(r"[!-$&-+\--/:-@\[-`{-~]")


def render_quarto(document: Document) -> dict[str, bytes]:
    """Return `_numbers.yml`."""
    numbers = paper_numbers(document)
    panels = slugs((panel.id for panel in numbers.panels), GROUPS)
    statements = slugs(numbers.statements)
    about = {
        "title": markdown_text(document.title),
        "date": formats.date(document.date) if document.date else formats.DASH,
        "version": markdown_text(document.version),
    }
    cells, totals, sizes, names = {}, {}, {}, {}
    for panel in numbers.panels:
        key, given, outcome = panels[panel.id], slugs(panel.given), slugs(panel.outcome)
        cells[key] = {given[a]: {outcome[b]: _tree(of) for b, of in own.items()} for a, own in panel.cells.items()}
        totals[key] = {"units": text_of(panel.units), "groups": text_of(panel.groups)}
        sizes[key] = {"given": _sizes(panel.given, given), "outcome": _sizes(panel.outcome, outcome)}
        names[key] = {"given": _names(given), "outcome": _names(outcome)}
    content: TextTree = {
        "about": about,
        **cells,
        "totals": totals,
        "sizes": sizes,
        "statements": {statements[name]: _tree(found) for name, found in numbers.statements.items()},
        "names": names | {"statements": _names(statements)},
    }
    head = _HEAD.format(
        title=one_line(document.title),
        version=one_line(document.version),
        fields="\n".join(f"#   {name}: {meaning}" for name, _, meaning in CELL_NUMBERS),
        many=MANY_CELLS,
    )
    return {"_numbers.yml": "".join((head, *yaml_lines({"diptych": content}))).encode()}


def _sizes(sizes: Mapping[str, Number], named: Mapping[str, str]) -> TextTree:
    return {named[name]: text_of(n) for name, n in sizes.items()}


def _tree(tree: Tree) -> TextTree:
    """Return numbers as texts. The p of a test is never printed as 0."""
    return {
        name: _tree(value)
        if isinstance(value, Mapping)
        else formats.p_value(value)
        if name in TESTS and isinstance(value, int | float)
        else text_of(value)
        for name, value in tree.items()
    }


def _names(named: Mapping[str, str]) -> TextTree:
    return {slug: markdown_text(name) for name, slug in named.items()}


def text_of(value: Number) -> str:
    r"""Return a number in printed form, a name with Markdown escaped, or a dash if undefined.

    >>> text_of(12388), text_of(0.2421), text_of("no_given"), text_of(None)
    ('12,388', '0.242', 'no\\_given', '–')
    """
    if value is None:
        return formats.DASH
    if isinstance(value, str):
        return markdown_text(value)
    return formats.count(value) if value == int(value) else decimals(value).replace("-", "−")


def markdown_text(text: str) -> str:
    r"""Return a text that any Markdown reader prints literally: every character with a possible meaning is escaped.

    >>> print(markdown_text("a. <b> {{< x >}} 5 %"))
    a\. \<b\> \{\{\< x \>\}\} 5 %
    """
    return _PUNCTUATION.sub(r"\\\g<0>", one_line(text))


def slugs(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return a unique key for each name, of lower-case letters, digits and underscores, starting with a letter.

    >>> slugs(["Time Series", "time-series", "3D", "数据"])
    {'Time Series': 'time_series', 'time-series': 'time_series_2', '3D': 'n3d', '数据': 'category_4'}
    """
    free = Anchors(between="_")
    for name in taken:
        free.new(name)
    return {name: free.new(_slug(name, place)) for place, name in enumerate(names, start=1)}


def _slug(name: str, place: int) -> str:
    words = "_".join(re.findall(r"[a-z0-9]+", unaccented(name).lower())) or f"category_{place}"
    return f"n{words}" if words[0].isdigit() else words


def _make(of: Rendering) -> dict[str, bytes]:
    return render_quarto(of.document)


QUARTO = Renderer("quarto", _make, about="_numbers.yml for a paper.", for_people=True, with_figures=True)
