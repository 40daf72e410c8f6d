"""Three planted pairs, some of them carried by one level, item or group: told first, each with its carrier.

What is said is read from the sentences; what is so is counted in pandas, from the tables that are written.
`pytest -rP` prints how many replications say so.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from diptych.config.loading import load_config
from diptych.document.compose import BUILDERS, WrittenPart
from diptych.document.model import ItemList, Paragraph
from diptych.pipeline.counting import count_all
from tests.draws import NIGHTLY, draws
from tests.simulations import carriers
from tests.simulations.statements import told, written_of

pytestmark = pytest.mark.nightly
REPLICATIONS, OF_GROUPS = (range(100),) * 2 if NIGHTLY else ((1, 5), (1, 2, 3))
"""By day worlds where one and where two of the three pairs are carried by one place, item or team."""
NAMES = [(f"R{row + 1:02d}", f"C{column + 1:02d}") for row, column in carriers.PAIRS]


def statements(written: WrittenPart) -> list[str]:
    """Return the headline and the statements after it, each as one text."""
    blocks = [block for name in ("abstract", "observations") for block in BUILDERS[name](written.part, written.writer)]
    found = [block.sentences for block in blocks if isinstance(block, Paragraph)][:1]
    found += [item.sentences for block in blocks if isinstance(block, ItemList) for item in block.items]
    return [" ".join(s.text for s in sentences).replace("\N{NO-BREAK SPACE}", " ") for sentences in found]


def said(text: str) -> tuple[tuple[str, ...], str | None]:
    """Return the row and column that a statement names first, and the one thing that it says it depends on."""
    carrier = re.search(r"(?:depends on|comes from) one (?:place|team|item|dataset),? (\w+)", text)
    # Which of the two comes first is how it is told.
    return tuple(sorted(re.findall(r"\b[RC]\d\d\b", text)[:2], reverse=True)), carrier and carrier[1]


def counted(records: pd.DataFrame, by: str) -> dict[tuple[str, str], tuple[float, pd.Series]]:
    """Return for each planted pair by how much it departs, within places, and the share of it that each `by` has."""
    found = {}
    for row, column in NAMES:
        both = records[(records["row"] == row) & (records["column"] == column)]
        inside = records.groupby("place")
        e = sum((of["row"] == row).sum() * (of["column"] == column).sum() / len(of) for _, of in inside)
        found[row, column] = (len(both) * np.log(len(both) / e) - len(both) + e, both[by].value_counts(normalize=True))
    return found


def of_level(replication: int, _: Path) -> tuple[WrittenPart, tuple[str | None, ...], pd.DataFrame]:
    world = carriers.by_level(replication)
    files = pd.read_csv(io.StringIO(world.records.files()["records.csv"]), dtype=str)
    return told(world.records), world.carriers, files.rename(columns={"rows": "row", "columns": "column"})


def of_item(replication: int, folder: Path) -> tuple[WrittenPart, tuple[str | None, ...], pd.DataFrame]:
    files, of_pairs = carriers.by_item(replication)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    loaded = load_config(folder / "config.yaml")
    datasets, models, links = (pd.read_csv(folder / f"{name}.csv") for name in ("datasets", "models", "links"))
    units = links.merge(datasets, left_on="source", right_on="id").merge(models, left_on="target", right_on="id")
    units = units.rename(columns={"task_x": "row", "task_y": "column", "source": "item"})
    return written_of(loaded, count_all(loaded)), of_pairs, units.assign(place="")


@pytest.mark.parametrize(("make", "by"), [(of_level, "place"), (of_item, "item")])
def test_three_planted_pairs_are_told_first_each_with_what_carries_it(
    make: Callable[[int, Path], tuple[WrittenPart, tuple[str | None, ...], pd.DataFrame]], by: str, tmp_path: Path
) -> None:
    wrong = {}
    for replication in REPLICATIONS:
        written, of_pairs, records = make(replication, tmp_path)
        departs = counted(records, by)
        for pair, carrier in zip(NAMES, of_pairs, strict=True):
            assert (departs[pair][1] > 0.55).any() == (carrier is not None)
            assert carrier is None or departs[pair][1].idxmax() == carrier
        firsts = [said(text) for text in statements(written)[:3]]
        if firsts != list(zip(NAMES, of_pairs, strict=True)):
            wrong[replication] = (of_pairs, statements(written), departs)
    sys.stdout.write(f"carried by one {by}: {len(REPLICATIONS) - len(wrong)} of {len(REPLICATIONS)}\n")
    assert len(wrong) <= draws(0, 0.05 * len(REPLICATIONS)), wrong


def test_what_one_group_alone_makes_is_not_told() -> None:
    """A group is one witness, whatever it holds: the other pairs are told, or that nothing departs."""
    wrong = {}
    for replication in OF_GROUPS:
        world = carriers.by_group(replication)
        texts = statements(told(world.records))
        expected = [(pair, None) for pair, carrier in zip(NAMES, world.carriers, strict=True) if carrier is None]
        firsts = [said(text) for text in texts[: len(expected)]]
        none = bool(expected) or "no pair of categories clearly differs from chance" in texts[0].lower()
        if firsts != expected or not none:
            wrong[replication] = (world.carriers, texts)
    sys.stdout.write(f"carried by one team: {len(OF_GROUPS) - len(wrong)} of {len(OF_GROUPS)}\n")
    assert len(wrong) <= draws(0, 0.05 * len(OF_GROUPS)), wrong
