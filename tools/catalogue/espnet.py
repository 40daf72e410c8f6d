"""Read espnet_model_zoo: its one table, ``espnet_model_zoo/table.csv``.

A row is a model with its corpus and task (tts, asr, enh, diar), which label both. The
author is the part of the name before "/". The one row without a corpus is a test entry.
"""

from __future__ import annotations

import csv
import io

from tools.catalogue.facts import TRAINED_ON, Dataset, Facts, Link, Model
from tools.catalogue.wheels import Wheel

PACKAGE = "espnet_model_zoo"


def read(wheel: Wheel) -> Facts:
    """Return the models and corpora of an espnet_model_zoo wheel."""
    table = csv.DictReader(io.StringIO(wheel.text("espnet_model_zoo/table.csv")))
    facts, tasks = Facts(), dict[str, set[str]]()
    for row in table:
        name, corpus, task = row["name"], row["corpus"], row["task"]
        if not corpus:
            continue
        facts.models.append(Model(name, (task,), PACKAGE, name.partition("/")[0]))
        facts.links.append(Link(corpus, name, TRAINED_ON, PACKAGE))
        tasks.setdefault(corpus, set()).add(task)
    facts.datasets = [Dataset(k, tuple(sorted(v)), PACKAGE) for k, v in sorted(tasks.items())]
    return facts
