"""Files of S3 as far as they are reached without a store: what to install, what DuckDB is told, and what is not said."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from diptych.contrib.hub import store as s3
from diptych.errors import DiptychError
from diptych.pipeline import check

CONFIG = """\
version: 1
report: {title: T}
relations:
  r:
    records: {source: "s3://ADDRESS", rows: {column: place}, columns: {column: job}}
outputs: [data]
"""
PLACE = "relations.r.records.source"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "it's secret", "AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "bucket/in/t 1.csv",
            (
                f"{PLACE}: s3:// needs DuckDB's extension httpfs, which is not installed; run once: python -c "
                "\"import duckdb; duckdb.sql('install httpfs')\""
            ),
        ),
        (
            "bucket/*.csv",
            (
                f'config.yaml:5:15: {PLACE}: "s3://bucket/*.csv" is no address of a file; write s3://BUCKET/KEY, without '
                "patterns"
            ),
        ),
        (
            "bucket",
            f'config.yaml:5:15: {PLACE}: "s3://bucket" is no address of a file; write s3://BUCKET/KEY, without patterns',
        ),
    ],
)
def test_the_whole_message(address, message, tmp_path, monkeypatch):
    monkeypatch.setattr(s3, "CONFIG", {**s3.CONFIG, "extension_directory": str(tmp_path / "extensions")})
    monkeypatch.setenv("DIPTYCH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "config.yaml").write_text(CONFIG.replace("ADDRESS", address))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert str(caught.value) == message
    assert list(tmp_path.glob("**/*.duckdb_extension")) == []


def test_what_duckdb_is_told():
    known = "type s3, key_id 'AKIA1', secret 'it''s secret', region 'eu-west-1'"
    assert s3.secret(ENVIRONMENT) == f"create secret ({known})"
    local = {**ENVIRONMENT, "AWS_REGION": "", "AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}
    assert s3.secret(local) == f"create secret ({known}, endpoint '127.0.0.1:9000', url_style 'path', use_ssl false)"
    assert s3.secret({}) == "create secret (type s3)"


def test_what_went_wrong_is_told_without_secrets():
    error = duckdb.IOException("IO Error: AKIA1 with it's secret may not read\nmore")
    assert s3._plain(str(error), ENVIRONMENT) == "$AWS_ACCESS_KEY_ID with $AWS_SECRET_ACCESS_KEY may not read"
