"""No label of a table and no name of its columns stops a build, whatever its characters."""

import csv
import json
import sys
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.foreign_text import has_hidden
from diptych.pipeline import build
from diptych.theme.fonts import shipped_characters
from tests.draws import draws

EVERYTHING = "[html, pdf, markdown, paper, figures, data]"
CONFIG = """\
version: 1
public: [records, strata]
report: {{title: Labels}}
taxonomy: {{}}
relations:
  r: {{records: {{source: x.csv, rows: {{column: {0}}}, columns: {{column: {1}}}}}}}
outputs: {2}
engine: {{threads: 1}}
"""
NAMED = (
    "a\\",
    'b\\"q',
    'c"',
    "d\ne",
    "f\rg",
    "h\u2028i",
    "j\tk",
    "l\ue000m",
    "\U000f0000",
    "n\\u0041",
    "\u0378",
    "\x0b",
)


def by_category():
    """Return a label of each general category of Unicode, from its last characters, without halves of pairs."""
    last = {unicodedata.category(character): character for character in map(chr, range(1, sys.maxunicode + 1))}
    return [f"a{character}b" for category, character in sorted(last.items()) if category != "Cs"]


def project(folder, labels, columns=("rows", "columns"), outputs=EVERYTHING):
    """Write a table in which each label meets itself three times and the next label once."""
    with (folder / "x.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        for one, other in zip(labels, [*labels[1:], labels[0]], strict=True):
            writer.writerows([(one, one)] * 3 + [(one, other)])
    names = (
        "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in json.dumps(c, ensure_ascii=False))
        for c in columns
    )
    (folder / "config.yaml").write_text(CONFIG.format(*names, outputs), encoding="utf-8")
    return folder / "config.yaml"


def test_labels_of_every_category_and_named_cases(tmp_path):
    built = build(project(tmp_path, [*by_category(), *NAMED, "plain"]), tmp_path / "site")
    assert {note.slug for note in built.notes} >= {"hidden_characters", "fonts"}
    assert (tmp_path / "site/figures/main.svg").exists()


@pytest.mark.parametrize("name", ["".join(NAMED), "x\\", 'y\\"', "two\nlines", "\ue000"])
def test_names_of_columns(tmp_path, name):
    build(project(tmp_path, ["plain", "other"], (name, "b")), tmp_path / "site")
    assert (tmp_path / "site/figures/main.svg").exists()


def test_a_pdf_has_all_that_its_font_has_or_shows_as_escapes(tmp_path):
    known = shipped_characters()
    labels = [one for one in (*by_category(), *NAMED) if all(c in known or has_hidden(f"a{c}") for c in one)]
    assert "l\ue000m" in labels
    build(project(tmp_path, labels, ("l\ue000m", "b"), "[pdf]"), tmp_path / "site")
    assert (tmp_path / "site/report.pdf").exists()


def test_the_first_config_of_such_a_table_is_valid(tmp_path, here):
    columns = ("x\ue000\\", 'y"\x07')
    project(tmp_path, [*NAMED[:9], "plain", "other"] * 6, columns)
    status, _, err = here("init", "x.csv", "--yes", "-o", "first.yaml", "--rows", columns[0], "--columns", columns[1])
    assert (status, "error" in err) == (0, False), err


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)


@settings(max_examples=draws(1, 4), derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(text, min_size=2, max_size=12, unique_by=str.strip),
    st.lists(text.filter(str.strip), min_size=2, max_size=2, unique_by=str.strip),
)
def test_any_text(tmp_path_factory, labels, columns):
    folder = tmp_path_factory.mktemp("labels")
    build(project(folder, [*labels, "plain", "other"], columns), folder / "site")
