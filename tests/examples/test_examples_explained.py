"""Every sentence of a statement in every example can be explained."""

import json
import re

import pytest

from diptych.contrib.explain import explained, read_report
from diptych.contrib.explain.explain_text import as_data, told
from tests.doc_pages import section
from tests.examples.relations import CONFIGS

pytestmark = pytest.mark.slow


@pytest.fixture
def document(site):
    return json.loads((site / "report.json").read_text(encoding="utf-8"))


def sentences(value):
    if isinstance(value, dict):
        if "spans" in value and "id" in value:
            yield value
        for inner in value.values():
            yield from sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from sentences(inner)


def test_every_sentence_can_be_explained(name, document):
    report = read_report(CONFIGS[name])
    ids = dict.fromkeys(sentence["id"] for sentence in sentences(document["sections"]))
    of_statements = ids.keys() & report.statements.keys()
    assert of_statements
    for sentence_id in of_statements:
        found = explained(sentence_id, report)
        assert found.statements, sentence_id
        assert told(found).startswith(sentence_id)
        assert json.dumps(as_data(found), allow_nan=False)


def test_what_the_manual_explains_is_there():
    """Of the default example."""
    manual = section("statements.md", "Trace a number")
    targets = re.findall(r"^diptych explain ([\w.:,]+) +#", manual, re.MULTILINE)
    report = read_report(CONFIGS["default"])
    assert len(targets) == 3
    for target in targets:
        assert told(explained(target, report))
