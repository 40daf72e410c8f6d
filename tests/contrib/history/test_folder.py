"""Names order snapshots; where a build stands among them; which are thinned."""

import datetime as dt

import pytest

from diptych.contrib.history.folder import chosen, entries, entry_of, keep, place_of, surplus, thin
from diptych.contrib.history.settings import KeepSettings
from diptych.errors import SnapshotError

A, B = "a" * 64, "b" * 64
DAY = dt.date(2026, 3, 2)


def ids(*names: str):
    return tuple(entry_of(name) for name in names)


def named(day: str, number: int = 1, letter: str = "a") -> str:
    return f"{day}-{number:03d}-{letter * 12}"


def test_names_say_date_number_and_hash():
    entry = entry_of("2026-03-02-014-0123456789ab.json.xz")
    assert (entry.date, entry.number, entry.hash12) == (DAY, 14, "0123456789ab")
    assert entry.name == "2026-03-02-014-0123456789ab.json.xz"
    assert entry_of("undated-001-0123456789ab").date is None
    assert entry_of("2026-02-30-001-0123456789ab") is None
    assert entry_of("2026-03-02-0123456789ab") is None
    assert entry_of("2026-03-02-0014-0123456789ab") is None  # its place is another file's
    assert entry_of("2026-03-02-1014-0123456789ab").number == 1014


def test_the_first_build_is_new_and_has_none_before_it():
    place = place_of((), DAY, A)
    assert (place.own.id, place.is_new, place.before) == (named("2026-03-02"), True, None)


def test_the_same_content_is_kept_once():
    known = ids(named("2026-02-20", 1, "b"), named("2026-03-02"))
    place = place_of(known, DAY, A)
    assert (place.own, place.is_new, place.before) == (known[1], False, known[0])


def test_the_same_content_of_newer_data_is_kept_after_a_month():
    known = ids(named("2026-03-02"))
    assert not place_of(known, dt.date(2026, 3, 29), A).is_new
    later = place_of(known, dt.date(2026, 3, 30), A)
    assert (later.own.id, later.is_new, later.before) == (named("2026-03-30"), True, known[0])


def test_what_comes_back_is_kept_again_behind_what_stood_between():
    known = ids(named("2026-03-02", 1, "a"), named("2026-03-02", 2, "b"))
    place = place_of(known, DAY, A)
    assert (place.own.id, place.is_new, place.before) == (named("2026-03-02", 3, "a"), True, known[1])
    again = place_of((*known, place.own), DAY, A)
    assert (again.own, again.is_new, again.before) == (place.own, False, known[1])


def test_older_data_stand_before_newer_ones():
    known = ids(named("2026-02-20", 1, "b"), named("2026-04-01", 1, "b"))
    place = place_of(known, DAY, A)
    assert (place.own.id, place.before) == (named("2026-03-02"), known[0])


def test_without_dates_numbers_order():
    known = ids(named("undated", 1, "a"), named("undated", 2, "b"))
    assert place_of(known, None, A).own.id == named("undated", 3, "a")
    assert place_of(known, None, B).own == known[1]


DAYS = ("2024-12-30", "2025-01-02", "2025-06-01", "2025-12-30", "2026-01-10", "2026-01-17", "2026-01-18", "2026-01-24")
"""The first two are of one week (ISO) and two years; the last four of three weeks, two of them on one weekend."""


@pytest.mark.parametrize(
    ("settings", "gone"),
    [
        ({}, {"2026-01-17"}),
        ({"weekly": 2, "monthly": 0, "yearly": 0}, set(DAYS) - {"2026-01-18", "2026-01-24"}),
        ({"weekly": 0, "monthly": 0, "yearly": "all"}, set(DAYS) - {"2024-12-30", "2025-12-30", "2026-01-24"}),
        ({"weekly": 0, "monthly": 2, "yearly": 0}, set(DAYS) - {"2025-12-30", "2026-01-24"}),
        ({"weekly": 0, "monthly": 0, "yearly": 0}, set(DAYS) - {"2026-01-24"}),
    ],
)
def test_the_last_of_each_period_is_kept(settings, gone):
    known = ids(*(named(day) for day in DAYS))
    found = surplus(known, KeepSettings(**settings), known[-1])
    assert {entry.date.isoformat() for entry in found} == gone


def test_neither_the_newest_nor_the_own_nor_one_without_a_date_goes():
    known = ids(named("undated"), named("2026-01-10"), named("2026-01-11"), named("2026-01-12"))
    none = KeepSettings(weekly=0, monthly=0, yearly=0)
    assert surplus(known, none, known[1]) == (known[2],)


def test_a_folder_is_read_in_order_kept_and_thinned(tmp_path):
    folder = tmp_path / "history"
    assert entries(folder) == ()
    for name in (named("2026-03-02"), named("2026-01-05"), named("2026-01-06")):
        keep(folder, entry_of(name), name.encode())
    (folder / "README.md").write_text("What these are")
    assert [entry.id for entry in entries(folder)] == [named("2026-01-05"), named("2026-01-06"), named("2026-03-02")]
    own = entry_of(named("2026-03-02"))
    assert thin(folder, KeepSettings(), own) == (entry_of(named("2026-01-05")),)
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{named('2026-01-06')}.json.xz",
        f"{named('2026-03-02')}.json.xz",
        "README.md",
    ]
    assert (folder / own.name).read_bytes() == own.id.encode()


def test_a_file_with_another_name_is_named(tmp_path):
    (tmp_path / "old.json.xz").write_bytes(b"")
    with pytest.raises(SnapshotError) as caught:
        entries(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/old.json.xz: is not named as snapshots are (2026-08-01-001-0123456789ab.json.xz); give it back its "
        "name, or take it away"
    )


def test_snapshots_are_chosen_by_the_beginning_of_their_names(tmp_path):
    for name in (named("2026-01-05", 1, "a"), named("2026-01-05", 2, "b"), named("2026-03-02", 1, "c")):
        keep(tmp_path, entry_of(name), b"")
    assert chosen(tmp_path, "newest").name == f"{named('2026-03-02', 1, 'c')}.json.xz"
    assert chosen(tmp_path, "2026-03").name == f"{named('2026-03-02', 1, 'c')}.json.xz"
    assert chosen(tmp_path, "bbb").name == f"{named('2026-01-05', 2, 'b')}.json.xz"
    with pytest.raises(SnapshotError, match=r'"2026-01-05" is the beginning of 2 snapshots: 2026-01-05-001-a'):
        chosen(tmp_path, "2026-01-05")
    with pytest.raises(SnapshotError, match=r'has no snapshot "2025"; the newest are 2026-01-05-001-a'):
        chosen(tmp_path, "2025")
    with pytest.raises(SnapshotError, match="contains no snapshot; a build with `snapshots:` in its config keeps one"):
        chosen(tmp_path / "none", "newest")
