"""Evidence in every example: each sentence can be explained, and evidence prints no number of its own."""

import json
import math
import re

import pytest

from diptych.contrib.explain import explained, read_report
from diptych.contrib.explain.explain_text import as_data, told
from diptych.formats import calculated
from tests.examples.relations import CONFIGS

pytestmark = pytest.mark.slow

FUNCTIONS = {"log": math.log, "log2": math.log2, "sqrt": math.sqrt, "min": min}


@pytest.fixture
def document(site):
    return json.loads((site / "report.json").read_text(encoding="utf-8"))


@pytest.fixture
def findings(site):
    return json.loads((site / "data" / "findings.json").read_text(encoding="utf-8"))["findings"]


def sentences(value):
    if isinstance(value, dict):
        if "spans" in value and "id" in value:
            yield value
        for inner in value.values():
            yield from sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from sentences(inner)


def blocks(document):
    return [block for section in document["sections"] for block in section["blocks"]]


def test_every_sentence_can_be_explained(name, document):
    report = read_report(CONFIGS[name])
    ids = dict.fromkeys(sentence["id"] for sentence in sentences(document["sections"]))
    assert len(ids) > 10
    for sentence_id in ids:
        found = explained(sentence_id, report)
        assert found.sentences, sentence_id
        assert told(found).startswith(sentence_id)
        assert json.dumps(as_data(found), allow_nan=False)


def test_every_sentence_about_a_finding_points_at_a_note(document, findings):
    """By the finding's id, which begins the sentence's."""
    notes = {note["id"]: note for block in blocks(document) if block["type"] == "evidence" for note in block["notes"]}
    ids = {finding["id"] for finding in findings}
    pointing = 0
    for sentence in sentences([b for b in blocks(document) if b["type"] in ("paragraph", "list")]):
        about = [i for i in ids if sentence["origin"] == "computed" and sentence["id"].startswith(f"{i}.")]
        assert (sentence["evidence"] in notes) == bool(about), sentence["id"]
        if about:
            pointing += 1
            assert sentence["evidence"].endswith(max(about, key=len))
            assert sentence["id"] in notes[sentence["evidence"]]["sentences"]
    assert pointing > 5
    assert [note["number"] for note in notes.values()] == list(range(1, len(notes) + 1))


def look_up(finding, path):
    """The number at a path of the finding as JSON; properties, which JSON has not, are None."""
    found = finding
    for step in path.split("."):
        if step.isdigit():
            found = found[int(step)]
        elif step == "#" or not isinstance(found, dict) or step not in found:
            return None
        else:
            found = found[step]
    return found


def test_every_number_of_evidence_is_a_field_of_its_finding(findings):
    seen = 0
    for finding in findings:
        for calculation in finding["evidence"]["calculations"]:
            for term in calculation["terms"]:
                field = look_up(finding, term["field"])
                if field is not None:
                    seen += 1
                    assert term["value"] == field, (finding["id"], term)
    assert seen > 5


def test_every_formula_gives_its_value(findings):
    """Worked out here by Python itself from the terms, and from the formula with numbers to what their digits tell."""
    filled = 0
    for finding in findings:
        for calculation in finding["evidence"]["calculations"]:
            if not calculation["numbers"]:
                continue
            filled += 1
            terms = {term["name"]: term["value"] for term in calculation["terms"]}
            formula = calculation["formula"].replace("×", "*")
            value = eval(formula, {"__builtins__": {}}, FUNCTIONS | terms)  # noqa: S307 - our own formulas
            assert value == pytest.approx(calculation["estimate"]["value"], rel=1e-6, abs=1e-9), (
                finding["id"],
                formula,
            )
            numbers = calculation["numbers"].replace("×", "*").replace(",", "").replace("−", "-")
            if "log" not in numbers and "-" not in numbers:
                assert eval(numbers, {"__builtins__": {}}, FUNCTIONS) == pytest.approx(value, rel=0.06)  # noqa: S307
    assert filled > 1


def test_a_note_prints_only_numbers_of_its_finding(document, findings):
    """What is left of a note without them, and without names, holds no digit."""
    for block in blocks(document):
        for note in block["notes"] if block["type"] == "evidence" else ():
            about = [f for f in findings if note["id"].endswith(f".{f['id']}")]
            own = [f for f in about if note["id"].startswith(f"evidence.{f['figure']}.")] or about
            finding = max(own, key=lambda f: len(f["id"]))
            evidence = finding["evidence"]
            lines = [f"{line['text']} {line['interval']} {line['after']}" for line in note["calculations"]]
            text = " ".join([*lines, *note["methods"], *note["robustness"]])
            for word in sorted(filter(None, words(evidence, finding)), key=len, reverse=True):
                text = text.replace(word, " ")
            assert not re.search(r"\d", text), (note["id"], text)


def words(evidence, finding):
    """Every number of evidence as it is printed, and every name and phrase that may hold digits."""
    yield from (finding["id"], "log2")
    yield from ((f"{100 * evidence['level']:.0f}%",) if evidence["level"] else ())
    yield from (calculated(limit["value"]) for limit in evidence["thresholds"])
    for drawn in evidence["drawn_again"]:
        yield from (f"{n or 'none'} of {drawn['n_resamples']} resamples" for n in (round(200 * drawn["fails"]),))
        yield drawn["statement"]
    yield from (fate[key] for fate in evidence["choices"] + evidence["without"] for key in ("statement", "otherwise"))
    for calculation in evidence["calculations"]:
        yield from (calculation["what"], calculation["formula"], calculation["interval"])
        yield calculation["what"][:1].upper() + calculation["what"][1:]
        yield f"{max(len(evidence['calculations']) - 3, 0)} more"
        numbers = [*(calculation["estimate"] or {}).values()]
        numbers += [term["value"] for term in calculation["terms"]]
        yield from (calculated(number) for number in numbers if number is not None)
        yield from (
            "0.001",
            *(f"{number:.3f}" for number in numbers if number is not None and 0 <= number <= 1),
        )  # p, q


def test_what_the_manual_explains_is_there():
    """Of the default example."""
    manual = (CONFIGS["default"].parent / "docs" / "explain.md").read_text(encoding="utf-8")
    targets = re.findall(r"^diptych explain ([\w.:,]+) +#", manual, re.MULTILINE)
    report = read_report(CONFIGS["default"])
    assert len(targets) == 3
    for target in targets:
        assert told(explained(target, report))
    assert "4,084 / 4,285 = 0.95" in manual
    assert "4,084 / 4,285 = 0.95" in told(explained("agreement", report))
