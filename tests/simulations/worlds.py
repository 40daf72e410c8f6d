"""Simulated worlds of which everything is known. All data made here are simulated and say so in every file.

`draw_likes`     people like datasets and models; category by category the two have nothing to do with each other
`draw_trained`   packages of models and the datasets they were trained on; within a package nothing goes together
`draw_answers`   records with labels on both sides; within a branch nothing goes together
`draw_crossings` links within one taxonomy, whose crossings are made by sizes alone (quasi-independence)

Each takes a seed and what is planted on top, if anything, so that a report can be held against the truth. `files`
gives the world as tables and a config for the whole program; `incidence` counts it in plain NumPy, for the many
replications that a rate needs (the two are compared in test_worlds.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diptych.cells import Kind, Unit
from diptych.incidence import Incidence, Side

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Sets = NDArray[np.bool_]

CATEGORIES = ("Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series")
DATASET_SHARES = np.array([0.13, 0.34, 0.17, 0.11, 0.08, 0.02, 0.03, 0.02, 0.05])
MODEL_SHARES = np.array([0.14, 0.09, 0.28, 0.05, 0.02, 0.04, 0.02, 0.05, 0.01])
"""Of all likes; the rest (5 % and 30 %) are of items without a category."""

UNLABELLED = -1
SIMULATED = "Simulated data: nobody was asked and nothing was measured."

DATASETS = Kind("datasets", "Dataset", "dataset", "datasets")
MODELS = Kind("models", "Model", "model", "models")
ROWS = Kind("rows", "Skill", "skill", "skills")
COLUMNS = Kind("columns", "Job", "job", "jobs")


@dataclass(frozen=True)
class Affinity:
    """Units with `given` on one side have `outcome` on the other `factor` times as often as they would."""

    given: str
    outcome: str
    factor: float

    @property
    def pair(self) -> tuple[int, int]:
        return CATEGORIES.index(self.given), CATEGORIES.index(self.outcome)


@dataclass(frozen=True, eq=False)
class Uses:
    """Items of one side: which unit has each, and its category (UNLABELLED for none)."""

    unit: Numbers
    category: Numbers

    def sets(self, n_units: int) -> Sets:
        """Return which categories each unit has (n_units, 9)."""
        found = np.zeros((n_units, len(CATEGORIES)), dtype=bool)
        known = self.category != UNLABELLED
        found[self.unit[known], self.category[known]] = True
        return found

    def labels(self) -> list[str]:
        return [name_of(category) for category in self.category]


def name_of(category: int) -> str:
    """Return the raw label: the category's name, or one that no rule knows."""
    return "other" if category == UNLABELLED else CATEGORIES[category]


def drawn(rng: np.random.Generator, shares: Floats, n: int) -> Numbers:
    """Draw categories; what the shares leave is UNLABELLED."""
    known = rng.choice(len(shares) + 1, n, p=[*shares, max(0.0, 1 - shares.sum())])
    return np.where(known == len(shares), UNLABELLED, known)


# Likes: a shared key.


@dataclass(frozen=True, eq=False)
class Likes:
    """Who likes which: datasets and models, each with its user."""

    n_users: int
    datasets: Uses
    models: Uses

    def incidence(self, *, activity: bool) -> Incidence:
        """Count users who like anything; with `activity` in joint strata of how much they like of each kind."""
        counts = [np.bincount(side.unit, minlength=self.n_users) for side in (self.datasets, self.models)]
        some = counts[0] + counts[1] > 0
        sets = [side.sets(self.n_users)[some] for side in (self.datasets, self.models)]
        levels = [f"{level(int(n))} x {level(int(m))}" for n, m in zip(counts[0][some], counts[1][some], strict=True)]
        unit = Unit("key", "user", "users")
        return patterns(unit, sets, levels if activity else None, strata=("activity",) if activity else ())

    def files(self, *, activity: bool) -> dict[str, str]:
        strata = "strata: [activity]" if activity else "# without strata: what a user likes in all is not allowed for"
        return {
            "datasets.csv": self._table("d", self.datasets),
            "models.csv": self._table("m", self.models),
            "config.yaml": _LIKES.format(said=SIMULATED, taxonomy=_TAXONOMY, strata=strata),
        }

    def _table(self, letter: str, side: Uses) -> str:
        rows = zip(side.unit, side.labels(), strict=True)
        return _csv("id,user,task", (f"{letter}{i},u{unit},{label}" for i, (unit, label) in enumerate(rows)))


def draw_likes(seed: int, planted: Affinity | None = None, n_users: int = 4000) -> Likes:
    """Draw users of very unequal activity who like five times as many models as datasets.

    A user's activity is log-normal (sigma 1.5); likes of datasets are Poisson with the activity as mean, likes of
    models with five times as much. The category of each like is drawn by itself: no affinity. With `planted`, of
    the likes of models without a category of those users who like any dataset of the one category, so many are of
    the other that they have it `factor` times as often; all else stays as it was, how much they like included.
    """
    rng = np.random.default_rng([20, seed])
    activity = np.exp(1.5 * rng.standard_normal(n_users) - 1.5**2 / 2)
    sides = []
    for mean, shares in ((1, DATASET_SHARES), (5, MODEL_SHARES)):
        unit = np.repeat(np.arange(n_users), rng.poisson(mean * activity))
        sides.append(Uses(unit, drawn(rng, shares, len(unit))))
    datasets, models = sides
    if planted is None:
        return Likes(n_users, datasets, models)
    given, outcome = planted.pair
    drawn_to = np.isin(models.unit, datasets.unit[datasets.category == given])
    more = (planted.factor - 1) * MODEL_SHARES[outcome] / (1 - MODEL_SHARES.sum())
    turned = drawn_to & (models.category == UNLABELLED) & (rng.random(len(models.unit)) < more)
    return Likes(n_users, datasets, Uses(models.unit, np.where(turned, outcome, models.category)))


def level(n: int) -> str:
    """Return the level of a number of items: 0 to 4 singly, then half-octaves from 5, 6, 8, 12, 16, 23, ..."""
    if n < 6:
        return str(n)
    starts = [int(np.ceil(2 ** (k / 2) - 1e-9)) for k in range(5, 60)]
    k = int(np.searchsorted(starts, n, side="right")) - 1
    low, high = starts[k], starts[k + 1] - 1
    return str(low) if low == high else f"{low}-{high}"


# Links between two kinds: models and what they were trained on, in packages.


@dataclass(frozen=True, eq=False)
class Trained:
    """Models with their package and team and the datasets each was trained on."""

    package: Numbers
    team: Numbers
    models: Numbers
    uses: Uses
    dataset: Numbers

    def incidence(self, *, strata: bool = True, groups: bool = True) -> Incidence:
        """Count models, with teams as groups and packages as strata."""
        n = len(self.models)
        sets = [self.uses.sets(n), Uses(np.arange(n), self.models).sets(n)]
        levels = [f"p{package:02d}" for package in self.package] if strata else None
        teams = [f"p{package:02d} t{team:03d}" for package, team in zip(self.package, self.team, strict=True)]
        unit = Unit("to", "model", "models")
        return patterns(unit, sets, levels, teams if groups else None, strata=("package",) if strata else ())

    def files(self, *, strata: bool = True) -> dict[str, str]:
        packages = zip(self.package, self.team, self.models, strict=True)
        models = (f"m{i},p{p:02d},t{t:03d},{name_of(c)}" for i, (p, t, c) in enumerate(packages))
        first = {int(d): name_of(c) for d, c in zip(self.dataset, self.uses.category, strict=True)}
        links = zip(self.dataset, self.uses.unit, strict=True)
        return {
            "datasets.csv": _csv("id,task", (f"d{d},{label}" for d, label in sorted(first.items()))),
            "models.csv": _csv("id,package,team,task", models),
            "links.csv": _csv("source,target", (f"d{d},m{m}" for d, m in links)),
            "config.yaml": _TRAINED.format(
                said=SIMULATED, taxonomy=_TAXONOMY, strata="strata: [package]" if strata else "# without strata"
            ),
        }


N_PACKAGES, TEAMS_EACH, PER_TEAM = 12, 25, 12
DATASETS_OF_A_CATEGORY = 40


def draw_trained(seed: int, planted: Affinity | None = None) -> Trained:
    """Draw 12 packages of 25 teams with about 12 models each, every one trained on one to three datasets.

    Each package has its own mix of model categories and its own mix of dataset categories, so that in all they go
    together strongly; each team has again its own of either, so that models of a team are alike. Within a package
    the two sides are drawn apart: no affinity. With `planted`, models without a category of teams' models trained
    on the given category become of the outcome category, as in `draw_likes`.
    """
    rng = np.random.default_rng([21, seed])
    teams = np.repeat(np.arange(N_PACKAGES * TEAMS_EACH), 1 + rng.poisson(PER_TEAM - 1, N_PACKAGES * TEAMS_EACH))
    package = teams // TEAMS_EACH
    mixes = []
    for shares in (DATASET_SHARES, MODEL_SHARES):
        whole = np.append(shares, max(1 - shares.sum(), 0.01))
        of_packages = rng.dirichlet(1.5 * len(whole) * whole / whole.sum(), N_PACKAGES) + 0.005
        of_packages /= of_packages.sum(axis=1, keepdims=True)
        mixes.append(np.array([rng.dirichlet(9 * mix) for mix in np.repeat(of_packages, TEAMS_EACH, axis=0)]))
    models = _of_mixes(rng, mixes[1][teams])
    unit = np.repeat(np.arange(len(teams)), rng.integers(1, 4, len(teams)))
    category = _of_mixes(rng, mixes[0][teams[unit]])
    dataset = (category + 1) * DATASETS_OF_A_CATEGORY + rng.integers(0, DATASETS_OF_A_CATEGORY, len(unit))
    dataset, unit = np.unique(np.stack([dataset, unit]), axis=1)
    category = dataset // DATASETS_OF_A_CATEGORY - 1
    if planted is not None:
        given, outcome = planted.pair
        has = np.isin(np.arange(len(teams)), unit[category == given])
        own = (models == outcome).mean() * (planted.factor - 1) / (models == UNLABELLED).mean()
        models = np.where(has & (models == UNLABELLED) & (rng.random(len(teams)) < own), outcome, models)
    return Trained(package, teams, models, Uses(unit, category), dataset)


def _of_mixes(rng: np.random.Generator, mixes: Floats) -> Numbers:
    """Draw a category from each row of shares; the last column is UNLABELLED."""
    found = (rng.random(len(mixes))[:, None] > np.cumsum(mixes, axis=1)[:, :-1]).sum(axis=1)
    return np.where(found == mixes.shape[1] - 1, UNLABELLED, found)


# Records.


@dataclass(frozen=True, eq=False)
class Answers:
    """Records with sets of labels on both sides and a branch."""

    branch: Numbers
    rows: Sets
    columns: Sets

    def incidence(self, *, strata: bool) -> Incidence:
        full = self.rows.any(axis=1) & self.columns.any(axis=1)
        levels = [f"b{branch}" for branch in self.branch[full]] if strata else None
        unit = Unit("record", "answer", "answers")
        sets = [self.rows[full], self.columns[full]]
        return patterns(unit, sets, levels, strata=("branch",) if strata else (), kinds=(ROWS, COLUMNS))

    def files(self, *, strata: bool) -> dict[str, str]:
        rows = zip(self.branch, self.rows, self.columns, strict=True)
        lines = (f"b{b},{_joined(skills)},{_joined(jobs)}" for b, skills, jobs in rows)
        levels = "strata: [branch]" if strata else "# without strata"
        return {
            "answers.csv": _csv("branch,skills,jobs", lines),
            "config.yaml": _ANSWERS.format(said=SIMULATED, taxonomy=_TAXONOMY, strata=levels),
        }


def draw_answers(seed: int, planted: Affinity | None = None, n_records: int = 4000) -> Answers:
    """Draw records in eight branches, each with its own chances of every skill and of every job; no affinity within.

    With `planted`, records with the given skill have the outcome job `factor` times as often as their branch has it.
    """
    rng = np.random.default_rng([22, seed])
    branch = rng.integers(0, 8, n_records)
    chances = [
        np.clip(shares * 2 * np.exp(0.7 * rng.standard_normal((8, 9))), 0.004, 0.6)
        for shares in (DATASET_SHARES, MODEL_SHARES)
    ]
    rows = rng.random((n_records, 9)) < chances[0][branch]
    of_columns = chances[1][branch]
    if planted is not None:
        given, outcome = planted.pair
        of_columns[rows[:, given], outcome] = np.minimum(planted.factor * of_columns[rows[:, given], outcome], 0.9)
    return Answers(branch, rows, rng.random((n_records, 9)) < of_columns)


# Crossings within one taxonomy: which way.

CROSSING = ("Multimodal", "NLP", "CV", "Audio", "RL")


BLOCK = ("Audio", "RL")


def draw_crossings(seed: int, planted: Affinity | None = None, n_models: int = 4000, *, block: bool = False) -> Trained:
    """Draw models of 200 teams, each trained on one dataset, most of its own category.

    P(dataset a, model b) is proportional to row size x column size, nine times as much where a is b: sizes of the two
    sides differ, so counts above and below the diagonal do, but nothing is left beyond sizes of those that cross. With
    `planted`, (given, outcome) alone is `factor` times as likely; not so (outcome, given). With `block`, the two of
    BLOCK are ten times as close to each other.
    """
    rng = np.random.default_rng([23, seed])
    places = [CATEGORIES.index(name) for name in CROSSING]
    rows, columns = np.array([0.30, 0.34, 0.17, 0.11, 0.08]), np.array([0.14, 0.19, 0.42, 0.15, 0.10])
    closeness = np.where(np.eye(len(CROSSING)) > 0, 9.0, 1.0)
    if block:
        pair = [CROSSING.index(name) for name in BLOCK]
        closeness[pair, pair[::-1]] *= 10
    chance = rows[:, None] * columns * closeness
    if planted is not None:
        chance[CROSSING.index(planted.given), CROSSING.index(planted.outcome)] *= planted.factor
    flat = chance.ravel() / chance.sum()
    team = np.sort(rng.integers(0, 200, n_models))
    mixes = rng.dirichlet(60 * flat, 200)[team]
    cell = np.minimum((rng.random(n_models)[:, None] > np.cumsum(mixes, axis=1)).sum(axis=1), flat.size - 1)
    category = np.array(places)[cell // len(places)]
    dataset = (category + 1) * DATASETS_OF_A_CATEGORY + rng.integers(0, DATASETS_OF_A_CATEGORY, n_models)
    models = np.array(places)[cell % len(places)]
    return Trained(np.zeros(n_models, dtype=int), team, models, Uses(np.arange(n_models), category), dataset)


# One planted fact among crossings.

PLACED = ("Multimodal", "NLP", "CV", "Audio", "RL", "Graph", "Robotics")
FEW_CROSS = 16.0


@dataclass(frozen=True)
class Planted:
    """What is true of a world of `draw_planted` beside sizes: at most one of these.

    `dominant` makes up six tenths of all models. Nothing crosses from or to the `isolated`. The two of `block` are ten
    times as close to each other, both ways; from `turned[0]` to `turned[1]`, and not back, six times as many run.
    """

    dominant: str | None = None
    isolated: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    turned: tuple[str, ...] = ()


def chances(planted: Planted) -> Floats:
    """Return the probability (7, 7) of a model with data of one category being of another."""
    rows = np.array([0.16, 0.22, 0.14, 0.14, 0.10, 0.12, 0.12])
    columns = np.array([0.12, 0.15, 0.24, 0.13, 0.14, 0.11, 0.11])
    closeness = np.where(np.eye(len(PLACED)) > 0, FEW_CROSS, 1.0)
    for name in planted.isolated:
        own = PLACED.index(name)
        closeness[own, np.arange(len(PLACED)) != own] = closeness[np.arange(len(PLACED)) != own, own] = 0
    if planted.block:
        pair = [PLACED.index(name) for name in planted.block]
        closeness[pair, pair[::-1]] *= 10
    if planted.turned:
        closeness[PLACED.index(planted.turned[0]), PLACED.index(planted.turned[1])] *= 6
    chance = rows[:, None] * columns * closeness
    if planted.dominant is not None:
        own = PLACED.index(planted.dominant)
        rest = chance.sum() - chance[:, own].sum()
        chance[:, own] *= 1.5 * rest / chance[:, own].sum()
    return chance / chance.sum()


def draw_planted(seed: int, planted: Planted, n_models: int = 4000) -> Trained:
    """Draw models of 200 teams, each trained on one dataset, most of its own category, with one planted fact."""
    rng = np.random.default_rng([24, seed])
    flat = chances(planted).ravel()
    team = np.sort(rng.integers(0, 200, n_models))
    mixes = np.zeros((200, flat.size))
    mixes[:, flat > 0] = rng.dirichlet(60 * flat[flat > 0], 200)
    cell = np.minimum((rng.random(n_models)[:, None] > np.cumsum(mixes[team], axis=1)).sum(axis=1), flat.size - 1)
    places = np.array([CATEGORIES.index(name) for name in PLACED])
    category = places[cell // len(places)]
    dataset = (category + 1) * DATASETS_OF_A_CATEGORY + rng.integers(0, DATASETS_OF_A_CATEGORY, n_models)
    models = places[cell % len(places)]
    return Trained(np.zeros(n_models, dtype=int), team, models, Uses(np.arange(n_models), category), dataset)


# Counting and writing.


def patterns(
    unit: Unit,
    sets: Sequence[Sets],
    levels: Sequence[str] | None,
    groups: Sequence[str] | None = None,
    *,
    strata: tuple[str, ...] = (),
    kinds: tuple[Kind, Kind] = (DATASETS, MODELS),
) -> Incidence:
    """Count distinct (level, group, row set, column set), sorted as the program sorts them."""
    n = len(sets[0])
    names, stratum = _numbered(levels, n)
    teams, group = _numbered(groups, n)
    table = np.column_stack([stratum, group, ~sets[0], ~sets[1]])
    distinct, units = np.unique(table, axis=0, return_counts=True)
    return Incidence(
        relation="simulated",
        rows=Side(kinds[0].name, kinds[0], CATEGORIES, "default"),
        columns=Side(kinds[1].name, kinds[1], CATEGORIES, "default"),
        unit=unit,
        row_sets=distinct[:, 2:11] == 0,
        column_sets=distinct[:, 11:] == 0,
        units=units.astype(np.int64),
        weight=units.astype(float),
        weight_squared=units.astype(float),
        stratum=distinct[:, 0],
        strata=names,
        stratum_names=strata,
        group=distinct[:, 1] if groups is not None else None,
        n_groups=len(teams) if groups is not None else None,
        group_names=("team",) if groups is not None else (),
        weighted=False,
        trivial_diagonal=False,
    )


def _numbered(keys: Sequence[str] | None, n: int) -> tuple[tuple[str, ...], Numbers]:
    if keys is None:
        return ("",), np.zeros(n, dtype=np.int64)
    names, number = np.unique(np.array(keys), return_inverse=True)
    return tuple(map(str, names)), number.astype(np.int64)


def _csv(header: str, lines: Iterator[str]) -> str:
    return "\n".join([header, *lines, ""])


def _joined(chosen: Sets) -> str:
    return ";".join(CATEGORIES[i] for i in np.flatnonzero(chosen))


_TAXONOMY = "\n".join(["  categories:", *(f"    - {{name: {name}, match: {name}}}" for name in CATEGORIES)])

_HEAD = """# {said}
version: 1
report:
  title: {title}
  subtitle: "{said}"
taxonomy:
{taxonomy}
"""

_PANELS = """
outputs: [markdown, data]
panels:
  - {{id: left, relation: simulated, given: datasets, outcome: models}}
  - {{id: right, relation: simulated, given: models, outcome: datasets}}
figures:
  - {{id: main, panels: [left, right], scale: [0, 1]}}
"""

_LIKES = (
    _HEAD.replace("{title}", "Simulated likes")
    + """
entities:
  datasets: {{label: Dataset, source: datasets.csv, labels: task}}
  models: {{label: Model, source: models.csv, labels: task}}
relations:
  simulated:
    label: liked with
    shared: {{key: user, entities: [datasets, models]}}
    population: either
    {strata}
"""
    + _PANELS
)

_TRAINED = (
    _HEAD.replace("{title}", "Simulated models and their data")
    + """
entities:
  datasets: {{label: Dataset, source: datasets.csv, labels: task}}
  models: {{label: Model, source: models.csv, labels: task}}
relations:
  simulated:
    label: trained on
    label_reversed: used to train
    links:
      source: links.csv
      from: {{entity: datasets, column: source}}
      to: {{entity: models, column: target}}
    group: {{columns: [package, team], public: true}}
    {strata}
"""
    + _PANELS
)

_ANSWERS = (
    _HEAD.replace("{title}", "Simulated answers")
    + """
relations:
  simulated:
    records:
      source: answers.csv
      label: Answer
      rows: {{column: skills, separator: ";", label: Skill}}
      columns: {{column: jobs, separator: ";", label: Job}}
    {strata}
"""
    + _PANELS.replace("datasets", "rows").replace("models", "columns")
)
