"""What changed between two builds, and why: causes, noise, findings, claims, labels, and what diff may be given."""

import re
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from benchmarks.snapshots import (
    compared_builds,
    drawn,
    grown,
    is_named,
    item_types,
    planted,
    world,
    worlds_of,
    write_records,
    year,
)
from benchmarks.taking import pack, snapshot_of
from diptych.cells import CellRef
from diptych.config.loading import load_config
from diptych.contrib.history.changes import DATA, PROGRAM, SETTINGS, TAXONOMY
from diptych.contrib.history.comparing import Ground, claim_changes, diff
from diptych.contrib.history.diff_text import text_of
from diptych.contrib.history.folder import Entry, keep
from diptych.contrib.history.settings import MatterSettings
from diptych.contrib.history.sides import side_of, source_of, steps_of
from diptych.contrib.history.snapshot import Head, KeptClaim, KeptText, PublishedFindings
from diptych.errors import SnapshotError
from diptych.pipeline.counting import count_all
from tests.contrib.history.projects import CONFIG, LINKED, LINKS, RECORDS, write
from tests.draws import draws

DATA_ONLY = CONFIG.replace("outputs: [html, data]", "outputs: [data]")
GROWN, OTHER = draws(4, 16), draws(8, 16)
"""Simulated records that are compared; in one of eight something may be flagged that is not there."""
MANY = "x,y\n" + "a,a\n" * 40 + "b,b\n" * 40 + "a,b\n" * 20 + "aa,a\n" * 20
"""Of the 80 with A 60 have A: 0.75."""


@cache
def taken(config=DATA_ONLY, records=MANY):
    """Return the snapshot of records under a config, taken once: nothing changes one."""
    with TemporaryDirectory() as folder:
        return snapshot_of(load_config(write(Path(folder), config, {"r.csv": records})))


def cell(found, panel, given, outcome):
    return next(c for c in found.cells if (c.panel, c.given, c.outcome) == (panel, given, outcome))


def test_the_same_build_does_not_differ():
    one = taken()
    found = compared_builds(one, one)
    assert (found.matters, found.differs, found.cells, found.findings, found.labels) == (False, (), (), (), ())
    [units] = found.relations
    assert (units.old, units.new, units.alike, units.came, units.went) == (120, 120, 120, 0, 0)


def test_the_first_and_the_last_step_are_the_cells_as_published():
    """Ten records, of which shares are uncertain, filed otherwise and counted as records of few."""
    changed = DATA_ONLY.replace("match: [a, aa]", "match: a").replace("minimum_units: 2", "minimum_units: 4")
    old, new = (side_of(name, taken(config, RECORDS)) for name, config in (("old", DATA_ONLY), ("new", changed)))
    steps = steps_of("survey", old, new)
    assert steps.factors == (TAXONOMY, SETTINGS)
    states = set()
    for panel in ("left", "right"):
        replayed = steps.cells(panel)
        for found, side in ((replayed[0], old), (replayed[-1], new)):
            published = {pair: (one.value, one.state) for pair, one in side.cells(panel).items()}
            assert found == published
            states |= {state for _, state in found.values()}
    assert {"uncertain", "few"} <= states


def test_a_label_filed_otherwise_is_exact_and_the_taxonomys():
    old = taken()
    new = taken(DATA_ONLY.replace("match: [a, aa]", "match: a").replace("match: b", "match: [b, aa]"))
    found = compared_builds(old, new)
    assert (found.differs, found.settings) == ((TAXONOMY,), ("taxonomies.default.categories",))
    change = cell(found, "left", "A", "A")
    # of 60 with A now 40 have A: 2/3
    assert (change.old, change.new) == (pytest.approx(0.75), pytest.approx(2 / 3))
    assert dict(change.shares) == {TAXONOMY: pytest.approx(2 / 3 - 0.75)}
    assert (change.causes, change.noise, change.matters, change.difference.ends) == ((TAXONOMY,), None, True, None)


def test_data_and_taxonomy_are_told_apart():
    old = taken()
    config = DATA_ONLY.replace("match: [a, aa]", "match: a").replace("match: b", "match: [b, aa]")
    new = taken(config, MANY + "a,b\n" * 40)
    change = cell(compared_builds(old, new), "left", "A", "A")
    # first the taxonomy: 60/80, then 40/60 of the old data; then the data: 40/100
    shares = {TAXONOMY: pytest.approx(40 / 60 - 60 / 80), DATA: pytest.approx(40 / 100 - 40 / 60)}
    assert (dict(change.shares), list(dict(change.shares))) == (shares, [TAXONOMY, DATA])
    assert change.causes == (DATA,)
    assert (change.noise, change.matters, change.n_changed) == (False, True, 40)


def test_a_new_least_number_of_units_is_the_settings():
    old = taken()
    new = taken(DATA_ONLY.replace("minimum_units: 2", "minimum_units: 50"))
    found = compared_builds(old, new)
    change = cell(found, "left", "B", "B")
    assert (change.how, change.old_state, change.new_state) == ("vanished", "measured", "few")
    assert (change.causes, change.matters, found.settings) == ((SETTINGS,), True, ("inference.minimum_units",))


def test_settings_come_between_taxonomy_and_data():
    panels = "panels: [{id: left, relation: survey, given: rows, outcome: columns, measure: MEASURE}]\n"
    old = taken(DATA_ONLY + panels.replace("MEASURE", "conditional"))
    config = DATA_ONLY.replace("match: [a, aa]", "match: a").replace("match: b", "match: [b, aa]")
    new = taken(config + panels.replace("MEASURE", "share"), MANY + "a,b\n" * 40)
    change = cell(compared_builds(old, new), "left", "A", "A")
    # 60/80, filed otherwise 40/60, as a share of all 40/120, with 40 more 40/160
    steps = {TAXONOMY: 40 / 60 - 60 / 80, SETTINGS: 40 / 120 - 40 / 60, DATA: 40 / 160 - 40 / 120}
    assert dict(change.shares) == pytest.approx(steps)
    assert sum(steps.values()) == pytest.approx(change.difference.value)


def test_another_measure_is_the_settings():
    panels = "panels: [{id: left, relation: survey, given: rows, outcome: columns, measure: MEASURE}]\n"
    old = taken(DATA_ONLY + panels.replace("MEASURE", "conditional"))
    new = taken(DATA_ONLY + panels.replace("MEASURE", "share"))
    change = cell(compared_builds(old, new), "left", "A", "A")
    assert (change.old, change.new, change.causes) == (0.75, 0.5, (SETTINGS,))


def test_what_another_version_makes_of_the_same_is_the_programs():
    new = taken()
    panels = tuple(
        replace(p, cells=tuple(replace(c, value=None if c.value is None else c.value / 2) for c in p.cells))
        for p in new.head.panels
    )
    old = replace(new, head=replace(new.head, program="0.0.1", panels=panels))
    found = compared_builds(old, new)
    change = cell(found, "left", "A", "A")
    assert dict(change.shares) == {PROGRAM: pytest.approx(0.375)}
    assert (found.differs, change.causes, change.matters) == ((PROGRAM,), (PROGRAM,), True)


def test_other_units_cannot_be_told_apart_and_that_is_said(tmp_path):
    old = snapshot_of(load_config(write(tmp_path / "old", LINKS, LINKED)))
    new = snapshot_of(load_config(write(tmp_path / "new", LINKS.replace("    strata:", "    unit: from\n    strata:")
                                        .replace("group: {columns: [team], public: true}", "group: []").replace("strata: [hub]", "strata: []"),
                                        LINKED)))  # fmt: skip
    found = compared_builds(old, new)
    assert found.notes == (
        "relation trained_on has other units or items by its settings, so that causes cannot be distinguished",
    )
    assert {c.causes for c in found.cells} == {(SETTINGS,)}


def test_few_units_that_came_are_never_more_than_noise():
    config = DATA_ONLY.replace("minimum_units: 2", "minimum_units: 30")
    old = taken(config)
    new = taken(config, MANY + "a,b\n" * 29)
    change = cell(compared_builds(old, new), "left", "A", "A")
    assert change.difference.value == pytest.approx(60 / 109 - 0.75)
    assert (change.noise, change.matters) == (True, False)


OTHERS = "".join(f"{x},{y}\n" * 60 for x in ("b", "z") for y in ("a", "aa", "b"))
EDITED = ["x,y\n" + "a,a\n" * n + "a,b\n" * (27 - n) for n in (21, 12)]
"""Of 27 with A 21 have A, then 12: nine were edited. 0.78, then 0.44."""


def test_edits_of_the_same_units_are_more_than_noise_where_the_others_stand_still():
    old, new = (taken(records=text + OTHERS) for text in EDITED)
    found = compared_builds(old, new)
    change = cell(found, "left", "A", "A")
    assert (change.old, change.new) == (pytest.approx(21 / 27), pytest.approx(12 / 27))
    assert (change.noise, change.matters, found.matters) == (False, True, True)


def test_where_it_cannot_be_told_from_other_units_that_is_said_and_the_moves_are_listed():
    few = "b,b\n" * 20 + "b,a\n" * 5
    old, new = (taken(records=text + few) for text in EDITED)
    found = compared_builds(old, new)
    change = cell(found, "left", "A", "A")
    assert (change.noise, change.if_edited, change.large, found.changed_numbers) == (True, True, True, False)
    told = text_of(found)
    assert (
        "No number changed by more than noise. The largest changes are listed. If the same units were edited, 4 cells "
        "changed by more."
    ) in told
    assert re.search(r"^left +A +A +data +more than noise if edited +0\.78 +0\.44 +-0\.33", told, re.MULTILINE)


def test_too_much_to_keep_by_labels_is_compared_by_categories(monkeypatch):
    monkeypatch.setattr("diptych.contrib.history.item_types.MOST_PATTERNS", 1)
    taken_anew = taken.__wrapped__
    old, new = taken_anew(), taken_anew(records=MANY + "a,b\n" * 40)
    assert old.body.left_out == ("survey: units by the labels of their items (more than 50,000 sorts of them)",)
    found = compared_builds(old, new)
    assert found.notes == ("relation survey was too large to keep by labels: units are matched by their categories",)
    change = cell(found, "left", "A", "A")
    assert (change.causes, change.noise, change.matters) == ((DATA,), False, True)
    config = DATA_ONLY.replace("match: [a, aa]", "match: a")
    mixed = compared_builds(old, taken_anew(config, MANY + "a,b\n" * 40))
    assert mixed.notes == (
        "relation survey was too large to keep by labels, so that data and taxonomy cannot be distinguished",
    )
    assert {c.causes for c in mixed.cells} == {(DATA, TAXONOMY)}


def test_new_labels_come_with_their_counts():
    old = taken(records=RECORDS)
    new = taken(records=RECORDS.replace("c,b", "zebra|aa,b").replace("aa|c", "zebra"))
    found = compared_builds(old, new)
    assert [(c.kind, c.label, c.how, c.n_items, c.categories) for c in found.labels] == [
        ("rows", "zebra", "appeared", 2, ()),
        ("rows", "c", "vanished", 2, ()),
    ]


def test_many_items_with_new_labels_that_no_rule_knows_matter():
    old = taken()
    new = taken(records=MANY + "zebra,a\n" * 7)
    found = compared_builds(old, new)
    assert found.unfiled == pytest.approx(7 / 127)
    assert found.matters


def test_a_claim_that_flips_matters():
    one = taken()

    def claiming(*holds):
        claims = tuple(
            KeptClaim("overview.md", 3, f"p{i}", "", h, "", False) for i, h in enumerate(holds) if h is not None
        )
        return replace(one, head=replace(one.head, published=replace(one.head.published, claims=claims)))

    found = compared_builds(claiming(True, True, False, None), claiming(True, False, None, True))
    assert [(c.predicate, c.how, c.holds, c.matters) for c in found.claims] == [
        ("p1", "changed", False, True),
        ("p3", "appeared", True, False),
        ("p2", "vanished", False, False),
    ]
    assert found.matters


def test_a_claim_has_the_causes_of_what_it_is_about():
    ref, other = CellRef("left", "A", "A"), CellRef("gone", "A", "A")
    ground = Ground(
        differs={"survey": (DATA,), "links": (TAXONOMY, PROGRAM)},
        cells={},
        panels={"left": "survey", "right": "links"},
        relations={},
        matters=MatterSettings(),
        level=0.95,
        fdr=0.025,
    )
    old, new = (
        Head("0", None, "", KeptText("c", ""), {}, (), (), {}, (), PublishedFindings((), claims))
        for claims in (
            [tuple(KeptClaim("a.md", 1, name, "", holds, "", False, cells) for name, cells in
                   (("p", (ref,)), ("q", ()), ("r", (other,)))) for holds in (True, False)]
        )
    )  # fmt: skip
    assert {c.predicate: c.causes for c in claim_changes(old, new, ground)} == {
        "p": (DATA,), "q": (DATA, TAXONOMY, PROGRAM), "r": (DATA, TAXONOMY, PROGRAM)}  # fmt: skip


def test_a_finding_that_another_taxonomy_makes_matters():
    records = "x,y\n" + "a,a\n" * 60 + "c,c\n" * 60 + "a,c\n" * 2
    old = taken(records=records)
    more = "{name: B, match: b}, {name: C, match: c}"
    new = taken(DATA_ONLY.replace("{name: B, match: b}", more), records)
    found = compared_builds(old, new)
    # with C all of C goes with C: apart, but for the two of A
    assert {c.how for c in found.findings if c.matters} >= {"appeared"}
    assert {c.causes for c in found.findings if c.matters} == {(TAXONOMY,)}


@pytest.fixture(scope="module", params=[False, True], ids=["independent", "groups"])
def worlds(request, tmp_path_factory):
    """Return the worlds of the benchmark, and whether units are in groups."""
    return worlds_of(tmp_path_factory.mktemp("worlds"), grouped=request.param), request.param


def test_simulated_records_become_what_the_program_counts(worlds, tmp_path):
    made, grouped = worlds
    records = drawn(np.random.default_rng(5), 150, grouped=grouped)
    world(tmp_path, grouped=grouped)
    write_records(tmp_path / "survey.csv", records)
    counted = count_all(load_config(tmp_path / "config.yaml")).relations["survey"]
    one, other = made["usual"].snapshot(records).body.relations[0], counted
    for name in ("row_set", "column_set", "units", "group"):
        np.testing.assert_array_equal(getattr(one.for_history, name), getattr(other.for_history, name))
    for side in ("rows", "columns"):
        assert vars(getattr(item_types(records, grouped=grouped), side)) == vars(getattr(other.for_history, side))
    np.testing.assert_array_equal(one.tables.incidence.row_sets, other.tables.incidence.row_sets)
    np.testing.assert_array_equal(one.tables.incidence.units, other.tables.incidence.units)


def test_growth_of_the_same_population_flags_nothing(worlds):
    made, grouped = worlds
    flagged = [seed for seed in range(GROWN) if grown(seed, made["usual"], grouped=grouped, share=0.1).changed_numbers]
    assert len(flagged) <= GROWN / 8


def test_other_records_of_the_same_population_flag_nothing(worlds):
    made, grouped = worlds
    flagged = []
    for seed in range(OTHER):
        rng = np.random.default_rng([seed, 77])
        old = drawn(rng, 800, grouped=grouped)
        new = drawn(rng, 1000, grouped=grouped, first=0 if seed % 2 else 10_000)  # in the same groups, or in others
        found = compared_builds(made["usual"].snapshot(old), made["usual"].snapshot(new))
        flagged += [seed] if found.changed_numbers else []
    assert len(flagged) <= OTHER / 8


@pytest.mark.parametrize("cause", ["data", "taxonomy", "settings", "program"])
def test_a_planted_change_is_found_and_its_cause_named(cause, worlds):
    made, grouped = worlds
    assert all(is_named(planted(seed, made, cause, grouped=grouped), cause) for seed in range(draws(2, 5)))


def test_words_hold_still_in_a_quarter_of_weekly_builds(worlds):
    made, grouped = worlds
    assert year(1, made["usual"], grouped=grouped, weeks=12) <= 1


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Return a project with two snapshots in its folder, committed to git one after the other."""
    folder = tmp_path_factory.mktemp("history") / "project"
    config = write(folder, DATA_ONLY, {"r.csv": MANY})
    one, two = taken(), taken(records=MANY + "a,b\n" * 40)

    def git(*arguments: str) -> None:
        named = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    for number, snapshot in enumerate((one, two), start=1):
        keep(folder / "history", Entry(None, number, snapshot.head.content[:12]), pack(snapshot))
        git("add", ".")
        git("commit", "-q", "-m", f"build {number}")
    return config, one, two


def test_builds_are_found_by_id_file_folder_and_revision(history):
    config, one, two = history
    folder = config.parent / "history"
    first, second = (f"undated-00{n}-{s.head.content[:12]}" for n, s in ((1, one), (2, two)))
    for asked, content in (
        (first, one), ("undated-002", two), ("newest", two), (one.head.content[:7], one), (str(folder), two),
        (str(folder / f"{first}.json.xz"), one), ("HEAD~1", one), ("HEAD", two),
    ):  # fmt: skip
        found = source_of(asked, config)
        assert found.snapshot.head.content == content.head.content, asked
    assert source_of("HEAD~1", config).name == f"HEAD~1: {first}"
    assert diff(source_of("HEAD~1", config), source_of(second, config)).matters


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("HEAD~7", '"HEAD~7": is no site, no file, and no id in {folder}/history, and no revision of git'),
        ("--output=x", '"--output=x": is no site, no file, and no id in {folder}/history, and no revision of git'),
        ("gone.json.xz", "gone.json.xz: there is no such file"),
        ("{folder}/r.csv", "{folder}/r.csv: is no snapshot, whose name ends in .json.xz; name one, a site, or an id"),
    ],
)
def test_what_is_no_build_is_named(asked, message, history):
    config, *_ = history
    with pytest.raises(SnapshotError) as caught:
        source_of(asked.format(folder=config.parent), config)
    assert str(caught.value) == message.format(folder=config.parent)


def test_a_revision_may_lack_the_folder_and_the_folder_be_the_top(history, tmp_path):
    config, *_ = history
    other = config.parent / "other.yaml"
    other.write_text(DATA_ONLY.replace("history/", "elsewhere/"))
    with pytest.raises(SnapshotError) as caught:
        source_of("HEAD", other)
    assert str(caught.value) == "HEAD: has no folder elsewhere"
    top = write(tmp_path, DATA_ONLY.replace("history/", "./"))
    one = snapshot_of(load_config(top))
    keep(tmp_path, Entry(None, 1, one.head.content[:12]), pack(one))
    with pytest.raises(SnapshotError) as caught:
        source_of("HEAD", top)
    assert str(caught.value) == (
        f'"HEAD": is no site, no file, and no id in {tmp_path}, which is in no repository of git'
    )
    for arguments in (("init", "-q"), ("add", "."), ("-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "x")):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    assert source_of("HEAD", top).snapshot.head.content == one.head.content


def test_a_folder_without_snapshots_is_named(tmp_path):
    with pytest.raises(SnapshotError) as caught:
        source_of(str(tmp_path), tmp_path / "config.yaml")
    assert str(caught.value) == f"{tmp_path}: is neither a site nor a folder of snapshots"
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(SnapshotError) as caught:
        source_of(str(tmp_path), tmp_path / "config.yaml")
    assert str(caught.value) == (
        f"{tmp_path}: is a site without data/snapshot.json.xz; build it with `snapshots:` in its config (of a site of "
        "several reports, name the folder of one)"
    )
