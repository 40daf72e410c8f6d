"""Sentences: English that is right at its edges, labels that are never template source."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from diptych.cells import CellRef, Estimate, Kind, Unit
from diptych.document import middle
from diptych.document.material import Wording
from diptych.document.writer import Writer
from diptych.findings.agreement import Activity, Agreement
from diptych.findings.bridges import Bridge, PairMet
from diptych.findings.composition import Composition, StrataChange
from diptych.findings.diagonal import Isolation, Spread
from diptych.findings.direction import Direction, LeftOut
from diptych.findings.population import Concentration, CoveredCategory, CoveredYear, Gaps, Population, RowSums, Size
from diptych.findings.story import Named
from diptych.findings.surprises import Pair, Surprises
from diptych.ledger.recounts import Change
from diptych.theme import template_folder

MODELS = Kind("models", "Model", "model", "models")
DATASETS = Kind("datasets", "Dataset", "dataset", "datasets")
LINKS = Wording(
    "links", Unit("to", "model", "models"), DATASETS, MODELS, "trained on", "used to train", (), ("package",)
)
FORMS = {
    "to": LINKS,
    "from": replace(LINKS, unit=Unit("from", "dataset", "datasets")),
    "link": replace(LINKS, unit=Unit("link", "link", "links")),
    "key": replace(LINKS, form="shared", unit=Unit("key", "owner", "owners"), population="either"),
    "record": replace(LINKS, form="records", unit=Unit("record", "answer", "answers")),
}
NASTY = "{{ 7*7 }}{% raw %} <&\"'%_~^\\{}#$|"


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def write():
    def make(wording=LINKS):
        words = {"w": wording, "place": lambda name: {"left": "(a)", "right": "(b)"}.get(name, "")}
        return Writer(template_folder(), "en", words)

    return make


def population(**more):
    given = {
        "id": "population", "n_units": 40, "weight": None, "n_candidates": 50, "n_named": 50, "n_links": 80, "n_resolved": 60, "n_unlabelled": 0,
        "unit_side": "columns", "sizes": (Size("NLP", 30, 0.75),), "absent": (), "several": (0, 0),
        "few_units": (), "few_groups": (), "sums": (RowSums(0, 0), RowSums(0, 0)),
    }  # fmt: skip
    return Population(**given | more)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("to", "Of 50 models, 40 (80 %) are trained on at least one dataset that the data hold."),
        ("link", "Of 80 links, 60 (75 %) find an item at both ends."),
        ("key", "The figure counts 40 owners that have datasets or models."),
        ("record", "Of 50 answers, 40 (80 %) carry a label for both dataset and model."),
    ],
)
def test_the_first_sentence_says_how_many_of_how_many(write, form, expected):
    assert plain(write(FORMS[form]).say(population(), "counted").text) == expected


def test_the_first_sentence_says_what_lacks_a_category(write):
    text = plain(write().say(population(n_candidates=40, n_named=40, n_unlabelled=1200), "counted").text)
    assert text == ("The figure counts all 40 models. 1,200 of these lack a category on at least one side.")


@pytest.mark.parametrize(
    ("absent", "expected"),
    [
        (("RL",), "No counted model has RL on either side; its row and column are blank."),
        (
            ("RL", "Graph"),
            "No counted model has RL or Graph on either side; their rows and columns are blank.",
        ),
    ],
)
def test_absent_categories_agree_in_number(write, absent, expected):
    assert write().say(population(absent=absent), "absent", diagonal=True, folds=False).text == expected


@pytest.mark.parametrize(
    ("units", "groups", "given", "expected"),
    [
        (["RL (1 model)"], [], None, "RL (1 model) is too small to judge."),
        ([], ["Audio (90 models)"], None, "Audio (90 models) comes from too few groups to judge."),
        (
            ["RL (3 models)", "Graph (4 models)"],
            ["Audio (90 models)", "CV (80 models)"],
            DATASETS,
            (
                "As dataset categories, RL (3 models) and Graph (4 models) are too small to judge, and "
                "Audio (90 models) and CV (80 models) come from too few groups."
            ),
        ),
    ],
)
def test_what_is_too_few_is_said_once(write, units, groups, given, expected):
    said = write().say(population(), "few", items_units=units, items_groups=groups, given=given)
    assert said.text == expected


def agreement(n, of, share, *, pivot="Multimodal", n_pivot=0, by_chance=None):
    rest = {"n_differ": of - n, "pivot": pivot, "n_pivot": n_pivot, "by_chance": by_chance}
    return Agreement(id="agreement", n_labelled=of, n_agree=n, share=share, **rest)


def test_agreement_names_the_category_that_most_exceptions_have(write):
    found = agreement(95, 100, Estimate(0.95, 0.91, 0.973), n_pivot=5, by_chance=0.61)
    assert plain(write().say(found, "told", all_units=True).text) == (
        "95 % of models have exactly the category of their datasets, where chance within each package would make 61 %."
    )
    assert plain(write().say(found, "pivot").text) == "All 5 others have Multimodal on one side or the other."
    some = agreement(90, 100, Estimate(0.9), n_pivot=6)
    assert plain(write().say(some, "pivot").text) == "Of the 10 others, 6 have Multimodal on one side or the other."


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("link", "95 % of links join a dataset and a model of exactly the same category."),
        ("key", "95 % of owners have datasets and models of exactly the same categories."),
        ("record", "95 % of answers have exactly the same category of dataset and model."),
    ],
)
def test_agreement_says_what_its_units_do(write, form, expected):
    found = agreement(95, 100, Estimate(0.95, 0.91, 0.973), n_pivot=5)
    assert plain(write(FORMS[form]).say(found, "told", all_units=True).text) == expected


def test_agreement_that_chance_may_make_says_so(write):
    found = replace(agreement(30, 100, Estimate(0.3, 0.2, 0.4)), excess=Estimate(-2.0, -8.0, 4.0))
    assert not found.beyond
    assert plain(write().say(found, "chance", all_units=True).text) == (
        "30 % of models have exactly the category of their datasets. That is no more than chance makes within each package."
    )
    assert not replace(found, excess=Estimate(2.0)).beyond
    more = replace(found, excess=Estimate(2.0, -4.0, 8.0))
    assert plain(write().say(more, "chance", all_units=True).text).endswith(" That may be chance within each package.")
    assert replace(found, excess=Estimate(5.0, 1.0, 9.0)).beyond


def test_agreement_names_its_whole_where_some_units_lack_a_category(write):
    found, writer = agreement(95, 1100, Estimate(0.0864, 0.07, 0.1)), write()
    assert plain(writer.say(found, "told", all_units=False).text) == (
        "9 % of the models with a category on both sides have exactly the category of their datasets."
    )


@pytest.mark.parametrize(
    ("n", "share", "expected"),
    [
        (20, Estimate(1.0, 0.84, 1.0), "All 20 models have exactly the category of their datasets."),
        (0, Estimate(0.0, 0.0, 0.16), "None of the 20 models have exactly the category of their datasets."),
        (19.99, Estimate(0.9995), "Over 99 % of models have exactly the category of their datasets."),
    ],
)
def test_no_false_hundred_percent(write, n, share, expected):
    assert plain(write().say(agreement(n, 20, share, pivot=None), "told", all_units=True).text) == expected


def test_of_one_model_nothing_can_be_told(write):
    found = agreement(1, 1, Estimate(1.0, 0.0, 1.0), pivot=None)
    assert write().say(found, "chance", all_units=True).text == (
        "One model alone has a category on both sides: nothing can be told from chance."
    )


@pytest.mark.parametrize(
    ("phrase", "n", "expected"),
    [
        ("", 2, "answers with dataset Chad | have dataset Chad"),
        ("come from {}", 2, "answers from Chad | come from Chad"),
        ("come from {}", 1, "answer from Chad | comes from Chad"),
        ("have {} skills", 1, "answer with Chad skills | has Chad skills"),
        ("are {}", 2, "Chad answers | are Chad"),
        ("go by {}", 1, "answer that goes by Chad | goes by Chad"),
        ("are from the {}", 1, "answer from the Chad | is from the Chad"),
    ],
)
def test_units_do_what_the_config_says_of_them(write, phrase, n, expected):
    writer = write(replace(FORMS["record"], rows=replace(DATASETS, phrase=phrase)))
    told = writer._environment.globals
    assert f"{told['units_with']('rows', 'Chad', n)} | {told['predicate']('rows', 'Chad', n)}" == expected


def test_a_category_that_says_what_it_is_stands_without_its_kind(write):
    lines = replace(DATASETS, singular="line")
    told = write(replace(FORMS["record"], rows=lines))._environment.globals
    assert [told["units_with"]("rows", name) for name in ("Line 6", "Linear")] == [
        "answers with Line 6",
        "answers with line Linear",
    ]
    assert told["predicate"]("rows", "Line 6") == "have Line 6"


def direction(**more):
    numbers = {"n_forward": 30, "n_back": 10, "net": Estimate(20, 4, 36), "excess": None, "within": None}
    numbers |= {"n_pairs": 6, "several": False, "without": (), "doubt": "net"}
    return Direction(id="direction.a.b", origin="A", goal="B", **(numbers | more))


def test_of_two_columns_of_a_table_none_comes_first(write):
    """Of sons and fathers "a direction from son's to father's" reads as the way from father to son, which it is not."""
    said = write(FORMS["record"]).say(direction(doubt=None), "verdict").text
    assert said == "The sizes of the categories do not account for it."


def test_what_is_told_to_depart_is_not_spread_as_all_are(write):
    cells = {name: tuple(CellRef("left", name, column) for column in "XYZ") for name in "ABC"}
    spreads = [
        Spread(
            id=f"spread.{name}", cells=cells[name], panel="left", category=name, lowest=0.96, highest=1.02, n_outcomes=3
        )
        for name in "ABC"
    ]
    found = {Spread: spreads, Surprises: [surprises()]}  # of A and B with X
    panels = [SimpleNamespace(id="left", outcome=MODELS)]
    part = SimpleNamespace(panels=panels, found=lambda kind: found.get(kind, []))
    (paragraph,) = middle._spread(part, write())
    assert plain(paragraph.sentences[0].text) == (
        "C is spread over the models as the models are, 0.96 to 1.0 times what chance would make."
    )
    assert not list(
        middle._spread(SimpleNamespace(panels=panels, found=lambda k: found[k][:2] if k in found else []), write())
    )


@pytest.mark.parametrize(("category", "shown"), [("2-9", "“2-9”"), ("Writer", "Writer"), ("20+", "20+")])
def test_a_figure_that_a_number_follows_stands_in_quotes(write, category, shown):
    pair = Named("Regular", category, category, 40, 62, 60, 132, None)
    said = write(FORMS["record"]).words(
        "story", "often", c=pair, times=3.2, first=True, by_chance=False, outcome="columns"
    )
    assert said == f"have model {shown} 3.2 times as often as the others"


@pytest.mark.parametrize(
    ("times", "shown"), [(1.04, "1.04"), (1.06, "1.1"), (0.97, "0.97"), (1.003, "1.003"), (0.996, "0.996")]
)
def test_what_is_hardly_oftener_is_not_called_as_often(write, times, shown):
    """ "1.0 times as often as the others", of a pair that surely departs, says nothing."""
    pair = Named("Democrat", "Defect", "Defect", 1169, 1337, 2972, 3556, None)
    said = write(FORMS["record"]).words(
        "story", "often", c=pair, times=times, first=True, by_chance=False, outcome="columns"
    )
    assert said == f"have model Defect {shown} times as often as the others"


def without(by, name, n_forward, n_back, net=None):
    return LeftOut(Change(by, None, name), n_forward, n_back, net or Estimate(n_forward - n_back))


def test_direction_says_on_what_it_rests(write):
    found = direction(n_forward=111, n_back=54, net=Estimate(57, -24.2, 162.4))
    writer = write()
    assert plain(writer.say(found, "observation").text) == (
        "A datasets go with 111 B models, B datasets with 54 A ones."
    )
    assert writer.say(found, "verdict").text == "No direction is supported."


@pytest.mark.parametrize(
    ("form", "n_forward", "n_back", "expected"),
    [
        ("to", 5, 0, "A datasets go with 5 B models, B datasets with no A ones"),
        ("to", 1, 1, "A datasets go with 1 B model, B datasets with one A model"),
        ("from", 5, 2, "5 A datasets go with B models, 2 B datasets with A ones"),
        ("link", 5, 2, "5 links lead from A datasets to B models, 2 from B datasets to A models"),
        ("key", 5, 2, "5 owners have A datasets and B models, 2 B datasets and A models"),
        ("record", 1, 0, "1 answer has dataset A and model B, none the reverse"),
    ],
)
def test_a_direction_counts_what_the_unit_is(write, form, n_forward, n_back, expected):
    found = direction(n_forward=n_forward, n_back=n_back, net=Estimate(n_forward - n_back))
    text = write(FORMS[form]).say(found, "observation").text
    assert text == f"{expected}."


@pytest.mark.parametrize(
    ("carrier", "expected"),
    [
        (
            without("item", "WebLI", 51, 54),
            "Without one dataset, WebLI, the counts are 51 and 54.",
        ),
        (
            without("label", "COCO", 102, 54, Estimate(48, -5, 101)),
            "Without one raw label, COCO, the counts are 102 and 54.",
        ),
        (
            without("stratum", "mteb", 111, 20),
            "Without one package, mteb, the counts are 111 and 20.",
        ),
        (without("group", "mteb · google", 0, 54), "All of the 111 rest on one group, mteb · google."),
        (without("item", "WebLI", 0, 54), "All of the 111 rest on WebLI."),
    ],
)
def test_what_carries_a_direction_is_named(write, carrier, expected):
    found = direction(n_forward=111, n_back=54)
    assert plain(write().say(found, "rests", c=carrier, item="dataset").text) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"doubt": None}, "A direction from A to B is supported in these data."),
        ({"doubt": "net"}, "No direction is supported."),
        (
            {"doubt": "sizes"},
            "Nothing else that crosses tells it from the sizes of the categories: no direction is supported.",
        ),
        (
            {"doubt": "beyond", "excess": Estimate(0, -0.1, 0.1)},
            "The sizes of the categories can account for all of it: no direction is supported.",
        ),
        (
            {"doubt": "beyond", "excess": Estimate(1, -3, 5)},
            "What the sizes of the categories leave of it has the interval −3 to 5: no direction is supported.",
        ),
        (
            {"doubt": "within"},
            "Within each package nothing tells it from the sizes of the categories: no direction is supported.",
        ),
        (
            {"doubt": "apart"},
            "What the sizes of the categories leave of it may as well come from another pair: no direction is supported.",
        ),
        (
            {"doubt": "within", "excess": Estimate(9, 2, 16), "within": Estimate(4, -2, 10)},
            (
                "What the sizes of the categories within each package leave of it has the interval −2 to 10: "
                "no direction is supported."
            ),
        ),
        (
            {"doubt": "several", "several": True},
            (
                "Since models have several categories on both sides, their number alone can make this: "
                "no direction is supported."
            ),
        ),
        (
            {"doubt": "rests", "without": (without("item", "WebLI", 12, 10, Estimate(2, -9, 13)),)},
            "Since it rests on that alone, no direction is supported.",
        ),
        (
            {"doubt": "many", "excess": Estimate(9, 2, 16)},
            "Among six pairs of categories one such difference may come by chance: no direction is supported.",
        ),
    ],
)
def test_the_verdict_on_direction_says_why(write, more, expected):
    assert plain(write().say(direction(**more), "verdict").text) == expected


@pytest.mark.parametrize(
    ("stratum", "alone", "share", "expected"),
    [
        (None, False, 1.0, "Graph meets no other category."),
        ("pykeen", False, 1.0, "Graph meets no other category, and comes from one package alone, pykeen."),
        (
            "pykeen",
            True,
            1.0,
            (
                "Graph meets no other category, but comes from one package, pykeen, that records nothing else: "
                "isolation cannot be told from it."
            ),
        ),
        (None, False, 0.993, "Graph keeps to itself for 99 % of its models."),
    ],
)
def test_isolation_is_worded_by_what_is_known(write, stratum, alone, share, expected):
    found = Isolation(
        id="isolation.graph", category="Graph", n=20, self_share=share, stratum=stratum, stratum_alone=alone
    )
    assert plain(write().say(found, "observation").text) == expected


COMPOSITION = Composition(
    id="composition", strata=("package",), n_strata=10, observed=4257, expected=2749, expected_within=3740, most=4280,
    explained=0.6518, explained_low=0.5279, explained_high=0.7757, beyond=True,
    reached=0.9584, reached_low=0.9273, reached_high=0.9894,
    lasting=(
        StrataChange("Multimodal", 292, 29.7, 53.2, 308, 260.3, 1.0, 4, 55.7, 1216.2),
        StrataChange("NLP", 392, 39.9, 304.6, 393, 1246.4, 1.0, 1, 145.2, 10700.3),
        StrataChange("CV", 3361, 2672, 3194, 3362, 7509.7, 1.0, 4, 674.6, None),
    ),
)  # fmt: skip


def lists(write, f):
    return {
        name: [write.words("composition", "item", f=f, c=c, first=not i) for i, c in enumerate(getattr(f, name))]
        for name in ("lasting", "faded", "unsure")
    }


def test_composition_says_what_holds_within_strata_and_of_how_many_it_can_be_asked(write):
    writer = write()
    assert plain(writer.say(COMPOSITION, "doubt", names=["Multimodal", "NLP", "CV"]).text) == (
        "The package alone accounts for 65 % of the agreement beyond chance (53 to 78 %), but Multimodal, NLP and CV agree "
        "within each package too."
    )
    assert plain(writer.say(COMPOSITION, "observation", lasting=lists(writer, COMPOSITION)["lasting"]).text) == (
        "Within each package agreement holds where it can be told: Multimodal in four of 10 (odds ratio 260; 55.7 to "
        "1,216), NLP in one (1,246; 145 to 10,700) and CV in four (7,510; 675 or more)."
    )


def test_only_where_little_is_left_the_figure_shows_how_data_are_divided(write):
    little = replace(COMPOSITION, explained=0.86, reached=0.12, reached_low=0.02, reached_high=0.22)
    assert plain(write().say(little, "doubt", names=["CV"]).text) == (
        "The package alone accounts for 86 % of the agreement beyond chance (53 to 78 %), so it shows how these data are divided "
        "more than how datasets and models go together."
    )
    none = replace(COMPOSITION, explained=1.0, explained_low=None, explained_high=None, reached=None)
    assert plain(write().say(none, "doubt", names=[]).text) == (
        "The package alone accounts for all of the agreement beyond chance, and leaves no room for more: "
        "agreement cannot be told from how the package is chosen."
    )


def test_composition_says_of_which_categories_little_is_left(write):
    weak = replace(COMPOSITION.lasting[0], alike=1.3, low=0.6, high=2.9)
    writer, f = write(), replace(COMPOSITION, lasting=(), faded=(weak,), unsure=(replace(weak, alike=3.0),))
    told = lists(writer, f)
    assert (
        plain(writer.say(f, "observation", lasting=[]).text)
        == "Within each package agreement surely holds for no category."
    )
    assert plain(writer.say(f, "others", faded=told["faded"], unsure=told["unsure"]).text) == (
        "Little is left for Multimodal in four of 10 (odds ratio 1.3; 0.60 to 2.9). What is left may be chance for "
        "Multimodal in four of 10 (odds ratio 3.0; 0.60 to 2.9)."
    )
    alone = replace(COMPOSITION, lasting=(), confined=("Graph",), beyond=False)
    assert plain(writer.say(alone, "observation", lasting=[]).text) == (
        "Within each package agreement cannot be told from chance: none holds models with a category and without it on "
        "both sides."
    )
    assert plain(writer.say(alone, "idle").text) == (
        "The package accounts for no more of the agreement than levels drawn at random would."
    )


def test_what_cannot_be_told_from_activity_is_said_plainly(write):
    found = Activity(id="activity", n_rows=200, n_columns=180, n_units=400, factor=1.333, low=1.21, high=1.46)
    assert plain(write(FORMS["record"]).say(found, "doubt").text) == (
        "Answers with more dataset categories have more model categories, which alone makes any two meet 1.3 times as "
        "often (1.2 to 1.5). What goes together beyond that cannot be told unless answers with equally many categories "
        "are compared."
    )
    unclear = replace(found, factor=1.02, low=0.9, high=1.16)
    assert plain(write(FORMS["record"]).say(unclear, "doubt").text) == (
        "200 answers have several dataset categories, 180 several model ones. Whether pairs go together or some answers "
        "have more of both cannot be told unless answers with equally many categories are compared."
    )


@pytest.mark.parametrize(
    ("share", "low", "high", "expected"),
    [
        (0.3, 0.2, 0.41, "accounts for 30 % of the agreement beyond chance (20 to 41 %), but"),
        (0.6, None, None, "accounts for 60 % of the agreement beyond chance, but"),
        (0.95, 0.8, 1.1, "accounts for 95 % of the agreement beyond chance (80 % or more), but"),
        (1.02, 0.9, 1.14, "accounts for all of the agreement beyond chance (90 % or more), but"),
    ],
)
def test_the_share_explained_is_written_with_its_interval(write, share, low, high, expected):
    found = replace(COMPOSITION, explained=share, explained_low=low, explained_high=high)
    assert plain(write().say(found, "doubt", names=["CV"]).text).startswith(f"The package alone {expected}")


def test_strata_of_activity_are_called_so(write):
    one = replace(COMPOSITION, lasting=())
    activity = write(replace(LINKS, stratum_names=("activity",)))
    assert activity.say(one, "observation", lasting=[]).text.startswith("Among models with about as many datasets no ")


PAIR = Pair("A", "X", 20, 6.0, 3.33, 1.9, 5.8, 4.1, 0.01)
LOW = Pair("B", "X", 1, 12.0, 0.083, 0.01, 0.6, None, 0.04)


def surprises(**more):
    given = {
        "id": "surprises.left", "panel": "left", "basis": "strata", "above": (PAIR,), "below": (LOW,),
        "n_tested": 12, "n_often": 9, "n_above": 1, "n_below": 1, "n_crossing": 212,
    }  # fmt: skip
    return Surprises(**given | more)


@pytest.mark.parametrize(
    ("basis", "opening", "behind"),
    [
        ("all", "More often together than expected: ", ""),
        ("strata", "Within each package, more often together than expected: ", "; 4.1 over all models"),
        (
            "crossing",
            "Among the 212 crossings between categories, more often together than expected: ",
            "; 4.1 over all models",
        ),
    ],
)
def test_surprises_say_by_what_they_are_judged(write, basis, opening, behind):
    writer, found = write(), surprises(basis=basis)
    above, below = ([writer.words("surprises", "item", c=pair, basis=basis)] for pair in (PAIR, LOW))
    assert plain(writer.say(found, "observation", above=above, below=below).text) == (
        f"{opening}A with X, 3.3 times (1.9 to 5.8{behind}). Less often: B with X, 0.08 times (0.01 to 0.60)."
    )


def test_a_pair_that_no_unit_has_is_told_by_its_count(write):
    none = replace(LOW, n_joint=0, ratio=0.0, low=0.0)
    writer = write()
    assert writer.words("surprises", "item", c=none, basis="all") == "B with X, none where 12 would be expected"
    few = replace(PAIR, n_joint=27, expected=2.2, often=False)
    assert writer.words("surprises", "item", c=few, basis="strata") == "A with X, 27 where 2.2 would be expected"
    assert plain(writer.say(surprises(above=(few,)), "clearest").text) == (
        "Within each package, A goes with X more often than chance would make it: 27 models where 2.2 would be expected."
    )
    same = replace(PAIR, overall=3.331)
    assert plain(writer.words("surprises", "item", c=same, basis="strata")) == "A with X, 3.3 times (1.9 to 5.8)"


def test_surprises_of_one_side_and_of_none(write):
    writer = write()
    assert plain(writer.say(surprises(above=()), "observation", above=[], below=["B with X"]).text) == (
        "Within each package, less often together than expected: B with X."
    )
    none = surprises(above=(), below=(), null=True)
    assert writer.say(none, "nothing").text == (
        "Within each package, no pair of categories surely departs from chance. With so few models, a typical pair "
        "could not have been found, however often it met."
    )
    seen = replace(none, basis="all", visible=2.04)
    assert plain(writer.say(seen, "nothing").text) == (
        "No pair of categories surely departs from chance. A typical pair would have been found, four times in five, if "
        "it met 2.0 times as often as chance would make it."
    )
    assert writer.say(replace(none, n_tested=0), "nothing").text == (
        "There is too little here to tell any pair of categories from chance."
    )


@pytest.mark.parametrize(
    ("n_pairs", "n_unmet", "expected"),
    [
        (3, 3, "The others that cross at all never meet without it."),
        (3, 2, "Without it two of three pairs of the other crossing categories share no model; B and C share 4."),
        (3, 1, "Without it one of three pairs of the other crossing categories shares no model; B and C share 4."),
        (3, 0, "Without it all three pairs of the other crossing categories share models too; B and C share 4."),
        (1, 0, "Without it the one pair of the other crossing categories shares models too; B and C share 4."),
    ],
)
def test_a_bridge_says_what_is_left_without_it(write, n_pairs, n_unmet, expected):
    found = Bridge(
        id="bridge.a", category="A", live=(), met=("B",), n_crossing=9, n_through=5, by_size=2.0, beyond=Estimate(0.3, 0.1, 0.5), n_pairs=n_pairs, n_unmet=n_unmet,
        exceptions=() if n_pairs == n_unmet else (PairMet("B", "C", 4),),
    )  # fmt: skip
    assert write().say(found, "others").text == expected


def test_concentration_and_gaps(write):
    found = Concentration(
        id="concentration", item="ImageNet-1k", n_units=1805, share=0.427, n_item_sets=365, n_largest_set=9,
        n_population=4227,
    )  # fmt: skip
    assert plain(write().say(found, "observation").text) == ("43 % of models have ImageNet-1k among their datasets.")
    holes = Gaps(
        id="gaps", parts=(CoveredCategory("Graph", 20, 20), CoveredCategory("NLP", 100, 63)), years=(CoveredYear(2020, 50, 37), CoveredYear(2025, 70, 3)),
        other_side="rows", other_items=0, other_linked=0, n_links=10, n_resolved=10, n_names=0,
    )  # fmt: skip
    writer = write()
    assert plain(writer.say(holes, "uneven", best=holes.parts[0], worst=holes.parts[1]).text) == (
        "Coverage differs by category: all Graph models are counted, 63 % of NLP ones."
    )
    assert plain(write(FORMS["link"]).say(holes, "uneven", best=holes.parts[0], worst=holes.parts[1]).text) == (
        "Coverage differs by category: all Graph models are counted, 63 % of NLP ones."
    )
    assert holes.uneven_years
    years = {"best": holes.best_year, "worst": holes.worst_year}
    assert plain(writer.say(holes, "years", **years).text) == (
        "Coverage differs by year: 74 % of the models of 2020 (37 of 50) and 4 % of those of 2025 (3 of 70)."
    )
    assert writer.say(holes, "resolved").text == "All 10 links from a dataset to a model find both."


def test_labels_are_never_template_source(write):
    found = Isolation(id="isolation.x", category=NASTY, n=20, self_share=1, stratum=None, stratum_alone=False)
    assert write().say(found, "observation").text == f"{NASTY} meets no other category."


def test_a_sentence_points_at_the_cells_of_its_finding(write):
    cells = (CellRef("left", "A", "A"),)
    found = Isolation(id="isolation.a", cells=cells, category="A", n=1, self_share=1, stratum=None, stratum_alone=False)
    sentence = write().say(found, "observation")
    assert (sentence.id, sentence.cells, sentence.origin) == ("isolation.a.observation", cells, "computed")


@pytest.mark.parametrize("form", FORMS)
def test_units_are_named_for_every_form(write, form):
    writer = write(FORMS[form])
    texts = [writer.words("reading", "taken", side=side, other=False) for side in ("rows", "columns")]
    assert (
        texts
        == {
            "to": ["models trained on datasets of one category", "models of one category"],
            "from": ["datasets of one category", "datasets used to train models of one category"],
            "link": ["links from datasets of one category", "links to models of one category"],
            "key": ["owners with datasets of one category", "owners with models of one category"],
            "record": ["answers with one dataset", "answers with one model"],
        }[form]
    )


def test_every_template_has_blocks_that_parse(write):
    folder = template_folder() / "prose" / "en"
    for path in sorted(folder.glob("*.j2")):
        if path.name != "_phrases.j2":
            assert write()._template(path.stem).blocks, path.name


def test_no_sentence_lists_more_than_six_things(write):
    names = [f"C{n}" for n in range(1, 30)]
    assert write().say(population(absent=names), "absent", diagonal=False, folds=False).text == (
        "No counted model has C1, C2, C3, C4, C5, C6 or 23 more; what they would fill is blank."
    )
    assert (
        "C5, C6 or one more;" in write().say(population(absent=names[:7]), "absent", diagonal=False, folds=False).text
    )
    assert "C5 or C6;" in write().say(population(absent=names[:6]), "absent", diagonal=False, folds=False).text
