"""What init guesses of small tables, and why: one for each feature of columns that decides."""

from itertools import product

import pytest
import yaml

from diptych.contrib.init.columns import Look, column_of, in_order, names_of
from diptych.contrib.init.guess import GuessedLinks, GuessedShared, NamedColumns, guess
from diptych.contrib.init.looking import look_at
from diptych.contrib.init.questions import first_counts
from diptych.contrib.init.scoring import can_be
from diptych.contrib.init.writing import config_text, start
from diptych.errors import DataError
from tests.contrib.hub.serving import served
from tests.world import write

N = 48


def look(tmp_path, **columns):
    made = tuple(column_of(name, values) for name, values in columns.items())
    return Look(tmp_path / "t.csv", "t", len(next(iter(columns.values()))), made)


def turns(values, n=N, each=1):
    return [values[(i // each) % len(values)] for i in range(n)]


KIND = turns(["ash", "elm", "oak"])
SOIL = turns(["clay", "sand"], each=5)


def sides(tmp_path, named=None, **columns):
    what = guess([look(tmp_path, **columns)], named or NamedColumns()).what
    return what.rows.name, what.columns.name


@pytest.mark.parametrize(
    ("values", "is_label"),
    [
        (turns(["a", "b", "c"]), True),
        (["a"] * N, False),
        ([f"x{i}" for i in range(N)], False),
        ([str(i * 1.5) for i in range(N)], False),
        ([f"2020-01-{i % 9 + 1:02}" for i in range(N)], False),
        ([f"{i % 24}:30" for i in range(N)], False),
        (["a", "b"] + [None] * (N - 2), False),
        (turns(["1", "2", "3", "4"]), True),
        (turns(["yes", "no"]), True),
    ],
)
def test_what_can_be_a_label(values, is_label):
    assert can_be(column_of("v", values), "label") is is_label


def test_one_column_that_says_the_other_is_no_pair(tmp_path):
    family = [{"ash": "olives", "elm": "elms", "oak": "beeches"}[kind] for kind in KIND]
    assert sides(tmp_path, kind=KIND, family=family, soil=SOIL) == ("kind", "soil")


def test_what_was_crossed_by_design_is_no_pair(tmp_path):
    crossed = {"country": turns(list("abcd"), each=4), "year": turns(["old", "new"], each=2)}
    assert sides(tmp_path, **crossed, tree=turns(["ash", "elm", "oak"], each=5)) == ("country", "tree")
    assert sides(tmp_path, NamedColumns(rows="country", columns="year"), **crossed, kind=KIND) == ("country", "year")


def test_a_school_subject_is_no_group_and_a_subject_is(tmp_path):
    people = [f"s{i // 4}" for i in range(N)]
    for name, taken in (("subject", True), ("subject_id", True), ("subject_area", False)):
        what = guess([look(tmp_path, kind=KIND, soil=SOIL, **{name: people})]).what
        assert (what.group is not None) == taken, name


def test_a_weight_is_offered_and_not_taken(tmp_path):
    weights = turns(["0.5", "1.25", "2"], each=2)
    found = guess([look(tmp_path, kind=KIND, soil=SOIL, weight=weights)])
    assert found.reason("weight").why == "weight looks like a weight and is not used; the config offers it"
    assert '# weight: "weight"   # remove the #' in config_text(found, tmp_path)
    assert guess([look(tmp_path, kind=KIND, soil=SOIL, weight=["1"] * N)]).reason("weight") is None


def test_two_yes_no_questions_are_not_one_category(tmp_path):
    columns = {"has_car": turns(["yes", "no"], each=2), "has_bicycle": turns(["no", "yes"], each=5)}
    assert not guess([look(tmp_path, **columns)]).is_shared


def test_the_options_of_one_question_are_one_column_without_free_text(tmp_path):
    chosen = {"Tea": 2, "Coffee": 3, "Milk": 5}
    columns = {
        "What do you drink?: " + name: [name if i % every == 0 else None for i in range(N)]
        for name, every in chosen.items()
    }
    columns["What do you drink?: Cocoa"] = [None] * N  # nobody chose it
    columns["What do you drink?: Water"] = ["Water" if i % 7 == 0 else None for i in range(N)]
    columns["What do you drink?: Other (please specify)"] = [f"drink {i}" if i % 9 == 0 else None for i in range(N)]
    columns = {"age": turns(["young", "old"], each=5), **columns}
    lines = [",".join(columns), *(",".join(one or "" for one in row) for row in zip(*columns.values(), strict=True))]
    write(tmp_path, {"t.csv": "\n".join(lines)})
    found = guess(look_at([tmp_path / "t.csv"]))
    side = next(side for side in found.sides if side.ticked)
    assert side.name == "What do you drink?"
    assert side.ticked.options == ("Tea", "Coffee", "Milk", "Water")
    assert side.left_out == ("What do you drink?: Other (please specify)",)
    assert "not among them" in found.reason("options").why
    text = config_text(found, tmp_path)
    assert "# asked: What do you drink?" in text
    assert 'label: "Drink"' in text


@pytest.mark.parametrize(("first", "category"), [("k0", "Other"), ("other", "other")])
def test_labels_beyond_the_most_frequent_are_other(tmp_path, first, category):
    names = [first if i == 0 else f"k{i}" for i in range(20) for _ in range(40 - i)]
    lines = [f"{name},{'clay' if i % 5 < 3 else 'sand'}" for i, name in enumerate(names)]
    write(tmp_path, {"t.csv": "\n".join(["kind,soil", *lines])})
    started = start(guess(look_at([tmp_path / "t.csv"])), tmp_path / "config.yaml")
    assert started.problems == ()
    config = yaml.safe_load(started.path.read_text(encoding="utf-8"))
    [taxonomy] = [one for one in config["taxonomies"].values() if "unmatched" in one]
    assert taxonomy["unmatched"] == category
    categories = {one["name"]: one["match"] for one in taxonomy["categories"]}
    assert len(categories) == 12 + (category == "Other")
    assert category != "Other" or categories["Other"] == [f"k{i}" for i in range(12, 20)]


def test_decimal_commas_are_numbers_and_not_lists():
    column = column_of("wage", ["5,10", "4,95", "1.006,67", "12"] * 5)
    assert column.is_number
    assert column.is_single


@pytest.mark.parametrize(
    ("labels", "ordered"),
    [
        (["often", "never", "sometimes", "always"], ["never", "sometimes", "often", "always"]),
        (["Agree", "Disagree", "Neutral", "Don't know"], ["Disagree", "Neutral", "Agree", "Don't know"]),
        (["25-34", "65+", "18-24", "35-64"], ["18-24", "25-34", "35-64", "65+"]),
        (
            ["Above 36,400", "Under 2,600", "2,600 to 5,200", "5,200 to 36,400"],
            ["Under 2,600", "2,600 to 5,200", "5,200 to 36,400", "Above 36,400"],
        ),
    ],
)
def test_answer_scales_and_ranges_are_in_order(labels, ordered):
    assert in_order(dict.fromkeys(labels, 1), 12)[0] == ordered


def test_a_group_says_a_side_or_is_named_as_ids_are(tmp_path):
    plot = turns([f"p{i}" for i in range(8)], each=5)
    of_plot = [["clay", "sand"][int(p[1]) % 2] for p in plot]
    found = guess([look(tmp_path, plot=plot, tree=KIND, soil=of_plot)])
    assert found.what.group.name == "plot"
    assert str(found.reason("group")) == "group: plot, its 8 values come again, each with one soil"
    found = guess([look(tmp_path, person_id=turns([str(i) for i in range(16)]), tree=KIND, soil=SOIL)])
    assert found.what.group.name == "person_id"
    few, scale = turns(["1", "2"]), turns(["1", "2", "3", "4", "5"])
    assert guess([look(tmp_path, person_id=few, tree=KIND, soil=SOIL)]).what.group is None
    # How a household fares, from 1 to 5, is an answer and no household.
    assert guess([look(tmp_path, economic_cond_household=scale, tree=KIND, soil=SOIL)]).what.group is None


def test_a_table_of_counts_has_each_combination_once(tmp_path):
    hair, eyes = turns(["dark", "fair", "red"], 6), turns(["blue", "brown"], 6, each=3)
    n = ["12", "3", "0", "4", "5", "6"]
    found = guess([look(tmp_path, hair=hair, eyes=eyes, n=n)])
    assert found.what.count.name == "n"
    assert (first_counts(found).n_units, first_counts(found).cells[0]) == (30, (12, 4))
    assert guess([look(tmp_path, hair=hair + hair[:2], eyes=eyes + eyes[:2], n=n + n[:2])]).what.count is None
    with pytest.raises(DataError):  # measured, of each combination: nothing is counted
        guess([look(tmp_path, hair=hair, eyes=eyes, n=["1.5", *n[1:]])])


def test_options_name_what_is_meant(tmp_path):
    columns = {"tree": KIND, "soil": SOIL, "light": turns(["much", "little", "none"], each=4)}
    assert sides(tmp_path, NamedColumns(rows="light"), **columns)[0] == "light"
    assert sides(tmp_path, NamedColumns(rows="light", columns="soil"), **columns) == ("light", "soil")
    assert guess([look(tmp_path, **columns)], NamedColumns(group="light")).what.group.name == "light"
    assert guess([look(tmp_path, **columns)], NamedColumns(group="")).what.group is None
    with pytest.raises(DataError) as error:
        guess([look(tmp_path, **columns)], NamedColumns(rows="trees"))
    assert str(error.value) == (
        f'init: --rows: {tmp_path / "t.csv"} has no column "trees"; it has tree, soil, light (did you mean "tree"?)'
    )
    with pytest.raises(DataError) as error:
        guess([look(tmp_path, **columns)], NamedColumns(rows="tree", columns="tree"))
    assert str(error.value) == (
        "init: tree cannot be both sides of a record: in a table of items whose key is tree, shared: {key: tree, "
        "entities: [...]} is what is meant; give --columns another column"
    )


def test_months_are_not_the_numbers_of_rows(tmp_path):
    items = look(tmp_path, id=[str(i + 1) for i in range(N)], kind=KIND)
    visits = look(tmp_path, id=[f"v{i}" for i in range(N)], soil=SOIL, month=[str(i % 12 + 1) for i in range(N)])
    visits = Look(visits.path, "visits", N, visits.columns)
    assert not isinstance(guess([items, visits]).what, GuessedLinks)
    linked = look(tmp_path, id=[f"v{i}" for i in range(N)], soil=SOIL, t_id=[str(i % 12 + 1) for i in range(N)])
    linked = Look(linked.path, "visits", N, linked.columns)
    assert isinstance(guess([items, linked]).what, GuessedLinks)


def test_two_kinds_that_name_the_same_meet_over_it(tmp_path):
    one = look(tmp_path, id=[f"a{i}" for i in range(N)], kind=KIND, owner=turns([f"o{i}" for i in range(20)]))
    other = look(tmp_path, id=[f"b{i}" for i in range(N)], soil=SOIL, owner=turns([f"o{i}" for i in range(16)]))
    what = guess([one, Look(other.path, "u", N, other.columns)]).what
    assert isinstance(what, GuessedShared)
    assert [column.name for column in what.columns] == ["owner", "owner"]


def test_labels_stand_in_their_own_order_and_under_readable_names():
    days = {"Fri": 9, "Mon": 5, "Sun": 2}
    assert in_order(days, 3) == (["Mon", "Fri", "Sun"], [])
    incomes = {"$20-30k": 9, "<$10k": 5, "$10-20k": 2, ">150k": 1, "unknown": 7}
    assert in_order(incomes, 5)[0] == ["<$10k", "$10-20k", "$20-30k", ">150k", "unknown"]
    assert in_order({"b": 1, "a": 1, "c": 5}, 2) == (["c", "a"], ["b"])
    assert names_of(column_of("state", ["1_Good", "2_Very_bad"]), ["1_Good", "2_Very_bad"]) == {
        "1_Good": "Good", "2_Very_bad": "Very bad"}  # fmt: skip
    whole = column_of("cyl", ["4.0", "6.0"])
    assert names_of(whole, ["4.0", "6.0"]) == {"4.0": "4", "6.0": "6"}
    assert names_of(whole, ["4.0"], ["4.0"]) == {"4.0": "Cyl: 4"}


def test_one_table_of_text_is_read_as_it_is_written(tmp_path):

    rows = "".join(f"{kind};{soil};{n}\n" for n, (kind, soil) in enumerate(zip(KIND, SOIL, strict=True)))
    files = {
        "semicolon.csv": ("tree;soil;n\n" + rows).encode(),
        "latin.csv": ("tree;soil;n\n" + rows.replace("ash", "châtaignier")).encode("latin-1"),
        "windows.csv": ("tree;soil;n\n" + rows.replace("ash", "ash\u2013tree")).encode("windows-1252"),
        "bom.csv": b"\xef\xbb\xbf" + ("tree,soil,n\n" + rows.replace(";", ",")).encode(),
        "wide.txt": ("tree\tsoil\tn\n" + rows.replace(";", "\t")).encode("utf-16"),
        "na.csv": ("tree,soil,n\n" + rows.replace(";", ",").replace(",7\n", ",NA\n")).encode(),
        "quoted.csv": ("'tree';'soil';'n'\n" + rows.replace("ash", "'a;sh'")).encode(),
    }
    write(tmp_path, {})
    said = {}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        (found,) = look_at([tmp_path / name])
        assert [column.name for column in found.columns] == ["tree", "soil", "n"], name
        said[name] = found.source.model_dump(exclude_defaults=True, exclude={"path"})
    assert said == {
        "semicolon.csv": {"delimiter": ";"},
        "latin.csv": {"delimiter": ";", "encoding": "latin-1"},
        "windows.csv": {"delimiter": ";", "encoding": "windows-1252"},
        "bom.csv": {},
        "wide.txt": {"format": "csv", "delimiter": "\t", "encoding": "utf-16"},
        "na.csv": {"null": ("", "NA")},
        "quoted.csv": {"delimiter": ";", "quote": "'"},
    }


def test_a_column_for_each_option_is_one_question(tmp_path):
    from diptych.contrib.init.looking import with_options  # noqa: PLC0415 - only here

    ticks = {f"Q1: {name}": turns(["1", "0"], each=each) for each, name in enumerate(("Python", "R", "SQL"), start=1)}
    texts = {
        f"Q2 [{name}]": turns([name, None], each=each) for each, name in enumerate(("Cook", "Clerk", "Nurse"), start=2)
    }
    found = guess([with_options(look(tmp_path, age=[str(20 + n) for n in range(N)], **ticks, **texts))])
    assert (found.what.rows.name, found.what.columns.name) == ("Q1", "Q2")
    assert found.what.rows.ticked.values == ("1",)
    assert found.what.rows.ticked.options == ("Python", "R", "SQL")
    assert found.what.columns.ticked.values == ("not empty",)
    assert names_of(found.what.columns, ["Cook]"]) == {"Cook]": "Cook"}
    assert found.what.strata == ()
    # four flags without a word in common are no question
    flags = {name: turns(["yes", "no"], each=each) for each, name in enumerate(("wet", "cold", "dark", "old"), start=1)}
    assert [c.ticked for c in with_options(look(tmp_path, **flags)).columns] == [None] * 4


def test_a_table_of_counts_in_each_field_is_a_matrix(tmp_path):
    from diptych.contrib.init.looking import with_options  # noqa: PLC0415 - only here

    species = {name: [str(n + (5 * i) % 6) for i in range(6)] for n, name in enumerate(("ash", "elm", "oak"))}
    found = guess([with_options(look(tmp_path, site=["a", "b", "c", "d", "e", "f"], **species))])
    assert (found.what.rows.name, found.what.matrix.ticked.columns) == ("site", ("ash", "elm", "oak"))
    assert found.what.n_units(found.what.rows) == {"a": 3, "b": 18, "c": 15, "d": 12, "e": 9, "f": 6}
    assert (first_counts(found).n_units, first_counts(found).columns) == (63, ("oak", "elm", "ash"))
    fractions = species | {"elm": ["0.5"] * 6}
    assert [c.ticked for c in with_options(look(tmp_path, site=list("abcdef"), **fractions)).columns] == [None] * 4


def test_databases_and_sheets_are_read(tmp_path):
    import sqlite3  # noqa: PLC0415 - only here

    from tests.sources.test_good_files import sheet  # noqa: PLC0415

    database = sqlite3.connect(tmp_path / "shop.sqlite")
    database.execute("create table trees (tree text, soil text)")
    database.executemany("insert into trees values (?, ?)", list(zip(KIND, SOIL, strict=True)))
    database.execute("create table empty_of_labels (n integer)")
    database.execute("insert into empty_of_labels values (1)")
    database.commit()
    database.close()
    sheet(tmp_path / "trees.xlsx", [["tree", "soil"], *map(list, zip(KIND, SOIL, strict=True))])
    for name in ("shop.sqlite", "trees.xlsx"):
        found = guess(look_at([tmp_path / name]))
        assert (found.what.rows.name, found.what.columns.name) == ("tree", "soil")
        started = start(found, tmp_path / f"{name}.yaml")
        assert started.problems == ()
    assert 'source: {database: "shop.sqlite", table: "trees"}' in (tmp_path / "shop.sqlite.yaml").read_text()


def test_spellings_that_differ_in_case_alone_are_one_category(tmp_path):
    member = turns(["true", "TRUE", "False", "true", "false"])
    text = config_text(guess([look(tmp_path, kind=KIND, member=member)], NamedColumns("kind", "member")), tmp_path)
    assert 'match: ["true", "TRUE"]}' in text
    assert 'match: ["False", "false"]}' in text


def test_addresses_are_fetched_and_stand_in_the_config(tmp_path):
    rows = "".join(f"{kind};{soil}\n" for kind, soil in zip(KIND, SOIL, strict=True))
    with served(tmp_path / "hub") as hub:
        hub.elsewhere["trees"] = f"tree;soil\n{rows}".encode(), '"one"'
        address = f"{hub.endpoint}/web/trees"
        found = guess(look_at([address]))
        started = start(found, tmp_path / "config.yaml")
        assert started.problems == ()
        assert f'source: {{path: "{address}", format: "csv", delimiter: ";"}}' in started.path.read_text()
    with pytest.raises(DataError) as caught:
        look_at(["postgres://me:secret@db/shop"])
    assert str(caught.value) == (
        "init: postgres://db/shop is a server, which is not looked through; write into a config: source: "
        '{database: "postgres://db/shop", table: NAME}'
    )


def test_neither_a_number_nor_a_side_once_more_is_what_rows_share(tmp_path):
    ages = [str(20 + KIND.index(kind) * 10 + i % 7) for i, kind in enumerate(KIND)]  # an age says the kind
    store = [{"ash": "s7", "elm": "s8", "oak": "s9"}[kind] for kind in KIND]
    found = guess([look(tmp_path, kind=KIND, soil=SOIL, age=ages, store_id=store)], NamedColumns("kind", "soil"))
    assert found.what.group is None


def test_codes_beside_a_count_are_labels(tmp_path):
    rows = [(rank, job, n) for n, (rank, job) in enumerate(product(["low", "high"], "123456"), start=30)]
    rank, job, freq = (list(map(str, column)) for column in zip(*rows, strict=True))
    what = guess([look(tmp_path, rank=rank, occupation=job, freq=freq)]).what
    assert (what.rows.name, what.columns.name, what.count.name) == ("occupation", "rank", "freq")


def test_months_are_dates():
    assert column_of("date", ["1990,  July", "May 1991"]).is_date
    assert not column_of("model", ["Mazda 1200", "Ford 2000"]).is_date
