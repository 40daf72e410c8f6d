"""Addresses in S3 are refused, with what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from diptych.errors import DiptychError
from diptych.pipeline import check

CONFIG = """\
version: 1
report: {title: T}
relations:
  r:
    records: {source: "s3://bucket/a.csv", rows: {column: place}, columns: {column: job}}
outputs: [data]
"""


def test_s3_is_refused_with_what_to_do_instead(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert str(caught.value) == (
        'config.yaml:5:15: relations.r.records.source: "s3://bucket/a.csv" is in S3, which is not read; copy the file '
        "first (aws s3 cp) and name the copy, or give its https:// address if it is public"
    )
