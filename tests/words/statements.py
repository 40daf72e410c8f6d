"""One statement of each form, on data nobody tuned for, as tests of sentences share them."""

from dataclasses import replace

import numpy as np

from diptych.cells import Kind, Unit
from diptych.statements import Statement, Table
from diptych.stats.shares import Design
from diptych.words import Names

CANTONS = ("Uri", "Zug", "Genève")
FISH = ("pike", "perch", "tench", "burbot")


def table(rows=CANTONS, columns=FISH, **more):
    """Return a table with one unit of each pair."""
    n = len(rows) * len(columns)
    x = np.repeat(np.eye(len(rows), dtype=bool), len(columns), axis=0)
    y = np.tile(np.eye(len(columns), dtype=bool), (len(rows), 1))
    ones = np.ones(n)
    return Table(tuple(rows), tuple(columns), x, y, Design(ones, ones, ones), **more)


def records(row_phrase="come from {}", column_phrase="catch {}", unit=("angler", "anglers"), **more):
    """Return the names of records, by default of anglers."""
    return Names(
        "records",
        Unit("record", *unit),
        Kind("rows", "Canton", "canton", "cantons", row_phrase),
        Kind("columns", "Fish", "fish", "fish", column_phrase),
        **{"group_names": ("lake",), "stratum_names": ("season",), "title": "Who catches what", "subtitle": "A log"}
        | more,
    )


def links(role="to"):
    """Return the names of links from pots to soups."""
    unit = {"to": ("soup", "soups"), "from": ("pot", "pots"), "link": ("use", "uses")}[role]
    return Names(
        "links", Unit(role, *unit), Kind("pots", "Pot", "pot", "pots"), Kind("soups", "Soup", "soup", "soups"),
        "cooked in", "used for", stratum_names=("kitchen",), group_names=("kitchen", "cook"),
    )  # fmt: skip


def shared():
    """Return the names of birds that are seen on the same walk."""
    bird = Kind("birds", "Bird", "bird", "birds")
    return Names("shared", Unit("key", "walk", "walks"), bird, bird, group_names=("trail",), stratum_names=("length",))


def difference(subject="Uri", outcome="perch", **more):
    numbers = {
        "share": 0.4321,
        "other": 0.1478,
        "count": 57.0,
        "base": 131.0,
        "units": 131.0,
        "expected": 31.7,
        "is_rare": False,
    }
    numbers |= more
    numbers["difference"] = numbers["share"] - numbers["other"]
    return Statement("difference", subject, outcome, "others", numbers, cells=((subject, outcome),))


def trend(values=(0.113, 0.247, 0.389), categories=CANTONS, outcome="tench", **more):
    numbers = {
        "values": values, "categories": categories, "bases": (211.0,) * len(values), "difference": values[-1] - values[0],
        "slope": 0.13, "is_monotone": True, "is_each_step": True,
    }  # fmt: skip
    return Statement("trend", "", outcome, "order", numbers | more)


def groups(lower=4, higher=17, base=22):
    return Statement(
        "groups", "Uri", "perch", "others", {"lower": lower, "higher": higher, "base": base}, scope="groups"
    )


def strata(form, comparison="others", scope="strata", **more):
    numbers = {"difference": 0.117, "plain": 0.284, "levels": ("wet", "dry"), "pairs": ((0.51, 0.19), (0.38, 0.07))}
    return Statement(form, "Uri", "perch", comparison, numbers | more, scope=scope)


def agreement(**more):
    numbers = {
        "share": 0.8123, "count": 641.0, "base": 789.0, "mismatches": 148.0, "chance": 0.3344, "difference": 0.24,
        "low": 0.76, "high": 0.85, "within": 0.5712, "testable": 7, "strata": 13,
    }  # fmt: skip
    return Statement("agreement", comparison="strata", numbers=numbers | more)


def told(**more):
    """Return one statement of each form by a name, where `more` replaces nothing: forms whose words vary come twice."""
    return {
        "difference": difference(),
        "only_here": Statement("only_here", "Uri", "perch", "others", {"low": 0.12, "high": 0.19, "n": 5}),
        "trend": trend(),
        "turn": replace(trend((0.41, 0.17, 0.29, 0.36), FISH), form="turn", numbers=dict(trend((0.41, 0.17, 0.29, 0.36), FISH).numbers) | {"at": "perch", "is_lowest": True}),
        "overall": overall(),
        "overall_several": overall(is_several=True),
        "no_link": Statement("no_link", numbers={"detectable": 0.1366, "tested": 12}),
        "agreement": agreement(),
        "weakest": weakest(),
        "mismatch": Statement("mismatch", "Uri", "", "sizes", {
            "share": 0.91, "count": 134.0, "base": 148.0, "expected": 0.55, "difference": 0.36, "without": 512.0,
            "without_differ": 4.0, "with": 277.0, "with_match": 143.0}),
        "direction": Statement("direction", "Uri", "Zug", "reverse", {"there": 61.0, "back": 23.0, "share": 0.73, "expected": 0.52, "difference": 0.21}),
        "isolation": Statement("isolation", "Zug", "Zug", numbers={"count": 37.0, "clusters": 9.0}),
        "strata_same": strata("strata_same"),
        "strata_less": strata("strata_less"),
        "strata_reversed": strata("strata_reversed", against=(("wet", 0.21, 0.34),)),
        "groups": groups(),
        "depends": Statement("depends", "Uri", "perch", "others", dict(difference().numbers) | {"by": "group", "name": "Lowerz"}),
        "recount": Statement("recount", numbers=dict(agreement().numbers) | {"unit": "pots"}),
        "recount_largest": Statement("recount", numbers={"share": 0.466, "largest": "Zug", "unit": "pots"}),
        "missing": missing(),
        "few": Statement("few", numbers={"names": ("Uri", "Zug", "Bern"), "units": (13.0, 181.0, 20.0), "reasons": ("units", "clusters", "stratum"), "empty": ("Genève",), "spans": (("Vaud", "May", "May"), ("Jura", "May", "July"))}),
        "contained": Statement("contained", numbers={"n": 3}),
        "cell": Statement("cell", "Uri", "perch", numbers={"share": 0.4351, "low": 0.331, "high": 0.546, "count": 57.0, "units": 131.0}),
        "totals": Statement("totals", "Uri", "Uri", "totals", {"is_same": True, "count": 292.0, "row_total": 413.0, "column_total": 308.0}),
        "method": method(),
        "highest_row": Statement("highest_row", "Uri", numbers={"panel": "a", "ties": 4, "count": 3, "base": 11}),
        "low_rows": Statement("low_rows", numbers={"panel": "b", "rows": ("Uri", "Zug"), "level": 0.17, "except_": ""}),
        "low_rows_except": Statement("low_rows", numbers={"panel": "b", "rows": ("Uri", "Zug"), "level": 0.17, "except_": "Genève"}),
        "one_table": Statement("one_table", "", "", "totals", {"possible": True, "ratio": 3.71, "larger": "Uri", "smaller": "Zug"}),
        "not_shown_direction": Statement("not_shown", scope="direction"),
        "not_shown_isolation": Statement("not_shown", "Zug", scope="isolation", numbers={"count": 37.0, "only": "Bern", "only_kind": "group", "clusters": 1.0}),
        "not_shown_bounds": Statement("not_shown", scope="bounds", numbers={"left_out": 88.0, "low": 0.611, "high": 0.873}),
        "not_shown_sample": Statement("not_shown", scope="sample", numbers={"n_clusters": 41}),
        "not_shown_within": Statement("not_shown", scope="within", numbers={"testable": 7, "strata": 13}),
    }  # fmt: skip


def overall(values=(0.371, 0.263, 0.118, 0.0), categories=FISH, subject="columns", **more):
    return Statement(
        "overall", subject, numbers={"values": values, "categories": categories, "is_several": False} | more
    )


def weakest():
    numbers = {
        "values": (0.97, 0.88, 0.61),
        "categories": ("Genève", "Zug", "Uri"),
        "rest": 0.27,
        "share": 0.61,
        "units": 163.0,
        "difference": -0.36,
    }
    return Statement("weakest", "Uri", "Zug", numbers=numbers)


def missing(**more):
    numbers = {
        "units": 789.0, "total": 911.0, "rows_only": 70.0, "columns_only": 41.0, "neither": 11.0, "outside_rows": 0.0,
        "outside_columns": 5.0,
    }  # fmt: skip
    return Statement("missing", numbers=numbers | more)


def method(**more):
    numbers = {
        "n_clusters": 41, "tested": 12, "clear": 3, "has_table": True, "level": 0.9875, "left_out": 5, "is_each": False, "is_measured": True, "left_kinds": ("group", "stratum"),
        "depending": 0, "weighted": False, "several_rows": False, "several_columns": False,
    }  # fmt: skip
    return Statement("method", numbers=numbers | more)
