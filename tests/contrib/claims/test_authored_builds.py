"""Whole builds with authored text: files, places, every format, claims.json, and the exit status."""

import functools
import json
import re
import sys
from pathlib import Path

import pytest

from diptych.cli import main
from diptych.config.loading import load_config
from diptych.document import Paragraph
from diptych.errors import ClaimError, TextError
from diptych.pipeline.counting import count_all
from diptych.pipeline.parts import build_panels, telling
from diptych.pipeline.passages import write_passages
from tests.pipeline.projects import END, FILES, LINKS, tree, write_project

pytestmark = pytest.mark.slow

MORE = {
    "k.csv": "s,t\n" + "".join(f"{d},m{n}\n" for n in range(40) for d in (["d1"] if n < 20 else ["d2"])) + "d1,m40\n",
    "m.csv": "id,l,owner\n" + "".join(f"m{n},{'a' if n < 18 else 'b'},u\n" for n in range(41)),
}
"""A: 21 models, 18 of them A (0.86) and 3 B; B: 20 models, all B."""


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Return a function that writes a project with texts and runs a command in it: status, output, messages."""
    monkeypatch.chdir(tmp_path)

    def command(texts, *arguments, text="{}", outputs="[data, markdown]", edits=None):
        extra = f"outputs: {outputs}\n" if texts is None else f"text: {text}\noutputs: {outputs}\n"
        config = {END: f"{END}{extra}", **(edits or {})}
        files = {f"text/{name}": content for name, content in (texts or {}).items()}
        write_project(tmp_path, config, {**FILES, **MORE, **files})
        monkeypatch.setattr(sys, "argv", ["diptych", *(arguments or ("build",)), "--color", "never"])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        return left.value.code, out, [line.removeprefix("error: ") for line in err.splitlines()]

    return command


@functools.cache
def counted_once(folder, edits):
    """Count the project of a config: texts change nothing about it."""
    write_project(folder, dict(edits), {**FILES, **MORE})
    loaded = load_config(folder / "config.yaml")
    counted = count_all(loaded)
    return counted, build_panels(loaded.config, counted), telling(loaded.config, counted)


@pytest.fixture
def read(tmp_path, tmp_path_factory, monkeypatch):
    """Return a function that reads the texts of a project as a build does, without drawing anything."""
    monkeypatch.chdir(tmp_path)

    def texts(sources, text="{}", edits=None):
        files = {f"text/{name}": content for name, content in sources.items()}
        write_project(tmp_path, {END: f"{END}text: {text}\n", **(edits or {})}, {**FILES, **MORE, **files})
        folder = tmp_path_factory.getbasetemp() / "counted"
        return write_passages(load_config(Path("config.yaml")), *counted_once(folder, tuple((edits or {}).items())))

    return texts


def wrong(read, *arguments, error=TextError, **more):
    """The messages of what is wrong with texts."""
    with pytest.raises(error) as raised:
        read(*arguments, **more)
    assert raised.value.exit_status == (3 if error is ClaimError else 1)
    return list(raised.value.messages)


def claims_json(texts):
    """The content of data/claims.json."""
    (file,) = texts.files
    assert (file.path, file.label) == ("data/claims.json", "Claims of the authored text")
    return json.loads(file.content)


def words(texts):
    """Every sentence of every passage."""
    blocks = [block for passage in texts.passages for block in passage.blocks if isinstance(block, Paragraph)]
    return [sentence.text for block in blocks for sentence in block.sentences]


RIGHT = """---
place: before
---
# Our view
Of A data {{ percent(left["A","A"]) }} lead to A. {% claim left["A","A"] < left["B","B"] %}B keeps more to itself.{% endclaim %}

- *One* item of [ours](https://example.org/x)
- another
"""


def test_a_build_with_text_in_every_format(run, tmp_path):
    texts = {"interpretation.md": RIGHT, "coverage.md": "<script>alert()</script>"}
    code, _, err = run(texts, outputs="[html, pdf, markdown, data]")
    assert (code, err) == (0, [])
    site = tmp_path / "site"
    page = (site / "index.html").read_text("utf-8")
    assert page.count('<div class="authored"><p class="label">Authors</p>') == 2
    assert "<strong>Our view.</strong>" in page
    assert '<em>One</em> item of <a href="https://example.org/x" rel="noopener">ours</a>' in page
    own = re.search(r'id="authored.interpretation.of-a-data-lead-to-a">(.*?)</span>', page)
    assert own[1] == "Of A data 86% lead to A."
    assert 'id="authored.interpretation.b-keeps-more-to-itself"' in page
    assert "except passages marked “Authors”" in page
    markdown = (site / "report.md").read_text("utf-8")
    assert (
        "> **Authors:** **Our view.** Of A data 86% lead to A. B keeps more to itself.\n>\n"
        "> - *One* item of [ours](https://example.org/x)\n> - another\n"
    ) in markdown
    pdf = (site / "report.pdf").read_bytes()
    assert b"https://example.org/x" in pdf or len(pdf) > 10_000
    check_data(site)
    assert "&lt;script&gt;alert()&lt;/script&gt;" in page
    assert "<script>alert" not in page
    before = tree(site)
    assert run(FALSE)[::2] == (3, FALSE_MESSAGES)  # the old site stays, byte for byte
    assert tree(site) == before
    assert not list(tmp_path.glob(".site*"))


def check_data(site):
    data = json.loads((site / "report.json").read_text("utf-8"))
    (section,) = [section for section in data["sections"] if section["id"] == "interpretation"]
    [view] = section["blocks"][0]["sentences"][0]["spans"]
    assert (view["text"], view["style"]) == ("Our view.", "strong")
    assert {sentence["origin"] for sentence in section["blocks"][0]["sentences"]} == {"authored"}
    manifest = json.loads((site / "manifest.json").read_text("utf-8"))
    assert "text/interpretation.md" in json.dumps(manifest["inputs"])
    assert [one["holds"] for one in json.loads((site / "data" / "claims.json").read_text("utf-8"))["claims"]] == [True]


def test_claims_json_holds_everything_about_a_claim(read):
    found = read({"interpretation.md": RIGHT + "\nThere are 7.\n"})
    assert [note.message for note in found.notes] == [
        'text/interpretation.md:10:11: "7" is bound to no number of the data',
    ]
    assert claims_json(found) == {
        "schema": "diptych-claims/1",
        "claims": [
            {
                "kind": "claim",
                "file": "text/interpretation.md",
                "line": 5,
                "column": 51,
                "predicate": 'left["A","A"] < left["B","B"]',
                "where": None,
                "holds": True,
                "reason": None,
                "otherwise": False,
                "values": [
                    {"text": 'left["A","A"]', "estimate": {
                        "value": pytest.approx(18 / 21), "low": pytest.approx(0.654, abs=0.001),
                        "high": pytest.approx(0.950, abs=0.001)}},
                    {"text": 'left["B","B"]', "estimate": {
                        "value": 1, "low": pytest.approx(0.839, abs=0.001), "high": 1}},
                ],
                "cells": [
                    {"panel": "left", "given": "A", "outcome": "A"},
                    {"panel": "left", "given": "B", "outcome": "B"},
                ],
            }
        ],
    }  # fmt: skip


FALSE = {
    "findings.md": 'x\n\n  {% claim left["A","A"] > left["B","B"] %}A is higher.{% endclaim %}\n',
    "interpretation.md": '{% claim left["A","Bb"] > 0 %}y{% endclaim %} {{ left["C","A"] }}',
}
FALSE_MESSAGES = [
    'text/findings.md:3:3: claim is false: left["A","A"] > left["B","B"] (0.86 > 1.00)',
    (
        'text/interpretation.md:1:1: claim is false: left["A","Bb"] > 0 (left["A","Bb"] is undefined: left has no outcome category '
        '"Bb" (did you mean "B"?))'
    ),
    'text/interpretation.md:1:47: value cannot be given: left["C","A"] (left has no given category "C")',
]


@pytest.mark.parametrize("command", ["build", "check"])
def test_false_claims_of_all_files_in_one_run_with_status_3(run, command):
    assert run(FALSE, command) == (3, "", FALSE_MESSAGES)


NAMES = ", ".join(f"{name}.md" for name in (
    "abstract", "reading", "findings", "interpretation", "coverage", "methods", "provenance"))  # fmt: skip


def test_everything_that_is_wrong_with_files_in_one_run(read):
    err = wrong(
        read,
        {
            "interpretatio.md": "x",
            "methods.txt": "x",
            "left.md": "x",
            "abstract.md": "---\nplace: befor\nsection: x\n---\n{{ lef }}",
            "coverage.md": "---\nplace: [before]\n---\n> q",
            "reading.md": "---\nplace: before\nx",
            "findings.md": "---\n- before\n---\n",
            "provenance.md": b"\xff\xfe",
            "methods.md": "---\n---\nfine",
            "interpretation.md": "---\nplace: before\nplace: after\n---\n",
            ".hidden": "x",
        },
    )
    assert err == [
        "text/abstract.md:2:1: front matter is one line, place: before, after or instead",
        'text/abstract.md:5:1: there is no lef; values are date, left, right, units (did you mean "left"?)',
        "text/coverage.md:2:1: front matter is one line, place: before, after or instead",
        "text/findings.md:2:1: front matter is one line, place: before, after or instead",
        f'text/interpretatio.md: is no section\'s text; files are {NAMES} (did you mean "interpretation"?)',
        "text/interpretation.md:2:1: front matter is one line, place: before, after or instead",
        f"text/left.md: is no section's text; files are {NAMES}",
        f'text/methods.txt: is no section\'s text; files are {NAMES} (did you mean "methods"?)',
        "text/provenance.md:1:1: is UTF-16; save it as UTF-8",
        "text/reading.md:1:1: the front matter that --- begins is not ended by another ---",
    ]


FIGURES = {
    LINKS: LINKS
    + "\npanels:\n  - {id: left, relation: trained_on, given: datasets, outcome: models}\n"
    + "  - {id: right, relation: trained_on, given: models, outcome: datasets}\n"
    + "figures:\n  - {id: one, panels: [left]}\n  - {id: two, panels: [right]}",
}


def test_with_several_figures_files_have_the_figures_id(run, tmp_path):
    texts = {"two.coverage.md": '{{ left["A","A"] }} in the other figure.', "provenance.md": "Ours."}
    assert run(texts, edits=FIGURES)[::2] == (0, [])
    data = json.loads((tmp_path / "site" / "report.json").read_text("utf-8"))
    last = {section["id"]: section["blocks"][-1] for section in data["sections"]}
    assert last["two.coverage"]["sentences"][0]["spans"][0]["text"] == "86% in the other figure."
    assert last["provenance"]["sentences"][0]["origin"] == "authored"
    _, _, err = run({"coverage.md": "x"}, "check", edits=FIGURES)
    assert len(err) == 1
    assert err[0].startswith(
        "text/coverage.md: is no section's text; files are one.abstract, one.reading, one.findings, "
    )


WITHDRAWN = [
    'x [A statement was removed here because it is no longer true (left["A","A"] > left["B","B"]: 0.86 > 1.00).]',
    (
        '[A statement was removed here because it is no longer true (left["A","Bb"] > 0: left["A","Bb"] is undefined: left has no outcome '
        'category "Bb" (did you mean "B"?)).]'
    ),
    '[A statement was removed here because it is no longer true (left["C","A"]: left has no given category "C").]',
]


def test_withdraw_shows_that_something_no_longer_holds(read):
    found = read({**FALSE, "findings.md": FALSE["findings.md"].replace("x\n\n  ", "x ")}, "{on_false_claim: withdraw}")
    assert words(found) == WITHDRAWN
    assert [verdict.holds for verdict in found.claims] == [False, False, False]
    spans = [
        span for passage in found.passages[:-1] for block in passage.blocks for s in block.sentences for span in s.spans
    ]
    assert {span.style for span in spans if "no longer" in span.text} == {"strong"}


def test_a_label_reaches_no_template_and_no_markup(read):
    nasty = {"name: A, match: a": 'name: "{{ 7*7 }}<b>*x*", match: a'}
    found = read({"coverage.md": '{{ categories(left) }} and {{ highest(left, outcome="B") }}'}, edits=nasty)
    (sentence,) = found.passages[0].blocks[0].sentences
    assert [span.text for span in sentence.spans] == ["{{ 7*7 }}<b>*x* and B and B"]
    assert '"{{ 7*7 }}<b>*x*"' not in sentence.id
