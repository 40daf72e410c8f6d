"""A whole build whose names would do something if they were not text, compiled, and every name found in print."""

import csv
import json

import pytest

from diptych.pipeline.build import build
from tests.contrib.papers.tex import compiled, needs_tex, paper
from tests.pipeline.projects import END, write_project

pytestmark = [needs_tex, pytest.mark.tex]

LABELS = ('<&"%_~^\\{}#$', "a|b*c_d`e` ?` !` -- ,, ''", r"\end{document}\input{x}", "[l] @ = +1", "Zürich ﬁ’s “é”")
FOREIGN = ("Данные", "ελληνικά")
"""Letters that the font of the figures has and that of LaTeX has not."""
TITLE = f"{LABELS[0]} {LABELS[2]} {FOREIGN[0]}"
LONG = "n" * 90
NAMES = (*LABELS, *FOREIGN, LONG)

HEAD = r"\usepackage{hyperref}\title{\Diptych{title}}\author{\Diptych{version}}\date{\Diptych{date}}"
BODY = r"\maketitle{\raggedright\Diptych{title}\par}\DiptychFigure{main}\DiptychTable{left}\DiptychTable{right}"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A report of links: of each category 12 items a side, nearly all within it; items have hostile names too."""
    folder = tmp_path_factory.mktemp("hostile")
    categories = ", ".join(
        f"{{name: {json.dumps(name, ensure_ascii=False)}, match: l{n}}}" for n, name in enumerate(NAMES)
    )
    items = [(f"{LABELS[i % 3]}{i}", f"l{i % len(NAMES)}") for i in range(12 * len(NAMES))]
    links = [(items[i][0], items[i][0]) for i in range(len(items))] + [(items[0][0], items[i][0]) for i in range(40)]
    report = {"title": TITLE, "date": "2026-03-02"}
    write_project(
        folder,
        {
            "{name: A, match: a}, {name: B, match: b}": categories,
            "{title: T}": json.dumps(report, ensure_ascii=False),
            END: f"{END}outputs: [paper]\n",
        },
        {
            "d.csv": _csv(("id", "l"), items),
            "m.csv": _csv(("id", "l"), items),
            "k.csv": _csv(("s", "t"), links),
        },
    )
    build(folder / "config.yaml", folder / "site")
    return folder / "site"


def _csv(header, rows):
    lines = []
    csv.writer(_Lines(lines), lineterminator="\n").writerows([header, *rows])
    return "".join(lines)


class _Lines:
    def __init__(self, lines):
        self.write = lines.append


def _printed(text):
    """A text as it stands in print where the font has no letters but Latin ones: the others as their codes."""
    kept = "".join(c if ord(c) < 0x180 or c in "’“”ﬁ" else f"[U+{ord(c):04X}]" for c in text)
    return _plain("".join(kept.split()))


def _plain(text):
    """A text without what print joins and curls."""
    return text.replace("ﬁ", "fi").replace("'", "’")


def test_every_name_is_in_print(site):
    paper(site, "all", BODY, more=HEAD)
    made = compiled(site, "all", "pdflatex")
    assert made.complaints == []
    text = _plain(made.text)
    for name in (*NAMES, TITLE):
        assert _printed(name) in text, name
