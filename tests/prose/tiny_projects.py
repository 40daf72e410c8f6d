"""Small projects that make findings which no example, simulated world or public table makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import pandas as pd

from tests.prose import generated
from tests.prose.cases import Case, of_files
from tests.prose.raw import of_table
from tests.prose.wholes import wholes
from tests.public.projects import Axis, Project, config


def of_models(
    pairs: dict[tuple[str, str], int],
    names: str,
    levels: str = "",
    package: Callable[[int, str], str] = lambda *_: "p0",
    item: Callable[[int, tuple[str, str]], int] = lambda i, _: i % 7,
):
    """Return what writes models, `pairs` of the categories of data and model -> how many.

    `package` gives that of a model by its number and data, `item` which of the seven datasets of the category it names.
    """

    def made(folder: Path) -> Case:
        models, links, i = [], [], 0
        for (a, b), n in pairs.items():
            for _ in range(n):
                models.append((f"m{i}", package(i, a), f"t{i % 40}", b))
                links.append((f"d{a}{item(i, (a, b))}", f"m{i}"))
                i += 1
        datasets = [(f"d{a}{k}", a) for a in names for k in range(7)]
        files = {
            "datasets.csv": pd.DataFrame(datasets, columns=["id", "task"]).to_csv(index=False),
            "models.csv": pd.DataFrame(models, columns=["id", "package", "team", "task"]).to_csv(index=False),
            "links.csv": pd.DataFrame(links, columns=["source", "target"]).to_csv(index=False),
            "config.yaml": generated.MODELS.format(
                categories=", ".join(f"{{name: {name}, match: {name}}}" for name in names), levels=levels
            ),
        }
        return of_files(files, folder)

    return made


def of_records(
    rows: list[tuple],
    *,
    same: bool = False,
    strata: tuple[str, ...] = (),
    group: tuple[str, ...] = (),
    separator: str | None = None,
):
    """Return what writes records of (gift, wish, place, day, how many)."""

    def made(folder: Path) -> Case:
        table = pd.DataFrame([row[:4] for row in rows for _ in range(row[4])], columns=["had", "got", "place", "day"])
        axes = Axis("had", "Gift", separator=separator), Axis("got", "Wish", "wishes", separator)
        project = Project("answer", *axes, group, strata, same=same)
        kinds = [sorted({x for text in table[side] for x in text.split(separator) if x}) for side in ("had", "got")]
        names = (sorted({*kinds[0], *kinds[1]}),) * 2 if same else (kinds[0], kinds[1])
        table.to_csv(folder / "world.csv", index=False)
        path = folder / "config.yaml"
        text = config("world", project, names)
        path.write_text(text, encoding="utf-8")
        raw = of_table(project, table, names)
        return Case(wholes(path)[0], raw)

    return made


def of_counts(rows: list[tuple[str, str, int]]):
    """Return what writes a table of counts that is laid out: (gift, wish, how many)."""

    def made(folder: Path) -> Case:
        counts = pd.DataFrame(rows, columns=["had", "got", "n"])
        counts.to_csv(folder / "world.csv", index=False)
        project = Project("answer", Axis("had", "Gift"), Axis("got", "Wish", "wishes"))
        names = tuple(sorted(set(counts[side])) for side in ("had", "got"))
        text = config("world", project, names).replace("    columns:\n", "    count: n\n      columns:\n", 1)
        (folder / "config.yaml").write_text(text, encoding="utf-8")
        raw = of_table(project, counts.loc[counts.index.repeat(counts["n"])].reset_index(), names)
        cells = counts.groupby(["had", "got"])["n"]
        within, free = cells.agg(lambda n: ((n - n.mean()) ** 2).sum()), cells.size() - 1
        dispersion = float(within.sum() / (free * cells.mean()).sum())
        return Case(wholes(folder / "config.yaml")[0], replace(raw, plain=False, counts=counts, dispersion=dispersion))

    return made


def seed(n: int) -> Callable[[Path], Case]:
    return lambda folder: generated.draw(n, folder)


ALONE = {(a, a): 60 for a in "ABCDE"} | {("D", "E"): 30, ("E", "D"): 25}
"""Three keep to themselves, two cross."""
THROUGH = {(a, a): 80 for a in "ABCDE"} | {
    pair: 20 for a in "BCDE" for pair in ((a, "A"), ("A", a))
} | {("B", "C"): 2}  # fmt: skip
TURNED = {(a, b): 60 if a == b else 8 for a, b in product("ABCDEF", repeat=2)} | {("A", "B"): 90}
RECORDS_TURNED = [(a, b, "x", "", n) for (a, b), n in TURNED.items()]
# In each place those with gift A wish b more often, and the place where few have A is the one where most wish b.
HIDDEN = [
    ("A", "b", "x", "", 90), ("A", "c", "x", "", 210), ("B", "b", "x", "", 10), ("B", "c", "x", "", 90),
    ("A", "b", "y", "", 95), ("A", "c", "y", "", 5), ("B", "b", "y", "", 200), ("B", "c", "y", "", 100),
]  # fmt: skip
# In both places those with gift A wish b more often, most of them in the one where this is much more often.
MOSTLY = [
    ("A", "b", "x", "", 80), ("A", "c", "x", "", 20), ("B", "b", "x", "", 40), ("B", "c", "x", "", 260),
    ("A", "b", "y", "", 54), ("A", "c", "y", "", 146), ("B", "b", "y", "", 46), ("B", "c", "y", "", 254),
]  # fmt: skip
# Each place has one gift; b is wished now more, now less often, whatever the gift.
OF_PLACES = [
    (gift, wish, f"p{k:02d}", "", n)
    for k in range(16)
    for gift in ["AB"[k % 2]]
    for wish, n in (("b", 12 + 5 * (k * 7 % 4)), ("c", 40 - 3 * (k * 5 % 7)))
]
# Twelve places can be divided in 924 ways: the least p is 2 / 924, above 0.05 / 26.
OF_FEW_PLACES = [
    ("AB"[k % 2], wish, f"p{k:02d}", "", 6 + (7 * k + 5 * i + k * i) % 9)
    for k in range(12)
    for i, wish in enumerate("nopqrstuvwxyz")
]
# Who has three of six wishes one or two of them and others: never the same three, and one of them more often than by chance.
SHARING = [
    (";".join(had), ";".join(wished), "x", "", {2: 3, 1: 1}[len({*had} & {*wished})])
    for had, wished in product(combinations("ABCDEF", 3), repeat=2)
    if len({*had} & {*wished}) in (1, 2)
]
COUNTS = [("ABCD"[i % 4], "xyz"[i // 4 % 3], 3 + (7 * i * i + 11 * i) % 38) for i in range(60)]
CATCH_ALL = [
    ("A", "x", "p", "", 64), ("A", "y", "p", "", 64), ("A", "Other", "p", "", 12), ("B", "x", "p", "", 70),
    ("B", "y", "p", "", 70), ("C", "x", "p", "", 70), ("C", "y", "p", "", 70), ("B", "Other", "p", "", 1),
]  # fmt: skip
# Those with gift A wish as all others do together; B and C differ from each other.
AS_ALL = [
    (gift, wish, "p", "", n)
    for gift, of_wish in {"A": (400, 400, 400), "B": (100, 100, 40), "C": (100, 100, 160)}.items()
    for wish, n in zip("xyz", of_wish, strict=True)
]
# Nine of ten with gift A or wish x are complete, three of ten of the others.
SELECTED = [
    (had if side != 0 else "", got if side != 1 else "", "p", "", n)
    for had, got in product("ABC", "xyz")
    for side, n in zip((0, 1, 2), (10, 10, 180) if had == "A" or got == "x" else (70, 70, 60), strict=True)
]

TINY: dict[str, Callable[[Path], Case]] = {
    "three apart": of_models(ALONE, "ABCDE"),
    "three apart, a package each": of_models(
        ALONE, "ABCDE", "strata: [package]", lambda i, a: f"p{a}" if a in "ABC" else f"p{i % 3}"
    ),
    "through one": of_models(THROUGH, "ABCDE"),
    "one way": of_models(TURNED, "ABCDEF"),
    "one way, half through one": of_models(
        TURNED, "ABCDEF", item=lambda i, pair: 0 if pair == ("A", "B") and i % 10 < 6 else i % 7
    ),
    "one dataset": of_models(ALONE, "ABCDE", item=lambda i, pair: 0 if pair[0] in "DE" else i % 7),
    "all but one with what is left over": of_records(CATCH_ALL),
    "nearly all": seed(116),
    "as all are": of_records(AS_ALL),
    "matrices": seed(2),
    "one matrix": seed(32),
    "one way, of records": of_records(RECORDS_TURNED, same=True),
    "hidden by places": of_records(HIDDEN, strata=("place",)),
    "of whole places": of_records(OF_PLACES, group=("place",)),
    "of few whole places": of_records(OF_FEW_PLACES, group=("place",)),
    "two of three": of_records(SHARING, same=True, separator=";"),
    "mostly of one place": of_records(MOSTLY, strata=("place",)),
    "selected": of_records(SELECTED),
    "selected, and one pair more often": of_records([*SELECTED, ("C", "z", "p", "", 300)]),
    "uneven counts": of_counts(COUNTS),
}
