"""A simulated world in the shape of sample 3: notable models, the datasets they name, and who made them.

Everything is simulated: models, datasets and organisations have numbers for names. Counts are laid down, not drawn, so that
what is true is known: coverage falls by year from 74 % (2020) to 4 % (2025); 421 of 952 models name a dataset, 346 of
them before 2023; data and model have the same category for 367. Multimodal data lead to 31 CV models, CV data to 6 Multimodal
ones, and 19 of the 31 have data of one raw label, "captioned photos", which several datasets share. What is drawn
(seeded) is who made which model: 125 organisations of very unequal size.
"""

from __future__ import annotations

from itertools import chain, repeat

import numpy as np

YEARS = {
    2016: (60, 45), 2017: (70, 52), 2018: (80, 60), 2019: (90, 66), 2020: (50, 37), 2021: (110, 50), 2022: (122, 36),
    2023: (180, 45), 2024: (120, 27), 2025: (70, 3),
}  # fmt: skip
"""Models of each year, and how many of them name a dataset."""

NAMED = {
    ("text", "NLP"): 190, ("text", "Multimodal"): 7, ("text", "CV"): 1,
    ("photos", "CV"): 111, ("photos", "Multimodal"): 6,
    ("speech", "Audio"): 37, ("speech", "Multimodal"): 6,
    ("captioned photos", "CV"): 19, ("scanned pages", "CV"): 7, ("subtitled films", "CV"): 5,
    ("captioned photos", "Multimodal"): 8, ("scanned pages", "Multimodal"): 11, ("subtitled films", "Multimodal"): 10,
    ("subtitled films", "NLP"): 1,
    ("games", "RL"): 2,
}  # fmt: skip
"""Raw label of the dataset, category of the model: how many models."""

MODELS = {
    "NLP": 360,
    "CV": 300,
    "Multimodal": 140,
    "Audio": 75,
    "RL": 47,
    "Graph": 10,
    "Robotics": 8,
    "Time Series": 12,
}
"""Models of each category, with and without a dataset."""

N_ORGANISATIONS = 125
DATASETS_OF_A_LABEL = 10
SIMULATED = "Simulated data in the shape of a real table: no model, dataset or organisation here exists."

CONFIG = f"""# {SIMULATED}
version: 1
report:
  title: Simulated notable models and the data they name
  subtitle: "{SIMULATED}"
taxonomy:
  categories:
    - {{name: Multimodal, match: [captioned photos, scanned pages, subtitled films, Multimodal]}}
    - {{name: NLP, match: [text, NLP]}}
    - {{name: CV, match: [photos, CV]}}
    - {{name: Audio, match: [speech, Audio]}}
    - {{name: Tabular, match: Tabular}}
    - {{name: RL, match: [games, RL]}}
    - {{name: Graph, match: Graph}}
    - {{name: Robotics, match: Robotics}}
    - {{name: Time Series, match: Time Series}}
entities:
  datasets: {{label: Dataset, source: datasets.csv, labels: label}}
  models: {{label: Model, source: models.csv, labels: task, date: year}}
relations:
  named:
    label: trained on
    links:
      from: {{entity: datasets}}
      to: {{entity: models, column: data}}
    group: [organisation]
panels:
  - {{id: left, relation: named, given: datasets, outcome: models}}
  - {{id: right, relation: named, given: models, outcome: datasets}}
"""


def files(config: str = CONFIG) -> dict[str, str]:
    """Return the tables and the config."""
    rng = np.random.default_rng(3)
    named = rng.permutation(list(chain.from_iterable(repeat(pair, n) for pair, n in NAMED.items())))
    linked = {category: sum(n for (_, own), n in NAMED.items() if own == category) for category in MODELS}
    others = chain.from_iterable(repeat(("", category), n - linked[category]) for category, n in MODELS.items())
    unnamed = rng.permutation(list(others))
    shares = rng.dirichlet(np.full(N_ORGANISATIONS, 0.5)) + 0.001
    maker = rng.choice(N_ORGANISATIONS, sum(MODELS.values()), p=shares / shares.sum())
    which = rng.integers(0, DATASETS_OF_A_LABEL, len(maker))
    years = chain.from_iterable(chain(repeat((y, True), k), repeat((y, False), n - k)) for y, (n, k) in YEARS.items())
    left = {True: iter(named), False: iter(unnamed)}
    rows = []
    for i, (year, names) in enumerate(years):
        label, category = next(left[names])
        data = f"{label} {which[i]}" if names else ""
        rows.append(f"model {i},{category},{year},organisation {maker[i]},{data}")
    labels = dict.fromkeys(label for label, _ in NAMED)
    datasets = [f"{label} {i},{label}" for label in labels for i in range(DATASETS_OF_A_LABEL)]
    return {
        "datasets.csv": "\n".join(["id,label", *datasets, ""]),
        "models.csv": "\n".join(["id,task,year,organisation,data", *rows, ""]),
        "config.yaml": config,
    }
