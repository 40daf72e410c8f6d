"""Packages that cannot be used: named with what is wrong and what to do, by builds that ask for them and no others."""

import pytest
import typer
from typer.testing import CliRunner

from diptych import slots
from diptych.cli.app import app
from diptych.config.loading import json_schema, load_config
from diptych.errors import ConfigError, DiptychError, PluginError
from diptych.pipeline import build
from tests.extending.conftest import install, on_path, write_project
from tests.pipeline.projects import write_project as write_usual

HEAD = "from diptych.api import INTERFACE, FileFormat, Finding, FindingKind, MeasureInfo, Renderer, command, measure, of_rows\n"
MEASURE = '@measure(MeasureInfo("{name}", "Odd", "n_ab", 0, None), "n_ab", interface={interface})\n'
CODES = {
    "missing": "import no_such_module\nENTRY = 1\n",
    "older": HEAD + MEASURE.format(name="older", interface=0) + "def ENTRY(joint, given, outcome, units): return joint\n",
    "newer": HEAD + MEASURE.format(name="newer", interface=2) + "def ENTRY(joint, given, outcome, units): return joint\n",
    "unsaid": HEAD + MEASURE.format(name="unsaid", interface=None) + "def ENTRY(joint, given, outcome, units): return joint\n",
    "number": "ENTRY = 1\n",
    "misnamed": HEAD + MEASURE.format(name="other", interface=1) + "def ENTRY(joint, given, outcome, units): return joint\n",
    "failing": HEAD + MEASURE.format(name="failing", interface=1) + "def ENTRY(joint, given, outcome, units): return joint / {}\n",
}  # fmt: skip
END = "; install another version of odd, or leave it out of the config"
OTHER = "; install another version of odd or of diptych, or leave it out of the config"


@pytest.fixture
def odd(tmp_path, monkeypatch):
    """Install a package with every measure of CODES, and a renderer, a format and a finding that fail at work."""
    files = {f"odd_{name}.py": code for name, code in CODES.items()}
    files["odd_work.py"] = HEAD + (
        "def broken(*_): raise LookupError('nothing here')\n"
        "RENDERER = Renderer('odd', broken, interface=INTERFACE)\n"
        "HTML = Renderer('again', lambda of: {'report.json': b''}, interface=INTERFACE)\n"
        "SOURCE = FileFormat('odd', of_rows(broken), interface=INTERFACE)\n"
        "class Odd(Finding):\n    kind = 'odd'\n    interface = INTERFACE\n"
        "FINDING = FindingKind(Odd, broken)\n"
        "class Wordless(Finding):\n    kind = 'wordless'\n    interface = INTERFACE\n"
        "WORDLESS = FindingKind(Wordless, lambda study: [Wordless(id='wordless')])\n"
        "@command('diptych sulky', interface=INTERFACE)\n"
        "def sulky(console): raise LookupError('nothing here')\n"
        "@command('diptych leaves', interface=INTERFACE)\n"
        "def leaves(console): import typer; raise typer.Exit(7)\n"
        "@command('diptych unsaid')\n"
        "def unsaid(console): pass\n"
    )
    points = {
        "diptych.measures": {name: f"odd_{name}:ENTRY" for name in CODES},
        "diptych.renderers": {"odd": "odd_work:RENDERER", "again": "odd_work:HTML"},
        "diptych.sources": {"odd": "odd_work:SOURCE"},
        "diptych.findings": {"odd": "odd_work:FINDING", "wordless": "odd_work:WORDLESS"},
        "diptych.commands": {
            "sulky": "odd_work:sulky",
            "leaves": "odd_work:leaves",
            "unsaid": "odd_work:unsaid",
            "lost": "odd_missing:ENTRY",
            "number": "odd_number:ENTRY",
            "check": "odd_missing:ENTRY",
        },
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
        ("older", "was written for interface 0, this program has 1" + OTHER),
        ("newer", "was written for interface 2, this program has 1" + OTHER),
        ("unsaid", "cannot be used: it does not say for which interface it was written" + END),
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
        ({END_OF_LINKS: END_OF_LINKS + "findings: [odd]\n"}, 'the kind of finding "odd" of odd 3 (odd_work:FINDING) fails (LookupError: nothing here)'),
        ({END_OF_LINKS: END_OF_LINKS + "findings: [wordless]\n"}, 'the kind of finding "wordless" of odd 3 (odd_work:WORDLESS) fails (TemplateNotFound: '),
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


def test_builds_that_ask_for_nothing_else_are_not_touched(odd, tmp_path):
    built = build(write_usual(tmp_path / "p") / "config.yaml", tmp_path / "site")
    assert built.n_files > 10


def test_nothing_looks_for_other_packages_where_none_is_asked_for(tmp_path, monkeypatch):
    def looked(**_):
        raise AssertionError("entry points were read")

    slots._found.cache_clear()
    monkeypatch.setattr("importlib.metadata.entry_points", looked)
    build(write_usual(tmp_path / "p", outputs="[data, markdown]") / "config.yaml", tmp_path / "site")


def test_the_schema_names_what_is_installed_and_cannot_be_used(odd):
    text = str(json_schema())
    assert "'missing'" in text
    assert "'wordless'" in text


def test_words_of_what_is_wrong_come_from_the_package_where_they_say_enough(toy, tmp_path):
    config = write_project(tmp_path / "p", edits={"sheet: answers": "sheet: answer"})
    with pytest.raises(DiptychError) as caught:
        build(config, tmp_path / "site")
    assert not isinstance(caught.value, PluginError)
    assert (
        str(caught.value)
        == "relations.answers.records.source: answers.sqlite3 has no table answer; sheet: takes one of answers"
    )


def test_the_program_keeps_its_own_names(odd, tmp_path, monkeypatch):
    entry = {"diptych.measures": {"lift": "odd_number:ENTRY"}}
    install(tmp_path / "more", {}, {"name": "odder", "version": "4", "entry-points": entry})
    monkeypatch.syspath_prepend(tmp_path / "more")
    assert load_config(write_usual(tmp_path / "p", panel("lift")) / "config.yaml").config.panels[0].measure == "lift"


END_OF_COMMAND = "; install another version of odd, or uninstall it\n"


def run(*arguments):
    """Run a command of this process: status, output, messages."""
    found = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sulky", 'the command "sulky" of odd 3 (odd_work:sulky) fails (LookupError: nothing here)'),
        ("lost", 'the command "lost" of odd 3 (odd_missing:ENTRY) cannot be loaded (ModuleNotFoundError: No module named \'no_such_module\')'),
        ("number", 'the command "number" of odd 3 (odd_number:ENTRY) cannot be used: it is int, not Command'),
        ("unsaid", 'the command "unsaid" of odd 3 (odd_work:unsaid) cannot be used: it does not say for which interface it was written'),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_used_is_named_when_it_is_run(odd, name, message):
    assert run(name) == (1, "", f"error: {message}{END_OF_COMMAND}")


def test_a_command_ends_with_its_own_status(odd):
    assert run("leaves") == (7, "", "")


def test_other_commands_and_the_help_are_not_touched_by_broken_ones(odd, tmp_path):
    config = write_usual(tmp_path / "p") / "config.yaml"
    assert run("check", str(config))[0] == 0
    status, out, err = run("--help")
    assert (status, err) == (0, "")
    others = out[out.index("Other packages:") : out.index("Options:")].split("\n")
    assert [line.split() for line in others if line.startswith("  ")] == [
        [name, "A", "command", "of", "odd", "3."] for name in ("leaves", "lost", "number", "sulky", "unsaid")
    ]


def test_shells_complete_commands_that_can_be_used(odd):
    context = typer.main.get_command(app).make_context("diptych", [], resilient_parsing=True)
    names = {item.value for item in context.command.shell_complete(context, "")}
    assert {"build", "explain", "leaves"} <= names
    assert not names & {"lost", "number"}
