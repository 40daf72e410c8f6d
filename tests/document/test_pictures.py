"""Pictures beside the figure: their numbers are those of the data files, read with plain pandas and json."""

import json
import math
import re
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from diptych.pipeline import build
from tests.figures.drawn_charts import read

RATIO = {"default": ("main-beyond", "trained_on"), "rodents": ("company-beyond", "company")}
SHARE = {"survey": ("main-shares", ("left", "right")), "rodents": ("places-shares", ("genus", "plot_type"))}


def alt_of(site, figure):
    """Return the alternative text of a figure in the page's data for programs."""
    report = json.loads((site / "report.json").read_text("utf-8"))
    blocks = [block for section in report["sections"] for block in section["blocks"]]
    return next(block["alt"] for block in blocks if block["type"] == "figure" and block["id"] == figure)


def rows_of(drawn):
    """Return the names of rows with the height of their dots: level words with a right end, but not the notes below."""
    names = {}
    for word in sorted(drawn.words, key=lambda word: word.y):
        if word.anchor == "end" and word.size >= 8 and not any(8 < word.y - y < 11 for y in names.values()):
            names[word.text] = word.y
    return names


def near(dots, y):
    """Return how far across the dot of the row is whose name stands at y; None where it has none."""
    found = [x for x, at in dots if -6 < at - y < 8]
    return found[0] if found else None


def scale_of(drawn):
    """Return where a ratio stands, by the ticks that are named."""
    one = drawn.lines["one"][0][0][0]
    ticks = {word.text.removesuffix(" ×"): word.x for word in drawn.words if "×" in word.text}
    levels = {math.log2(Fraction(text)): x for text, x in ticks.items()}
    level, x = max(levels.items(), key=lambda pair: abs(pair[0]))
    return lambda ratio: one + (x - one) / level * math.log2(ratio)


def check_row(drawn, at, cell, y, pooled):
    within = near([*drawn.dots("within"), *drawn.dots("open-within")], y)
    over_all = near(drawn.dots("over-all"), y)
    if cell["n_joint"] == 0:
        assert within == over_all == pytest.approx(next(w.x for w in drawn.words if w.text == "none"), abs=0.1)
        return
    assert over_all == pytest.approx(at(cell["n_joint"] / cell["expected"]), abs=0.3)
    if pooled is None:
        assert within is None  # strata differ in direction
        return
    assert within == pytest.approx(at(pooled), abs=0.3)
    pen = "open-interval" if cell["lift_within_low"] <= 1 <= cell["lift_within_high"] else "interval"
    left, right = next((a[0], b[0]) for a, b in drawn.lines[pen] if a[1] == b[1] and -6 < a[1] - y < 8)
    low, high = (at(cell[f"lift_within_{end}"]) for end in ("low", "high"))
    assert right == pytest.approx(high, abs=0.3)
    assert left == pytest.approx(low, abs=0.3) or left > low  # cut, with an arrow
    most = [x for (x, top), _ in drawn.lines["most"][1:] if -14 < top - y < 2]
    above = cell["n_joint"] > cell["expected_within_strata"]
    assert most == (
        [pytest.approx(at(cell["most_within_strata"] / cell["expected_within_strata"]), abs=0.3)] if above else []
    )
    note = next(word.text for word in drawn.words if word.anchor == "end" and 8 < word.y - y < 11)
    assert int(re.sub(r"\D.*", "", note.replace(",", ""))) == cell["n_joint"]


@pytest.mark.parametrize("name", RATIO)
def test_ratios_are_those_of_the_counts(sites, name):
    site = sites(name)
    figure, relation = RATIO[name]
    drawn = read((site / "figures" / f"{figure}.svg").read_text("utf-8"))
    counts = pd.read_csv(site / "data" / "counts.csv", keep_default_na=False, na_values=[""])
    cells = counts[counts["relation"] == relation].set_index(["row", "column"])
    rows = rows_of(drawn)
    assert len(rows) >= 9
    shown = [cells.loc[tuple(pair.split("–"))] for pair in rows]
    findings = json.loads((site / "data" / "findings.json").read_text("utf-8"))["findings"]
    opposite = {
        (pair["given"], pair["outcome"])
        for found in findings
        if found["kind"] == "heterogeneity"
        for pair in found["opposite"]
    }
    for cell, y in zip(shown, rows.values(), strict=True):
        ratio = cell["n_joint"] / cell["expected_within_strata"]
        check_row(drawn, scale_of(drawn), cell, y, None if cell.name in opposite else ratio)
    ratios = [cell["n_joint"] / cell["expected_within_strata"] for cell in shown]
    assert ratios == sorted(ratios, reverse=True)


@pytest.mark.parametrize("name", SHARE)
def test_shares_are_those_of_the_panels(sites, name):
    site = sites(name)
    figure, panels = SHARE[name]
    drawn = read((site / "figures" / f"{figure}.svg").read_text("utf-8"))
    given_first = [True, False]
    for k, panel in enumerate(panels):
        cells = pd.read_csv(site / "data" / f"{panel}.csv", keep_default_na=False, na_values=[""])
        zero, _, whole = sorted(line[0][0] for line in drawn.lines["grid"][3 * k : 3 * k + 3])
        within = [(x, y) for x, y in (*drawn.dots("share"), *drawn.dots("open-share")) if zero - 1 <= x <= whole + 1]
        for pair, y in rows_of(drawn).items():
            if "…" in pair:
                continue
            names = pair.split("–")
            given, outcome = names if given_first[k] else names[::-1]
            cell = cells[(cells["given"] == given) & (cells["outcome"] == outcome)].iloc[0]
            assert near(within, y) == pytest.approx(zero + (whole - zero) * cell["value"], abs=0.2)
            base = [x for (x, top), _ in drawn.lines["base"] if -14 < top - y < 2 and zero - 1 <= x <= whole + 1]
            assert base == [pytest.approx(zero + (whole - zero) * cell["baseline"], abs=0.2)]
            pen = "open-interval" if cell["low"] <= cell["baseline"] <= cell["high"] else "interval"
            lines = [line for line in drawn.lines[pen] if -6 < line[0][1] - y < 8 and zero - 1 <= line[0][0] <= whole]
            ends = [zero + (whole - zero) * cell[end] for end in ("low", "high")]
            assert [place[0] for place in lines[0]] == pytest.approx(ends, abs=0.2)


@pytest.mark.parametrize(("name", "figure"), [("default", "main-beyond"), ("survey", "main-shares")])
def test_what_is_read_out_is_what_is_drawn(sites, name, figure):
    site = sites(name)
    drawn, alt = read((site / "figures" / f"{figure}.svg").read_text("utf-8")), alt_of(site, figure)
    texts = [word.text for word in drawn.words if word.anchor == "start" and re.match(r"[\d.]+.*\(", word.text)]
    assert len(texts) >= 7
    assert [text for text in texts if text not in alt] == []
    assert [row for row in rows_of(drawn) if row not in alt and "…" not in row] == []


def test_small_matrices_are_the_counts_of_the_strata(sites):
    site = sites("default")
    drawn = read((site / "figures" / "main-strata.svg").read_text("utf-8"))
    strata = pd.read_csv(site / "data" / "strata.csv")
    counts = pd.read_csv(site / "data" / "counts.csv")
    held = strata.groupby(["row", "column"])["n_joint"].sum()  # all strata of the catalogue are in the file
    whole = counts[counts["n_joint"] > 0].set_index(["row", "column"])["n_joint"]
    assert held.to_dict() == whole.to_dict()
    sizes = strata.groupby("stratum")["n_units"].first().sort_values(ascending=False)
    shown = sizes[sizes.cumsum().shift(fill_value=0) < 0.99 * counts["n_units"].iloc[0]]
    own = strata[strata["stratum"].isin(shown.index)]
    widths = [round(max(14 * math.sqrt(n / own["n_joint"].max()), 2.2), 1) for n in own["n_joint"]]
    assert sorted(drawn.widths["units"]) == sorted(widths)
    assert {f"{n:,} models" for n in shown} <= set(drawn.said())
    assert f"{len(sizes) - len(shown)}" == "3"
    assert sizes[~sizes.index.isin(shown.index)].sum() == 36


def test_published_values_alone_have_no_pictures(sites):
    names = {path.name for path in (sites("published") / "figures").iterdir()}
    kinds = ("beyond", "strata", "shares", "robustness", "crossings", "coverage")
    assert [name for name in names if any(f"-{kind}" in name for kind in kinds)] == []
    assert not (sites("default") / "figures" / "main-beyond.vl.json").exists()


def test_a_caption_names_a_panel_only_if_there_are_several(tmp_path):
    rng = np.random.default_rng(1)
    shares = [np.array([z, z, 1 - z, 1 - z, 0.5, 0.6 * z]) for z in rng.random(400)]
    rows = ["".join(np.array([*"abcdef"])[rng.random(6) < share]) or "e" for share in shares]
    (tmp_path / "x.csv").write_text("\n".join(["l", *(";".join(row) for row in rows)]) + "\n")
    (tmp_path / "config.yaml").write_text(
        "version: 1\nreport: {title: T}\ntaxonomy: {}\noutputs: [data, markdown]\n"
        'relations: {r: {records: {source: x.csv, rows: {column: l, separator: ";"}, public: true}}}\n'
    )
    build(tmp_path / "config.yaml", tmp_path / "site")
    report = (tmp_path / "site/report.md").read_text()
    assert "main-shares" in report
    assert not re.findall(r"panel\W", report)
