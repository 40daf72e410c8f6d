"""A section of the config from another package, and one of a pack: found by name, checked, described."""

import pytest

from diptych.config.loading import json_schema, load_config
from diptych.config.sections import SECTIONS
from diptych.errors import ConfigError
from diptych.slots import INTERFACE
from tests.extending.conftest import install, on_path

SECTION = f"""
from diptych.config.places import Fault
from diptych.config.sections import ConfigSection
from diptych.settings import Settings

class GreetingSettings(Settings):
    to: str = "everybody"
    times: int = 1

def check(config):
    if config["greeting"]["to"].text == "nobody":
        yield Fault(("greeting", "to"), "must be somebody")

GREETING = ConfigSection("greeting", GreetingSettings, "Whom the page greets.", check, interface={INTERFACE})
"""
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
"""
PROJECT = {
    "name": "diptych-greeting",
    "version": "1.0",
    "entry-points": {"diptych.sections": {"greeting": "greeting:GREETING"}},
}


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return a function that loads the config with these lines more; the package is installed."""
    install(tmp_path / "packages", {"greeting.py": SECTION}, PROJECT)
    on_path(tmp_path / "packages", monkeypatch, "greeting")

    def loaded(more=""):
        (tmp_path / "config.yaml").write_text(CONFIG + more, encoding="utf-8")
        return load_config(tmp_path / "config.yaml")

    return loaded


def problems(load, more):
    with pytest.raises(ConfigError) as caught:
        load(more)
    return [(p.line, p.key, p.message) for p in caught.value.problems]


def test_a_section_has_its_settings(load):
    settings = SECTIONS["greeting"].settings
    config = load("greeting: {to: Ada, times: 2}\n").config
    assert config.section("greeting", settings) == settings(to="Ada", times=2)
    assert load().config.section("greeting", settings) is None


def test_what_is_wrong_has_its_place(load):
    assert problems(load, "greeting: {to: nobody}\n") == [(10, "greeting.to", "must be somebody")]
    ((line, path, message),) = problems(load, "greeting:\n  tos: Ada\n")
    assert (line, path) == (11, "greeting.tos")
    assert 'did you mean "to"?' in message
    ((line, path, _),) = problems(load, "greeting:\n  times: often\n")
    assert (line, path) == (11, "greeting.times")


def test_a_section_that_nobody_has_is_an_unknown_key(load):
    ((line, path, message),) = problems(load, "greetings: {to: Ada}\n")
    assert (line, path) == (10, "greetings")
    assert message.startswith("unknown key")


def test_the_schema_describes_it(load):
    del load
    assert json_schema()["properties"]["greeting"]["properties"]["to"]


def test_a_config_without_it_loads_no_package(load, monkeypatch):
    monkeypatch.setattr("importlib.metadata.EntryPoint.load", lambda _: pytest.fail("loaded"))
    load()
