"""Every sentence of the first page against the raw table, by its plain meaning: of public tables, examples and worlds.

A sentence is read by its own words (`meaning.Reader`, of published matrices `meaning_matrix.MatrixReader`), and what it
says is worked out of the table in pandas. What is not worked out: what crossings expect of each other, what groups and
weights make of chance, and which of several things a statement rests on most.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter, defaultdict
from copy import deepcopy

import pytest

from diptych.errors import DataError
from diptych.theme import template_folder
from tests.draws import draws
from tests.prose import generated
from tests.prose.meaning import Reader
from tests.prose.pages import EXAMPLES, HUB, PUBLIC, of_example, of_hub, of_public, of_simulated
from tests.prose.raw import of_project
from tests.prose.templates_of_pages import BEHIND, FIRST, NO_NAMES, OF_ROWS, PIECES
from tests.prose.test_words import SIMULATED
from tests.prose.tiny_pages import TINY

NUMBER = re.compile(r"(?<![\w.,$-])\d[\d,]*(?:\.\d+)?(?![\w-])")
WORLDS, AT_ONCE = draws(8, 500), 25
NAMES = [*EXAMPLES, *HUB, *SIMULATED, *TINY, *(f"public-{name}" for name in PUBLIC)]
UNNOTICED = 1 / 10
"""Of spoilt names: of another category the same may happen to be so."""


@pytest.fixture(scope="session")
def cases(public, simulated, tmp_path_factory):
    """Return a function that gives the first page of an example, a simulated world, a tiny one or a public table."""
    kept = {}

    def make(name):
        if name in EXAMPLES:
            return of_example(name)
        if name in PUBLIC:
            return of_public(name, public(name))
        if name in TINY:
            return TINY[name](tmp_path_factory.mktemp("tiny"))
        return of_simulated(simulated(name))

    def of(name):
        name = name.removeprefix("public-")
        if name in HUB and name not in kept:
            kept.update(zip(HUB, of_hub(tmp_path_factory.mktemp("hub")), strict=True))
        if name not in kept:
            kept[name] = make(name)
        return kept[name]

    return of


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_is_so(name, cases):
    assert cases(name).read() == []


def wrong_in(seeds, folders):
    found = {}
    for seed in seeds:
        with contextlib.suppress(DataError):  # no unit has a category of one side
            found[seed] = generated.draw(seed, folders.mktemp("world")).read()
    return {seed: wrong for seed, wrong in found.items() if wrong}


@pytest.mark.parametrize("first", range(0, WORLDS, AT_ONCE))
def test_every_sentence_of_generated_worlds_is_so(first, tmp_path_factory):
    assert wrong_in(range(first, min(first + AT_ONCE, WORLDS)), tmp_path_factory) == {}


def blocks():
    """Return every block of the templates that makes a sentence, by its words: it ends with a full stop somewhere."""
    found = set()
    for path in sorted((template_folder() / "prose" / "en").glob("[!_]*.j2")):
        text = path.read_text(encoding="utf-8")
        for name, body in re.findall(r"{%-? block (\w+) -?%}(.*?){%-? endblock -?%}", text, re.DOTALL):
            plain = re.sub(r"{#.*?#}", "", body, flags=re.DOTALL)
            ends = re.search(r"(?<!\d)[.](?=\s*(?:{%|$|\n|\"))|\"\.\"", plain)
            if ends and name not in ("title", "lead", "lead_each") and not name.endswith("_lead"):
                found.add(f"{path.stem}.{name}")
    return found


def test_every_template_of_a_sentence_is_known_to_stand_first_or_behind():
    """A new sentence must be given its place: on the first page, with a reading, or behind it."""
    assert not FIRST & BEHIND
    sentences = {name for name in blocks() - PIECES if not name.startswith(OF_ROWS)}
    known = {name for name in FIRST | BEHIND if not name.startswith(OF_ROWS)}
    assert sentences == known - {"departures.caption"}


def test_every_template_that_can_stand_first_is_read_and_no_other_stands_there(cases):
    seen = Counter(one.template for name in NAMES for one in cases(name).told)
    assert set(seen) == FIRST


# The readings can say no.


def changed(text, n):
    """Return a text with its n-th number made another."""
    found = list(NUMBER.finditer(text))[n]
    value = float(found.group().replace(",", ""))
    other = f"{value + 7:,.0f}" if value.is_integer() and "." not in found.group() else f"{value * 1.7 + 1:.2f}"
    return text[: found.start()] + other + text[found.end() :]


UNCHECKED = re.compile(
    r"(?<=where )[\d.,]+ (?=would be)|[\d.,]+ (?=times as often as expected)"
    r"|; [\d.,]+ over all|(?<=reach )\d\.\d\d|(?<=within )0\.05(?= of 1)"
)
"""Numbers that no table tells by itself: what crossings expect, limits."""
ROUGH = re.compile(
    r" \([^()]*(?:to|or more|or less)[^()]*\)|[\d.,]+ (?=times as often as chance would make (?:it|them)\.$)"
)
"""Ends of intervals, and what could have been found, which are held to a width where units are no simple ones."""
EXACT = {"interpretation.supports", "pictures.shares_item", "surprises.nothing"}
"""Where simple units have exact ends."""
OF_DESIGN = ("accounts for", "account for", "The cells that matter")
"""What groups and weights make of chance is worked out by the tests of inference."""


@pytest.mark.parametrize(
    ("name", "template", "told", "spoilt"),
    [
        ("default", "interpretation.supports", "(92 to 97 %)", "(80 to 97 %)"),
        ("default", "interpretation.supports", "(92 to 97 %)", "(92 to 93 %)"),
        ("default", "composition.doubt", "(53 to 78 %)", "(40 to 78 %)"),
        ("default", "composition.doubt", "(53 to 78 %)", "(64 to 66 %)"),
        ("public-metro", "activity.doubt", "(1.2 to 1.4)", "(1.2 to 1.9)"),
        ("public-attrition", "surprises.nothing", "met 1.8 times", "met 1.4 times"),
        ("default", "pictures.ratios_item", "(3.7 to 8.1)", "(6.6 to 8.1)"),
        ("default", "pictures.ratios_item", "of at most 5.8", "of at most 6.2"),
        ("public-penguins", "pictures.ratios_caption", "the sex alone accounts", "the mass alone accounts"),
        ("public-iris", "pictures.shares_item", "(93 % or more)", "(83 % or more)"),
    ],
)
def test_spoilt_ends_and_captions_are_noticed(name, template, told, spoilt, cases):
    case = cases(name)
    places = [n for n, one in enumerate(case.told) if one.template == template and told in one.text]
    assert places, [one.text for one in case.told if one.template == template]
    place = places[0]
    text = case.told[place].text
    assert _after(case, place).holds(text)
    assert not _after(case, place).holds(text.replace(told, spoilt))


def test_a_picture_without_its_first_pair_is_noticed(cases):
    """What stands under it, "the pairs that depart most", is no longer so."""
    case = cases("public-iris")
    (place,) = [n for n, one in enumerate(case.told) if one.template == "pictures.shares_caption"]
    first = next(n for n, one in enumerate(case.told) if one.template == "pictures.shares_item")
    reader = case.reader()
    for n, one in enumerate(case.told[:place]):
        if n != first:
            reader.holds(one.text)
    assert not reader.holds(case.told[place].text)


@pytest.mark.parametrize("name", NAMES)
def test_a_spoilt_number_is_noticed(name, cases):
    """Each number of each sentence made another is noticed: by what is so, not by how it is written."""
    case = cases(name)
    names = _names(case)
    missed = []
    for one, holds in in_turn(case):
        held = UNCHECKED.sub(_hidden, one.text)
        if one.template not in EXACT or case.raw is None or not case.raw.plain:
            held = ROUGH.sub(_hidden, held)
        if case.raw is not None and not case.raw.plain and any(words in one.text for words in OF_DESIGN):
            continue
        for n, found in enumerate(NUMBER.finditer(one.text)):
            if "#" in held[found.start() : found.end()] or _in_name(names, one.text, found.span()):
                continue
            if holds(changed(one.text, n)) is True:
                missed.append((one.text, found.group()))
    assert missed == []


def _hidden(found):
    return re.sub(r"\d", "#", found.group())


def _after(case, place):
    """Return a reader that knows what was said before a place."""
    reader = case.reader()
    for before in case.told[:place]:
        reader.holds(before.text)
    return reader


def in_turn(case):
    """Yield each sentence, and a function that reads another in its place, by who knows what was said before it."""
    reader = case.reader()
    for one in case.told:
        known = {name: deepcopy(of) for name, of in vars(reader).items() if name not in ("raw", "panels", "_readings")}

        def holds(text, known=known):
            try:
                return reader.holds(text)
            finally:
                vars(reader).update(deepcopy(known))

        yield one, holds
        reader.holds(one.text)


def _in_name(names, text, span):
    return any(found.start() <= span[0] and span[1] <= found.end() for name in names for found in name.finditer(text))


def _names(case):
    """Return what finds each category, stratum and group of a raw table in a text."""
    if case.raw is None:
        return []
    units = case.raw.units
    names = [*case.raw.names[0], *case.raw.names[1], *units["stratum"].unique(), *units["group"].unique()]
    return [re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") for name in dict.fromkeys(names) if name]


def spoilt_names(case, names, text):
    """Yield a sentence with one category that it names made another of the same side that units have.

    `names` are those of both axes of matrices, None of a raw table.
    """
    sides = [names] if names else ([case.raw.names[0]] if case.raw.same else case.raw.names)
    for side, known in enumerate(sides):
        there = known if names else [n for n in known if case.raw.n(case.raw.has(side, n))]
        said = [n for n in known if n in text and re.search(rf"(?<![\w-]){re.escape(n)}(?![\w-])", text)]
        for name in said:
            for other in [n for n in there if n not in said][: 3 if names else 1]:
                if names or not _alike(case.raw, side, name, other):
                    yield re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", lambda _, o=other: o, text)


def _alike(raw, side, first, second):
    """Return whether two categories have nearly the same number of units, so that a count tells them not apart."""
    return abs(raw.n(raw.has(side, first)) - raw.n(raw.has(side, second))) < 5


def test_a_spoilt_name_is_noticed(cases):
    """In nearly every sentence, and for each template, a category made another is noticed."""
    missed, noticed, n = defaultdict(list), Counter(), 0
    for name in NAMES:
        case = cases(name)
        names = case.reader().names if case.raw is None else None
        for one, holds in in_turn(case):
            for spoilt in spoilt_names(case, names, one.text):
                n += 1
                if holds(spoilt) is True:
                    missed[one.template].append(spoilt)
                else:
                    noticed[one.template] += 1
    assert sum(map(len, missed.values())) <= UNNOTICED * n, missed
    assert set(noticed) >= FIRST - NO_NAMES


def test_what_is_false_is_noticed():
    """The readings can say no: of words that stand for all and none."""
    raw = of_project("penguins")
    true = [
        "All 68 penguins with species Chinstrap have island Dream, against 20 % of the others.",
        "None of the 124 penguins with species Gentoo have island Dream, against 56 % of the others.",
    ]
    untrue = [
        "All 152 penguins with species Adelie have island Dream, against 20 % of the others.",
        "None of the 152 penguins with species Adelie have island Dream, against 56 % of the others.",
        "37 % of penguins with species Adelie have island Dream, against none of the others.",
        "56 % of penguins with species Adelie have island Dream, against 35 % of the others.",
        "No pair of categories surely departs from chance.",
    ]
    assert [Reader(raw).holds(text) for text in true] == [True, True]
    assert [Reader(raw).holds(text) for text in untrue] == [False] * 5
    assert Reader(raw).holds("Something that no reading knows.") is None
