"""Public tables: every number of every statement is recomputed from the raw table, and every number printed is one."""

import re

import numpy as np
import pandas as pd
import pytest

from diptych.pipeline.parts import draft
from tests.public.projects import FOLDER, PROJECTS, categories, write
from tests.words.test_sentences import FIXED, fields, printed


class Raw:
    """A table as pandas reads it: for each side, whether a row has a category; weights; strata."""

    def __init__(self, name, *, is_flipped):
        project = PROJECTS[name]
        frame = pd.read_csv(FOLDER / f"{name}.csv", dtype=str, keep_default_na=False)
        axes = (project.rows, project.columns)
        held = [
            self._held(frame[axis.column], axis.separator, of) for axis, of in zip(axes, categories(name), strict=True)
        ]
        answered = [frame[axis.column] != "" for axis in axes]
        there = answered[0] & answered[1]
        self.x, self.y = (of[there].reset_index(drop=True) for of in (held[::-1] if is_flipped else held))
        self.w = (frame[project.weight].astype(float) if project.weight else pd.Series(1.0, frame.index))[there]
        self.w = self.w.reset_index(drop=True)

    @staticmethod
    def _held(column, separator, names):
        found = column.map(lambda text: set(text.split(separator)) if separator else {text})
        return pd.DataFrame({name: found.map(lambda own, name=name: name in own) for name in names})

    def share(self, base, hit):
        return float((self.w * (base & hit)).sum() / (self.w * base).sum())


def difference(raw, one):
    own, hit = raw.x[one.subject], raw.y[one.outcome]
    yield "share", raw.share(own, hit)
    yield "other", raw.share(~own, hit)
    yield "difference", raw.share(own, hit) - raw.share(~own, hit)
    yield "count", (raw.w * (own & hit)).sum()
    yield "base", (raw.w * own).sum()


def trend(raw, one):
    single = raw.x.sum(axis=1) == 1
    yield "values", [raw.share(raw.x[name] & single, raw.y[one.outcome]) for name in one.numbers["categories"]]


def overall(raw, one):
    side = raw.x if one.subject == "rows" else raw.y
    every = pd.Series(True, side.index)
    yield "values", [raw.share(every, side[name]) for name in one.numbers["categories"]]


def agreement(raw, one):
    labelled = raw.x.any(axis=1) & raw.y.any(axis=1)
    match = (raw.x.to_numpy() == raw.y.to_numpy()).all(axis=1)
    yield "share", raw.share(labelled, pd.Series(match))
    sets = [of.apply(lambda row: frozenset(row.index[row]), axis=1)[labelled] for of in (raw.x, raw.y)]
    sizes = [raw.w[labelled].groupby(of).sum() / raw.w[labelled].sum() for of in sets]
    yield "chance", sum(size * sizes[1].get(own, 0) for own, size in sizes[0].items())


def weakest(raw, one):
    yield "values", [raw.share(raw.x[name], raw.y[name]) for name in one.numbers["categories"]]
    yield "rest", raw.share(raw.x[one.subject], raw.y[one.outcome])


def cell(raw, one):
    yield "share", raw.share(raw.x[one.subject], raw.y[one.outcome])
    yield "units", raw.x[one.subject].sum()


def mismatch(raw, one):
    labelled = raw.x.any(axis=1) & raw.y.any(axis=1)
    differ = ~(raw.x.to_numpy() == raw.y.to_numpy()).all(axis=1) & labelled
    has = raw.x[one.subject] | raw.y[one.subject]
    yield "count", (differ & has).sum()
    yield "base", differ.sum()
    yield "without", (~has & labelled).sum()


def direction(raw, one):
    first, last = one.subject, one.outcome
    single = ~(raw.x[first] & raw.x[last]) & ~(raw.y[first] & raw.y[last])
    yield "there", (raw.w * (raw.x[first] & raw.y[last] & single)).sum()
    yield "back", (raw.w * (raw.x[last] & raw.y[first] & single)).sum()


AGAIN = {"difference": difference, "trend": trend, "turn": trend, "overall": overall, "agreement": agreement,
         "weakest": weakest, "cell": cell, "mismatch": mismatch, "direction": direction}  # fmt: skip


@pytest.mark.parametrize("name", PROJECTS)
def test_numbers_are_those_of_the_raw_table(name, tmp_path):
    (part,) = draft(write(name, tmp_path)).parts
    raw = Raw(name, is_flipped=part.told.table.is_flipped)
    assert len(raw.x) == part.told.table.n_units
    seen = 0
    for one in part.statements:
        for field, value in AGAIN.get(one.form, lambda *_: ())(raw, one):
            assert np.allclose(one.numbers[field], value, rtol=1e-9, atol=1e-12), (one.id, field)
            seen += 1
    assert seen

    words = part.words
    said = [
        words.title,
        *words.abstract,
        *words.caption,
        *words.reading,
        *words.not_shown,
        *words.covered,
        *words.method,
    ]
    for text, statement, also in (*said, *(one for item in words.findings for one in item)):
        allowed = set().union(FIXED, *(printed(value) for of in (statement, *also) if of for value in fields(of)))
        names = " ".join((*part.told.table.rows, *part.told.table.columns, *part.told.table.strata))
        names += " ".join((*part.names.group_names, *part.names.stratum_names, *part.told.table.clusters))
        allowed |= set(re.findall(r"\d[\d,.]*\d|\d", names))
        found = set(re.findall(r"\d[\d,.]*\d|\d", text)) - {str(round(part.told.method.number("level") * 100, 1))}
        found -= {digits for more in re.findall(r"and (\d+) more", text) for digits in [more]}
        assert statement is None or found <= allowed, text
