"""Characters that cannot be seen: shown as escapes, named with file and row, and look-alikes named together."""

import sys
import unicodedata

import pytest

from diptych.config.loading import load_config
from diptych.foreign_text import BIDI, has_hidden, look_alikes, seen_as, spelled, visible, written_from
from diptych.pipeline import build
from diptych.pipeline.counting import count_all
from tests.pipeline.projects import write_project

CONFIG = """\
version: 1
public: [records, strata]
report: {title: Labels}
taxonomy: TAXONOMY
relations:
  r: {records: {source: x.csv, rows: {column: a}, columns: {column: b}}, strata: [s]}
outputs: OUTPUTS
engine: {threads: 1}
"""
ODD = ("NL\u200bP", "a\x07b", "\u202eevil", "soft\xadhyphen", "\ufeffid")


def project(folder, labels, taxonomy="{}", outputs="[data]"):
    """Write records in which each label of side a has all of side b, three times, in two strata."""
    rows = [f"{label},{other},{s}" for label in labels for other in ("x", "y") for s in ("p", "q\u200b") for _ in "123"]
    (folder / "x.csv").write_text("\n".join(["a,b,s", *rows]) + "\n", encoding="utf-8")
    config = CONFIG.replace("TAXONOMY", taxonomy).replace("OUTPUTS", outputs)
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    return folder / "config.yaml"


def notes(counted, slug):
    return [note.message for note in counted.relations["r"].notes if note.slug == slug]


@pytest.mark.parametrize("label", ODD)
def test_a_label_is_shown_with_escapes_and_its_row_is_named(tmp_path, label):
    counted = count_all(load_config(project(tmp_path, ["plain", label])))
    [message] = notes(counted, "hidden_characters")
    assert f'"{visible(label)}" (x.csv, row 14; 12 items)' in message
    names = [one.label for one in counted.relations["r"].labels if one.kind == "rows"]
    assert sorted(names) == sorted(["plain", visible(label)])


def test_levels_of_strata_are_shown_with_escapes(tmp_path):
    counted = count_all(load_config(project(tmp_path, ["plain"])))
    assert counted.relations["r"].tables.incidence.strata == ("p", "q\\u200b")


def test_labels_that_look_equal_are_named_together(tmp_path):
    counted = count_all(load_config(project(tmp_path, ["NLP", "NL\u200bP", "é", "e\u0301", "a b", "a\xa0b"])))
    [message] = notes(counted, "look_alikes")
    assert '"NLP" (12) and "NL\\u200bP" (12)' in message
    assert '"e\\u0301" (12) and "é" (12)' in message
    assert '"a b" (12) and "a\\u00a0b" (12)' in message


@pytest.mark.parametrize("written", ['"NL\\u200bP"', "'NL\\u200bP'"])
def test_a_rule_joins_labels_that_look_equal(tmp_path, written):
    taxonomy = f"{{categories: [{{name: NLP, match: [NLP, {written}]}}, {{name: B, match: [x, y]}}]}}"
    counted = count_all(load_config(project(tmp_path, ["NLP", "NL\u200bP"], taxonomy)))
    assert notes(counted, "look_alikes") == []
    assert {one.categories for one in counted.relations["r"].labels if one.kind == "rows"} == {("NLP",)}


def test_labels_without_such_characters_have_no_notes(tmp_path):
    persian, family = "می\u200cروم", "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    counted = count_all(load_config(project(tmp_path, ["Zürich", "עברית", persian, family, "❤\ufe0f"])))
    assert notes(counted, "hidden_characters") == notes(counted, "look_alikes") == []
    assert {one.label for one in counted.relations["r"].labels if one.kind == "rows"} >= {persian, family}


@pytest.mark.slow
def test_a_control_character_does_not_stop_figures_and_pages(tmp_path):
    built = build(
        project(tmp_path, ["a\x07b", "\u202eevil", "plain"], outputs="[html, figures, data, paper]"),
        tmp_path / "site",
    )
    for path in built.folder.rglob("*"):
        if path.suffix in (".html", ".svg", ".csv", ".json", ".tex", ".typ", ".md"):
            text = path.read_text(encoding="utf-8")
            assert not set(text) & {"\x07", "\u202e", "\N{REPLACEMENT CHARACTER}"}, path
    assert "\\u202eevil" in (built.folder / "index.html").read_text(encoding="utf-8")


def test_an_id_is_named_with_its_row(tmp_path):
    write_project(tmp_path)
    config = load_config(tmp_path / "config.yaml")
    source = tmp_path / config.config.entity("models").source.path[0]
    header, first, *rest = source.read_text(encoding="utf-8").splitlines()
    source.write_text("\n".join([header, first.replace(",", "\u200b,", 1), *rest]) + "\n", encoding="utf-8")
    [note] = [note for note in count_all(config).notes["models"] if note.slug == "hidden_characters"]
    assert f"{source.name}, row 2" in note.message


def test_a_matrix_is_shown_with_escapes(tmp_path):
    (tmp_path / "m.csv").write_text("name,x,y\u200b\na\x07,0.5,0.5\nb,0.25,0.75\n", encoding="utf-8")
    (tmp_path / "config.yaml").write_text(
        "version: 1\nreport: {title: M}\nentities: {one: {label: One}, two: {label: Two}}\n"
        "relations: {r: {matrix: {p: m.csv}}}\npanels: [{id: p, relation: r, given: one, outcome: two}]\n",
        encoding="utf-8",
    )
    matrix = count_all(load_config(tmp_path / "config.yaml")).matrices["p"]
    assert (matrix.given, matrix.outcome) == (("a\\u0007", "b"), ("x", "y\\u200b"))


def test_no_letter_of_any_script_is_escaped():
    letters = [
        chr(n) for n in range(sys.maxunicode) if unicodedata.category(chr(n)) in ("Lu", "Ll", "Lt", "Nd", "Mc", "Sc")
    ]
    assert [c for c in letters if has_hidden(f"a{c}b")] == []
    fillers = {"\u115f", "\u1160", "\u3164", "\uffa0"}
    others = [chr(n) for n in range(sys.maxunicode) if unicodedata.category(chr(n)) == "Lo"]
    assert {c for c in others if has_hidden(f"a{c}b")} == fillers


@pytest.mark.parametrize(
    "character", [*map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x61C])]
)
def test_no_character_that_sets_direction_remains(character):
    assert not set(visible(f"a{character}b עב{character}ר")) & {character}
    assert character in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    assert len(BIDI) > 0


@pytest.mark.parametrize("text", [*ODD, "\ud800", "\U000e0001x", "a\x85b"])
def test_an_escape_leads_back_to_its_character(text):
    assert written_from(visible(text)) == text
    assert not has_hidden(visible(text))


def test_joiners_stay_where_scripts_need_them_alone():
    assert visible("a\u200db") == "a\\u200db"
    assert visible("\u0915\u094d\u200d\u0937") == "\u0915\u094d\u200d\u0937"
    assert visible("A\ufe0f") == "A\\ufe0f"
    assert visible("\U0001f3f4\U000e0067\U000e0062\U000e007f") == "\U0001f3f4\U000e0067\U000e0062\U000e007f"


def test_case_and_letters_of_other_scripts_are_not_alike():
    assert look_alikes(["NLP", "nlp", "\u0430", "a"]) == []
    assert seen_as(" a\u2003 b ") == "a b"
    assert spelled("a  b ") == "a\\u0020\\u0020b\\u0020"
