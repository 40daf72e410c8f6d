"""Numbers for papers: they are those of the data files, each has a name, and the text of each is right."""

import csv
import io
import math
import re
from dataclasses import replace

import pytest

from diptych.contrib.papers.numbers import CELL_NUMBERS, MANY_CELLS, number_text, paper_content
from diptych.document import Paragraph, Section
from diptych.renderers.data import panel_csv
from tests.cells import whole_cells
from tests.renderers.documents import DATASETS, MODELS, demo, panel, sentence, small


def numbers_of(document):
    return paper_content(document)["numbers"]


def with_cells(**changes):
    """The small document with other numbers in all cells of its left panel."""
    [figure] = small().figures
    left, right = figure.panels
    left = replace(left, cells=whole_cells(replace(cell, **changes) for cell in left.cells))
    return replace(small(), figures=(replace(figure, panels=(left, right)),))


def with_panel(names, **more):
    ones, sizes = [[1] * len(names)] * len(names), ([40] * len(names),) * 2
    [figure] = small().figures
    one = panel("left", (DATASETS, MODELS), names, ones, sizes, total=1600)
    return replace(small(), figures=(replace(figure, panels=(one,)),), **more)


def test_numbers_are_those_of_the_data_files():
    numbers = numbers_of(demo())
    for one in demo().figures[0].panels:
        rows = list(csv.DictReader(io.StringIO(panel_csv(one).decode())))
        assert len(rows) > 40
        for row in rows:
            for name, column in CELL_NUMBERS.items():
                value = numbers[f"{one.id}/{row['given']}/{row['outcome']}/{name}"]["value"]
                assert ("" if value is None else value) == (
                    float(row[column]) if re.match(r"-?\d", row[column]) else row[column]
                )
            assert numbers[f"{one.id}/given/{row['given']}"]["value"] == float(row["n_given"])
            assert numbers[f"{one.id}/outcome/{row['outcome']}"]["value"] == float(row["n_outcome"])
            assert numbers[f"{one.id}/units"]["value"] == float(row["n_units"])


@pytest.mark.parametrize(
    ("value", "text", "percent"),
    [
        (0.9996, "0.9996", "over 99%"),
        (0.0002, "0.0002", "under 1%"),
        (1.0, "1", "100%"),
        (0.0, "0", "0%"),
        (0.905, "0.905", "91%"),
        (None, "–", "–"),
        (math.nan, "–", "–"),
    ],
)
def test_a_share_is_never_0_or_1_if_it_is_neither(value, text, percent):
    numbers = numbers_of(with_cells(value=value))
    found = (numbers[f"left/NLP/CV/{name}"]["text"].replace("\N{NO-BREAK SPACE}", " ") for name in ("value", "percent"))
    assert tuple(found) == (text, percent)


def test_other_numbers_as_text():
    texts = [number_text("left/units", value) for value in (0, 999, 12388, -4285, -0.0004, 9.81281, "few")]
    assert texts == ["0", "999", "12,388", "−4285", "−0.0004", "9.813", "few"]


def test_labels_have_one_name_each_without_what_tex_or_a_path_treats_differently():
    labels = ("A/b", "A%b", "two\nlines", "数据", "R&D_x$", "A-b")
    names = [name.split("/")[2] for name in numbers_of(with_panel(labels)) if name.startswith("left/given/")]
    assert names == ["A-b", "A-b-2", "two lines", "数据", "R&D_x$", "A-b-3"]


def test_of_a_large_panel_only_mentioned_cells_are_there():
    labels = tuple(f"c{n}" for n in range(MANY_CELLS // 10))
    spoken = sentence("x", "One.", cells=[("left", "c1", "c2")])
    content = paper_content(with_panel(labels, sections=(Section("abstract", "A", (Paragraph((spoken,)),)),)))
    cells = {name.rpartition("/")[0] for name in content["numbers"] if name.count("/") == 3}
    assert cells == {"left/c1/c2"}
    assert "left/given/c39" in content["numbers"]
    assert content["tables"] == {}


def test_a_panel_is_a_table_with_dashes_where_nothing_is_measured():
    table = paper_content(demo())["tables"]["left"]
    names = demo().figures[0].panels[0].outcome_categories
    assert table["heads"] == ["Dataset", *names]
    assert table["rows"][0][:3] == ["Multimodal", "55%", "0%"]
    assert "–" in {field for row in table["rows"] for field in row}
