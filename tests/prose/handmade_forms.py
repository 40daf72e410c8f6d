"""Sentences by hand for each way to count: units of either side, links, a shared key, records, weights and people.

Each template whose words depend on the unit has a sentence here for every form, and for one, all and none of the units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from types import SimpleNamespace

from diptych.cells import Estimate
from diptych.document.material import RelationWording
from diptych.document.writer import Writer
from diptych.measures import MEASURES
from diptych.theme import template_folder
from tests.prose.handmade import DATASETS, FORMS, MODELS

Made = Iterator[tuple[str, str]]

PLAIN = replace(FORMS["record"], stratum_names=())
WORDINGS: Mapping[str, RelationWording] = {
    **FORMS,
    "to, without strata": replace(FORMS["to"], stratum_names=()),
    "record, without strata": PLAIN,
    "record, with phrases": replace(
        PLAIN, rows=replace(DATASETS, phrase="have {} skills"), columns=replace(MODELS, phrase="are {}")
    ),
    "record, options": replace(PLAIN, options=("rows",), multiple=("rows", "columns")),
    "record, clustered": replace(PLAIN, group_names=("school",)),
    "record, complete": replace(PLAIN, complete=True),
    "people, weighted": replace(FORMS["people"], weighted=True),
}
SIDES = {"given": "rows", "outcome": "columns"}


_OF_STRATA = ("strata", "lasting", "confined")


def writer(wording: RelationWording) -> Writer:
    words = {"w": wording, "place": lambda name: {"left": "(a)", "right": "(b)"}.get(name, "")}
    return Writer(template_folder(), "en", words)


def sentences() -> Made:
    """Yield each block with its form, and its text. A text that an earlier form of the same block has is left out."""
    seen: set[tuple[str, str]] = set()
    for form, name, text in all_sentences():
        if (name, text) not in seen:
            seen.add((name, text))
            yield f"{name}, {form}", text


def all_sentences() -> Iterator[tuple[str, str, str]]:
    """Yield the form, the block with its variant, and the text."""
    for form, wording in WORDINGS.items():
        tell = writer(wording).words
        links = [_links] if wording.form == "links" else []
        for make in (
            *links,
            _reading,
            _panel,
            _population,
            _agreement,
            _pairs,
            _robustness,
            _support,
            _methods,
            _captions,
        ):
            for name, text in make(tell):
                if wording.stratum_names or not any(word in name for word in _OF_STRATA):
                    yield form, name, text.replace("\N{NO-BREAK SPACE}", " ")


def cell(n_joint: float, n_given: float, **more: object) -> SimpleNamespace:
    value = n_joint / n_given
    ends = (None, None) if value in (0, 1) else (max(value - 0.1, 0), min(value + 0.1, 1))
    known = {"given": "NLP", "outcome": "Writer", "value": value, "n_joint": n_joint, "n_given": n_given}
    known |= {"low": ends[0], "high": ends[1], "baseline": 0.4, "n_outcome": 55}
    return SimpleNamespace(**known | more)


def _measure(name: str) -> object:
    within = SimpleNamespace(
        name="lift_within_strata", label="Lift within strata", formula="", phrase="lift within strata"
    )
    return MEASURES[name].info if name in MEASURES else within


def _reading(tell) -> Made:
    for name, c in {"some": cell(12, 40), "one": cell(1, 1), "all": cell(20, 20)}.items():
        yield f"reading.example, {name}", tell("reading", "example", c=c, **SIDES)
    yield "reading.panels", tell("reading", "panels", places=["(a)", "(b)"], sides=["rows", "columns"])
    for side in ("rows", "columns"):
        taken = tell("reading", "taken", side=side, other=False)
        gives = tell("reading", "gives_share", side="columns" if side == "rows" else "rows")
        opening = tell("reading", "opening", place="(a)")
        yield f"reading.panel, {side}", tell("reading", "panel", opening=opening, taken=taken, gives=gives)
    for name in ("lift", "lift_within_strata", "count", "odds_ratio"):
        gives = tell("reading", "gives_measure", measure=_measure(name), place="(a)")
        yield f"reading.gives_measure, {name}", tell("reading", "panel", opening="", taken="", gives=gives)
    for several, none in ((1, 0), (12, 0), (0, 1), (0, 30), (12, 30)):
        how = {"side": "rows", "place": "(a)", "n_several": several, "n_none": none}
        yield f"reading.rows_differ, {several} and {none}", tell("reading", "rows_differ", **how)
    for parts in ((("rows", 12, 0), ("columns", 1, 0)), (("rows", 0, 9), ("columns", 12, 0))):
        name = " and ".join(f"{n or none}" for _, n, none in parts)
        yield f"reading.rows_differ_both, {name}", tell("reading", "rows_differ_both", parts=parts)
    yield "reading.masked", tell("reading", "masked")
    yield "reading.masked_empty", tell("reading", "masked_empty")
    yield "reading.withheld", tell("reading", "withheld")
    yield "reading.rows_add", tell("reading", "rows_add", place="(a)")
    for states in (["few"], ["uncertain"], ["few", "uncertain"]):
        yield f"reading.grey, {' and '.join(states)}", tell("reading", "grey", states=states)
    yield "reading.mirrored", tell("reading", "mirrored")


def _panel(tell) -> Made:
    for given, outcome in (("rows", "columns"), ("columns", "rows")):
        sides = {"given": given, "outcome": outcome}
        yield f"panel.title, {given}", tell("panel", "title", **sides)
        yield f"panel.reading, {given}", tell("panel", "reading", **sides)
        yield f"panel.told, {given}", tell("panel", "told", **sides)
        yield f"panel.told_none, {given}", tell("panel", "told_none", **sides)
    yield "panel.told_whole", tell("panel", "told_whole")
    for name in ("count", "lift", "log2_lift", "difference", "lift_within_strata", "odds_ratio"):
        yield f"panel.measure, {name}", tell("panel", "measure", measure=_measure(name))


def _population(tell) -> Made:
    f = SimpleNamespace(n_units=40, unit_side="columns", sizes=(1, 2, 3, 4), weight=None, absent=("RL",))
    for name, items, n in (
        ("several", ["A (75%)", "B (20%)"], 40),
        ("only", ["A (all)"], 40),
        ("none", [], 40),
        ("one", ["A"], 1),
    ):
        one = SimpleNamespace(**vars(f) | {"n_units": n, "sizes": (1,) if name == "only" else f.sizes})
        yield f"population.sizes, {name}", tell("population", "sizes", f=one, items=items, several=name == "several")
    weighted = SimpleNamespace(**vars(f) | {"weight": 61.5})
    yield "population.sizes, by weight", tell("population", "sizes", f=weighted, items=["A (75%)"], several=False)
    first = "population.sizes, before a tie"
    yield first, tell("population", "sizes", f=f, items=["A (40%)"], several=False)
    yield "population.counted_withheld", tell("population", "counted_withheld", f=f)
    yield "population.absent", tell("population", "absent", f=f, diagonal=False)
    few = SimpleNamespace(few_units=(1,), few_groups=(1,))
    for given in (None, DATASETS):
        words = {"items_units": ["RL (1 model)"], "items_groups": ["CV (80 models)"], "given": given}
        yield f"population.few, {'of rows' if given else 'of any side'}", tell("population", "few", f=few, **words)
    yield "gaps.withheld", tell("gaps", "withheld")
    years = (
        SimpleNamespace(year=2020, n_items=50, n_linked=37, share=0.74),
        SimpleNamespace(year=2025, n_items=400, n_linked=0, share=0.0),
    )
    yield "gaps.years", tell("gaps", "years", f=None, best=years[0], worst=years[1])
    yield "caption.population", tell("caption", "population")


def _links(tell) -> Made:
    for linked in (0, 1, 4, 9):
        other = SimpleNamespace(other_side="rows", other_items=9, other_linked=linked)
        yield f"gaps.other, {linked}", tell("gaps", "other", f=other)


def _agreement(tell) -> Made:
    f = SimpleNamespace(n_labelled=100, n_agree=36, share=Estimate(0.36, 0.3, 0.42), by_chance=0.24, in_strata=None,
                        is_exact_apart=False, excess=Estimate(3, -2, 8), times=2.1, pivot="CV", n_pivot=5, n_differ=64)  # fmt: skip
    for name, more in {
        "none": {"n_agree": 0, "share": Estimate(0.0, 0.0, 0.1)}, "uncertain": {"n_labelled": 5, "n_agree": 3, "share": Estimate(0.6, 0.1, 0.95)},
        "one": {"n_labelled": 1, "n_agree": 1, "share": Estimate(1.0)}, "all": {"n_agree": 100, "share": Estimate(1.0, 0.96, 1.0)},
    }.items():  # fmt: skip
        one = SimpleNamespace(**vars(f) | more)
        yield f"agreement.told, {name}", tell("agreement", "told", f=one, all_units=True)
        yield f"agreement.chance, {name}", tell("agreement", "chance", f=one, all_units=False)
        yield (
            f"interpretation.agreement_supports, {name}",
            tell("interpretation", "agreement_supports", f=one, all_units=True),
        )
    yield "agreement.meeting", tell("agreement", "meeting", f=f)
    yield "interpretation.agreement_not", tell("interpretation", "agreement_not", f=f)
    for n, of in ((1, 1), (9, 9), (206, 212)):
        hub = SimpleNamespace(
            category="CV",
            n_through=n,
            n_crossing=of,
            by_size=0.6 * of,
            in_strata=None,
            judged=("NLP",),
            met=("NLP", "RL"),
            expected=0.6 * of,
        )
        yield f"bridge.observation, {n} of {of}", tell("bridge", "observation", f=hub)
        yield f"bridge.supports, {n} of {of}", tell("bridge", "supports", f=hub, caveat="")
    for n, share in ((1, 1.0), (20, 1.0), (1805, 0.43)):
        item = SimpleNamespace(item="X", n_units=n, n_population=n if share == 1 else 4227, share=share)
        for block in ("doubt", "observation"):
            yield f"concentration.{block}, {n}", tell("concentration", block, f=item)


def _pairs(tell) -> Made:  # noqa: PLR0915 - one line for each form
    for basis in ("all", "strata", "crossing"):
        f = SimpleNamespace(
            basis=basis, stratified=basis == "strata", n_crossing=212, n_tested=12, detectable=(), n_above=2, n_below=1
        )
        f.clearest = SimpleNamespace(
            given="NLP",
            outcome="CV",
            direction="above",
            n_joint=36,
            expected=12.0,
            ratio=Estimate(3.0),
            often=True,
            interval=(1.7, 5.2),
        )
        yield f"surprises.clearest, {basis}", tell("surprises", "clearest", f=f)
        f.clearest = SimpleNamespace(**vars(f.clearest) | {"direction": "below", "n_joint": 0, "often": False})
        yield f"surprises.clearest, {basis}, none", tell("surprises", "clearest", f=f)
        yield f"surprises.nothing, {basis}", tell("surprises", "nothing", f=f, others=False, overall=None, power="")
        yield f"surprises.leftover, {basis}", tell("surprises", "leftover", f=f)
        for more in (False, True):
            words = {"f": f, "above": ["A"], "below": ["B", "C"], "more": more}
            yield (
                f"surprises.observation, {basis}, {'more' if more else 'all'}",
                tell("surprises", "observation", **words),
            )
        block = SimpleNamespace(
            side="both", basis=basis, stratified=False, members=("NLP", "CV"), ratio=3.0, n_joining=79, expected=26.0,
            threshold=0.8, n_resamples=200,
        )  # fmt: skip
        yield f"blocks.method, {basis}", tell("blocks", "method", f=block)
        yield f"blocks.observation, both, {basis}", tell("blocks", "observation", f=block)
    for side, members in product(("rows", "columns"), (("NLP", "CV"), ("NLP", "CV", "RL"))):
        alike = SimpleNamespace(
            side=side, basis=None, members=members, is_alike=len(members) > 2, overlap=0.7, overlap_of_others=0.4,
            threshold=0.8, n_resamples=200,
        )  # fmt: skip
        yield f"blocks.method, {side}, {len(members)}", tell("blocks", "method", f=alike)
        yield f"blocks.observation, {side}, {len(members)}", tell("blocks", "observation", f=alike)
    yield "surprises.power", tell("surprises", "power", f=None, shown=[], points=[], hidden=[], one="")
    yield "surprises.power, one", tell("surprises", "power", f=None, shown=[1], points=["7"], hidden=[], one="7")
    f = SimpleNamespace(threshold=0.25)
    for name, c in {"some": cell(12, 40), "all": cell(20, 20), "none": cell(0, 20), "only": cell(1, 1)}.items():
        item = tell("crossings", "item", cells=[c], givens=[tell("crossings", "given", cell=c, first=True)])
        for n in (1, 2):
            yield f"crossings.listed, {name}, {n}", tell("crossings", "listed", f=f, items=[item] * n)
        largest = SimpleNamespace(largest=(c,))
        yield f"crossings.none, {name}", tell("crossings", "none", f=largest, diagonal=True, faint=name == "some")
        words = [tell("diagonal", "item", cell=c)]
        yield (
            f"diagonal.leading, {name}",
            tell("diagonal", "leading", f=SimpleNamespace(leading=words, n_rows=1), items=words),
        )
    yield (
        "diagonal.leading, two of four",
        tell("diagonal", "leading", f=SimpleNamespace(leading="ab", n_rows=4), items="ab"),
    )
    for tied in (["low"], ["NLP", "CV"]):
        yield f"diagonal.tied, {len(tied)}", tell("diagonal", "tied", f=SimpleNamespace(tied=tied))
    two = enumerate(("NLP", "low"))
    givens = [tell("crossings", "given", cell=cell(12, 40, given=name), first=not i) for i, name in two]
    yield "crossings.item, two rows", tell("crossings", "item", cells=[cell(12, 40), cell(13, 40)], givens=givens)
    other = {"outcome": "CV", "n": 2, "givens": ["NLP", "low"]}
    none = {"outcome": "", "n": 1, "givens": ["RL"]}
    items = [tell("diagonal", "other_item", **row) for row in (other, none)]
    yield "diagonal.others", tell("diagonal", "others", f=None, items=items)
    yield "diagonal.none_leading", tell("diagonal", "none_leading", f=None)
    leader = SimpleNamespace(category="CV", unit="models", n_units=40, share=0.6)
    for name, more, others in (
        ("alone", {}, ()),
        ("all", {"share": 1.0}, ()),
        ("one", {"n_units": 1}, ()),
        ("by unit", {}, (SimpleNamespace(category="NLP", unit="links", share=0.5),)),
    ):
        f = SimpleNamespace(
            leader=SimpleNamespace(**vars(leader) | more), alternatives=others, side="columns", changes=bool(others)
        )
        yield f"dominance.observation, {name}", tell("dominance", "observation", f=f)
        yield f"dominance.lead, {name}", tell("dominance", "lead", f=f)
    yield "dominance.unclear", tell("dominance", "unclear", f=f, fragile=0.05)
    yield "front.nothing", tell("front", "nothing")
    opposite = SimpleNamespace(given="NLP", outcome="CV")
    yield "front.opposite", tell("front", "opposite", c=opposite, **SIDES)
    yield from _asymmetry(tell)


def _asymmetry(tell) -> Made:
    for name, size_share, all_size, nothing, within in (
        ("symmetric", None, False, False, None), ("sizes", 1.0, True, True, 1.0), ("mostly sizes", 0.8, False, False, None),
    ):  # fmt: skip
        f = SimpleNamespace(
            left="left", right="right", size_share=size_share, is_all_size=all_size, nothing_left=nothing
        )
        f.within_apart, f.n_compared, f.factor_left, f.left_cell = within, 9, 1.4, cell(12, 40)
        yield f"asymmetry.observation, {name}", tell("asymmetry", "observation", f=f)
        if not within or "the same ." not in tell("asymmetry", "rest", f=f):
            yield f"asymmetry.meaning, {name}", tell("asymmetry", "meaning", f=f)


def _robustness(tell) -> Made:
    for n, analyses, sorts in (
        (1, ["counting links"], []),
        (3, [], ["dataset"]),
        (12, ["counting links", "preset short"], ["dataset", "label"]),
    ):
        yield f"robustness.tested, {n}", tell("robustness", "tested", n=n, analyses=analyses, sorts=sorts)
    for holding, changing, untested in ((1, 0, 0), (2, 0, 0), (0, 3, 0), (6, 5, 1), (11, 0, 1)):
        words = {
            "n": holding + changing + untested,
            "n_holding": holding,
            "n_changing": changing,
            "n_untested": untested,
        }
        for unasked in (False, True):
            name = f"{holding}, {changing}, {untested}{', where tested' if unasked else ''}"
            yield f"robustness.outcome, {name}", tell("robustness", "outcome", **words, unasked=unasked, several=True)
    for n, worst, unsteady, groups in (
        (1, 0, [], None),
        (1, 2, [], 24),
        (7, 0, [], 24),
        (11, 8, [], None),
        (11, 20, ["“X”", "two more"], None),
    ):
        words = {
            "n_drawn": n,
            "n_resamples": 200,
            "worst": worst,
            "fragile": 0.05,
            "unsteady": unsteady,
            "n_groups": groups,
        }
        for also in (False, True):
            name = f"{n} of {worst}{', also' if also else ''}"
            yield f"robustness.resampled, {name}", tell("robustness", "resampled", **words, also=also)
    for about, stays, word, other in (
        ("bridge", "changes", "single", ""), ("bridge", "changes", "x", ""), ("largest", "changes", "x", "NLP"), ("surprise", "changes", "neither", ""),
        ("surprise", "changes", "above", ""), ("most", "changes", "x", "NLP"), ("share", "gone", "x", ""), ("within", "changes", "x", ""),
    ):  # fmt: skip
        partner = SimpleNamespace(n=3, n_all=4, category="CV")
        o = SimpleNamespace(outcome=SimpleNamespace(stays=stays, word=word, partner=partner), name="X", by="item")
        words = {"items": ["a"], "o": o, "about": about, "value": "46%", "other": other, "names": ["RL"]}
        thing = tell("dependence", "thing", o=o, with_comma=True)
        yield f"dependence.rests, {about}, {stays}, {word}", tell("dependence", "rests", **words, thing=thing)
    o = SimpleNamespace(n_held=82, n_cells=113, name="X", by="label")
    yield (
        "dependence.mostly",
        tell("dependence", "mostly", o=o, thing=tell("dependence", "thing", o=o, with_comma=True), value="1.8"),
    )
    for by, name in (
        ("unit", "links"),
        ("counting", "parts"),
        ("counting", "whole"),
        ("minimum_units", "20"),
        ("replaces", "CV"),
        ("preset", "x"),
    ):
        choice = SimpleNamespace(by=by, name=name, several=False, n_units=9)
        yield f"choices.analysis, {by}, {name}", tell("choices", "analysis", choice=choice)
        yield f"choices.choice, {by}, {name}", tell("choices", "choice", choice=choice)


def _support(tell) -> Made:  # noqa: C901, PLR0912 - one loop for each block
    for above, below, binary, whole in (
        (1, 0, [], True),
        (0, 1, [], False),
        (3, 4, [], False),
        (1, 1, [], True),
        (6, 6, [], True),
        (1, 1, ["columns"], True),
        (3, 3, ["rows"], False),
        (2, 2, ["rows", "columns"], True),
    ):
        n = (above + below) // 2 ** len(binary)
        words = {"n_above": above, "n_below": below, "n_differ": n, "binary": binary, "whole": whole}
        words["n_tested"] = 12 if not binary else 5 if len(binary) == 1 else 1
        words["names"] = ["low", "NLP"][:n] if len(binary) == 1 and n < 3 else []
        for block in ("departures_supports", "departures_not", "departures_out"):
            name = f"{above} and {below}{', ' + ' and '.join(binary) if binary else ''}"
            yield f"interpretation.{block}, {name}", tell("interpretation", block, **words)
    single = {"n_above": 0, "n_below": 1, "n_differ": 1, "binary": [], "whole": False, "n_tested": 1, "names": []}
    yield "interpretation.departures_supports, one pair", tell("interpretation", "departures_supports", **single)
    for block in ("none_not", "none_out"):
        yield f"interpretation.{block}", tell("interpretation", block)
    for left_out, bounds in ((1, None), (639, (0.83, 0.96))):
        for block in ("population_not", "population_out", "unasked_not", "unasked_out"):
            yield f"interpretation.{block}, {left_out}", tell("interpretation", block, left_out=left_out, bounds=bounds)
    f = SimpleNamespace(
        category="Multimodal", origin="NLP", goal="CV", supported=False, doubt="net", rests_on=None, strata=("package",)
    )
    for kind, block in product(("direction", "bridge"), ("supports_not", "find_out")):
        yield f"{kind}.{block}", tell(kind, block, f=f)
    yield "interpretation.agreement_out", tell("interpretation", "agreement_out")
    for block in ("bare", "bare_direction"):
        for column in ("supports", "not", "out"):
            yield f"interpretation.{block}_{column}", tell("interpretation", f"{block}_{column}")
    for names in (["RL"], ["RL", "Graph"]):
        for block in ("lasting_supports", "lasting_not", "lasting_out", "confined_not", "confined_out"):
            yield f"interpretation.{block}, {len(names)}", tell("interpretation", block, f=f, names=names, caveat="")
    uneven = SimpleNamespace(
        given=SimpleNamespace(category="NLP", share=0.4, others=0.9),
        outcome=SimpleNamespace(category="CV", share=0.5, others=0.8),
    )
    for n, items in ((1, ["A–B"]), (2, []), (9, [])):
        words = {"f": SimpleNamespace(n_named=n), "items": items, "more": 0, "similar": n > 2, "c": uneven}
        yield f"uneven_coverage.doubt, {n}", tell("uneven_coverage", "doubt", **words, **SIDES)


def _methods(tell) -> Made:  # noqa: PLR0915 - one line for each form
    counted = SimpleNamespace(tally=None, weighted=False, fractional=False, of_one_kind=False, coverage=None)
    yield "methods.unit", tell("methods", "unit", counted=counted, several=True)
    for n in (1, 10):
        yield f"methods.expected, {n}", tell("methods", "expected", n_strata=n, crossing=n == 1)
    yield "methods.expected_apart", tell("methods", "expected_apart")
    yield "methods.ratios", tell("methods", "ratios")
    for n_groups, weighted, ratios in product((None, 24), (False, True), (False, True)):
        words = {"n_groups": n_groups, "weighted": weighted, "ratios": ratios, "shares": True, "others": []}
        name = f"{'clusters' if n_groups else 'no clusters'}, {'weights' if weighted else 'no weights'}{', ratios' if ratios else ''}"
        yield f"methods.intervals, {name}", tell("methods", "intervals", **words)
    for diagonal, sizes in ((False, (1,)), (False, (30,)), (True, (20, 5)), (True, (20,))):
        words = {
            "part": SimpleNamespace(diagonal=diagonal, masked_empty=False),
            "counted": counted,
            "n_groups": None,
            "weighted": False,
        }
        name = f"{' and '.join(map(str, sizes))}{', diagonal' if diagonal else ''}"
        yield (
            f"methods.tests, {name}",
            tell("methods", "tests", **words, sizes=sizes, ratios=True, fdr=0.05, q=diagonal, mirrored=[]),
        )
    drawn = SimpleNamespace(**vars(counted) | {"of_one_kind": True})
    words = {
        "part": SimpleNamespace(diagonal=False, masked_empty=False),
        "counted": drawn,
        "n_groups": 24,
        "weighted": False,
        "sizes": (9,),
    }
    words |= {"ratios": True, "fdr": 0.05, "q": True}
    yield "methods.tests, randomised", tell("methods", "tests", **words, mirrored=[])
    yield "methods.tests, mirrored", tell("methods", "tests", **words, mirrored=["No"])
    items = ["Intervals of shares: Wilson (1927), Probable inference."]
    yield "methods.references", tell("methods", "references", items=items)
    for coefficient, n, stratified in product(("somers_d", "gamma"), (1, 3), (False, True)):
        f = SimpleNamespace(coefficient=coefficient, n_tested=n, stratified=stratified)
        name = f"{coefficient}, {n}{', strata' if stratified else ''}"
        yield f"gradient.method, {name}", tell("gradient", "method", f=f)
    yield "direction.method", tell("direction", "method", f=None)
    yield "methods.complete", tell("methods", "complete")
    yield "methods.chosen", tell("methods", "chosen", n=55)
    for pairs in (["A–B"], ["A–B", "C–D"]):
        yield f"methods.disagree, {len(pairs)}", tell("methods", "disagree", pairs=pairs)
    yield "methods.selected", tell("methods", "selected", n=16, level="98.75")
    yield "methods.rows", tell("methods", "rows", n_groups=None, units="10", groups=5)
    yield "methods.rows, clusters", tell("methods", "rows", n_groups=24, units="10", groups=5)
    yield "methods.withheld", tell("methods", "withheld", minimum=5)
    yield "methods.weights", tell("methods", "weights", n_units=2000, effective="312")
    yield "methods.design_effects", tell("methods", "design_effects", low=0.9, high=3.2)
    for n in (1, 6):
        yield f"methods.homogeneity, {n}", tell("methods", "homogeneity", n_tested=n)
    for n_rest, category, sizes in ((1, "Other", (9, 0, 1)), (3, None, (9, 6, 3)), (2, "Other", (3, 1, 2))):
        words = {"kind": DATASETS, "category": category, "sizes": sizes, "shown": ["x (3)", "y (1)"][:n_rest]}
        yield f"methods.rest, {n_rest}, {'in a category' if category else 'without'}", tell("methods", "rest", **words)
    for known, more in ((0, 0), (9, 0), (9, 7)):
        words = {"n_labels": 12, "n_known": known, "n_more": more, "unknown": ["x", "y"]}
        yield f"methods.taxonomy, {known}, {more}", tell("methods", "taxonomy", **words)
    yield "methods.provenance", tell("methods", "provenance", version="0.1.0", date="22 October 2026")


def _captions(tell) -> Made:
    for n, n_all, sure in ((1, 1, True), (1, 9, True), (9, 9, True), (12, 25, True), (2, 2, False)):
        words = {"n": n, "n_all": n_all, "sure": sure, "whole": n == n_all, "once": ()}
        yield f"departures.caption, {n} of {n_all}", tell("departures", "caption", **words)
        for kind in ("shares", "ratios"):
            yield (
                f"pictures.{kind}_caption, {n} of {n_all}",
                tell("pictures", f"{kind}_caption", **words, places=["(a)", "(b)"][: 1 + (n > 1)]),
            )
    folded = {"n_all": 5, "sure": True, "whole": True, "once": ("Yes",)}
    for n in (2, 5):
        yield f"departures.caption, {n} of 5, one of two categories", tell("departures", "caption", **folded, n=n)
    for left_out in (0, 1, 3):
        yield f"pictures.strata_caption, {left_out}", tell("pictures", "strata_caption", left_out=left_out, n_left=36)
        yield f"pictures.fates_caption, {left_out}", tell("pictures", "fates_caption", left_out=left_out)
