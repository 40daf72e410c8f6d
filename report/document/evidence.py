"""Evidence: the calculations behind a finding or a cell, as frozen values.

Evidence consists of formulas with names and with numbers, counts, intervals and their methods, and the thresholds of
the wording. It also includes the outcome of the statement in alternative analyses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, StrictUndefined

from .. import formats
from ..cells import Cell, Estimate, Panel
from ..findings.finding import Finding, Recipe, cell_recipe, names_in
from ..findings.robustness import AlternativeAnalyses, Outcome
from ..findings.statements import Headline
from .material import RelationReport
from .writer import Writer


@dataclass(frozen=True, slots=True)
class Term:
    """A number in a calculation: its name there, and the field of the finding it comes from."""

    name: str
    value: float
    field: str


@dataclass(frozen=True, slots=True)
class Calculation:
    """One number with its formula.

    `what` describes the number in words. `numbers` is the formula with numbers in place of names, "" if its numbers are
    not fields of the finding. `estimate` is None if undefined. `interval` names the method of its interval, "" without
    an interval. `terms` are the numbers of the formula and the counts shown next to it.
    """

    what: str
    formula: str
    numbers: str
    estimate: Estimate | None
    interval: str
    terms: tuple[Term, ...]

    @property
    def beside(self) -> tuple[Term, ...]:
        """The counts that are shown next to the formula but are not in it."""
        return tuple(term for term in self.terms if term.name not in names_in(self.formula))


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold with its name in the config."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class StatementOutcome:
    """The outcome of a statement under one choice, or after one omission. `value` and `word` are None if it is gone.

    `stays` is "stays", "changes", "gone" (too little data is left) or "unasked" (these counts cannot answer).
    """

    statement: str
    otherwise: str
    value: float | None
    word: str | None
    stays: str


@dataclass(frozen=True, slots=True)
class ResampleFailures:
    """The share of `n_resamples` resamples of the same units or groups in which a statement changes."""

    statement: str
    fails: float
    n_resamples: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The basis of a finding. `level` is the confidence level of its intervals, None for published values."""

    finding: str
    level: float | None
    calculations: tuple[Calculation, ...]
    thresholds: tuple[Threshold, ...]
    choices: tuple[StatementOutcome, ...]
    without: tuple[StatementOutcome, ...]
    drawn_again: tuple[ResampleFailures, ...] = ()


def evidence_of(part: RelationReport, finding: Finding, writer: Writer) -> Evidence:
    """Return the evidence of one finding of a part."""
    return Evidence(
        finding=finding.id,
        level=None if part.counted is None else part.panels[0].level,
        calculations=tuple(_calculation(part, finding, recipe, writer) for recipe in finding.evidence()),
        thresholds=tuple(Threshold(name, _threshold(part, name)) for name in finding.thresholds),
        choices=tuple(_by_choice(part, finding, writer)),
        without=tuple(_without(part, finding, writer)),
        drawn_again=tuple(_drawn_again(part, finding, writer)),
    )


def cell_evidence(part: RelationReport, panel: Panel, cell: Cell, writer: Writer) -> tuple[Calculation, ...]:
    """Return the calculations of a cell: value, base rate, expected count and lift, overall and within strata."""
    recipes = [cell_recipe("", cell, panel.measure.name)]
    names = (cell.given, cell.outcome)
    if cell.n_joint is not None and cell.expected is not None:
        counts = {"n_a": "n_given", "n_b": "n_outcome", "N": "n_units"}
        lift = "lift" if cell.lift_low is not None else ""
        within = "strata" if cell.lift_within_low is not None else ""
        recipes += [
            Recipe("baseline", "n_b / N", {"n_b": "n_outcome", "N": "n_units"}, "baseline", names=names[1:]),
            Recipe("expected", "n_a * n_b / N", counts, "expected", names=names),
            _ratio("over_all", "expected", "lift", lift, names),
        ]
        if cell.expected_within_strata is not None:
            total = "sum of n_a × n_b / N over strata"
            recipes.append(Recipe("expected_within", total, {}, "expected_within_strata", names=names))
            recipes.append(_ratio("within", "expected_within_strata", "lift_within_strata", within, names))
    return tuple(_calculation(part, cell, recipe, writer) for recipe in recipes)


def _ratio(what: str, expected: str, lift: str, made: str, names: tuple[str, ...]) -> Recipe:
    start = lift.removesuffix("_strata")
    ends = (f"{start}_low", f"{start}_high") if made else None
    return Recipe(what, "n_ab / e_ab", {"n_ab": "n_joint", "e_ab": expected}, lift, ends, made, names)


def look_up(root: object, path: str) -> float | None:
    """Return the number at a path of fields and positions; "#" is the length. None if it is undefined."""
    found = root
    for step in path.split("."):
        if step == "#":
            found = len(found)  # type: ignore[arg-type]
        elif step.isdigit():
            found = found[int(step)]  # type: ignore[index]
        else:
            found = getattr(found, step)
    if isinstance(found, int | float) and math.isfinite(found):
        return float(found)
    return None


def _calculation(part: RelationReport, root: object, recipe: Recipe, writer: Writer) -> Calculation:
    found = {name: (path, look_up(root, path)) for name, path in recipe.terms.items()}
    terms = tuple(Term(name, value, path) for name, (path, value) in found.items() if value is not None)
    numbers = {term.name: term.value for term in terms}
    whole = set(names_in(recipe.formula)) <= numbers.keys()
    given = evaluated(recipe.formula, numbers) if whole else None
    value = look_up(root, recipe.value) if recipe.value else given
    # A formula whose numbers do not give the value (effective counts of weights, a half added to an empty cell) would
    # mislead, so it is shown with names only.
    agrees = given is not None and value is not None and math.isclose(given, value, rel_tol=1e-6, abs_tol=1e-9)
    low, high = (look_up(root, path) for path in recipe.ends) if recipe.ends else (None, None)
    interval = "" if low is None and high is None else _made(part, root, recipe.made, writer)
    return Calculation(
        what=_named(root, recipe, writer),
        formula=written(recipe.formula),
        numbers=filled(recipe.formula, numbers) if agrees else "",
        estimate=None if value is None else Estimate(value, low, high),
        interval=interval,
        terms=terms,
    )


def _named(root: object, recipe: Recipe, writer: Writer) -> str:
    own = f"evidence_{recipe.what}"
    topic = _topic(root, own, writer)
    return writer.words(topic, recipe.what if topic == "evidence" else own, names=recipe.names, f=root)


def _topic(root: object, block: str, writer: Writer) -> str:
    """Return the template with a block: that of the kind of finding, if it has the block, or the shared one."""
    return root.kind if isinstance(root, Finding) and writer.has(root.kind, block) else "evidence"


def _made(part: RelationReport, root: object, made: str, writer: Writer) -> str:
    if not made:
        return ""
    n_groups = part.panels[0].n_groups
    block = f"made_{made}"
    return writer.words(
        _topic(root, block, writer),
        block,
        grouped=n_groups is not None,
        n_groups=n_groups,
        weighted=part.wording.weighted,
        dispersed=part.wording.dispersion is not None,
    )


def _threshold(part: RelationReport, name: str) -> float:
    places = (part.thresholds, part.inference)
    return float(next(getattr(settings, name) for settings in places if hasattr(settings, name)))


def _by_choice(part: RelationReport, finding: Finding, writer: Writer) -> Iterator[StatementOutcome]:
    for found in part.found(AlternativeAnalyses):
        choices = [writer.words("choices", "choice", choice=choice) for choice in found.choices]
        for tried in found.tried:
            if tried.headline.question.finding == finding.id:
                for choice, outcome in zip(choices, tried.outcomes, strict=True):
                    yield _fate(tried.headline, choice, outcome, writer)


def _without(part: RelationReport, finding: Finding, writer: Writer) -> Iterator[StatementOutcome]:
    for _, line in part.resting(finding):
        for omission in line.omissions:
            thing = writer.words("dependence", "thing", o=omission, with_comma=False)
            yield _fate(line.headline, thing, omission.outcome, writer)


def _drawn_again(part: RelationReport, finding: Finding, writer: Writer) -> Iterator[ResampleFailures]:
    for found, line in part.resting(finding):
        if line.fails is not None:
            yield ResampleFailures(writer.statement(line.headline), line.fails, found.n_resamples)


def _fate(headline: Headline, otherwise: str, outcome: Outcome, writer: Writer) -> StatementOutcome:
    statement = writer.statement(headline)
    return StatementOutcome(statement, otherwise, outcome.value, outcome.word, outcome.stays)


def finding_of(sentence_id: str, findings: Sequence[Finding]) -> Finding | None:
    """Return the finding that a sentence is about, or None. Its id is the beginning of the sentence's id.

    The longest id wins, because one id may begin with another ("isolation", "isolation.graph").
    """
    about = [finding for finding in findings if sentence_id.startswith(f"{finding.id}.")]
    return max(about, key=lambda finding: len(finding.id), default=None)


_NAME = re.compile(r"[A-Za-z_]\w*")
_ARITHMETIC = Environment(undefined=StrictUndefined, autoescape=True)
_ARITHMETIC.globals |= {"log": math.log, "log2": math.log2, "sqrt": math.sqrt, "min": min}
_expression = cache(_ARITHMETIC.compile_expression)


def written(formula: str) -> str:
    """Return a formula as shown to a reader.

    >>> written("2 * n_ab / (n_a + n_b)")
    '2 × n_ab / (n_a + n_b)'
    """
    return formula.replace("*", "×")


def filled(formula: str, numbers: Mapping[str, float]) -> str:
    """Return a formula with numbers in place of names.

    >>> filled("n_ab / n_a", {"n_ab": 392.0, "n_a": 4350.0})
    '392 / 4,350'
    """
    return written(_NAME.sub(lambda m: _operand(numbers[m[0]]) if m[0] in numbers else m[0], formula))


def _operand(number: float) -> str:
    text = formats.calculated(number)
    return f"({text})" if number < 0 else text


def evaluated(formula: str, numbers: Mapping[str, float]) -> float | None:
    """Return the value of a formula, or None if it is undefined (division by 0, logarithm of 0).

    >>> evaluated("n_ab / n_a", {"n_ab": 9.0, "n_a": 10.0}), evaluated("n_ab / n_a", {"n_ab": 0.0, "n_a": 0.0})
    (0.9, None)
    """
    try:
        value = float(_expression(formula)(numbers) or 0)  # a name without a number raises
    except (ZeroDivisionError, ValueError):
        return None
    return value if math.isfinite(value) else None


def estimate_texts(estimate: Estimate | None) -> tuple[str | None, str | None, str | None]:
    """Return a number and the ends of its interval as printed in evidence, each None if there is none."""
    numbers = (None, None, None) if estimate is None else (estimate.value, estimate.low, estimate.high)
    value, low, high = (None if number is None else formats.calculated(number) for number in numbers)
    return value, low, high
