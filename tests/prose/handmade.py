"""Sentences about findings made by hand: forms that no small data set makes, and edges such as one, all and none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from types import SimpleNamespace

from diptych.cells import CellRef, CountVariation, Estimate, Kind, Tally, Unit
from diptych.contrib.square.bridges import Bridge, PairCount
from diptych.contrib.square.direction import Direction, LeftOut
from diptych.document import middle
from diptych.document.material import RelationWording
from diptych.document.writer import Writer
from diptych.findings.agreement import Activity, Agreement
from diptych.findings.composition import Composition, StrataChange
from diptych.findings.diagonal import Isolation, Spread
from diptych.findings.gradient import Gradient, GradientStep
from diptych.findings.heterogeneity import DifferingPair, Heterogeneity, StratumRatio
from diptych.findings.overdispersion import Overdispersion
from diptych.findings.population import (
    Concentration,
    CoverageGaps,
    CoveredCategory,
    CoveredYear,
    Population,
    RowSums,
    Size,
)
from diptych.findings.reversal import Reversal, ReversedPair
from diptych.findings.story import NamedPair, Story
from diptych.findings.surprises import Detectable, Pair, PairAssociations
from diptych.ledger.recounts import Change
from diptych.measures import MEASURES
from diptych.theme import template_folder

MODELS = Kind("models", "Model", "model", "models")
DATASETS = Kind("datasets", "Dataset", "dataset", "datasets")
LINKS = RelationWording(
    "links", Unit("to", "model", "models"), DATASETS, MODELS, "trained on", "used to train", (), ("package",)
)
COLUMNS = replace(
    LINKS,
    form="records",
    rows=Kind("rows", "Skill level", "Skill level", "categories of Skill level"),
    columns=Kind("columns", "Job", "Job", "categories of Job"),
)
"""Two columns of a table, whose names need not be nouns."""
FORMS = {
    "to": LINKS,
    "from": replace(LINKS, unit=Unit("from", "dataset", "datasets")),
    "link": replace(LINKS, unit=Unit("link", "link", "links")),
    "key": replace(LINKS, form="shared", unit=Unit("key", "owner", "owners"), population="either"),
    "record": replace(COLUMNS, unit=Unit("record", "answer", "answers")),
    "weighted": replace(COLUMNS, unit=Unit("record", "answer", "answers"), weighted=True),
    "people": replace(COLUMNS, unit=Unit("record", "person", "people"), stratum_names=()),
    "activity": replace(LINKS, stratum_names=("activity",)),
}

Made = Iterator[tuple[str, str]]
"""What a sentence is of, and the sentence."""


def writer(form: str = "to", wording: RelationWording | None = None) -> Writer:
    words = {"w": wording or FORMS[form], "place": lambda name: {"left": "(a)", "right": "(b)"}.get(name, "")}
    return Writer(template_folder(), "en", words, [template_folder() / "contrib" / "history" / "prose"])


def sentences() -> Made:
    """Yield every sentence: its kind, block and form, then its text."""
    for make in (
        _population,
        _agreement,
        _words,
        _directions,
        _isolation,
        _composition,
        _composition_pooled,
        _reversal,
        _gradient,
        _heterogeneity,
        _activity,
        _overdispersion,
        _coverage,
        _surprises,
        _others,
    ):
        yield from ((name, text.replace("\N{NO-BREAK SPACE}", " ")) for name, text in make())


def population(**more) -> Population:
    given = {
        "id": "population", "n_units": 40, "weight": None, "n_candidates": 50, "n_named": 50, "n_links": 80, "n_resolved": 60, "n_unlabelled": 0,
        "unit_side": "columns", "sizes": (Size("NLP", 30, 0.75),), "absent": (), "several": (0, 0),
        "few_units": (), "few_groups": (), "sums": (RowSums(0, 0), RowSums(0, 0)),
    }  # fmt: skip
    return Population(**given | more)


def _sized(item: str) -> Size:
    return Size(item.partition(" ")[0], 1, 0.01)


def _population() -> Made:
    one = {"n_units": 1, "n_candidates": 1, "n_named": 1, "n_links": 1, "n_resolved": 1}
    whole = {"n_candidates": 40, "n_named": 40, "n_links": 60}
    for form in FORMS:
        for name, more in {"some": {}, "all": whole, "one": one, "none": {"n_units": 0, "n_resolved": 0}}.items():
            yield f"population.counted, {form}, {name}", writer(form).say(population(**more), "counted").text
    weighted = population(weight=61.5, n_unlabelled=1)
    yield "population.counted, weighted, by weight", writer("weighted").say(weighted, "counted").text
    lacking = population(**whole, n_unlabelled=1200)
    yield "population.counted, to, without a category", writer().say(lacking, "counted").text
    for n in (1, 737):
        own = writer(wording=replace(FORMS["record"], no_option=("rows",)))
        yield f"population.counted, record, no option, {n}", own.say(population(n_unlabelled=n), "counted").text
    named = population(n_named=45)
    yield "population.counted, to, some are named", writer().say(named, "counted").text
    for absent in (("RL",), ("RL", "Graph"), tuple(f"C{n}" for n in range(1, 30))):
        for diagonal in (True, False):
            text = writer().say(population(absent=absent), "absent", diagonal=diagonal, folds=False).text
            yield f"population.absent, {len(absent)}, {'diagonal' if diagonal else 'two taxonomies'}", text
    few = {
        "one of few units": ((["RL (1 model)"], []), None),
        "one of few groups": (([], ["Audio (90 models)"]), None),
        "several": ((["RL (3 models)", "Graph (4 models)"], ["Audio (90 models)", "CV (80 models)"]), DATASETS),
    }
    for name, ((units, groups), kind) in few.items():
        sizes = {"few_units": tuple(map(_sized, units)), "few_groups": tuple(map(_sized, groups))}
        text = writer().say(population(**sizes), "few", items_units=units, items_groups=groups, given=kind).text
        yield f"population.few, {name}", text


def agreement(n, of, share, *, pivot="Multimodal", n_pivot=0, by_chance=None) -> Agreement:
    rest = {"n_differ": of - n, "pivot": pivot, "n_pivot": n_pivot, "by_chance": by_chance}
    return Agreement(id="agreement", n_labelled=of, n_agree=n, share=share, **rest)


def _agreement() -> Made:
    found = agreement(95, 100, Estimate(0.95, 0.91, 0.973), n_pivot=5, by_chance=0.61)
    for form in FORMS:
        yield f"agreement.told, {form}", writer(form).say(found, "told", all_units=True).text
        yield f"agreement.told, {form}, some lack a category", writer(form).say(found, "told", all_units=False).text
    given = replace(found, in_strata=0.84)
    for form in ("to", "record", "activity"):
        yield f"agreement.told, {form}, given strata", writer(form).say(given, "told", all_units=True).text
    yield "agreement.told, to, common", writer().say(replace(given, n_common=99.0), "told", all_units=True).text
    yield "agreement.pivot, all", writer().say(found, "pivot").text
    some = agreement(90, 100, Estimate(0.9), n_pivot=6)
    yield "agreement.pivot, some", writer().say(some, "pivot").text
    edges = {
        "all": agreement(20, 20, Estimate(1.0, 0.84, 1.0), pivot=None),
        "none": agreement(0, 20, Estimate(0.0, 0.0, 0.16), pivot=None),
        "nearly all": agreement(19.99, 20, Estimate(0.9995, 0.99, 1.0), pivot=None),
    }
    for name, one in edges.items():
        yield f"agreement.told, {name}", writer().say(one, "told", all_units=True).text
    less = replace(agreement(30, 100, Estimate(0.3, 0.2, 0.4)), excess=Estimate(-2.0, -8.0, 4.0))
    chances = {
        "less": less,
        "more": replace(less, excess=Estimate(2.0, -4.0, 8.0)),
        "one": agreement(1, 1, Estimate(1.0)),
    }
    for name, one in chances.items():
        yield f"agreement.chance, {name}", writer().say(one, "chance", all_units=True).text
    meeting = replace(found, n_equal=120, excess=Estimate(63.0, 40.0, 80.0))
    yield "agreement.meeting", writer().say(meeting, "meeting").text


def _words() -> Made:
    """Yield how units of a category are called."""
    for phrase, n in (
        ("", 2), ("come from {}", 2), ("come from {}", 1), ("have {} skills", 1), ("are {}", 2), ("go by {}", 1),
        ("are from the {}", 1),
    ):  # fmt: skip
        told = writer(wording=replace(FORMS["record"], rows=replace(DATASETS, phrase=phrase)))._environment.globals
        words = f"{told['units_with']('rows', 'Chad', n)} | {told['said']('12', 'rows', 'Chad', n)}"
        yield f'units with a category, "{phrase}", {n}', words
    told = writer(wording=replace(FORMS["record"], rows=replace(DATASETS, singular="line")))._environment.globals
    for name in ("Line 6", "Linear"):
        yield f"units with {name}", f"{told['units_with']('rows', name)} | {told['said']('12', 'rows', name)}"
    for form in FORMS:
        for side in ("rows", "columns"):
            yield f"reading.taken, {form}, {side}", writer(form).words("reading", "taken", side=side, other=False)
    yield from _pairs()
    yield from _front()
    yield from _within()


def _pairs() -> Made:
    """Yield a pair in the headline, its other pairs and its lead words, without strata."""
    some = NamedPair("Regular", "2-9", "2-9", 40, 62, 60, 132, None)
    only, never = replace(some, n_outcome=40), replace(some, n_joint=0)
    every, least = replace(some, n_joint=62), replace(some, n_joint=3, n_given=5, precise=False)
    most, close = replace(some, n_outcome=110), NamedPair("Democrat", "Defect", "Defect", 1169, 1337, 2972, 3556, None)
    phrased = replace(
        FORMS["record"], rows=replace(DATASETS, phrase="have {} skills"), columns=replace(MODELS, phrase="are {}")
    )
    wordings = {**FORMS, "phrased": phrased}
    sides = {"given": "rows", "outcome": "columns"}
    people = replace(FORMS["people"], rows=replace(DATASETS, phrase="go by {}"))
    yield "front.pair, people who", writer(wording=people).words("front", "pair", c=some, **sides)
    for form, wording in wordings.items():
        told = writer(wording=wording)
        pairs = {"some": some} if form not in ("to", "record", "weighted") else {
            "some": some, "none of the others": only, "never": never, "all": every, "uncertain": least, "most others": most,
            "close": close,
        }  # fmt: skip
        for name, c in pairs.items():
            yield f"story.pair, {form}, {name}", told.say(STORY, "pair", c=c, few=c.n_given < 100, **sides).text
            yield f"story.lead, {form}, {name}", told.words("story", "lead", c=c, **sides)
            if c.precise:
                yield f"front.pair, {form}, {name}", told.words("front", "pair", c=c, **sides)
        lower = replace(some, outcome="Writer", column="Writer", n_joint=10, n_outcome=70)
        for name, more, fewer, none in (
            ("more", [some], [], []), ("fewer", [], [lower], []), ("both", [some, only], [lower], []), ("never", [], [], [never]),
            ("all", [some], [lower], [never, replace(never, column="RL", outcome="RL")]),
        ):  # fmt: skip
            due = ["28"] * len(none)
            text = told.say(STORY, "also", more=more, fewer=fewer, never=none, due=due, about="Regular", **sides).text
            yield f"story.also, {form}, {name}", text


def _front() -> Made:
    """Yield titles of an agreement and decks."""
    for form in FORMS:
        for amount in ("All", "Nearly all", ""):
            found = agreement(95, 100, Estimate(0.95, 0.91, 0.973))
            yield (
                f"front.agreement, {form}, {amount or 'more'}",
                writer(form).words("front", "agreement", f=found, amount=amount),
            )
        yield f"front.nothing, {form}", writer(form).words("front", "nothing")
        if form == "people":
            within = replace(FORMS["people"], stratum_names=("age",), n_strata=10)
            yield "front.nothing, people of an age", writer(wording=within).words("front", "nothing")
        share = MEASURES["conditional"].info
        sides = {"given": "rows", "outcome": "columns"}
        yield f"front.measure, {form}", writer(form).words("front", "measure", measure=share, reverse=True, **sides)


STORY = Story(id="story", points=(), stratified=True)


def _within() -> Made:
    """Yield what is said of pairs within strata; `c` is one of the category Writer, of units with NLP."""
    c = NamedPair("Writer", "NLP", "Writer", 40, 62, 60, 132, 1.84, 3, 1.2, 2.6)
    never, other = replace(c, column="CV", n_joint=0, within=0.0), replace(c, column="CV", within=0.5)
    sides = {"given": "columns", "outcome": "rows"}
    for form in ("to", "record", "activity"):
        told = writer(wording=replace(FORMS[form], n_strata=10))
        for name, pair in {
            "over strata": c, "alike in each": replace(c, lowest=1.81, highest=1.84), "in one": replace(c, n_informative=1),
            "in none": replace(c, n_informative=0, lowest=None, highest=None), "never": never,
            "of which units are withheld": replace(c, lowest=None, highest=None),
        }.items():  # fmt: skip
            for block in ("within", "only_within", "over_all"):
                yield f"story.{block}, {form}, {name}", told.say(STORY, block, c=pair, **sides).text
        for name, more, fewer, names in (
            ("some", [c], [], []), ("fewer", [], [other], []), ("never", [], [], ["CV"]), ("both", [c], [other], ["CV", "RL"]),
        ):  # fmt: skip
            text = told.say(STORY, "within_also", more=more, fewer=fewer, never=names, about="NLP", **sides).text
            yield f"story.within_also, {form}, {name}", text
        for name, some, none in (("some", [c, other], []), ("never", [], [never, never]), ("both", [c], [never])):
            text = told.say(STORY, "within_also_turned", some=some, never=none, about="Writer", **sides).text
            yield f"story.within_also_turned, {form}, {name}", text
        for about in (None, "Writer"):
            for name, pairs in (("one", [c]), ("two", [c, never]), ("three", [c, replace(c, n_joint=62), other])):
                text = told.say(STORY, "also_turned", pairs=pairs, about=about, **sides).text
                yield f"story.also_turned, {form}, {'named, ' if about else ''}{name}", text


def direction(**more) -> Direction:
    numbers = {"n_forward": 30, "n_back": 10, "net": Estimate(20, 4, 36), "excess": None, "within": None}
    numbers |= {"n_pairs": 6, "several": False, "without": (), "doubt": "net"}
    return Direction(id="direction.a.b", origin="A", goal="B", **(numbers | more))


def left_out(by, name, n_forward, n_back, net=None) -> LeftOut:
    return LeftOut(Change(by, None, name), n_forward, n_back, net or Estimate(n_forward - n_back))


def _directions() -> Made:
    for form in FORMS:
        for n_forward, n_back in ((111, 54), (5, 0), (1, 1)):
            found = direction(n_forward=n_forward, n_back=n_back, net=Estimate(n_forward - n_back))
            yield (
                f"direction.observation, {form}, {n_forward} and {n_back}",
                writer(form).say(found, "observation").text,
            )
    for name, net in {"interval": Estimate(57, -24.2, 162.4), "none": Estimate(57)}.items():
        yield f"direction.difference, {name}", writer().say(direction(net=net), "difference").text
    for carrier in (
        left_out("item", "WebLI", 51, 54),
        left_out("item", "WebLI", 0, 54),
        left_out("label", "COCO", 102, 54),
        left_out("stratum", "mteb", 111, 20),
        left_out("group", "mteb · google", 0, 54),
    ):
        found = direction(n_forward=111, n_back=54)
        name = f"direction.rests, {carrier.change.by}, {carrier.n_forward}"
        yield name, writer().say(found, "rests", c=carrier, item="dataset").text
    for name, more in {
        "supported": {"doubt": None, "excess": Estimate(12, 4, 21)},
        "supported, against sizes": {"doubt": None, "excess": Estimate(26, 4, 41)},
        "net": {"doubt": "net"},
        "sizes": {"doubt": "sizes"},
        "all by sizes": {"doubt": "beyond", "excess": Estimate(0, -0.1, 0.1)},
        "beyond": {"doubt": "beyond", "excess": Estimate(1, -3, 5)},
        "beyond, one group": {"doubt": "beyond", "excess": Estimate(1)},
        "within, none": {"doubt": "within"},
        "within": {"doubt": "within", "within": Estimate(4, -2, 10)},
        "apart": {"doubt": "apart"},
        "several": {"doubt": "several", "several": True},
        "rests": {"doubt": "rests", "without": (left_out("item", "WebLI", 12, 10, Estimate(2, -9, 13)),)},
        "rests, few are left": {"doubt": "rests", "without": (left_out("label", "text", 10, 0, Estimate(10)),)},
        "rests, none is left": {"doubt": "rests", "without": (left_out("label", "text", 0, 0, Estimate(0)),)},
        "many": {"doubt": "many", "excess": Estimate(9, 2, 16)},
    }.items():
        yield f"direction.verdict, {name}", writer().say(direction(**more), "verdict").text
    yield (
        "direction.verdict, supported, of records",
        writer("record").say(direction(doubt=None, excess=Estimate(12)), "verdict").text,
    )


def _isolation() -> Made:
    for name, stratum, alone, share in (
        ("in several levels", None, False, 1.0),
        ("in one level", "pykeen", False, 1.0),
        ("in one level that has nothing else", "pykeen", True, 1.0),
        ("nearly", None, False, 0.993),
    ):
        known = {"category": "Graph", "n": 20, "self_share": share, "stratum": stratum, "stratum_alone": alone}
        yield (
            f"isolation.observation, {name}",
            writer().say(Isolation(id="isolation.graph", **known), "observation").text,
        )


COMPOSITION = Composition(
    id="composition", strata=("package",), n_strata=10, observed=4257, expected=2749, expected_within=3740, most=4280,
    beyond=True,
    reached=Estimate(0.9584, 0.9273, 0.9894),
    lasting=(
        StrataChange("Multimodal", 292, 29.7, 53.2, 308, 260.3, 1.0, Estimate(260.3, 55.7, 1216.2), 4, ("timm", "mteb", "mmpretrain")),
        StrataChange("NLP", 392, 39.9, 304.6, 393, 1246.4, 1.0, Estimate(1246.4, 145.2, 10700.3), 1, ("mteb",)),
        StrataChange("CV", 3361, 2672, 3194, 3362, 7509.7, 1.0, Estimate(7509.7, 674.6, None), 4, tuple("abcd")),
    ),
)  # fmt: skip


def _composition() -> Made:  # noqa: PLR0915 - one line for each form
    def items(told, f) -> dict:
        return {
            name: [
                told.words("composition", "item", f=f, c=c, first=not i, named=not i, told=False)
                for i, c in enumerate(getattr(f, name))
            ]
            for name in ("lasting", "faded", "unsure")
        }

    told, f = writer(), COMPOSITION
    names = ["Multimodal", "NLP", "CV"]
    yield "composition.doubt", told.say(f, "doubt", names=names, more=0).text
    yield "composition.observation", told.say(f, "observation", lasting=items(told, f)["lasting"]).text
    yield "composition.doubt, more than are named", told.say(f, "doubt", names=names, more=2).text
    yield "composition.doubt, one", told.say(f, "doubt", names=["CV"], more=0).text
    none = replace(f, lasting=(), reached=None)
    yield "composition.doubt, no room is left", told.say(none, "doubt", names=[], more=0).text
    confined = replace(f, lasting=(), confined=("Graph",))
    yield "composition.doubt, no level tells", told.say(confined, "doubt", names=[], more=0).text
    yield "composition.doubt, none is clear", told.say(replace(f, lasting=()), "doubt", names=[], more=0).text
    words = told.words("composition", "item", f=f, c=f.lasting[0], first=True, named=True, told=True)
    yield "composition.item, told in the headline", words
    for n_strata, n_informative in product((1, 2, 10), (0, 1, 2, 10)):
        if n_informative <= n_strata:
            levels = tuple("abcdefghij"[:n_informative])
            few, c = replace(f, n_strata=n_strata), replace(f.lasting[0], informative=levels)
            for first in (True, False):
                words = told.words("composition", "named", f=few, c=c, first=first)
                yield f"composition.named, {n_informative} of {n_strata}, {'first' if first else 'later'}", words
    weak = replace(f.lasting[0], alike=1.3, odds=Estimate(1.3, 0.6, 2.9))
    weaker = replace(f, lasting=(), faded=(weak,), unsure=(replace(weak, alike=3.0, odds=Estimate(3.0, 0.6, 2.9)),))
    rest = items(told, weaker)
    yield "composition.observation, none", told.say(weaker, "observation", lasting=[]).text
    yield "composition.others", told.say(weaker, "others", faded=rest["faded"], unsure=rest["unsure"]).text
    apart = replace(weaker, opposed=("NLP", "CV"))
    yield "composition.others, opposed", told.say(apart, "others", faded=rest["faded"], unsure=rest["unsure"]).text
    yield (
        "composition.others, opposed alone",
        told.say(replace(f, opposed=("NLP",)), "others", faded=[], unsure=[]).text,
    )
    alone = replace(f, lasting=(), confined=("Graph",), beyond=False)
    yield "composition.observation, no level tells", told.say(alone, "observation", lasting=[]).text
    yield "composition.idle", told.say(alone, "idle").text
    yield (
        "composition.observation, activity",
        writer("activity").say(replace(f, lasting=()), "observation", lasting=[]).text,
    )


def _composition_pooled() -> Made:
    f = Composition(
        id="composition", strata=("package",), n_strata=10, observed=90, expected=40, expected_within=60, most=95,
        beyond=True, reached=0.9, untestable=("Graph",),
    )  # fmt: skip
    yield "composition.observation, pooled alone", writer().say(f, "observation", lasting=[]).text
    yield "composition.doubt, pooled alone", writer().say(f, "doubt", names=[], more=0).text


def _reversal() -> Made:
    above = ReversedPair(
        "NLP",
        "CV",
        43.0,
        21.3,
        94.2,
        Estimate(43 / 21.3, 1.4, 2.9),
        Estimate(43 / 94.2, 0.29, 0.72),
        0.002,
        ("timm", "mteb"),
    )
    below = ReversedPair(
        "NLP", "CV", 1.0, 14.0, 0.2, Estimate(1 / 14, 0.01, 0.6), Estimate(5.0, 1.5, 8.0), 0.002, tuple("abcdef")
    )
    unsure = replace(above, expected=31.3, ratio=Estimate(43 / 31.3, 0.8, 2.4), informative=("mteb",))
    found = Reversal(
        id="reversal.left", panel="left", strata=("package",), n_strata=10, n_reversed=2, pairs=(above, below, unsure)
    )
    for form in ("to", "from", "link", "key", "record", "weighted", "activity"):
        yield (
            f"reversal.lead, {form}, unsure",
            writer(form).words("reversal", "lead", f=replace(found, pairs=(unsure,))),
        )
        for name, pair, more in (("above", above, 0), ("below", below, 2), ("unsure", unsure, 1)):
            sides = {"given": "rows", "outcome": "columns"}
            text = writer(form).say(found, "observation", c=pair, more=more, **sides).text
            yield f"reversal.observation, {form}, {name} over all", text


def _gradient() -> Made:
    steps = tuple(GradientStep(name, n, 100.0) for name, n in (("NLP", 91.0), ("CV", 60.0), ("RL", 21.0)))
    effect = Estimate(-0.35, -0.4, -0.3)
    found = Gradient(
        id="gradient.rows.audio", side="rows", outcome="Audio", coefficient="somers_d", steps=steps, n_against=0,
        effect=effect, p=0.0002, n_tested=3,
    )  # fmt: skip
    for form in ("to", "from", "link", "key", "record", "weighted"):
        yield (
            f"gradient.observation, {form}",
            writer(form).say(found, "observation", given="rows", outcome="columns").text,
        )
    against = replace(found, n_against=1, steps=steps[::-1])
    yield (
        "gradient.observation, one step against",
        writer().say(against, "observation", given="rows", outcome="columns").text,
    )
    for coefficient in ("somers_d", "gamma"):
        one = replace(found, coefficient=coefficient)
        yield f"gradient.effect, {coefficient}", writer().say(one, "effect", p="p < 0.001", outcome="columns").text
    for n in (0, 2, 5):
        yield f"gradient.strata, {n}", writer().say(replace(found, stratified=True, n_informative=n), "strata").text
    for n in (2, 3):
        pooled = replace(found, stratified=True, n_informative=n)
        whole = writer(wording=replace(FORMS["record"], n_strata=n))
        yield f"gradient.strata, all {n}", whole.say(pooled, "strata").text
        yield f"gradient.effect, pooled over {n}", whole.say(pooled, "effect", p="p < 0.001", outcome="columns").text
    sides = {"given": "rows", "outcome": "columns"}
    for form in (*FORMS, "phrased"):
        phrased = replace(FORMS["record"], columns=replace(MODELS, phrase="are {}"))
        told = writer(wording=FORMS.get(form, phrased))
        yield f"front.gradient, {form}", told.words("front", "gradient", f=found, **sides)
        against = replace(found, steps=steps[::-1], n_against=1)
        yield f"front.gradient, {form}, one step against", told.words("front", "gradient", f=against, **sides)
    yield "gradient.none", writer("record").words("gradient", "none", f=replace(found, null=True, p=0.6))


def differing(given: str, outcome: str, lowest: float, highest: float) -> DifferingPair:
    ends = (
        StratumRatio(name, 10 * ratio, 10.0, Estimate(ratio, ratio / 2, ratio * 2))
        for name, ratio in (("timm", lowest), ("mteb", highest))
    )
    return DifferingPair(given, outcome, 4, 3, 1, 0.001, *ends)


def _heterogeneity() -> Made:
    opposite = (differing("NLP", "CV", 0.2, 2.4), differing("RL", "CV", 0.0, 3.1))
    f = Heterogeneity(
        id="heterogeneity.left", panel="left", strata=("package",), n_strata=10, n_tested=20, n_opposite=2, n_graded=1,
        opposite=opposite, graded=(differing("NLP", "NLP", 1.4, 6.2),),
    )  # fmt: skip
    for form in ("to", "link", "key", "record", "weighted"):
        told = writer(form)
        sides = {"given": "columns", "outcome": "rows"}
        yield f"heterogeneity.opposite, {form}", told.say(f, "opposite", **sides).text
        yield (
            f"heterogeneity.observation, {form}, another",
            told.say(f, "observation", c=opposite[1], first=True, more=0, **sides).text,
        )
        yield (
            f"heterogeneity.observation, {form}, several",
            told.say(f, "observation", c=opposite[0], first=False, more=3, **sides).text,
        )
        yield f"heterogeneity.graded, {form}", told.say(f, "graded", c=f.graded[0], more=2, **sides).text


def _activity() -> Made:
    found = Activity(id="activity", n_rows=200, n_columns=180, n_units=400, factor=Estimate(1.333, 1.21, 1.46))
    yield "activity.doubt, more", writer("record").say(found, "doubt").text
    fewer = replace(found, factor=Estimate(0.75, 0.7, 0.8))
    yield "activity.doubt, fewer", writer("record").say(fewer, "doubt").text
    yield (
        "activity.doubt, unclear",
        writer("record").say(replace(found, factor=Estimate(1.02, 0.9, 1.16)), "doubt").text,
    )


def _overdispersion() -> Made:
    found = Overdispersion(
        id="overdispersion", n_rows=150, n_cells=25, n_free=125, index=6.9, freedom=118.3, score=41.2, p=0.0,
        is_drawn=True, is_excessive=True, level=0.05, treatment="groups",
    )  # fmt: skip
    yield "overdispersion.doubt, counts", writer("people").say(found, "doubt").text
    rows = replace(found, index=1.02, score=0.4, p=0.34, is_excessive=False)
    yield "overdispersion.doubt, rows", writer("people").say(rows, "doubt").text
    laid = replace(found, is_drawn=False, treatment="dispersion")
    yield "overdispersion.doubt, dispersion", writer("people").say(laid, "doubt").text
    variation = CountVariation(25, 125, 1.02, 118.3, 0.4, 0.34, is_drawn=True, level=0.05)
    dispersed = replace(variation, index=6.9, score=41.2, p=0.0, is_drawn=False)
    yield "methods.dispersed", writer("people").tell("methods", "dispersed", variation=dispersed).text
    for name, one in {"rows": variation, "counts": replace(variation, index=6.9, score=41.2, p=0.0)}.items():
        yield f"methods.rows_as_groups, {name}", writer("people").tell("methods", "rows_as_groups", variation=one).text
    tallies = {
        "tested": Tally("n", 150, replace(variation, is_drawn=False)),
        "not testable": Tally("n", 150),
        "declared": Tally("n", 150, None, is_declared=True),
    }
    for name, tally in tallies.items():
        alone = SimpleNamespace(n_item_sets=0, n_largest_set=0)
        words = {"contributors": alone, "n_units": 900, "tally": tally, "p": "p = 0.34"}
        yield f"methods.independent, {name}", writer("people").tell("methods", "independent", **words).text


def _coverage() -> Made:
    """Yield changes that missing labels can, and cannot, account for."""
    found = SimpleNamespace(kind="trend", id="trend", cells=(), source="date")
    moved = SimpleNamespace(given="NLP")
    words = {"m": moved, "subject": "the share of CV", "rose": "rose", "move": "from 30% before 2022 to 42% since"}
    for name, given in {"all": None, "given": "rows"}.items():
        for block, bounds in {"coverage": "−3 to 20", "trend_bounds": "5 to 20"}.items():
            more = words | {"given": given, "covered": (0.98, 0.71), "bounds": bounds}
            yield f"trend.{block}, {name}", writer("people").say(found, block, **more).text


PAIR = Pair("A", "X", 20, 6.0, Estimate(3.33, 1.9, 5.8), 4.1, 0.01)
LOW = Pair("B", "X", 1, 12.0, Estimate(0.083, 0.01, 0.6), None, 0.04)


DETECTABLE = (
    Detectable("large", "A", "X", 0.5, 0.6, 0.12),
    Detectable("medium", "B", "X", 0.2, 0.34, 0.21),
    Detectable("small", "C", "X", 0.05, 0.3, 0.28),
)


def surprises(**more) -> PairAssociations:
    given = {
        "id": "surprises.left", "panel": "left", "basis": "strata", "above": (PAIR,), "below": (LOW,),
        "n_tested": 12, "n_often": 9, "n_above": 1, "n_below": 1, "n_crossing": 212,
    }  # fmt: skip
    return PairAssociations(**given | more)


def _surprises() -> Made:
    told = writer()
    for basis in ("all", "strata", "crossing"):
        found = surprises(basis=basis, n_crossing=1 if basis == "all" else 212)
        above, below = ([told.words("surprises", "item", c=pair, basis=basis)] for pair in (PAIR, LOW))
        yield (
            f"surprises.observation, {basis}",
            told.say(found, "observation", above=above, below=below, more=False).text,
        )
        yield f"surprises.clearest, {basis}", told.say(found, "clearest").text
    for name, pair in {
        "none is there": replace(LOW, n_joint=0, ratio=Estimate(0.0, 0.0, LOW.ratio.high)),
        "few expected": replace(PAIR, n_joint=27, expected=2.2, often=False),
        "the same over all": replace(PAIR, overall=3.331),
    }.items():
        yield f"surprises.item, {name}", told.words("surprises", "item", c=pair, basis="strata")
    below = told.say(surprises(above=()), "observation", above=[], below=["B with X"], more=False).text
    yield "surprises.observation, less often alone", below
    none = surprises(above=(), below=(), null=True)
    yield "surprises.nothing, never found", told.say(none, "nothing", others=False, overall=None).text
    overall = SimpleNamespace(given="CV", outcome="NLP", lift=0.76, lift_low=0.59, lift_high=0.97)
    text = told.say(none, "nothing", others=False, overall=overall).text
    yield "surprises.nothing, but something over all", text
    found = replace(none, basis="all", detectable=DETECTABLE)
    yield (
        "surprises.nothing, with its power",
        told.say(found, "nothing", others=False, overall=None, power="Power.").text,
    )
    for name, of in {"all": DETECTABLE, "no small one": DETECTABLE[:2], "none": ()}.items():
        points = [f"{one.points:.0f}" for one in of]
        hidden = [one.size for one in DETECTABLE if one not in of]
        yield f"surprises.power, {name}", told.say(found, "power", shown=of, points=points, hidden=hidden, one="").text
    yield "surprises.power, as many for each", told.say(found, "power", shown=DETECTABLE, hidden=[], one="7").text
    yield "surprises.nothing, nothing tested", told.say(replace(none, n_tested=0), "nothing", others=False).text
    yield "surprises.nothing, no other", told.say(none, "nothing", others=True, overall=None).text
    yield "surprises.leftover", told.say(surprises(leftover=True, below=()), "leftover").text


def _others() -> Made:
    for n_pairs, n_unmet in ((3, 3), (3, 2), (3, 1), (3, 0), (1, 0)):
        found = Bridge(
            id="bridge.a", category="A", live=(), met=("B",), judged=("B",), n_crossing=9, n_through=5, by_size=2.0, beyond=Estimate(0.3, 0.1, 0.5), n_pairs=n_pairs, n_unmet=n_unmet,
            exceptions=() if n_pairs == n_unmet else (PairCount("B", "C", 4),),
        )  # fmt: skip
        yield f"bridge.others, {n_unmet} of {n_pairs}", writer().say(found, "others").text
    yield "bridge.observation, a named partner", writer().say(found, "observation").text
    told = replace(found, met=("B", "C"), in_strata=4.0)
    yield "bridge.observation, given strata, few in a partner", writer().say(told, "observation").text
    item = {"n_item_sets": 365, "n_largest_set": 9, "n_population": 4227}
    found = Concentration(id="concentration", item="ImageNet-1k", n_units=1805, share=0.427, **item)
    yield "concentration.observation", writer().say(found, "observation").text
    holes = CoverageGaps(
        id="gaps", parts=(CoveredCategory("Graph", 20, 20), CoveredCategory("NLP", 100, 63)), years=(CoveredYear(2020, 50, 37), CoveredYear(2025, 70, 3)),
        other_side="rows", other_items=9, other_linked=4, n_links=10, n_resolved=10, n_names=0,
    )  # fmt: skip
    for form in FORMS:
        said = writer(form).say(holes, "uneven", best=holes.parts[0], worst=holes.parts[1]).text
        yield f"gaps.uneven, {form}", said
    yield "gaps.years", writer().say(holes, "years", best=holes.best_year, worst=holes.worst_year).text
    for n_resolved, n_itself in ((10, 1), (9, 2), (7, 0)):
        one = replace(holes, n_resolved=n_resolved, n_names=10 - n_resolved, n_itself=n_itself)
        yield f"gaps.resolved, {n_resolved}", writer().say(one, "resolved").text
        yield f"gaps.itself, {n_itself}", writer().say(one, "itself").text
    yield "gaps.other", writer().say(holes, "other").text
    yield "spread.observation, one", _spread("A")
    yield "spread.observation, three", _spread("A", "B", "C")


def _spread(*names: str) -> str:
    """Return what is said of categories that follow the overall distribution."""
    cells = {name: tuple(CellRef("left", name, column) for column in "XYZ") for name in names}
    ratios = {"panel": "left", "lowest": 0.86, "highest": 1.12, "n_outcomes": 3}
    spreads = [Spread(id=f"spread.{name}", cells=cells[name], category=name, **ratios) for name in names]
    panels = [SimpleNamespace(id="left", given=LINKS.columns, outcome=MODELS)]
    part = SimpleNamespace(panels=panels, wording=LINKS, found=lambda kind: spreads if kind is Spread else [])
    (paragraph,) = middle._spread(part, writer())
    return paragraph.sentences[0].text
