"""A table so small that every number can be counted by hand, and authored text held to it."""

from diptych.contrib.claims.differences import PlacedPanel
from diptych.contrib.claims.parsing import ParsedText, parse
from diptych.contrib.claims.predicates import Differences
from diptych.contrib.claims.rendering import RenderedText
from diptych.contrib.claims.values import Material
from diptych.ledger.coverage import CategoryCoverage, Coverage, SideCoverage, YearCoverage
from diptych.stats import InferenceSettings
from diptych.stats.matrices import PanelSettings
from diptych.stats.panels import RelationCounts, build_panel, tables_of
from tests.matrices.tiny import P, tiny

CATEGORIES = "NCART"

PATTERNS = (
    P("N", "N", 45), P("N", "C", 5),
    P("C", "C", 98), P("C", "N", 2),
    P("A", "A", 30), P("A", "C", 10), P("A", "N", 10),
    P("R", "R", 4),
)  # fmt: skip
"""Rows: N 50 (45 N, 5 C), C 100 (98 C, 2 N), A 50 (30 A, 10 C, 10 N), R 4 (too few), T none; 204 in all."""

INCIDENCE = tiny(*PATTERNS, rows=CATEGORIES, columns=CATEGORIES, one=True)
SETTINGS = InferenceSettings()


COVERAGE = Coverage(
    relation="trained_on",
    n_links=300,
    n_resolved=250,
    n_candidates=250,
    n_units=204,
    n_unlabelled_units=0,
    rows=SideCoverage("datasets", 80, 80, 40, (), ()),
    columns=SideCoverage(
        "models", 250, 250, 204, (CategoryCoverage("N", 50, 45, 50), CategoryCoverage("T", 0, 0, 0)),
        (YearCoverage(2020, 100, 100, 50), YearCoverage(2021, 50, 50, 30), YearCoverage(None, 100, 100, 124)),
    ),
    unresolved=(),
)  # fmt: skip
"""Of 250 models 204 are counted; in 2020 50 of 100, in 2021 30 of 50."""


def panels(incidence=INCIDENCE, measure="conditional"):
    """Return both panels of an incidence."""
    tables = tables_of(incidence)
    kinds = incidence.rows.name, incidence.columns.name
    return {
        name: build_panel(
            PanelSettings(id=name, relation="trained_on", given=given, outcome=outcome, measure=measure),
            tables, SETTINGS, "right" if name == "left" else "left",
        )
        for name, (given, outcome) in {"left": kinds, "right": kinds[::-1]}.items()
    }  # fmt: skip


def material(incidence=INCIDENCE, **more):
    counts = RelationCounts.alone("trained_on", tables_of(incidence), COVERAGE)
    return Material(panels(incidence), relations={"trained_on": counts}, **more)


def differences(incidence=INCIDENCE, settings=SETTINGS):
    both = panels(incidence)
    return Differences({name: PlacedPanel(both[name], incidence) for name in both}, settings)


def parsed(source, section="findings"):
    """Return the tree of a text that is right."""
    found = parse(f"text/{section}.md", section, source, ["left", "right"])
    assert isinstance(found, ParsedText), [str(problem) for problem in found]
    return found


def rendered(source, incidence=INCIDENCE, **more):
    return RenderedText(parsed(source), material(incidence, **more), differences(incidence), lambda why: why)


def text(source, **more):
    """Return a text with its values in, as it is read."""
    found = rendered(source, **more)
    words = found.markdown
    for n, piece in enumerate(found.pieces):
        words = words.replace(f"\ue000{n}\ue001", piece.text)
    return words


def messages(source, **more):
    """Return everything that is wrong with a text: problems, or else false claims."""
    found = parse("text/findings.md", "findings", source, ["left", "right"])
    if not isinstance(found, ParsedText):
        return [str(problem) for problem in found]
    done = RenderedText(found, material(**more), differences(), lambda why: why)
    return [str(problem) for problem in done.problems] or [v.message for v in done.verdicts if v.fails]
