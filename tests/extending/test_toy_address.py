"""A kind of address of another package: a scheme in `path:`, and keys of a source of its own."""

import pytest

from diptych.config.loading import json_schema, load_config
from diptych.errors import ConfigError
from diptych.pipeline.drafts import draft
from diptych.pipeline.inputs import input_files, packages_of, reads_files_alone
from diptych.slots import INTERFACE
from tests.extending.conftest import install, on_path

ADDRESS = f"""
from diptych.sources.addresses import AddressKind, SourceKeys

def fault(address):
    return None if address.endswith(".csv") else "names no table; write shelf://NAME.csv"

def fetch(address, asked):
    asked.watch.moved(address, 1, 1, "bytes")
    return {{asked.folder / "shelf" / address.removeprefix("shelf://"): address}}

class ShelfKeys(SourceKeys):
    shelf: str
    '''The table on the shelf.'''

    @property
    def name(self):
        return self.shelf

    @property
    def is_local(self):
        return True

    def files(self, asked):
        return {{asked.folder / "shelf" / f"{{self.shelf}}.csv": self.shelf + ".csv"}}

SHELF = AddressKind("shelf", fetch, fault, settings=ShelfKeys, goes_with="shelf: NAME", interface={INTERFACE})
"""
CONFIG = """\
version: 1
report: {title: Skills and jobs}
relations:
  answers:
    records:
      source: SOURCE
      label: Answer
      rows: {column: skills}
      columns: {column: jobs}
"""
PROJECT = {
    "name": "diptych-shelf",
    "version": "1.0",
    "entry-points": {"diptych.addresses": {"shelf": "toy_shelf:SHELF"}},
}


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Return a function that writes the config with a source; the package is installed."""
    install(tmp_path / "packages", {"toy_shelf.py": ADDRESS}, PROJECT)
    on_path(tmp_path / "packages", monkeypatch, "toy_shelf")
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / "answers.csv").write_text("skills,jobs\n" + "cook,chef\n" * 6 + "drive,driver\n" * 5)

    def written(source):
        (tmp_path / "config.yaml").write_text(CONFIG.replace("SOURCE", source), encoding="utf-8")
        return tmp_path / "config.yaml"

    return written


@pytest.mark.parametrize("source", ["shelf://answers.csv", "{shelf: answers}"])
def test_its_files_are_read(config, tmp_path, source):
    path = config(source)
    loaded = load_config(path)
    assert tmp_path / "shelf" / "answers.csv" in input_files(loaded)
    assert packages_of([loaded]) == ("diptych-shelf",)
    assert not reads_files_alone(loaded)  # what another package gives may change without a file
    panel = next(iter(draft(path).panels.values()))
    assert ("cook", "chef", 6) in [(cell.given, cell.outcome, cell.n_joint) for cell in panel.cells]


@pytest.mark.parametrize(
    ("source", "key", "message"),
    [
        ("shelf://answers", "", '"shelf://answers" names no table; write shelf://NAME.csv'),
        ("shelves://answers.csv", "", "shelves:// addresses are not read; give a file"),
        ("{shelf: answers, path: a.csv}", "", "path and shelf exclude each other"),
        ("{shelf: answers, quote: x}", ".quote", "goes with a path, not with shelf"),
        ("{path: a.csv, shelv: answers}", ".shelv", "unknown key"),
    ],
)
def test_what_is_wrong_has_its_place(config, source, key, message):
    with pytest.raises(ConfigError) as caught:
        load_config(config(source))
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (6, f"relations.answers.records.source{key}")
    assert problem.message.startswith(message)


def test_the_schema_describes_it(config):
    del config
    source = json_schema()["$defs"]["SourceSettings"]["anyOf"][-1]["properties"]
    assert source["shelf"]["description"] == "The table on the shelf."
    assert source["hub"]["enum"] == ["models", "datasets"]
