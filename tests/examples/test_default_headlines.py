"""The headline sentences of the default example, which may differ from sample 1 only as data/catalogue/README.md says.

Numbers are counted here in plain pandas; the sentences must hold them and claim no more.
"""

import re

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from diptych import formats
from tests.examples.relations import relations


@pytest.fixture(scope="module")
def met():
    (relation,) = relations("default")
    return relation


@pytest.fixture(scope="module")
def units(met):
    """Return the models with the categories of their data, their own, and the datasets of each of these categories."""
    of_item = met.rows.items["categories"]
    uses = met.rows.uses.assign(categories=met.rows.uses["item"].map(of_item))
    data = uses.groupby("unit")["categories"].agg(lambda found: frozenset().union(*found))
    return met.units.assign(data=data, own=met.units["categories"])


@pytest.fixture(scope="module")
def text(sites):
    return (sites("default") / "report.md").read_text(encoding="utf-8").replace("\u00a0", " ").replace("\u2212", "-")


def count(number):
    return f"{number:,}"


def test_data_and_model_nearly_always_share_a_category_and_a_bridge_is_no_finding_given_the_package(units, text):
    both = units[units["data"].map(bool) & units["own"].map(bool)]
    differ = both[both["data"] != both["own"]]
    crossings = [
        (a, b) for one, two in zip(differ["data"], differ["own"], strict=True) for a in one for b in two if a != b
    ]
    through = sum("Multimodal" in pair for pair in crossings)
    assert round(100 * (1 - len(differ) / len(both))) == 95
    assert (
        "95% of models (4,084 of 4,285) have the same categories as the datasets they are trained on, against " in text
    )
    # Nearly as many would involve Multimodal if models of one package were unrelated to their datasets: no bridge.
    assert (through, len(crossings)) == (206, 212)
    assert "hub" not in text
    assert "Multimodal is involved in" not in text


def test_the_contrast_of_the_panels_is_size(text):
    assert "They differ only in the total by which each count is divided." in text
    assert "by the size of categories alone" not in text  # of two panels that are mirrored it is always true


def test_what_is_expected_by_chance_and_given_the_package(units, text):
    """The share that would agree if the sides were paired at random, over all models and within each package."""
    both = units[units["data"].map(bool) & units["own"].map(bool)]

    def agreeing(part):
        shares = [part[side].value_counts(normalize=True) for side in ("data", "own")]
        return len(part) * sum(n * shares[1].get(found, 0) for found, n in shares[0].items())

    by_chance, in_strata = agreeing(both), sum(agreeing(of) for _, of in both.groupby("stratum"))
    expected = [formats.percent(n / len(both)).replace("\N{NO-BREAK SPACE}", " ") for n in (by_chance, in_strata)]
    assert (
        f", against {expected[0]} expected by chance. Given the package of each model, {expected[1]} would be expected."
        in text
    )
    assert "accounts for" not in text.partition("## Key findings")[0]


def test_within_packages_agreement_is_told_by_odds_ratios(units, text):
    """By statsmodels, over the packages that have models with the category and without on both sides."""
    told = text[text.index("**Package.**") :].partition("\n")[0]
    for category, odds, n_telling in (("Multimodal", "260", 4), ("NLP", "1,246", 1), ("CV", "7,510", 4)):
        tables, most = [], 0
        for _, own in units.groupby("stratum"):
            a, b = (np.array([category in found for found in own[side]]) for side in ("data", "own"))
            tables.append(np.array([[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]], dtype=float))
            most += min(a.sum(), b.sum())
        telling = [t for t in tables if t.sum(axis=0).all() and t.sum(axis=1).all()]
        assert len(telling) == n_telling
        assert f"{StratifiedTable(telling).oddsratio_pooled:,.0f}" == odds
        assert re.search(rf"{category} \((odds ratio )?at least [\d,.]+\)", told)
        (named,) = re.findall(rf"{category} \((?:testable in )?([a-z ]+)\)", text.partition("![Observed")[0])
        packages = named.split(" and ")
        assert 1 <= len(packages) <= n_telling
        assert set(packages) <= set(units["stratum"])
        observed = sum(t[0, 0] for t in tables)
        assert most - observed <= (16 if category == "Multimodal" else 1)
    assert units["stratum"].nunique() == 10
    assert "9.8 to 1.3" not in text
    assert "stays well above" not in text
    assert "cannot separate agreement from" not in text


def test_no_direction_is_supported(units, text):
    """Two pairs run one way more than the other: one may be chance, and the other rests on one raw label."""

    def going(origin, goal):
        return sum(origin in a and goal in b for a, b in zip(units["data"], units["own"], strict=True))

    forward, back = going("NLP", "Multimodal"), going("Multimodal", "NLP")
    assert back == 1
    told = (
        f"{forward} Multimodal models are trained on NLP datasets, and one NLP model is trained on Multimodal datasets."
    )
    sentence = next(line for line in text.splitlines() if line.startswith("- **Direction.**"))
    assert told in sentence
    assert "Without the label text, the counts are" in sentence
    assert "Without it, too few models are left, so the data do not show a direction" in sentence
    assert f"{going('Multimodal', 'CV')} CV models are trained on Multimodal datasets" not in text


def test_the_dataset_that_carries_most_of_the_one_bridge_is_named(met, units, text):
    """In sample 1 it is WebLI, 60 of 111, since SigLIP models stood under CV; with them filed rightly LAION-2B leads."""
    items = met.rows.items["categories"]
    multimodal = met.rows.uses[met.rows.uses["item"].map(lambda item: "Multimodal" in items[item])]
    has_cv = set(units.index[units["own"].map(lambda found: "CV" in found)])
    sole = multimodal.groupby("unit")["item"].agg(["size", "first"]).query("size == 1")
    carried = sole.loc[sole.index.isin(has_cv), "first"].value_counts()
    name, n = carried.index[0], int(carried.iloc[0])
    assert f"{name} ({n} of " in next(line for line in text.splitlines() if line.startswith("| Multimodal–CV "))
    assert name == "LAION-2B"
    assert n < 0.5 * len(has_cv.intersection(multimodal["unit"]))
    assert f"depends on one dataset, {name}" not in text


def test_isolation_of_graph_cannot_be_told_from_its_package(text):
    assert (
        "Graph is never combined with another category. But all 20 models come from one package, pykeen, which contains"
        in text
    )


def test_one_dataset_is_named_by_two_fifths(met, units, text):
    users = met.rows.uses["item"].value_counts()
    share = users.iloc[0] / len(units)
    assert f"{share:.0%} of models ({users.iloc[0]:,}) include ImageNet-1k" in text
    assert users.index[0] == "ImageNet-1k"
