"""_numbers.yml: texts that Quarto prints, under names that it can find; and the three kits hold the same numbers."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from diptych.contrib.papers.latex import render_latex
from diptych.contrib.papers.numbers import CELL_NUMBERS
from diptych.contrib.papers.quarto import markdown_text, render_quarto, slugs
from tests.contrib.papers.papers import kit, values, with_findings
from tests.renderers.documents import IMAGE, NASTY, SCRIPT, demo, nasty, small

pytestmark = pytest.mark.slow

NBSP = "\N{NO-BREAK SPACE}"
EXACT = frozenset({"count", "given", "outcome", "units", "groups"})


def text_in(document):
    return render_quarto(document)["_numbers.yml"].decode()


def numbers_in(document):
    return yaml.safe_load(text_in(document))["diptych"]


def at(tree, path):
    """What `{{< meta diptych.<path> >}}` finds: keys between points, numbers among them being places in a list."""
    for key in path.split("."):
        assert not re.fullmatch(r"\d.*|.*_", key), "Quarto takes the first for a place, Pandoc drops the second"
        tree = tree[key]
    return tree


def printed(text):
    """What Markdown makes of a text."""
    (paragraph,) = [token for token in MarkdownIt("commonmark").parse(text) if token.type == "inline"]
    assert {child.type for child in paragraph.children} <= {"text", "text_special"}
    return "".join(child.content for child in paragraph.children)


def test_counts_have_their_thousands_apart():
    found = numbers_in(demo())
    assert at(found, "left.cv.cv.count") == "3,372"
    assert at(found, "totals.left.units") == "4,227"
    assert at(found, "sizes.left.given.time_series") == "0"


def test_what_is_undefined_is_a_dash():
    cell = at(numbers_in(demo()), "left.tabular.nlp")
    assert [cell[name] for name in ("value", "low", "high", "percent", "range", "lift")] == ["–"] * 6
    assert cell["state"] == "no\\_given"
    assert at(numbers_in(replace(small(), date=None)), "about.date") == "–"


@pytest.mark.parametrize("document", [small, nasty, demo])
def test_every_value_is_a_text_and_every_name_can_be_found(document):
    """A number in YAML would be printed by Pandoc as 7.0e-2."""

    def paths(tree, before=""):
        for key, value in tree.items():
            if isinstance(value, dict):
                yield from paths(value, f"{before}{key}.")
            else:
                yield f"{before}{key}"

    found = numbers_in(document())
    names = list(paths(found))
    assert len(names) > 40
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", name) for name in names)
    assert {type(at(found, name)) for name in names} == {str}


def test_names_are_told_and_labels_are_no_markup():
    names = numbers_in(nasty())["names"]["left"]["given"]
    assert [printed(text) for text in names.values()] == [NASTY, SCRIPT + IMAGE]


@pytest.mark.parametrize(
    "label",
    [
        "a. b",
        "1) c",
        "- d",
        "# e",
        "> f",
        "{{< env HOME >}}",
        "[x](y)",
        "@ref",
        "*x*",
        "`x`",
        "x--y ... z",
        "| x |",
        "---",
    ],
)
def test_any_label_is_printed_as_it_stands(label):
    text = numbers_in(small((label, "CV")))["names"]["left"]["given"]
    assert printed(next(iter(text.values()))) == label
    assert "{{<" not in markdown_text(label)


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["NLP", "nlp", "N L P", "n_l_p"], ["nlp", "nlp_2", "n_l_p", "n_l_p_2"]),
        (["Time Series", "time series 2", "Time-Series"], ["time_series", "time_series_2", "time_series_3"]),
        (["3D", "2020", "_x_"], ["n3d", "n2020", "x"]),
        (["数据", "<>", "Bücher & Æ"], ["category_1", "category_2", "bucher"]),
        (["null", "true", "no", "on", "y"], ["null", "true", "no", "on", "y"]),
    ],
)
def test_names(names, keys):
    assert list(slugs(names).values()) == keys
    document = small((names[0], names[1]))
    assert list(numbers_in(document)["left"]) == keys[:2]


def test_a_panel_called_as_a_group_is_called_otherwise():
    figure = small().figures[0]
    panels = (replace(figure.panels[0], id="names"), replace(figure.panels[1], id="totals"))
    found = numbers_in(replace(small(), figures=(replace(figure, panels=panels),)))
    assert list(found) == ["about", "names_2", "totals_2", "totals", "sizes", "findings", "names"]
    assert list(found["totals"]) == ["names_2", "totals_2"]


@pytest.mark.parametrize("title", ["two\nlines", "a\u2028b", "x\x00y", "{0} {title}"])
def test_the_head_is_a_comment(title):
    lines = text_in(replace(small(), title=title)).splitlines()
    assert lines.index("diptych:") == sum(line.startswith("#") for line in lines)


def spelled(name):
    """A name in letters as the macros of LaTeX have it; enough for the categories of the demo."""
    return "".join(word.capitalize() for word in re.split("[ _]", name))


def macros_of(document):
    text = render_latex(document)["latex/numbers.tex"].decode()
    return dict(re.findall(r"^\\def\\Diptych(\w+)\{(.*)\}$", text, re.MULTILINE))


def plainly(text):
    """A text of LaTeX or Markdown as words; a dash where it is undefined."""
    undefined = text == r"\DiptychUndefined{}"
    return (
        "–"
        if undefined
        else re.sub(r"\\([%_.-])", r"\1", text.replace(r"\,", " ").replace(r"\textendash{}", "–"))
        .replace(NBSP, " ")
        .replace("~", " ")
    )


def agrees(text, value, name):
    """Whether a printed text is a number of Typst, which has them unrounded, or its word."""
    said = plainly(text).replace(",", "")
    if value is None:
        return said == "–"
    if isinstance(value, str):
        return said == plainly(value)
    if name in EXACT:
        return said == str(value)
    if said == "under 0.001":
        return 0 <= value < 0.001
    return abs(float(said) - value) <= 0.0005


def test_the_three_kits_hold_the_same_numbers(tmp_path):
    document = demo()
    (typst,) = values(kit(tmp_path, document), "diptych")
    quarto, latex = numbers_in(document), macros_of(document)
    names = [name for name, _, _ in CELL_NUMBERS]
    compared = 0
    for panel, rows in typst["panels"].items():
        some = {name for row in rows.values() for cell in row.values() for name in names if cell[name] is not None}
        assert agrees(latex[f"{spelled(panel)}Units"], typst["totals"][panel]["units"], "units")
        for given, row in rows.items():
            for outcome, cell in row.items():
                macro = f"{spelled(panel)}{spelled(given)}{spelled(outcome)}"
                texts = quarto[panel][given.lower().replace(" ", "_")][outcome.lower().replace(" ", "_")]
                assert list(texts) == list(cell) == names
                for name, value in cell.items():
                    assert agrees(texts[name], value, name), (macro, name)
                    if name != "state" and (value is not None or name in some):
                        ending = "" if name == "value" else spelled(name)
                        assert agrees(latex[macro + ending], value, name), (macro, name)
                    compared += 1
    assert compared == 2 * 81 * len(names)


def test_the_three_kits_hold_the_same_findings(tmp_path):
    document = with_findings()
    (typst,) = values(kit(tmp_path, document), "diptych.findings.agreement")
    quarto, latex = numbers_in(document)["findings"]["agreement"], macros_of(document)
    assert list(quarto) == list(typst)
    for name, value in {**typst, **typst["share"]}.items():
        if name == "share":
            continue
        path = ("Share" if name in typst["share"] else "") + ("" if name == "value" else spelled(name))
        text = quarto["share"][name] if name in typst["share"] else quarto[name]
        assert agrees(text, value, name)
        assert agrees(latex[f"FindingAgreement{path}"], value, name)


def test_the_examples_of_the_docs_name_numbers_that_there_are():
    page = (Path(__file__).parents[3] / "docs" / "papers.md").read_text(encoding="utf-8")
    document = with_findings(demo())
    found, macros = numbers_in(document), macros_of(document)
    paths = re.findall(r"{{< (?:meta|var) diptych\.(\S+) >}}", page)
    names = re.findall(r"\\Diptych(\w+)\{\}", page)
    assert len(paths) > 5
    assert len(names) > 4
    assert [at(found, path) for path in paths].count("–") == 0
    of_penguins = {name for name in names if "Gentoo" in name}  # held by tests/docs/test_tutorial.py, which builds them
    assert set(names) - of_penguins <= set(macros)


def test_golden(golden):
    golden("_numbers.yml", text_in(with_findings()).encode())
