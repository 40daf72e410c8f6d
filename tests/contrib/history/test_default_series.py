"""The default example over time: its packages change over the years, so nothing is a trend but within one of them."""

from pathlib import Path

import pytest

from diptych.config.loading import load_text
from diptych.contrib.history.past import series_of
from diptych.contrib.history.trend import Trend
from diptych.pipeline.counting import count_all, with_series
from diptych.pipeline.parts import build_panels, write_parts

CONFIG = Path(__file__).parents[3] / "config.yaml"
SERIES = "\nsnapshots: {folder: history/, by: created, every: year}\n"
WITHIN = {
    "where: {relation: trained_on}": "where: {relation: trained_on, package: mteb}",
    "group: {columns: [package, origin], public: true}": "group: {columns: [origin], public: true}",
    "    strata: {columns: [package], public: true}           # what remains of an excess within packages\n": "",
    "expect:\n  rows: {models: 4000, datasets: 2000}\n  unlabelled: 0.3\n  unresolved: 0.2\n": "",
}


def over_time(edits):
    text = CONFIG.read_text()
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    loaded = load_text(text + SERIES, CONFIG)
    counted = count_all(loaded)
    counted = with_series(counted, series_of(loaded, counted, None))
    [written] = write_parts(loaded, counted, build_panels(loaded.config, counted), {})
    [found] = [f for f in written.part.findings if isinstance(f, Trend)]
    return found


@pytest.fixture(scope="module")
def whole():
    return over_time({})


def test_no_trend_is_found_where_half_of_the_models_have_no_date(whole):
    assert whole.undated
    assert (whole.n_undated, whole.n_all) == (1979, 4285)
    assert whole.trends == ()


def test_what_moved_moved_with_the_mix_of_packages(whole):
    moved = {m.outcome: m for m in whole.moved if m.about == "category" and m.side == "columns"}
    assert {name: m.verdict for name, m in moved.items()} == {"CV": "mix", "NLP": "mix", "Multimodal": "mix"}
    # 1,739 of 1,845 models before 2024, 8 of 461 since
    assert (moved["CV"].part, moved["CV"].n) == ((1739, 8), (1845, 461))
    assert moved["CV"].mix / moved["CV"].change.value == pytest.approx(1, abs=0.01)
    assert moved["CV"].within.low < 0 < moved["CV"].within.high
    assert moved["NLP"].change.value == pytest.approx(331 / 461 - 60 / 1845, abs=0.001)
    assert moved["NLP"].mix == pytest.approx(0.647, abs=0.001)
    assert whole.came == ("mmaction2",)


def test_within_one_package_there_is_a_series():
    found = over_time(WITHIN)
    assert not found.undated
    assert found.points == ("2021", "2022", "2023", "2024", "2025", "2026")
    assert (found.n_first, found.n_last, found.n_undated) == (27, 554, 2)
    assert found.mixed == ()
    assert found.n_tested == 21
    # Models that are Multimodal: 13 of the 230 before 2025, 108 of the 324 since.
    [moved] = found.moved
    assert (moved.side, moved.outcome, moved.verdict) == ("columns", "Multimodal", "trend")
    assert (moved.part, moved.n, moved.change.value) == ((13, 108), (230, 324), pytest.approx(108 / 324 - 13 / 230))
    assert found.trends == (moved,)
