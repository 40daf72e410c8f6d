"""A small right config to make wrong ones from, and loading from text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from diptych.config.loading import load_config
from diptych.errors import ConfigError

SMALL = """\
version: 1
report: {title: T}
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}
entities:
  datasets: {label: Dataset, source: d.csv, labels: l}
  models: {label: Model, source: m.csv, labels: l}
relations:
  trained_on:
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
"""


@pytest.fixture
def small() -> str:
    """Nine lines that are a whole config."""
    return SMALL


@pytest.fixture
def problems_of(tmp_path, monkeypatch) -> Callable[[str | bytes], list[str]]:
    """Return a function that loads text or bytes as config.yaml and gives the lines of its error."""
    monkeypatch.chdir(tmp_path)

    def lines(content: str | bytes) -> list[str]:
        raw = content.encode() if isinstance(content, str) else content
        Path("config.yaml").write_bytes(raw)
        with pytest.raises(ConfigError) as caught:
            load_config(Path("config.yaml"))
        return str(caught.value).split("\n")

    return lines
