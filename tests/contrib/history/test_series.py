"""A series by a date: counts of each period against pandas, and against builds of only those rows."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.taking import pack, snapshot_of
from diptych.config.loading import load_config
from diptych.contrib.history.codec import unpack
from diptych.errors import DataError, SnapshotError
from diptych.ledger.series import dated_series
from diptych.pipeline.counting import count_all
from tests.contrib.history.projects import count_no_more

LINKS = """version: 1
report: {title: T}
taxonomy:
  categories: [{name: A, match: a}, {name: B, match: b}, {name: AB, when_several_of: [A, B], replaces: true}]
entities:
  datasets: {label: Dataset, source: datasets.csv, id: id, labels: {column: tags, separator: "|"}}
  models:
    {label: Model, source: models.csv, id: id, labels: {column: tags, separator: "|"}, date: created, weight: w}
relations:
  trained:
    links: {source: links.csv, from: {entity: datasets, column: source}, to: {entity: models, column: target}}
    unit: to
    group: {columns: [team], public: true}
    strata: [place]
panels: [{id: left, relation: trained, given: datasets, outcome: models, measure: conditional}]
outputs: [html]
snapshots: {folder: history/, by: created, every: EVERY}
"""
RECORDS = """version: 1
report: {title: T}
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}
relations:
  survey:
    records: {source: survey.csv, rows: {column: had, separator: "|"}, columns: {column: got, separator: "|"}}
    strata: [place]
panels: [{id: left, relation: survey, given: rows, outcome: columns, measure: conditional}]
outputs: [html]
snapshots: {folder: history/, by: day, every: EVERY}
"""
TAGS = ["a", "b", "a|b", ""]


@pytest.fixture(autouse=True)
def _series_alone(monkeypatch):
    count_no_more(monkeypatch)


def days(rng, n):
    """Days of three years as the data may write them, a tenth without any, some that no calendar has."""
    day = np.datetime64("2021-01-01") + rng.integers(0, 1000, n)
    text = day.astype(str).astype(object)
    text[rng.random(n) < 0.1] = ""
    text[rng.random(n) < 0.02] = "2022-02-30"
    text[rng.random(n) < 0.02] = "spring 2022"
    late = rng.random(n) < 0.2
    text[late] = [f"{one}T10:00:00Z" if len(one) == 10 and one[:2] == "20" else one for one in text[late]]
    return text


@pytest.fixture
def links(tmp_path):
    rng = np.random.default_rng(7)
    n = 300
    pd.DataFrame({"id": [f"d{i}" for i in range(40)], "tags": rng.choice(TAGS, 40)}).to_csv(
        tmp_path / "datasets.csv", index=False
    )
    models = pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(n)],
            "tags": rng.choice(TAGS, n),
            "created": days(rng, n),
            "team": rng.choice(["x", "y", "z"], n),
            "place": rng.choice(["here", "there"], n),
            "w": rng.choice([1, 0.5, 3], n),
        }
    )
    models.to_csv(tmp_path / "models.csv", index=False)
    pd.DataFrame({"source": [f"d{i}" for i in rng.integers(0, 44, 700)],
                  "target": [f"m{i}" for i in rng.integers(0, n, 700)]}).to_csv(
        tmp_path / "links.csv", index=False
    )  # fmt: skip
    return tmp_path, models


@pytest.fixture
def records(tmp_path):
    rng = np.random.default_rng(8)
    n = 400
    table = pd.DataFrame(
        {
            "had": rng.choice(TAGS, n),
            "got": rng.choice(TAGS, n),
            "day": days(rng, n),
            "place": rng.choice(["h", "t"], n),
        }
    )
    table.to_csv(tmp_path / "survey.csv", index=False)
    return tmp_path, table


def counted(folder, config, relation):
    (folder / "config.yaml").write_text(config)
    return count_all(load_config(folder / "config.yaml")).relations[relation]


def patterns(incidence):
    """What an incidence says, without the numbers of its strata and groups."""
    found = {}
    for p in range(len(incidence.units)):
        key = (
            incidence.strata[incidence.stratum[p]],
            None if incidence.group is None else incidence.groups[incidence.group[p]],
            tuple(incidence.row_sets[p]),
            tuple(incidence.column_sets[p]),
        )
        assert key not in found
        found[key] = (int(incidence.units[p]), float(incidence.weight[p]), float(incidence.weight_squared[p]))
    return found


def parsed(text):
    return pd.to_datetime(text.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")


FREQUENCY = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


@pytest.mark.parametrize("every", ["week", "month", "quarter", "year"])
def test_counts_of_each_period_are_those_of_pandas(records, every):
    folder, table = records
    dated = counted(folder, RECORDS.replace("EVERY", every), "survey").dated
    kept = table[(table.had != "") & (table.got != "")]
    day = parsed(kept.day)
    assert dated.n_undated == int(day.isna().sum()) > 0
    assert dated.n_units == len(kept)
    come = [int((day <= pd.Timestamp(end)).sum()) for end in dated.ends]
    assert [int(dated.units[dated.point <= t].sum()) for t in range(len(dated.ends))] == come
    assert come[-1] == day.notna().sum()
    own = {period.end_time.date() for period in day.dropna().dt.to_period(FREQUENCY[every])}
    assert dated.ends[-1] == max(own)
    assert len(dated.ends) <= 24
    if every != "week":
        assert set(dated.ends) >= own - {end for end in own if end < dated.ends[0]} or dated.n_periods > 24


@pytest.mark.parametrize("every", ["year", "month"])
def test_a_point_is_what_counting_only_its_records_gives(records, every):
    folder, table = records
    whole = counted(folder, RECORDS.replace("EVERY", every), "survey")
    day = parsed(table.day)
    for point in (0, len(whole.dated.ends) // 2, len(whole.dated.ends) - 1):
        table[day <= pd.Timestamp(whole.dated.ends[point])].to_csv(folder / "survey.csv", index=False)
        alone = counted(folder, RECORDS.replace("EVERY", every), "survey")
        assert patterns(whole.dated.at(whole.tables.incidence, point)) == patterns(alone.tables.incidence)


@pytest.mark.parametrize("unit", ["to", "link"])
def test_a_point_is_what_counting_only_its_items_gives(links, unit):
    folder, models = links
    config = LINKS.replace("EVERY", "quarter").replace("unit: to", f"unit: {unit}")
    if unit == "link":
        config = config.replace(", weight: w", "")
    whole = counted(folder, config, "trained")
    day = parsed(models.created)
    for point in (0, 4, len(whole.dated.ends) - 1):
        models[day <= pd.Timestamp(whole.dated.ends[point])].to_csv(folder / "models.csv", index=False)
        alone = counted(folder, config, "trained").tables.incidence
        mine = whole.dated.at(whole.tables.incidence, point)
        assert patterns(mine) == patterns(alone)
        assert mine.strata == alone.strata
        assert mine.groups == alone.groups
        np.testing.assert_array_equal(mine.units, alone.units)  # in the same order too


def test_dates_of_links_are_their_own_where_their_table_has_them(links):
    folder, _ = links
    table = pd.read_csv(folder / "links.csv")
    table["seen"] = ["2020-06-01", "2021-06-01"] * 350
    table.to_csv(folder / "links.csv", index=False)
    config = LINKS.replace("unit: to", "unit: link").replace(", weight: w", "").replace("by: created", "by: seen")
    numbers = counted(folder, config.replace("EVERY", "year"), "trained")
    assert numbers.dated.names == ("2020", "2021")
    assert numbers.dated.n_undated == 0


def test_unit_from_takes_the_date_of_the_from_item(links):
    folder, _ = links
    table = pd.read_csv(folder / "datasets.csv", keep_default_na=False)
    table["since"] = ["2019-01-01"] * 20 + ["2020-01-01"] * 20
    table.to_csv(folder / "datasets.csv", index=False)
    config = LINKS.replace("unit: to", "unit: from").replace("by: created", "by: since")
    config = config.replace("    group: {columns: [team], public: true}\n    strata: [place]\n", "").replace(
        "EVERY", "year"
    )
    numbers = counted(folder, config, "trained")
    assert numbers.dated.names == ("2019", "2020")
    assert numbers.dated.at(numbers.tables.incidence, 0).n_units == 20


def survey(folder, rows):
    pd.DataFrame(rows, columns=["had", "got", "day", "place"]).to_csv(folder / "survey.csv", index=False)


def test_a_period_without_units_stands_between_those_with(tmp_path):
    survey(tmp_path, [("a", "a", "2019-05-01", "h")] * 12 + [("b", "b", "2021-05-01", "h")] * 3)
    numbers = counted(tmp_path, RECORDS.replace("EVERY", "year"), "survey")
    assert numbers.dated.names == ("2019", "2020", "2021")
    series = dated_series(numbers.dated, numbers.tables.incidence)
    assert [point.counted.n_units for point in series.points] == [12, 12, 15]


def test_one_period_is_no_series(tmp_path):
    survey(tmp_path, [("a", "a", "2019-05-01", "h")] * 12)
    numbers = counted(tmp_path, RECORDS.replace("EVERY", "year"), "survey")
    assert numbers.dated.names == ("2019",)
    assert dated_series(numbers.dated, numbers.tables.incidence) is None


def test_without_any_date_there_is_no_series(tmp_path):
    survey(tmp_path, [("a", "a", "", "h")] * 12 + [("a", "b", "2019", "h")])
    numbers = counted(tmp_path, RECORDS.replace("EVERY", "year"), "survey")
    assert (numbers.dated.names, numbers.dated.n_undated) == ((), 13)
    assert dated_series(numbers.dated, numbers.tables.incidence) is None


def test_a_stray_early_date_does_not_stretch_the_series(tmp_path):
    survey(tmp_path, [("a", "a", "1900-01-01", "h")] + [("a", "b", f"20{y}-01-01", "h") for y in range(10, 20)] * 3)
    numbers = counted(tmp_path, RECORDS.replace("EVERY", "year"), "survey")
    # 10 units are needed at a point: by the end of 2012 there are 1 + 9.
    assert numbers.dated.names == ("2012", "2013", "2014", "2015", "2016", "2017", "2018", "2019")
    assert numbers.dated.at(numbers.tables.incidence, 0).n_units == 10


def test_of_many_periods_24_are_shown_and_every_unit_counts(tmp_path):
    rows = [("a", "a", (dt.date(2000, 1, 1) + dt.timedelta(days=9 * i)).isoformat(), "h") for i in range(900)]
    survey(tmp_path, rows)
    dated = counted(tmp_path, RECORDS.replace("EVERY", "month"), "survey").dated
    # 10 units have come by the end of March 2000 (day 81); the last comes in February 2022
    assert (dated.names[0], dated.names[-1], len(dated.names), dated.n_periods) == ("2000-03", "2022-02", 24, 264)
    assert int(dated.units.sum()) == 900


def test_a_column_that_is_not_there_is_named(records):
    folder, _ = records
    with pytest.raises(DataError) as error:
        counted(folder, RECORDS.replace("by: day", "by: dayy").replace("EVERY", "year"), "survey")
    assert error.value.messages == (
        'snapshots.by: survey.csv has no column "dayy"; it has had, got, day, place (did you mean "day"?)',
    )


def test_an_attribute_that_is_not_there_is_named(links):
    folder, _ = links
    with pytest.raises(DataError) as error:
        counted(folder, LINKS.replace("by: created", "by: create").replace("EVERY", "year"), "trained")
    assert error.value.messages == (
        'snapshots.by (relation trained): "create" is not a column or attribute of entity models (did you mean "date"?)',
    )


def left_out(numbers):
    """Return the units that are left out: point, categories of both sides, number of units."""
    lost, incidence = numbers.dated.uncounted, numbers.tables.incidence
    sides = ((lost.row_sets, incidence.rows.categories), (lost.column_sets, incidence.columns.categories))
    names = [["".join(np.array(of)[one]) for one in sets] for sets, of in sides]
    return sorted(zip(lost.point.tolist(), *names, lost.n.tolist(), strict=True))


def test_records_without_a_label_are_known_by_their_dates(tmp_path):
    rows = [("a", "a", "2019-05-01", "h")] * 12 + [("b", "b", "2020-05-01", "h")] * 3
    rows += [("a", "", "2019-02-01", "h")] * 2 + [("", "b", "2020-07-01", "t"), ("", "", "2021-01-01", "t")]
    survey(tmp_path, [*rows, ("a", "", "", "h"), ("b", "", "1990-01-01", "h")])
    numbers = counted(tmp_path, RECORDS.replace("EVERY", "year"), "survey")
    assert numbers.dated.names == ("2019", "2020")
    # those before the first period count in it, those after the last in that; without a date they are in none
    assert left_out(numbers) == [(0, "A", "", 2), (0, "B", "", 1), (1, "", "", 1), (1, "", "B", 1)]
    assert [n.sum() for n in numbers.dated.uncounted.parts(1, apart=True)] == [3, 2]


def test_records_that_the_population_leaves_out_are_uncounted(tmp_path):
    rows = [("a", "a", "2019-05-01", "h")] * 12 + [("b", "b", "2020-05-01", "h")] * 3 + [("c", "b", "2020-05-01", "h")]
    survey(tmp_path, rows)
    config = RECORDS.replace("EVERY", "year")
    assert counted(tmp_path, config, "survey").dated.uncounted is None  # its row has no category, and it counts
    config = config.replace("    strata: [place]\n", "    strata: [place]\n    population: labelled\n")
    assert left_out(counted(tmp_path, config, "survey")) == [(1, "", "B", 1)]


def test_items_in_no_link_are_known_by_their_dates(tmp_path):
    (tmp_path / "datasets.csv").write_text("id,tags\nd1,a\nd2,b\n")
    models = [f"m{i},a,2019-05-01,x,h,1" for i in range(12)] + ["n1,b,2020-05-01,x,h,1", "n2,b,2020-05-01,x,h,1"]
    (tmp_path / "models.csv").write_text("id,tags,created,team,place,w\n" + "\n".join(models) + "\n")
    links = [f"d1,m{i}" for i in range(10)] + ["d2,n1", "d9,n2"]
    (tmp_path / "links.csv").write_text("source,target\n" + "\n".join(links) + "\n")
    numbers = counted(tmp_path, LINKS.replace("EVERY", "year"), "trained")
    assert left_out(numbers) == [(0, "", "A", 2), (1, "", "B", 1)]


def test_units_that_are_left_out_are_kept_in_snapshots(tmp_path):
    rows = [("a", "a", "2019-05-01", "h")] * 12 + [("b", "b", "2020-05-01", "h")] * 3 + [("a", "", "2020-02-01", "h")]
    survey(tmp_path, rows)
    (tmp_path / "config.yaml").write_text(RECORDS.replace("EVERY", "year"))
    kept = snapshot_of(load_config(tmp_path / "config.yaml"))
    [relation] = unpack(pack(kept), "a").body.relations
    assert left_out(relation) == [(1, "A", "", 1)]
    spoilt = replace(relation.dated, uncounted=replace(relation.dated.uncounted, point=np.array([7])))
    body = replace(kept.body, relations=(replace(relation, dated=spoilt),))
    with pytest.raises(SnapshotError, match="periods of units that are left out are not numbered"):
        unpack(pack(replace(kept, body=body)), "a")


GROUPED = RECORDS.replace("EVERY", "year").replace("strata: [place]", "group: {columns: [place], public: PUBLIC}")


def groups_left_out(numbers):
    """Return the units that are left out by the name of their group; None of a group without a counted unit."""
    lost, names = numbers.dated.uncounted, numbers.tables.incidence.groups
    named = [names[group] if group < len(names) else None for group in lost.group.tolist()]
    return sorted(zip(named, lost.n.tolist(), strict=True), key=str)


def test_units_that_are_left_out_are_in_the_groups_of_those_that_count(tmp_path):
    rows = [("a", "a", "2019-05-01", "h")] * 12 + [("b", "b", "2020-05-01", "t")] * 3
    rows += [("a", "", "2020-02-01", "h")] * 2 + [("", "b", "2020-07-01", "t"), ("", "b", "2020-07-01", "aside")]
    rows += [("c", "b", "2020-05-01", "early")]  # of no category, so that its group has no unit that counts
    survey(tmp_path, rows)
    config = GROUPED.replace("    group:", "    population: labelled\n    group:")
    found = counted(tmp_path, config.replace("PUBLIC", "true"), "survey")
    assert found.tables.incidence.groups == ("h", "t")
    assert groups_left_out(found) == [("h", 2), ("t", 1), (None, 1), (None, 1)]
    assert len(set(found.dated.uncounted.group.tolist())) == 4
    private = counted(tmp_path, config.replace("PUBLIC", "false"), "survey")
    name = {int(n): name for name, n in zip(private.tables.incidence.groups, (12, 3), strict=True)}
    if private.tables.incidence.units[0] == 3:
        name = {12: name[3], 3: name[12]}
    assert groups_left_out(private) == sorted([(name[12], 2), (name[3], 1), (None, 1), (None, 1)], key=str)


def test_items_in_no_link_are_in_their_groups(tmp_path):
    (tmp_path / "datasets.csv").write_text("id,tags\nd1,a\nd2,b\n")
    models = [f"m{i},a,2019-05-01,x,h,1" for i in range(12)] + ["n1,b,2020-05-01,y,h,1", "n2,b,2020-05-01,x,h,1"]
    (tmp_path / "models.csv").write_text("id,tags,created,team,place,w\n" + "\n".join(models) + "\n")
    links = [f"d1,m{i}" for i in range(10)] + ["d2,n1", "d9,n2"]
    (tmp_path / "links.csv").write_text("source,target\n" + "\n".join(links) + "\n")
    numbers = counted(tmp_path, LINKS.replace("EVERY", "year"), "trained")
    assert groups_left_out(numbers) == [("x", 1), ("x", 2)]


def test_groups_of_units_that_are_left_out_are_kept_in_snapshots(tmp_path):
    rows = [("a", "a", "2019-05-01", "h")] * 12 + [("b", "b", "2020-05-01", "t")] * 3 + [("a", "", "2020-02-01", "t")]
    survey(tmp_path, rows)
    (tmp_path / "config.yaml").write_text(GROUPED.replace("PUBLIC", "true"))
    kept = snapshot_of(load_config(tmp_path / "config.yaml"))
    [relation] = unpack(pack(kept), "a").body.relations
    assert groups_left_out(relation) == [("t", 1)]
    spoilt = replace(relation.dated, uncounted=replace(relation.dated.uncounted, group=np.array([-1])))
    body = replace(kept.body, relations=(replace(relation, dated=spoilt),))
    with pytest.raises(SnapshotError, match="units that are left out have no such groups"):
        unpack(pack(replace(kept, body=body)), "a")
