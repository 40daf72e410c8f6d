"""A history from another package: it keeps what each build counted, and gives words back to the next one."""

import json

import pytest

from diptych.config.loading import load_config
from diptych.errors import ConfigError, DataError, PublishError
from diptych.pipeline import build
from diptych.pipeline.counting import count_all
from diptych.pipeline.histories import check_histories, remembered
from diptych.slots import INTERFACE
from tests.extending.conftest import install, on_path

HISTORY = f"""
import json

from diptych.config.sections import ConfigSection
from diptych.errors import DataError
from diptych.findings.finding import finding_key
from diptych.pipeline.histories import History, RememberedBuilds, TakenSnapshot
from diptych.settings import Settings
from diptych.slots import INTERFACE

class DiarySettings(Settings):
    folder: str = "diary"

def folder(loaded):
    return loaded.folder / loaded.config.section("diary", DiarySettings).folder

def remember(loaded, counted):
    kept = sorted(folder(loaded).glob("*.json"))
    words = json.loads(kept[-1].read_text()) if kept else {{}}

    def take(outcome):
        if len(kept) == 2:
            raise DataError("the diary is full")
        said = {{finding_key(one.part.figure, one.part.panels[0].relation, finding.id): finding.strength
                for one in outcome.written for finding in one.part.findings if finding.strength}}
        text = json.dumps(said)

        def keep():
            folder(loaded).mkdir(exist_ok=True)
            (folder(loaded) / f"{{len(kept):03d}}.json").write_text(text)

        return TakenSnapshot({{"data/diary.json": text.encode()}}, keep)

    return RememberedBuilds(words, read=tuple(kept), take=take)

DIARY = ConfigSection("diary", DiarySettings, "Words of builds.", interface={INTERFACE})
KEPT = History("diary", remember, folder, "*.json", interface={INTERFACE})
"""
PROJECT = {
    "name": "diptych-diary",
    "version": "1.0",
    "entry-points": {"diptych.sections": {"diary": "diary:DIARY"}, "diptych.histories": {"diary": "diary:KEPT"}},
}
CONFIG = """\
version: 1
report: {title: Skills and jobs}
relations:
  answers:
    records:
      source: answers.csv
      label: Answer
      rows: {column: skills}
      columns: {column: jobs}
      public: true
outputs: [data]
"""


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Return a config that keeps a diary; the package is installed."""
    install(tmp_path / "packages", {"diary.py": HISTORY}, PROJECT)
    on_path(tmp_path / "packages", monkeypatch, "diary")
    (tmp_path / "answers.csv").write_text("skills,jobs\n" + "a,x\n" * 90 + "b,y\n" * 60 + "a,y\n" * 9, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG + "diary: {}\n", encoding="utf-8")
    return tmp_path / "config.yaml"


def test_each_build_is_kept_and_the_site_has_it(config, tmp_path):
    build(config, tmp_path / "site")
    build(config, tmp_path / "site")
    kept = sorted(path.name for path in (tmp_path / "diary").iterdir())
    assert kept == ["000.json", "001.json"]
    said = json.loads((tmp_path / "site" / "data" / "diary.json").read_text())
    assert said == json.loads((tmp_path / "diary" / "001.json").read_text())
    assert said


def test_the_next_build_gets_the_words_of_the_last(config, tmp_path):
    build(config, tmp_path / "site")
    words = json.loads((tmp_path / "diary" / "000.json").read_text())
    loaded = load_config(config)
    assert remembered(loaded, count_all(loaded)).words == words


def test_what_a_history_refuses_leaves_the_site_as_it_is(config, tmp_path):
    for _ in range(2):
        build(config, tmp_path / "site")
    (tmp_path / "answers.csv").write_text("skills,jobs\n" + "a,x\n" * 50 + "b,y\n" * 60, encoding="utf-8")
    before = (tmp_path / "site" / "manifest.json").read_bytes()
    with pytest.raises(DataError, match="the diary is full"):
        build(config, tmp_path / "site")
    assert (tmp_path / "site" / "manifest.json").read_bytes() == before
    assert len(list((tmp_path / "diary").iterdir())) == 2


def test_a_site_is_not_written_where_results_are_kept(config, tmp_path):
    with pytest.raises(PublishError):
        build(config, tmp_path / "diary", overwrite=True)


def test_a_report_has_one_history(config):
    config.write_text(CONFIG + "diary: {}\nsnapshots: {}\n", encoding="utf-8")
    loaded = load_config(config)
    with pytest.raises(ConfigError) as caught:
        check_histories([loaded])
    ((line, path, message),) = [(p.line, p.key, p.message) for p in caught.value.problems]
    assert (line, path) == (13, "snapshots")
    assert message.startswith("a report has one history")


def test_without_the_section_nothing_is_kept(config, tmp_path):
    config.write_text(CONFIG, encoding="utf-8")
    build(config, tmp_path / "site")
    assert not (tmp_path / "diary").exists()
    assert not (tmp_path / "site" / "data" / "diary.json").exists()
