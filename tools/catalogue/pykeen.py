"""Read pykeen: the published experiments in ``pykeen/experiments/*/*.{json,yaml}``.

An experiment trains a model on a dataset (``pipeline``); the file name opens with the
first author and the year of the paper ("bordes2013_transe_fb15k.yaml"). The package
states no task for either: both get its keyword "Knowledge Graph Embeddings".
"""

from __future__ import annotations

import re

import yaml

from tools.catalogue.facts import TRAINED_ON, Dataset, Facts, Link, Model
from tools.catalogue.wheels import Wheel

PACKAGE = "pykeen"
KEYWORD = "Knowledge Graph Embeddings"
FILE = re.compile(r"(?P<author>[a-z]+)(?P<year>\d{4})_")


def read(wheel: Wheel) -> Facts:
    """Return the models of a pykeen wheel's experiments and the datasets they use."""
    wheel.require_keyword(KEYWORD)
    links: set[Link] = set()
    papers: dict[str, list[tuple[str, str]]] = {}
    for path in wheel.names("pykeen/experiments/", (".json", ".yaml")):
        found = FILE.match(path.rpartition("/")[2])
        if found is None:
            continue
        # JSON is YAML
        pipeline = yaml.safe_load(wheel.text(path))["pipeline"]
        model = f"{PACKAGE}:{pipeline['model'].casefold()}"
        papers.setdefault(model, []).append((found["year"], found["author"]))
        links.add(Link(pipeline["dataset"], model, TRAINED_ON, PACKAGE))
    # of several papers with one model the earliest is its origin
    models = [Model(k, (KEYWORD,), PACKAGE, min(v)[1]) for k, v in sorted(papers.items())]
    names = sorted({link.source for link in links})
    return Facts([Dataset(name, (KEYWORD,), PACKAGE) for name in names], models, sorted(links))
