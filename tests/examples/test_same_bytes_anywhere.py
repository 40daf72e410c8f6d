"""Two processes that differ in hash seed, working directory, time zone and language make the same bytes."""

from tests.examples.conftest import build
from tests.examples.relations import CONFIGS


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_build_elsewhere_has_the_same_bytes(name, sites, tmp_path):
    elsewhere = {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
    elsewhere |= {"HOME": str(tmp_path), "COLUMNS": "40", "SOURCE_DATE_EPOCH": "1"}
    again = build(CONFIGS[name].resolve(), tmp_path / "other" / "site", tmp_path, **elsewhere)
    first, second = files_of(sites(name)), files_of(again)
    assert sorted(first) == sorted(second)
    assert [path for path in first if first[path] != second[path]] == []
    assert len(first) > 10
