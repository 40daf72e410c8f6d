"""Sentences of single statements: what they print, and what they must not."""

import re
from dataclasses import replace
from typing import get_args

import pytest

from diptych import formats
from diptych.pseudonyms import pseudonym
from diptych.statements.record import Form
from diptych.words.sentences import block_of, points, sentence, template
from tests.words import statements
from tests.words.statements import CANTONS, difference, groups, overall, records, strata, table, told, trend

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


@pytest.mark.parametrize(
    "form",
    ["difference", "only_here", "trend", "turn", "overall", "agreement", "weakest", "direction", "cell", "depends"],
)
@pytest.mark.parametrize("world", ["bare", "half bare"])
def test_bare_columns_get_a_line(form, world):
    names, of = WORLDS[world]
    text = sentence(told()[form], of, names)
    assert block_of(told()[form], of, names).endswith("_line")
    assert not re.search(r"\b(who|that|have|are|come|catch|likely)\b", text)


@pytest.mark.parametrize("variant", ["", "title"])
def test_none_and_all_are_words(variant):
    nothing, everything = difference(share=0.0, units=47.0), difference(share=1.0, units=47.0)
    assert said(nothing, variant=variant).startswith("None of the 47 ")
    assert said(everything, variant=variant).startswith("All 47 ")
    assert "none of the others" in said(difference(other=0.0), variant=variant)
    assert "all of the others" in said(difference(other=1.0), variant=variant)
    assert not re.search(r"\b0%|100%", " ".join(said(one, variant=variant) for one in (nothing, everything)))


def test_further_outcomes_follow():
    text = said(difference(), also=(difference(outcome="tench", share=0.0), difference(outcome="pike", other=0.0)))
    first, second, third = text.split("; ")
    assert second.startswith("none ")
    assert "tench" in second
    assert third.endswith("against none.")
    assert "perch" in first


@pytest.mark.parametrize(("n", "is_printed"), [(99.0, True), (100.0, False)])
def test_small_bases_are_printed(n, is_printed):
    assert (f"of the {n:.0f} " in said(difference(units=n))) is is_printed


def test_the_subject_is_on_the_explanatory_side():
    names, of = WORLDS["flipped"]
    assert said(difference("perch", "Uri"), names, of).index("perch") < said(
        difference("perch", "Uri"), names, of
    ).index("Uri")
    assert "come from Uri" in said(difference("perch", "Uri"), names, of)


def test_much_is_twofold_and_15_points():
    assert "much more" in said(difference(share=0.40, other=0.19), variant="title")
    assert "much" not in said(difference(share=0.60, other=0.40), variant="title")
    assert "much less" in said(difference(share=0.10, other=0.30), variant="title")


@pytest.mark.parametrize("scope", ["strata", "groups"])
def test_a_title_has_the_difference_within_strata(scope):
    one = replace(difference(), notes=(strata("strata_less", scope=scope),))
    text = said(one, variant="title")
    assert "12 points more" in text
    assert "28" not in text
    assert ("seasons" if scope == "strata" else "lakes") in text


def test_signs_of_groups_begin_with_that_of_the_difference():
    text = said(replace(difference(), notes=(groups(4, 17, 22),)))
    assert "(higher in 17 of 22 lakes, lower in 4)" in text
    text = said(replace(difference(share=0.1, other=0.4), notes=(groups(22, 0, 22),)))
    assert "(lower in 22 of 22 lakes, higher in none)" in text


def test_a_rare_pair_is_one_of_a_kind_with_itself():
    names, of = WORLDS["shared"]
    rare = difference(share=0.02, other=0.3, count=3.0, is_rare=True)
    assert said(rare, names, of).startswith("Only three of the 131 ")
    assert said(difference(share=0.0, count=0.0, is_rare=True), names, of).startswith("None of the 131 ")
    assert "rarely" in said(rare, names, of, "title")
    assert "rarely" not in said(rare, variant="title")


def test_shares_without_a_subject_are_those_of_others():
    names, of = WORLDS["shared"]
    assert "of walks without" in said(difference(), names, of)
    assert "of other anglers" in said(difference())


@pytest.mark.parametrize(
    ("lowest", "first"), [(0.93, "Nearly all"), (0.9, "Nearly all"), (0.72, "Most"), (0.69, "81% of")]
)
def test_the_word_for_agreement_follows_the_least_share(lowest, first):
    assert said(told()["agreement"], *WORLDS["to"], "title", lowest=lowest).startswith(first)


def test_agreement_without_testable_strata_names_none():
    one = statements.agreement(testable=0)
    assert "within" not in said(one, *WORLDS["to"])
    assert "641" not in said(one, *WORLDS["weighted"])


@pytest.mark.parametrize("rises", [True, False])
def test_trends_have_a_direction(rises):
    values = (0.1, 0.2, 0.5) if rises else (0.5, 0.2, 0.1)
    word = "rises" if rises else "falls"
    assert word in said(trend(values))
    assert word in said(trend(values), variant="title")
    further = said(trend(values), variant="further", also=(trend(values[::-1], outcome="pike"),))
    assert further.index("tench") < further.index("pike")
    assert {"rises", "falls"} <= set(further.split())


def test_steps_are_told_if_each_is_clear():
    assert "at each step" in said(trend())
    assert "at each step" not in said(trend(is_each_step=False))


def test_numbers_as_categories_are_set_apart_from_shares():
    assert "11% (1)" in said(trend(categories=("1", "2", "3")))
    assert "“1” 11%" in sentence(trend(categories=("1", "2", "3")), table(), records("", ""))


def test_overall_shares_leave_out_nothing_but_zeros():
    text = said(overall((0.9, 0.1, 0.0, 0.0)))
    assert "tench" not in text
    assert "10% perch" in text
    assert said(overall(subject="rows", categories=CANTONS)).count("from") == 3
    assert said(overall(is_several=True)).startswith("The most frequent fish")


@pytest.mark.parametrize(
    ("more", "parts"),
    [
        ({"units": 911.0}, ["All 911"]),
        ({"rows_only": 0.0, "neither": 0.0, "columns_only": 122.0}, ["The other 122 have fish only"]),
        ({"rows_only": 1.0, "columns_only": 0.0, "neither": 121.0}, ["1 has canton only", "121 have neither"]),
        ({"outside_rows": 1.0}, ["1 has no canton", "5 have no fish"]),
        ({"units": 870.0}, ["870 of 911"]),
    ],
)
def test_who_is_missing(more, parts):
    text = said(statements.missing(**more))
    assert all(part in text for part in parts)
    assert ("Of the other" in text or "The other" in text) is (911 - more.get("units", 789) >= 0.05 * 911)


def test_a_private_name_is_not_printed():
    one = replace(told()["depends"], numbers=dict(told()["depends"].numbers) | {"name": pseudonym("group", 1)})
    assert said(one).startswith("This depends on one lake: without")


@pytest.mark.parametrize("form", ["difference", "trend", "agreement", "direction", "mismatch", "turn"])
def test_what_depends_is_told_in_the_words_of_its_form(form):
    numbers = dict(told()[form].numbers) | {"by": "stratum", "name": "wet"}
    text = said(replace(told()["depends"], numbers=numbers))
    assert text.startswith("This depends on one season, wet: without it, ")
    assert text.endswith(".")


def test_reversed_strata_are_named():
    one = strata(
        "strata_reversed", against=(("wet", 0.21, 0.34), ("dry", 0.1, 0.2), ("mild", 0.1, 0.3), ("hot", 0.1, 0.3))
    )
    text = said(one)
    assert "wet (21% against 34%)" in text
    assert "two more" in text
    assert "12 points" in text


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_the_number_of_clear_comparisons_agrees_with_its_verb(n):
    text = said(statements.method(clear=n))
    assert ("none is", "one is", "two are", None, None, None, None, "seven are")[n] in text
    assert ("stays clear" in text) is (n > 0)
    assert "but two" in said(statements.method(clear=n, depending=2)) or not n
    assert "anglers as independent" in said(statements.method(n_clusters=0))


LONG = "persons who neither looked for work nor would have taken any if somebody had offered it"


@pytest.mark.parametrize("world", ["records", "bare", "to", "shared"])
def test_titles_fall_back_to_short_lines(world):
    names, of = WORLDS[world]
    text = sentence(difference(LONG, "perch"), of, names, "title")
    assert text == f"{LONG[:1].upper()}{LONG[1:]} (131): perch 43%; all others 15%"
    long = trend((0.1, 0.2, 0.3), ("not at all likely to", "neither likely nor unlikely to", "very likely indeed to"))
    title = sentence(long, of, names, "title")
    assert len(title.split()) <= 15
    assert not any(category in title for category in long.numbers["categories"]) or names.is_bare


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


def test_matrices():
    one = told()["highest_row"]
    assert sentence(one, None, records()).startswith(
        "In (a), row Uri is at or above every other row in four of 11 columns"
    )
    assert "both panels" in sentence(one, None, records(), "title", also=(one,))
    all_of = replace(one, numbers=dict(one.numbers) | {"count": 11, "ties": 11})
    assert "is above every other row in all 11 columns" in sentence(all_of, None, records())
    cannot = replace(told()["one_table"], numbers={"possible": False})
    assert sentence(cannot, None, records()).count(".") == 1
