"""Packages that cannot be used: named with what is wrong and what to do, by builds that ask for them and no others."""

import pytest

from diptych.config.loading import load_config
from diptych.errors import ConfigError, DiptychError
from diptych.pipeline import build
from tests.extending.conftest import install, on_path
from tests.pipeline.projects import write_project as write_usual

pytestmark = pytest.mark.slow

HEAD = "from diptych.extend import FileFormat, MeasureInfo, Renderer, measure, of_rows\n"
MEASURE = '@measure(MeasureInfo("{name}", "Odd", "n_ab", 0, None), "n_ab")\n'
CODES = {
    "missing": "import no_such_module\nENTRY = 1\n",
    "older": "from diptych.api import INTERFACE\nENTRY = 1\n",
    "number": "ENTRY = 1\n",
    "misnamed": HEAD + MEASURE.format(name="other") + "def ENTRY(joint, given, outcome, units): return joint\n",
    "failing": HEAD + MEASURE.format(name="failing") + "def ENTRY(joint, given, outcome, units): return joint / {}\n",
}
END = "; install another version of odd, or leave it out of the config"


@pytest.fixture
def odd(tmp_path, monkeypatch):
    """Install a package with every measure of CODES, and renderers and a format that fail at work."""
    files = {f"odd_{name}.py": code for name, code in CODES.items()}
    files["odd_work.py"] = HEAD + (
        "def broken(*_): raise LookupError('nothing here')\n"
        "RENDERER = Renderer('odd', broken)\n"
        "HTML = Renderer('again', lambda of: {'report.json': b''})\n"
        "SOURCE = FileFormat('odd', of_rows(broken))\n"
    )
    points = {
        "diptych.measures": {name: f"odd_{name}:ENTRY" for name in CODES},
        "diptych.renderers": {"odd": "odd_work:RENDERER", "again": "odd_work:HTML"},
        "diptych.sources": {"odd": "odd_work:SOURCE"},
    }
    folder = tmp_path / "packages"
    install(folder, files, {"name": "odd", "version": "3", "entry-points": points})
    on_path(folder, monkeypatch, "odd")
    return folder


def panel(measure):
    """The edit of the small project that shows a measure."""
    end = "column: t}}\n"
    line = f"panels: [{{id: left, relation: trained_on, given: datasets, outcome: models, measure: {measure}}}]\n"
    return {end: end + line}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", "cannot be loaded (ModuleNotFoundError: No module named 'no_such_module')" + END),
        ("older", "cannot be loaded (ModuleNotFoundError: No module named 'diptych.api')" + END),
        ("number", "cannot be used: it is int, not Measure" + END),
        ("misnamed", 'cannot be used: it calls itself "other"' + END),
    ],
)  # fmt: skip
def test_a_measure_that_cannot_be_used_is_a_problem_where_it_is_asked_for(odd, tmp_path, name, message):
    config = write_usual(tmp_path / "p", panel(name)) / "config.yaml"
    with pytest.raises(ConfigError) as caught:
        load_config(config)
    assert str(caught.value) == (
        f'{config}:11:77: panels[0].measure: the measure "{name}" of odd 3 (odd_{name}:ENTRY) {message}'
    )


END_OF_LINKS = "column: t}}\n"


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        (panel("failing"), 'the measure "failing" of odd 3 (odd_failing:ENTRY) fails (TypeError: '),
        ({END_OF_LINKS: END_OF_LINKS + "outputs: [odd]\n"}, 'the renderer "odd" of odd 3 (odd_work:RENDERER) fails (LookupError: nothing here)'),
        ({END_OF_LINKS: END_OF_LINKS + "outputs: [data, again]\n"}, 'the renderer "again" of odd 3 (odd_work:HTML) fails (ValueError: report.json is made by another output)'),
        ({"source: d.csv": "source: {path: d.csv, format: odd}"}, 'the format of files "odd" of odd 3 (odd_work:SOURCE) fails (LookupError: nothing here)'),
    ],
)  # fmt: skip
def test_an_entry_that_fails_at_work_is_named(odd, tmp_path, edits, message):
    config = write_usual(tmp_path / "p", edits) / "config.yaml"
    with pytest.raises(DiptychError) as caught:
        build(config, tmp_path / "site")
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(END)
    assert not (tmp_path / "site").exists()


def test_two_packages_with_one_name_are_both_named(odd, tmp_path, monkeypatch):
    entry = {"diptych.measures": {"failing": "odd_failing:ENTRY"}}
    install(tmp_path / "more", {}, {"name": "odder", "version": "4", "entry-points": entry})
    monkeypatch.syspath_prepend(tmp_path / "more")
    with pytest.raises(ConfigError) as caught:
        load_config(write_usual(tmp_path / "p", panel("failing")) / "config.yaml")
    end = 'panels[0].measure: the measure "failing" is offered by odd 3 and odder 4; uninstall all but one'
    assert str(caught.value).endswith(end)
