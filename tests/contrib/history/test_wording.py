"""Whether a report says something else: headline, key sentences, their order, and sizes of categories."""

import csv
import io
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks.snapshots import compared_builds
from benchmarks.taking import snapshot_of
from diptych.config.loading import load_config
from diptych.contrib.history.changes import Build, Diff, HeadlineChange, SentenceChange, json_of
from diptych.contrib.history.diff_text import markdown_of, page_of, text_of
from diptych.contrib.history.snapshot import KeptSentence
from diptych.contrib.history.wording import headline_changes, is_reordered, sentence_changes, without_numbers
from tests.contrib.history.projects import CONFIG, write

SURVEY = Path(__file__).parents[3] / "examples" / "survey"


def edited(old: str, new: str, most: int) -> str:
    """Return the survey with one skill replaced in the first answers that have it."""
    rows = list(csv.DictReader(io.StringIO((SURVEY / "answers.csv").read_text())))
    left = most
    for row in rows:
        skills = row["skills"].split("; ")
        if old in skills and left:
            row["skills"], left = "; ".join(new if skill == old else skill for skill in skills), left - 1
    assert not left
    written = io.StringIO()
    table = csv.DictWriter(written, rows[0].keys(), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue()


@cache
def survey(answers: str | None = None):
    config = (SURVEY / "config.yaml").read_text().replace("version: 1", "version: 1\noutputs: [data]\nsnapshots: {}")
    answers = (SURVEY / "answers.csv").read_text() if answers is None else answers
    with TemporaryDirectory() as folder:
        return snapshot_of(load_config(write(Path(folder), config, {"answers.csv": answers})))


def first_sentence(snapshot) -> str:
    return next(s.text for s in snapshot.head.published.sentences if s.section == "abstract").replace("\u00a0", " ")


def test_another_headline_comes_first_and_is_never_called_nothing():
    """Python is replaced by Excel in 40 of 417 answers: no cell moves by more than noise, and the headline is another."""
    old, new = survey(), survey(edited("Python", "Excel", 40))
    found = compared_builds(old, new)
    assert (found.matters, found.changed_words, found.changed_numbers) == (True, True, False)
    [headline] = found.headlines
    assert headline.reworded
    assert headline.old != headline.new
    text = text_of(found).splitlines()
    assert text[2] == f"Headline before: {first_sentence(old)}"
    assert text[4] == f"Headline now: {first_sentence(new)}"
    assert text[6].startswith("The report says something else: the headline")
    data = json.loads(json_of(found))
    assert (data["changed_words"], data["changed_numbers"], len(data["headlines"])) == (True, False, 1)


def test_snapshots_without_sentences_are_compared_by_their_numbers():
    old, new = survey(), survey(edited("Python", "Excel", 40))
    bare = replace(old, head=replace(old.head, published=replace(old.head.published, sentences=())))
    found = compared_builds(bare, new)
    assert (found.headlines, found.sentences, found.reordered) == ((), (), False)
    assert "old has no sentences, so sentences are not compared" in found.notes


def said(*texts: str, section: str = "observations") -> list[KeptSentence]:
    """Return sentences whose ids are their first words; the first one is the headline."""
    kept = [KeptSentence("main", "survey", section, text.split()[0], text) for text in texts]
    return [replace(one, section="observations" if n else "abstract") for n, one in enumerate(kept)]


@pytest.mark.parametrize(
    ("old", "new", "reworded"),
    [
        ("A 60 % of 158 answers", "A 58 % of 160 answers", False),
        ("A under 1 % of 3,000", "A 2 % of four", False),
        ("A 60 % of answers", "A most answers", True),
        ("A 60 % of answers", "B 60 % of answers", True),
    ],
)
def test_a_headline_with_other_numbers_is_not_reworded(old, new, reworded):
    [change] = headline_changes(said(old), said(new))
    assert change == HeadlineChange("main", "survey", old, new, reworded)
    assert not headline_changes(said(old), said(old))


def test_sentences_that_came_went_or_have_other_words():
    old = said("H headline", "A has 3 of 4", "B has Writer jobs", "C goes")
    new = said("H headline", "A has 1 of 5", "B has Engineer jobs", "D comes")
    assert sentence_changes(old, new) == (
        SentenceChange("main", "survey", "B", "changed", "B has Writer jobs", "B has Engineer jobs"),
        SentenceChange("main", "survey", "D", "appeared", None, "D comes"),
        SentenceChange("main", "survey", "C", "vanished", "C goes", None),
    )


def test_the_order_counts_and_a_moved_headline_is_not_counted_twice():
    assert is_reordered(said("H", "A", "B"), said("H", "B", "A"))
    assert not is_reordered(said("H", "A", "B"), said("H", "A", "C", "B"))
    assert not is_reordered(said("H", "A", "B"), said("B", "H", "A"))


def test_categories_whose_share_moved_by_a_fifth_are_listed():
    """Of 100 records 60 have A, then 70 (by a sixth more); 40 have B, then 30 (by a quarter fewer)."""
    old, new = (records("x,y\n" + "a,a\n" * a + "b,b\n" * (100 - a)) for a in (60, 70))
    found = compared_builds(old, new)
    sizes = [(one.side, one.category, one.old, one.old_all, one.new, one.new_all) for one in found.sizes]
    assert sizes == [("x", "B", 40, 100, 30, 100), ("y", "B", 40, 100, 30, 100)]
    assert "- B (x): 40 of 100 (40%) records before, 30 of 100 (30%) now\n" in text_of(found)


def records(text: str):
    with TemporaryDirectory() as folder:
        return snapshot_of(load_config(write(Path(folder), CONFIG, {"r.csv": text})))


def test_names_in_sentences_are_text_everywhere():
    evil = "<script>x</script> **b** @someone \x1b[31m"
    found = Diff(
        Build("a", None, "1"),
        Build("b", None, "1"),
        ("data",),
        headlines=(HeadlineChange("f", "r", evil, evil + "!", reworded=True),),
        sentences=(SentenceChange("f", "r", "i", "changed", evil, evil + "!"),),
    )
    markdown = markdown_of(found)
    assert markdown.startswith("# a to b\n\n**Headline before:** \\<script\\>")
    assert "\x1b" not in markdown + text_of(found) + page_of(found)
    assert "<script" not in page_of(found)
    assert "<strong>Headline before:</strong> &lt;script&gt;" in page_of(found)


def test_number_words_and_bounds_are_numbers():
    assert without_numbers("60 % of the 42 answers, against under 1 % of four others") == (
        "# of the # answers, against # of # others"
    )
    assert without_numbers("everyone weighs 1.2e3") != without_numbers("someone weighs 1.2e3")
