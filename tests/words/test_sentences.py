"""Sentences of single statements: what they print, and what they must not."""

import re
from dataclasses import replace
from typing import get_args

import pytest

from diptych import formats
from diptych.statements import Form
from diptych.taxonomy import pseudonym
from diptych.words.sentences import points, sentence, template
from tests.words import statements
from tests.words.statements import CANTONS, difference, groups, overall, records, table, told, trend

SAME = {"rows": CANTONS, "columns": CANTONS, "is_same": True}
WORLDS = {
    "records": (records(), table()),
    "bare": (records("", ""), table()),
    "half bare": (records("come from {}", ""), table()),
    "flipped": (records(), table(statements.FISH, CANTONS, is_flipped=True)),
    "to": (statements.links(), table(**SAME)),
    "from": (statements.links("from"), table(**SAME)),
    "link": (statements.links("link"), table(**SAME)),
    "shared": (statements.shared(), table(CANTONS, CANTONS, is_shared=True)),
    "weighted": (records(weighted=True), table()),
}
FIXED = {"95", "5"}
"""Numbers that are no fields: the level of all intervals, and the false discovery rate."""


def said(statement, names=WORLDS["records"][0], of=WORLDS["records"][1], variant="", **more):
    return sentence(statement, of, names, variant, **more)


def fields(statement, also=()):
    """Return all numbers of a statement and of its notes, and the one that is taken from two."""
    found = []

    def visit(value):
        if isinstance(value, tuple):
            for one in value:
                visit(one)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append(float(value))

    for one in (statement, *statement.notes, *also):
        visit(tuple(one.numbers.values()))
        if one.form == "missing":
            found.append(one.number("total") - one.number("units"))
    return found


def printed(value):
    """Return all texts that a number may be printed as."""
    texts = {formats.count(value), formats.expected(abs(value)), points(value), formats.percent(value)}
    texts |= {formats.ratio_at_least(abs(value)), formats.bare_percent(abs(value))} if value else set()
    return {digits for text in texts for digits in re.findall(r"\d[\d,.]*\d|\d", text)}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("form", told())
@pytest.mark.parametrize("variant", ["", "title"])
def test_every_number_is_a_field(world, form, variant):
    names, of = WORLDS[world]
    statement = replace(told()[form], notes=(groups(),))
    text = sentence(
        statement, of, names, variant, also=(difference(outcome="pike", share=0.071),) if form == "difference" else ()
    )
    allowed = FIXED.union(*map(printed, fields(statement, (difference(share=0.071),))))
    assert set(re.findall(r"\d[\d,.]*\d|\d", text)) <= allowed
    assert not re.search(r"[ ]{2}|[{}]|None(?! of)|nan|Undefined", text)
    assert text[:1] == text[:1].upper() or form.startswith("not_shown")


def test_every_form_has_a_block():
    blocks = template("statements").blocks
    assert {form for form in get_args(Form) if form != "not_shown" and form not in blocks} == set()


def test_a_private_name_is_not_printed():
    one = replace(told()["depends"], numbers=dict(told()["depends"].numbers) | {"name": pseudonym("group", 1)})
    assert said(one).startswith("This depends on one lake: without")


@pytest.mark.parametrize(
    "name", ["old “pike” men", "50% {}", "{{ n }}", "\u200fחיפה", "65+", "a|b", "<b>", "100%", "{0}", "it's"]
)
@pytest.mark.parametrize("world", ["records", "bare", "to", "shared"])
def test_odd_names_are_printed_as_they_are(name, world):
    names, of = WORLDS[world]
    for one in (
        difference(name, "perch"),
        difference("perch", name),
        overall(categories=(name, *CANTONS)),
        trend(categories=(name, "b", "c")),
    ):
        for variant in ("", "title"):
            assert name.casefold() in sentence(one, of, names, variant).casefold()
