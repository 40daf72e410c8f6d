"""Find spellings of one dataset: names equal up to case and punctuation.

Each group of equal names that contains a dataset gives one row per other spelling. The id
is the spelling linked most often, so that the commonest name is the one shown. The
groups were read one by one; those that are different datasets are listed here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tools.catalogue.facts import Dataset, Link

# two tasks of one package, with different sources, whose names differ by a dot
DIFFERENT_DATASETS = frozenset({"inappropriatenessclassificationv2"})


def spelling_key(name: str) -> str:
    """Return the name without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", name.casefold())


def find_aliases(datasets: Iterable[Dataset], links: Iterable[Link], renames: dict[str, str]) -> list[tuple[str, str]]:
    """Return (alias, id) for each other spelling and each former name of a dataset."""
    ids = {dataset.id for dataset in datasets}
    uses = Counter(link.source for link in links)
    groups: dict[str, set[str]] = {}
    for name in ids | set(uses):
        groups.setdefault(spelling_key(name), set()).add(name)
    found = {old: new for old, new in renames.items() if new in ids and old not in ids}
    for key, names in groups.items():
        known = sorted(names & ids, key=lambda name: (-uses[name], name))
        if known and key not in DIFFERENT_DATASETS:
            found |= {name: known[0] for name in names if name != known[0]}
    return sorted(found.items())
