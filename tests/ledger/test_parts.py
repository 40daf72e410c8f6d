"""A relation that is read in parts counts what it counts when it is read at once, array by array and to the byte."""

from __future__ import annotations

import pytest

from diptych import ledger
from diptych.config.loading import load_config
from diptych.ledger import contributions, export, patterns
from diptych.pipeline.counting import count_all
from diptych.relations import labels
from tests.net.test_golden import hashes, moved
from tests.sites import BUILDERS
from tests.sources.generated import write_generated
from tests.sources.same import assert_same

pytestmark = pytest.mark.slow


@pytest.fixture
def in_parts(monkeypatch):
    """Nothing is read or looked at but a few at once; the parts that were read."""
    monkeypatch.setattr(export, "MOST_AT_ONCE", 10)
    monkeypatch.setattr(export, "PART", 100)
    monkeypatch.setattr(export, "_FEW", 5)
    monkeypatch.setattr(labels, "_AT_ONCE", 25)
    monkeypatch.setattr(patterns, "_AT_ONCE", 10)
    monkeypatch.setattr(ledger, "_AT_ONCE", 12)
    monkeypatch.setattr(contributions, "_AT_ONCE", 8)
    monkeypatch.setattr(contributions, "_COUNTS", 80)
    parts, read = [], export._LedgerReader.read
    monkeypatch.setattr(export._LedgerReader, "read", lambda *of: parts.append(of[2]) or read(*of))
    return parts


@pytest.mark.nightly
def test_every_form_of_relation(request, tmp_path):
    config = write_generated(tmp_path)
    at_once = count_all(load_config(config))
    in_parts = request.getfixturevalue("in_parts")
    found = count_all(load_config(config))
    assert max(in_parts) >= 4
    assert any(len(one.recounts) > 3 for one in found.relations.values())
    assert_same(at_once, found)


@pytest.mark.nightly
@pytest.mark.parametrize(("name", "part"), [("simulated records", 40), ("simulated links", 5_000)])
def test_a_site_to_the_byte(sites, request, monkeypatch, tmp_path, name, part):
    at_once = hashes(sites(name))
    in_parts = request.getfixturevalue("in_parts")
    monkeypatch.setattr(export, "PART", part)
    for module in (labels, patterns, ledger, contributions):
        monkeypatch.setattr(module, "_AT_ONCE", part)
    monkeypatch.setattr(contributions, "_COUNTS", 1_000 * part)
    BUILDERS[name](tmp_path)
    assert max(in_parts) >= 2
    assert not moved(at_once, hashes(tmp_path / "site"))
