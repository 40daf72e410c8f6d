"""The two heatmaps of the default example by hand, with pandas, seaborn and Jinja.

    python seaborn_report.py CONFIG OUTPUT

The rules that lead from labels to categories are those under `taxonomy:` of CONFIG, its data lie beside it in
data/catalogue. Writes OUTPUT/index.html, with the figure in it, and OUTPUT/counts.csv, the counts behind the figure.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
import yaml
from jinja2 import Environment

PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ title }}</title>
<style>body { font-family: sans-serif; margin: 2em auto; max-width: 75em } svg { width: 100%; height: auto }</style>
</head>
<body>
<h1>{{ title }}</h1>
<p>{{ "{:,}".format(n_units) }} models that name at least one dataset of the catalogue. Left: of the models trained on
data of the row's category, the share that are of the column's. Right: of the models of the row's category, the share
trained on data of the column's. An item may have several categories, so rows need not sum to one.</p>
{{ figure | safe }}
</body>
</html>
""")


def categories_of(labels: pd.Series, rules: list[dict]) -> pd.DataFrame:
    """Return which item (index) has which category (columns, in the rules' order), given its labels joined by |."""
    names = list(dict.fromkeys(rule["name"] for rule in rules))
    by_label: dict[str, list[str]] = {}
    pairs = labels.str.split("|").explode().str.strip().dropna()
    pairs = pairs[pairs != ""]
    for label in pairs.unique():
        exact = [rule["name"] for rule in rules if label in rule.get("match", [])]
        by_label[label] = exact or [rule["name"] for rule in rules if matches(rule, label)]
    flat = pairs.map(by_label).explode().dropna()
    has = pd.crosstab(flat.index, flat).astype(bool)
    has = has.reindex(index=labels.index.unique(), columns=names, fill_value=False)
    for rule in rules:
        if "when_several_of" in rule:
            several = has[rule["when_several_of"]].sum(axis=1) >= 2
            if rule.get("replaces"):
                has.loc[several, rule["when_several_of"]] = False
            has.loc[several, rule["name"]] = True
    return has


def matches(rule: dict, label: str) -> bool:
    """Return whether one of a rule's patterns is found in a label."""
    patterns = rule.get("pattern", [])
    return any(re.search(pattern, label) for pattern in ([patterns] if isinstance(patterns, str) else patterns))


def read(config: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what each model (row) has been trained on and what it is itself, as categories (columns)."""
    with config.open(encoding="utf-8") as file:
        rules = yaml.load(file, Loader=yaml.CSafeLoader)["taxonomy"]["categories"]
    folder = config.parent / "data" / "catalogue"
    options = {"dtype": str, "keep_default_na": False}
    datasets = pd.read_csv(folder / "datasets.csv", usecols=["id", "labels"], **options)
    models = pd.read_csv(folder / "models.csv", usecols=["id", "labels"], **options)
    links = pd.read_csv(folder / "links.csv", usecols=["source", "target", "relation"], **options)
    aliases = pd.read_csv(folder / "aliases.csv", **options).set_index("alias")["id"]

    links = links[links["relation"] == "trained_on"]
    links = links.assign(source=links["source"].replace(aliases.to_dict()))
    data = categories_of(datasets.assign(id=datasets["id"].replace(aliases.to_dict())).set_index("id")["labels"], rules)
    kinds = categories_of(models.set_index("id")["labels"], rules)

    resolved = links[links["source"].isin(data.index) & links["target"].isin(kinds.index)]
    resolved = resolved.drop_duplicates(["source", "target"])
    trained_on = data.loc[resolved["source"]].groupby(resolved["target"].to_numpy()).any()
    return trained_on, kinds.loc[trained_on.index]


def count(trained_on: pd.DataFrame, kinds: pd.DataFrame) -> pd.DataFrame:
    """Return how many models have been trained on data of a category (row) and are of a category (column)."""
    return trained_on.astype(int).T @ kinds.astype(int)


def listed(joint: pd.DataFrame, n_data: pd.Series, n_model: pd.Series, n_units: int) -> pd.DataFrame:
    """Return one row a pair of categories: how many models have both, the one, the other, and how many there are."""
    counts = joint.reset_index(names="given").melt("given", var_name="outcome", value_name="n_joint")
    n_given, n_outcome = counts["given"].map(n_data), counts["outcome"].map(n_model)
    return counts.assign(n_given=n_given, n_outcome=n_outcome, n_units=n_units)


def draw(joint: pd.DataFrame, n_data: pd.Series, n_model: pd.Series) -> str:
    """Return both heatmaps side by side on one scale, as SVG; cells of a category without models are grey."""
    joint = joint.where((n_data > 0).to_numpy()[:, None] & (n_model > 0).to_numpy())
    left, right = joint.div(n_data, axis=0), joint.T.div(n_model, axis=0)
    figure, axes = plt.subplots(1, 2, figsize=(15, 6.6), layout="constrained")
    data, model = "Dataset category", "Model category"
    for axis, shares, given, outcome in zip(axes, (left, right), (data, model), (model, data), strict=True):
        axis.set_facecolor("0.9")
        sns.heatmap(
            shares,
            vmin=0,
            vmax=1,
            cmap="YlGnBu",
            annot=True,
            fmt=".2f",
            square=True,
            linewidths=0.5,
            ax=axis,
            cbar=shares is right,
            cbar_kws={"label": "Share of models", "shrink": 0.8},
        )
        axis.set(title=f"P({outcome.lower()} | {given.lower()})", ylabel=given, xlabel=outcome)
        axis.tick_params(axis="x", rotation=45)
    svg = io.StringIO()
    figure.savefig(svg, format="svg")
    plt.close(figure)
    return svg.getvalue().removeprefix(svg.getvalue().partition("<svg")[0])


def main() -> None:
    """Read, count, draw, write."""
    config, output = Path(sys.argv[1]), Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    trained_on, kinds = read(config)
    n_data, n_model = trained_on.sum(), kinds.sum()
    joint = count(trained_on, kinds)
    listed(joint, n_data, n_model, len(kinds)).to_csv(output / "counts.csv", index=False)
    figure = draw(joint, n_data, n_model)
    page = PAGE.render(title="Models and the data they were trained on", n_units=len(kinds), figure=figure)
    (output / "index.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
