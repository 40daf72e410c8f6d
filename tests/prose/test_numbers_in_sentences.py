"""Every number in a sentence about a finding is one of that finding's, as `formats` writes it; no number is made up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import pytest

from diptych import formats
from diptych.document.compose import BUILDERS
from diptych.document.pictures import cells_that_matter, of_pairs
from diptych.findings.agreement import Agreement
from diptych.findings.composition import PairDeviations
from diptych.findings.surprises import PairAssociations
from diptych.theme import template_folder
from tests.examples.relations import CONFIGS
from tests.prose.wholes import Said, Whole, leaves, wholes
from tests.thresholds import THRESHOLDS

pytestmark = pytest.mark.slow

NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")
WORDS = tuple(formats.small(n) for n in range(2, 10))
"""Counts that are written as words. One is left out: in English it is an article, too."""
WORD = re.compile(rf"\b(?:{'|'.join(WORDS)})\b", re.IGNORECASE)
OF_PARTS = ("direction", "gaps", "population")
"""Kinds whose sentences print a count as a share of another, or what is left of it."""

ONE = (formats.count, formats.percent, formats.ratio, formats.ratio_at_least, formats.value, formats.expected, formats.signed_count, lambda x: formats.decimal(x, 1), lambda x: str(round(x)))  # fmt: skip
TWO = (formats.percent_range, formats.ratio_range, formats.signed_count_range)
"""All the ways in which a number, and an interval, becomes words."""


@dataclass(frozen=True)
class Known:
    """The numbers that a sentence may print, as texts, and the names in it that may hold digits of their own."""

    texts: frozenset[str]
    names: tuple[str, ...]


def known(*values: object) -> Known:
    """Return what can be printed of some frozen values: each number, each two that stand together, and of each a part.

    A part is a count over another ("12 of 20 (60 %)"), or what is left of it ("Of the 111, 60 rest on ...").
    """
    found = [leaf for value in values for leaf in leaves(value)]
    numbers = list(
        dict.fromkeys(leaf for leaf in found if isinstance(leaf, int | float) and not isinstance(leaf, bool))
    )
    sequence = [leaf for leaf in found if isinstance(leaf, int | float) and not isinstance(leaf, bool)]
    texts = {token for number in numbers for form in ONE for token in NUMBER.findall(_safely(form, number))}
    for low, high in pairwise(sequence):
        if low <= high:
            texts |= {token for form in TWO for token in NUMBER.findall(_safely(form, low, high))}
    names = sorted({leaf for leaf in found if isinstance(leaf, str) and re.search(r"\d", leaf)}, key=len, reverse=True)
    return Known(frozenset(texts), tuple(names))


def _without(text: str, name: str) -> str:
    """Return a text without a name that holds digits of its own."""
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", text) if re.search(r"[^\d.,]", name) else text


def _safely(form, *numbers: float) -> str:
    try:
        return form(*numbers)
    except (OverflowError, ValueError):
        return ""


@cache
def constants(topic: str) -> frozenset[str]:
    """Return the words for numbers that a topic's template, or phrases that several share, have as they are."""
    found: set[str] = set()
    for name in (topic, "_phrases"):
        (path,) = template_folder().glob(f"**/prose/en/{name}.j2")
        text = path.read_text(encoding="utf-8")
        found |= set(WORD.findall(re.sub(r"{{.*?}}|{%.*?%}|{#.*?#}", "", text, flags=re.DOTALL).lower()))
    return frozenset(found)


def strange_words(text: str, topic: str, values: tuple[object, ...]) -> list[str]:
    """Return the words for numbers in a text that are no counts of some values, nor of the template."""
    counts = {leaf for leaf in leaves(values) if isinstance(leaf, int | float) and not isinstance(leaf, bool)}
    levels = {int(leaf) for leaf in leaves(values) if isinstance(leaf, str) and leaf.isdecimal()}  # of activity: "4"
    known_words = {formats.small(int(n)) for n in counts | levels if 1 < n < 10 and n == int(n)} | constants(topic)
    return [word for word in WORD.findall(text.lower()) if word not in known_words]


def parts(numbers: list[float]) -> list[float]:
    """Return each count over each that is no smaller, and their difference."""
    counts = [n for n in numbers if n >= 0]
    return [value for n in counts for whole in counts if n <= whole and whole for value in (n / whole, whole - n)]


def made_up(said: Said, whole: Whole) -> list[str]:
    """Return the numbers of a sentence about a finding that are none of the finding's."""
    finding = said.finding
    values: list[object] = [finding, *vars(THRESHOLDS).values(), *_beside(said, whole)]
    if finding is not None and finding.kind == "contrast":
        values.append(finding.n_left_higher + finding.n_right_higher + finding.n_unread)
    if finding is not None and finding.kind in OF_PARTS:
        own = {leaf for leaf in leaves(finding) if isinstance(leaf, int | float) and not isinstance(leaf, bool)}
        values += [tuple(parts(sorted(own)))]
    allowed = known(*values)
    text = said.text
    for name in allowed.names:
        text = _without(text, name)
    strange = strange_words(text, said.sentence.id.partition(".")[0], (*values, *_unnamed(finding, text)))
    return [token for token in NUMBER.findall(text) if token not in allowed.texts] + strange


def _unnamed(finding: object, text: str) -> Iterator[int]:
    """Yield of each list of a finding how many of its entries a text does not name ("... and three more")."""
    for value in vars(finding).values() if finding is not None else ():
        if isinstance(value, tuple):
            names = [one if isinstance(one, str) else getattr(one, "category", None) for one in value]
            yield sum(name is not None and name not in text for name in names)


def _beside(said: Said, whole: Whole) -> list[object]:
    """Return the other findings that a sentence may speak of: what a finding rests on is said with it."""
    part = whole.written.part
    found: list[object] = [
        part.inference.minimum_units,
        part.inference.level,
        *(f for f in part.findings if f.kind == said.sentence.id),
    ]
    if said.finding is not None and said.finding.kind in ("spread", "isolation", "blocks"):
        found += [f for f in part.findings if f.kind == said.finding.kind]
    return found


@pytest.mark.parametrize("name", CONFIGS)
def test_every_number_of_a_sentence_is_a_field_of_its_finding(name):
    about = [(said, whole) for whole in wholes(CONFIGS[name]) for said in whole.said if said.finding is not None]
    assert len(about) >= 5
    assert {said.sentence.id: (numbers, said.text) for said, whole in about if (numbers := made_up(said, whole))} == {}


@pytest.mark.parametrize("name", CONFIGS)
def test_no_text_prints_a_value_that_is_missing(name):
    for whole in wholes(CONFIGS[name]):
        texts = [*(said.text for said in whole.said), *whole.table_texts]
        assert [
            text for text in texts if re.search(r"\b(?:None|nan|inf|True|False|Undefined)\b(?! of| is\b)", text)
        ] == []


@pytest.mark.parametrize("name", CONFIGS)
def test_every_other_number_is_of_the_cells_or_of_how_the_figure_is_made(name):
    for whole in wholes(CONFIGS[name]):
        part = whole.written.part
        counted = () if part.counted is None else (part.counted.coverage, part.counted.n_strata, part.counted.labels)
        sampling = getattr(part.results, "sampling", ())
        effects = tuple(cell.design_effect for panel in part.panels for cell in panel.cells if cell.design_effect)
        rest = (tuple(min(effects, default=0) for _ in "1"), min(effects, default=0), max(effects, default=0))
        for said in whole.said:
            if said.finding is not None or said.section == "provenance" or said.sentence.id == "methods.references":
                continue
            cells = tuple(_cell(whole, ref) for ref in said.sentence.cells)
            about = [f for f in part.findings if said.sentence.id.startswith(f"{f.kind}.")]
            population = [f for f in part.findings if f.kind in ("population", "gaps")]
            if said.sentence.id in ("methods.selected", "methods.tests"):
                about += part.found(PairAssociations)
            allowed = known(cells, sampling, rest, part.inference, part.scale, counted, about, population, _others(cells), _axes(whole))  # fmt: skip
            text = said.text
            for note in () if part.counted is None else part.counted.notes:  # what was noticed stands as it was noted
                text = text.replace(note.message.partition(": ")[2] or note.message, "")
            for known_name in allowed.names:
                text = _without(text, known_name)
            levels = {
                f"{100 * f.selected_level:.2f}" for f in about if isinstance(f, PairAssociations) and f.selected_level
            }
            strange = [token for token in NUMBER.findall(text) if token not in allowed.texts | levels]
            strange += strange_words(
                text, said.sentence.id.partition(".")[0], (cells, sampling, counted, about, population, _axes(whole))
            )
            assert strange == [], (said.sentence.id, said.text)


_COLUMNS = ("supports", "not", "out")


def beside(whole: Whole) -> Iterator[tuple[str, str]]:
    """Yield the texts of the first page that are no sentences of its sections."""
    part, writer = whole.written.part, whole.written.writer
    (table,) = BUILDERS["interpretation"](part, writer)
    yield from (
        (f"interpretation.{name}", cell.text) for row in table.rows for name, cell in zip(_COLUMNS, row, strict=True)
    )
    yield from (("departures.caption", block.caption) for block in cells_that_matter(part, writer))
    picture = of_pairs(part, writer)
    if picture is not None:
        yield "pictures.alt", picture.block.alt
        yield "pictures.caption", " ".join(sentence.text for sentence in picture.block.caption)


@pytest.mark.parametrize("name", CONFIGS)
def test_every_number_of_a_pair_under_a_picture_is_of_its_cells(name):
    for whole in wholes(CONFIGS[name]):
        for block, text in beside(whole):
            if block == "pictures.alt":
                items = text.replace("\N{NO-BREAK SPACE}", " ").partition(". ")[2].removesuffix(".").split("; ")
                strange = {item: found for item in items for found in [_of_no_cell(whole, item)] if found}
                assert strange == {}


def _of_no_cell(whole: Whole, item: str) -> list[str]:
    """Return the numbers of an item that none of the pairs has whose two names it begins with."""
    own = [pair for pair in _pairs(whole) if item.startswith(pair.row) and f" {pair.column} " in item.replace(":", " ")]
    if not own:  # how many more there are
        return []
    allowed = known(*(value for pair in own for value in _of_pair(whole, pair)))
    text = item
    for name in (*allowed.names, *(name for pair in own for name in (pair.row, pair.column))):
        text = text.replace(name, "")
    return [token for token in NUMBER.findall(text) if token not in allowed.texts]


def _pairs(whole: Whole) -> Iterator:
    yield from (pair for found in whole.written.part.found(PairDeviations) for pair in found.pairs)


def _of_pair(whole: Whole, pair) -> Iterator[object]:
    part = whole.written.part
    for panel in part.panels:
        is_row = panel.given == part.wording.rows
        cell = panel.cell(*((pair.row, pair.column) if is_row else (pair.column, pair.row)))
        yield (cell.value, cell.low, cell.high, cell.baseline, cell.lift, cell.lift_within_strata)
        yield (cell.lift_within_low, cell.lift_within_high)
        most = part.results.counts.at(part.results.counts.most_within_strata, pair.row, pair.column)
        if most is not None and cell.expected_within_strata:
            yield most / cell.expected_within_strata


@pytest.mark.parametrize("name", CONFIGS)
def test_every_number_of_what_data_support_is_of_a_finding(name):
    for whole in wholes(CONFIGS[name]):
        part = whole.written.part
        counted = None if part.counted is None else part.counted.coverage
        allowed = known(part.findings, counted, _left_out(counted), *_differing(part))
        for block, text in beside(whole):
            if block.startswith(("interpretation.", "departures.")):
                plain = text.replace("\N{NO-BREAK SPACE}", " ")
                for one in allowed.names:
                    plain = _without(plain, one)
                assert [token for token in NUMBER.findall(plain) if token not in allowed.texts] == [], text


def _differing(part) -> Iterator[int]:
    """Yield the number of pairs that differ from chance, and of those that do not."""
    for found in part.found(PairAssociations):
        yield (differ := found.n_above + found.n_below)
        yield found.n_tested - differ


def _left_out(coverage) -> tuple[int, ...]:
    return () if coverage is None else (coverage.n_candidates - coverage.n_units,)


def _cell(whole, ref):
    panel = next(panel for panel in whole.written.part.panels if panel.id == ref.panel)
    return panel.cell(ref.given, ref.outcome)


def _others(cells):
    """Return the shares of the outcome among all units without the given category."""
    rest = [(c.n_outcome - c.n_joint, c.n_units - c.n_given) for c in cells if c.n_units]
    return tuple(n / of for n, of in rest if of)


def _axes(whole):
    part = whole.written.part
    labels = () if part.counted is None else part.counted.labels
    # With one taxonomy a label that both sides have is one.
    labels = {("" if part.diagonal else label.kind, label.label): label for label in labels}.values()
    known_labels = sum(bool(label.categories) for label in labels)
    links = part.counted.coverage if part.counted else None
    sides = () if links is None else tuple(
        side.n_labelled / side.n_items for side in (links.rows, links.columns) if side.n_items
    )  # fmt: skip
    shapes = tuple((len(panel.given_categories), len(panel.outcome_categories), panel.n_groups or 0, panel.level) for panel in part.panels)  # fmt: skip
    return (len(labels), known_labels, known_labels / max(len(labels), 1), sides, shapes)


def test_a_number_that_is_not_the_findings_is_noticed():
    """The test above can fail: a sentence with 61% by chance is not one about a finding with 50%."""
    (whole,) = wholes(CONFIGS["default"])
    said = next(s for s in whole.said if s.sentence.id == "agreement.told")
    assert isinstance(said.finding, Agreement)
    other = replace(said.finding, share=replace(said.finding.share, value=0.8), by_chance=0.5)
    assert made_up(said, whole) == []
    assert made_up(replace(said, finding=other), whole) == ["61"]
