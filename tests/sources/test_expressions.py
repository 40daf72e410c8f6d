"""What engines do otherwise is the same through our own expressions, on values written out by hand."""

from __future__ import annotations

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from diptych.sources.engine import rounded, split, stripped, with_text


@pytest.mark.parametrize("separator", ["|", ".*", "\\E", "$", "[a", "^", "+", "||", " - "])
def test_separators_stand_for_themselves(engine, separator):
    frame = engine.load({"id": ["x"], "text": [separator.join(["p", "", "q.r", ""])]})
    parts = engine.collect(frame.with_columns(text=split(frame, "text", separator)).explode("text"))
    assert parts["text"].tolist() == ["p", "", "q.r", ""]


def test_white_space_is_that_of_ascii(engine):
    frame = engine.load({"text": [" \t\n\r\x0b\x0ca b\u00a0 ", "\u2003c"]})
    assert sorted(engine.collect(frame.select(text=stripped(nw.col("text"))))["text"]) == ["a b\u00a0", "\u2003c"]


def test_halves_are_rounded_up(engine):
    texts = ["0", "0.49999999999999994", "0.5", "1.5", "2.5", "4503599627370497", "9007199254740991"]
    frame = engine.load({"text": texts}).with_columns(n=nw.col("text").cast(nw.Float64))
    found = engine.collect(frame.select("text", n=rounded(nw.col("n"))))
    numbers = dict(zip(found["text"], found["n"], strict=True))
    assert [numbers[text] for text in texts] == [0, 0, 1, 2, 3, 4503599627370497, 9007199254740991]


def test_lists_as_text_say_where_an_element_ends(engine, tmp_path):
    lists = [["a, b"], ["a", "b"], ["a", None], [], None, ['"', "\\", "\n"], ["null"]]
    pq.write_table(
        pa.table({"id": range(7), "l": pa.array(lists), "n": pa.array([[1, 2]] * 7)}), tmp_path / "x.parquet"
    )
    frame = with_text(engine.read_parquet({tmp_path / "x.parquet": "x"}), text="l", whole="n", name="id")
    found = engine.collect(frame.select("id", "text", "whole", "name").sort("id"))
    assert found["text"].astype(object).where(found["text"].notna(), None).tolist() == [
        '["a, b"]', '["a","b"]', '["a",null]', "[]", None, '["\\"","\\\\","\\n"]', '["null"]',
    ]  # fmt: skip
    assert set(found["whole"]) == {'["1","2"]'}
    assert found["name"].tolist() == list("0123456")


def test_what_is_asked_can_be_seen(engine, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr("diptych.progress.READERS_OF_PLANS", [said.append])
    frame = engine.load({"some_column": ["x"]})
    engine.collect(engine.keep(frame.filter(nw.col("some_column") == "x")))
    assert len(said) >= 2
    assert any("some_column" in message for message in said)
