"""Claims that the report tells a statement: true, false with the reason, and names that there are not."""

import shutil
from pathlib import Path

import pytest

from diptych.errors import ClaimError, TextError
from diptych.pipeline.build import check
from diptych.pipeline.parts import draft

SURVEY = Path(__file__).parents[3] / "examples" / "survey"


@pytest.fixture(scope="module")
def survey():
    """Return what the survey tells."""
    return draft(SURVEY / "config.yaml").parts[0].told


@pytest.fixture
def judged(tmp_path):
    """Return a function that checks a survey with a claim: the messages of the error, none if it is true."""
    shutil.copytree(SURVEY, tmp_path / "survey", ignore=shutil.ignore_patterns("site", "text"))
    config = tmp_path / "survey" / "config.yaml"
    config.write_text(config.read_text("utf-8") + "\ntext: {folder: text/}\n", "utf-8")

    def judge(predicate):
        (config.parent / "text").mkdir(exist_ok=True)
        (config.parent / "text" / "findings.md").write_text(f"{{% claim {predicate} %}}So.{{% endclaim %}}", "utf-8")
        try:
            check(config)
        except (ClaimError, TextError) as error:
            return list(error.messages)
        return []

    return judge


@pytest.mark.parametrize(
    "predicate",
    [
        'told("difference", "Programming", "Engineer")',
        'told("difference", "Engineer", "Programming")',
        'told("difference", "Programming")',
        'told("difference")',
        'not told("difference", "Data", "Engineer")',
        'not told("trend") and not told("direction", "Data", "Engineer")',
        'told("difference", "Programming", "Engineer") and left["Programming", "Engineer"] > 0.5',
    ],
)
def test_a_claim_about_what_is_told(judged, survey, predicate):
    told = {(one.form, one.subject, one.outcome) for one in survey.statements()}
    assert ("difference", "Programming", "Engineer") in told
    assert ("difference", "Data", "Engineer") not in told
    assert judged(predicate) == []


def test_what_is_not_told_has_its_reason(judged):
    [message] = judged('told("difference", "Data", "Engineer")')
    assert "not told: unclear" in message
    [message] = judged('told("agreement")')
    assert "not told: it was not tested" in message
    [message] = judged('not told("difference", "Programming", "Engineer")')
    assert "the report makes it" in message


def test_unknown_names_are_answered_by_near_ones(judged):
    [message] = judged('told("diference", "Programming", "Engineer")')
    assert 'there is no form "diference" of statements (did you mean "difference"?)' in message
    for predicate in ('told("difference", "Programing", "Engineer")', 'not told("difference", "Programing")'):
        [message] = judged(predicate)
        assert 'no relation has a category "Programing" (did you mean "Programming"?)' in message
    [message] = judged("told(0.5)")
    assert "this call is written told(" in message


def test_a_claim_leads_to_the_cells_of_its_statement(judged, tmp_path):
    assert judged('told("difference", "Programming", "Engineer")') == []
    document = draft(tmp_path / "survey" / "config.yaml").document
    [section] = [section for section in document.sections if section.id == "findings"]
    [sentence] = section.blocks[-1].sentences
    assert (sentence.text, sentence.origin) == ("So.", "authored")
    assert [(ref.panel, ref.given, ref.outcome) for ref in sentence.cells] == [
        ("left", "Programming", "Engineer"),
        ("right", "Engineer", "Programming"),
    ]
